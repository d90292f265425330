"""The chart of accounts (DESIGN section 6), and what an account may never do."""

from dataclasses import dataclass
from typing import NamedTuple

from parking.ledger.models import AccountKind

NAME_CHARACTERS_MAX = 64


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """An account of one currency (ISO 4217), such as `Account("escrow:12", "EUR")`."""

    name: str
    currency: str

    @property
    def kind(self) -> AccountKind:
        """What the name begins with. Raises ValueError for a name outside the chart."""
        return AccountKind(self.name.partition(":")[0].upper())

    def __str__(self) -> str:
        return f"{self.name} in {self.currency}"


class Limits(NamedTuple):
    """Whether an account's balance is kept in its row, and within what, in minor units.

    `minimum_minor` bounds what is left after everything that is held; null is without limit.
    """

    is_tracked: bool
    minimum_minor: int | None = None
    maximum_minor: int | None = None


LIMITS: dict[AccountKind, Limits] = {
    # Everybody's transfers meet in these: nobody waits for anybody there, they are summed instead.
    AccountKind.EXTERNAL: Limits(is_tracked=False),
    AccountKind.PLATFORM: Limits(is_tracked=False),
    AccountKind.TAX: Limits(is_tracked=False),
    AccountKind.OWNER: Limits(is_tracked=True),
    AccountKind.PROPERTY: Limits(is_tracked=True),
    AccountKind.MERCHANT: Limits(is_tracked=True, minimum_minor=0),
    AccountKind.DRIVER: Limits(is_tracked=True, minimum_minor=0),
    AccountKind.ESCROW: Limits(is_tracked=True, minimum_minor=0),
    AccountKind.DISPUTE: Limits(is_tracked=True, minimum_minor=0),
    AccountKind.RECEIVABLE: Limits(is_tracked=True, maximum_minor=0),
}
"""By kind. What is owed to somebody is positive, what somebody owes negative."""
CREDITED = frozenset({AccountKind.MERCHANT})
"""Kinds of which an account may have a lower limit of its own (`parking.ledger.credit`)."""


def external(rail: str, currency: str) -> Account:
    """The world outside, as a payment rail reaches it; money that came in makes it negative."""
    return Account(f"external:{rail}", currency)


def driver(person_id: int, currency: str) -> Account:
    """A person's wallet; never below zero."""
    return Account(f"driver:{person_id}", currency)


def escrow(reservation_id: int, currency: str) -> Account:
    """The pocket of one reservation; never below zero, and zero when it is settled."""
    return Account(f"escrow:{reservation_id}", currency)


def owner(organisation_id: int, currency: str) -> Account:
    """What a lessor is owed."""
    return Account(f"owner:{organisation_id}:payable", currency)


def property_of(organisation_id: int, currency: str) -> Account:
    """What the organisation that runs the place is owed."""
    return Account(f"property:{organisation_id}:payable", currency)


def platform(currency: str) -> Account:
    """The platform's revenue."""
    return Account("platform:revenue", currency)


def merchant(organisation_id: int, currency: str) -> Account:
    """A merchant's validations: negative until they are paid for, within the credit it has."""
    return Account(f"merchant:{organisation_id}:validation", currency)


def tax(currency: str) -> Account:
    """Tax that is owed to whoever levies it."""
    return Account("tax:payable", currency)


def dispute(dispute_id: int, currency: str) -> Account:
    """What is frozen until a dispute is decided; never below zero."""
    return Account(f"dispute:{dispute_id}", currency)


def receivable(person_id: int, currency: str) -> Account:
    """What a person owes, as a negative balance; never above zero."""
    return Account(f"receivable:{person_id}", currency)

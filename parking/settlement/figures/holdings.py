"""What somebody has, owes and is owed, as the ledger says: wallets, pockets, payables."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.ledger.accounts import driver, escrow, merchant, owner, property_of, receivable
from parking.settlement.queries import escrows_of_reservations
from parking.settlement.rules import may_earn
from parking.storage.sql import database

ANY = ""
"""The name of an account is the same in every currency."""


class Wallet(NamedTuple):
    """A person's money with the platform, in minor units of one currency. `debt_minor` (positive)
    is what they owe: it has to be paid before anything else is booked."""

    currency: str
    balance_minor: int
    held_minor: int
    debt_minor: int

    @property
    def available_minor(self) -> int:
        """What can be spent."""
        return self.balance_minor - self.held_minor


class Owed(NamedTuple):
    """What an organisation is owed, in minor units of one currency: as lessor and as who runs
    places; `sending_minor` of that is on its way to it. `validations_minor` (positive) is what it
    owes itself as a merchant."""

    currency: str
    owner_minor: int
    property_minor: int
    sending_minor: int
    validations_minor: int


async def own_wallets(viewer: Viewer) -> list[Wallet]:
    """The viewer's own, by currency; none for who is not a signed-in person."""
    if viewer.person_id is None or viewer.link_of is not None:
        return []
    wallet, debt = driver(viewer.person_id, ANY).name, receivable(viewer.person_id, ANY).name
    found = await _accounts([wallet, debt])
    nothing = {"balance_minor": 0, "held_minor": 0}
    return [
        Wallet(
            currency,
            rows.get(wallet, nothing)["balance_minor"],
            rows.get(wallet, nothing)["held_minor"],
            -rows.get(debt, nothing)["balance_minor"],
        )
        for currency, rows in sorted(found.items())
    ]


async def owed_to(viewer: Viewer, organisation_id: int) -> list[Owed]:
    """By currency. Raises NotFound for who may not see what the organisation earns."""
    if not may_earn(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    accounts = [make(organisation_id, ANY).name for make in (owner, property_of, merchant)]
    found = await _accounts(accounts)
    owed = []
    for currency, rows in sorted(found.items()):
        lets, runs, pays = (rows.get(name, {}) for name in accounts)
        owed.append(
            Owed(
                currency,
                lets.get("balance_minor", 0),
                runs.get("balance_minor", 0),
                lets.get("held_minor", 0) + runs.get("held_minor", 0),
                -pays.get("balance_minor", 0),
            )
        )
    return owed


async def escrow_balances(viewer: Viewer, reservation_ids: Sequence[int]) -> Mapping[int, int]:
    """What is in the pocket of each of these bookings, in minor units of its currency."""
    seen = await escrows_of_reservations(viewer, reservation_ids)
    names = {escrow(each, ANY).name: each for each in seen}
    sql = database()
    rows = await sql.fetch(
        f"SELECT name, balance_minor FROM ledger_account WHERE name {sql.any_of('$1')}",
        list(names),
    )
    return {names[row["name"]]: row["balance_minor"] for row in rows}


async def _accounts(names: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Tracked accounts by currency and name."""
    sql = database()
    rows = await sql.fetch(
        "SELECT name, currency, balance_minor, held_minor FROM ledger_account"
        f" WHERE name {sql.any_of('$1')}",
        list(names),
    )
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["currency"], {})[row["name"]] = row
    return found

"""What an operator gives to offer a contract, and what makes it sound. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from parking.errors import InvalidInput
from parking.rights.content import checked_validity, checked_whole
from parking.rights.limits import AMOUNT_MINOR_MAX, PER_STAY_LIMIT

QUOTA_MAX = 10**9
BUDGET_MINOR_MAX = 10**12


@dataclass(frozen=True, slots=True)
class NewContract:
    """What an issuer may grant at a place: `quota` rights for `budget_minor` (None: no limit), for
    each of which it pays `price_minor` at most (None: what the right is worth, and the operator
    gives nothing). One right is never worth more than `worth_max_minor`, in all stays together:
    None only where who runs the place grants on its own account alone. `per_stay_max` of its rights
    go into one stay. Amounts are in the place's currency; `valid_from` None is now, `valid_until`
    None never."""

    issuer_id: int
    place_id: int
    quota: int | None = None
    budget_minor: int | None = None
    price_minor: int | None = None
    worth_max_minor: int | None = None
    per_stay_max: int = 1
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def checked_contract(new: NewContract, operator_id: int, now: datetime) -> NewContract:
    """The contract with who runs the place, sound in every field, with a beginning. Raises
    `InvalidInput`."""
    checked_limits(new.quota, new.budget_minor)
    if new.price_minor is not None:
        checked_whole("price_minor", new.price_minor, 0, AMOUNT_MINOR_MAX)
    _require_worth(new, operator_id)
    checked_whole("per_stay_max", new.per_stay_max, 1, PER_STAY_LIMIT)
    begins, ends = checked_validity(new.valid_from, new.valid_until, now)
    return replace(new, valid_from=begins, valid_until=ends)


def _require_worth(new: NewContract, operator_id: int) -> None:
    """What stays cost is said by lessors, who are neither of both sides: somebody who pays for a
    right that another grants has to know what it comes to at most."""
    if new.worth_max_minor is not None:
        checked_whole("worth_max_minor", new.worth_max_minor, 1, AMOUNT_MINOR_MAX)
    elif new.price_minor is not None or new.issuer_id != operator_id:
        message = (
            "say what one right is worth at most; only a place's own operator may go without,"
            " where it pays all of it"
        )
        raise InvalidInput("worth_max_minor", message)


def checked_limits(quota: int | None, budget_minor: int | None) -> None:
    """Raises `InvalidInput`; None is no limit."""
    if quota is not None:
        checked_whole("quota", quota, 1, QUOTA_MAX)
    if budget_minor is not None:
        checked_whole("budget_minor", budget_minor, 1, BUDGET_MINOR_MAX)

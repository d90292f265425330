"""Where the money for a cost comes from, and what goes back. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from parking.settlement.models import ValidationKind
from parking.settlement.records import ValidationRecord

PERCENT_MAX = 100


@dataclass(frozen=True, slots=True)
class Funds:
    """How a cost is paid for; together with what goes back it is all that came in:

    secured + validation + topped up + receivable = cost + refund
    """

    secured_minor: int
    validation_minor: int
    topped_up_minor: int
    receivable_minor: int
    refund_minor: int


def fund(cost_minor: int, secured_minor: int, validation_minor: int, wallet_minor: int) -> Funds:
    """What merchants pay is the driver's no more; the rest comes out of what was secured, then out
    of what the wallet has, and what is missing then is owed (CLAIMS C15)."""
    assert 0 <= validation_minor <= cost_minor, "merchants pay no more than the cost"
    due = cost_minor - validation_minor
    short = max(due - secured_minor, 0)
    topped_up = min(short, max(wallet_minor, 0))
    refund = max(secured_minor - due, 0)
    return Funds(secured_minor, validation_minor, topped_up, short - topped_up, refund)


def validated(
    validations: Sequence[ValidationRecord],
    cost_minor: int,
    minutes_minor: Callable[[int], int],
    rooms_minor: Mapping[int, int],
) -> list[tuple[ValidationRecord, int]]:
    """What each merchant pays, in the order in which they gave it, never more than what is left of
    the cost, nor than it has room for (by its organisation's id). A percentage is of the whole
    cost, whoever pays besides. `minutes_minor` says how much less the stay would have cost had it
    been so many minutes shorter."""
    left, paid, rooms = cost_minor, list[tuple[ValidationRecord, int]](), dict(rooms_minor)
    for each in validations:
        worth = max(_worth(each, cost_minor, minutes_minor), 0)
        amount = min(left, worth, rooms[each.organisation_id])
        left -= amount
        rooms[each.organisation_id] -= amount
        paid.append((each, amount))
    return paid


def _worth(
    validation: ValidationRecord, cost_minor: int, minutes_minor: Callable[[int], int]
) -> int:
    match validation.kind:
        case ValidationKind.MINUTES:
            return minutes_minor(validation.value)
        case ValidationKind.AMOUNT:
            return validation.value
        case ValidationKind.PERCENT:
            return cost_minor * min(validation.value, PERCENT_MAX) // PERCENT_MAX
        case ValidationKind.FREE:
            return cost_minor

"""Where the money for a cost comes from, and what goes back. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from parking.settlement.kinds import ValidationKind
from parking.settlement.records import ValidationRecord

PERCENT_MAX = 100
_RANKS = (
    ValidationKind.MINUTES,
    ValidationKind.AMOUNT,
    ValidationKind.PERCENT,
    ValidationKind.FREE,
)


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


class Paid(NamedTuple):
    """A validation, and who paid what of it, in minor units."""

    validation: ValidationRecord
    merchant_minor: int
    carried_minor: int = 0

    @property
    def amount_minor(self) -> int:
        """What the driver need not pay."""
        return self.merchant_minor + self.carried_minor

    @property
    def by_payer(self) -> tuple[tuple[int, int], ...]:
        """Organisations, and what each paid; one that is both is named twice."""
        amounts = (self.merchant_minor, self.carried_minor)
        return tuple(zip(self.validation.payers, amounts, strict=False))


def validated(
    validations: Iterable[ValidationRecord],
    cost_minor: int,
    minutes_minor: Callable[[int], int],
    rooms_minor: Mapping[int, int],
) -> list[Paid]:
    """What merchants pay, in the order of `in_order`, never more than what is left of the cost, nor
    than each payer has room for (by its organisation's id).

    A percentage is of the whole cost, whoever pays besides. `minutes_minor` says how much less the
    stay would have cost had it been so many minutes shorter; minutes of several count together.
    """
    left, minutes, rooms, paid = cost_minor, 0, dict(rooms_minor), list[Paid]()
    for each in in_order(validations):
        if each.kind is ValidationKind.MINUTES:
            worth = minutes_minor(minutes + each.value) - minutes_minor(minutes)
            minutes += each.value
        else:
            worth = _worth(each, cost_minor)
        found = _shared(each, min(left, max(worth, 0), _or_all(each.most_minor, left)), rooms)
        left -= found.amount_minor
        paid.append(found)
    return paid


def in_order(validations: Iterable[ValidationRecord]) -> list[ValidationRecord]:
    """The order in which they pay: what merchants promised themselves as they gave it, then rights.

    Of these first minutes, without a limit of their worth before those with one (which then only
    add to them), amounts, percentages, and last what pays for all that is left.
    """
    return sorted(validations, key=_place_in_line)


def _place_in_line(each: ValidationRecord) -> tuple[int, ...]:
    if each.right_id is None:
        return (0, each.id)
    return (1, _RANKS.index(each.kind), each.most_minor is not None, each.value, each.right_id)


def _shared(validation: ValidationRecord, amount_minor: int, rooms: dict[int, int]) -> Paid:
    """The merchant pays up to the price, its carrier what is beyond; `rooms` are used up."""
    own = min(amount_minor, _or_all(validation.price_minor, amount_minor))
    parts = (own, amount_minor - own if validation.carrier_id is not None else 0)
    paid = []
    for payer, part in zip(validation.payers, parts, strict=False):
        paid.append(min(part, rooms[payer]))
        rooms[payer] -= paid[-1]
    return Paid(validation, *paid)


def _worth(validation: ValidationRecord, cost_minor: int) -> int:
    match validation.kind:
        case ValidationKind.AMOUNT:
            return validation.value
        case ValidationKind.PERCENT:
            return cost_minor * min(validation.value, PERCENT_MAX) // PERCENT_MAX
        case _:
            return cost_minor


def _or_all(limit_minor: int | None, otherwise: int) -> int:
    return otherwise if limit_minor is None else limit_minor

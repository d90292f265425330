"""What a stay costs, part by part, from what was agreed and what was used. Pure.

| part | costs |
|---|---|
| BOOKED | as agreed, used or not; less what the terms give back for leaving early |
| EXTENSION | what it was quoted to add |
| EARLY | what the whole stay would have cost from the arrival on, less what was agreed |
| OVERSTAY | by the tariff's overstay data; without any, what an extension would have added |

Every amount is the sum of its lines, and the lines of a part say how it is reckoned: a line
`agreed-before` takes off what another part has charged already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from parking.listings.cancellation import DRIVER, CancellationTerms, refund
from parking.rates.effort import whatever_it_takes
from parking.rates.lines import LineKind, PricedLine, total_minor
from parking.rates.price import price
from parking.rates.tariff import Cap, Collection, LineType, Overstay, RateLine, Tariff
from parking.sessions.models import SegmentKind
from parking.sessions.segments import Part, Stay, segments
from parking.windows import Window

AGREED_BEFORE = "agreed-before"
EARLY_LEAVE = "early-leave"
OVERSTAY_FEE = "overstay-fee"


@dataclass(frozen=True, slots=True)
class Agreed:
    """The price of the booking as one version of its contract has it: until `ends_at`."""

    ends_at: datetime
    amount_minor: int
    lines: tuple[PricedLine, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """All that a stay is priced by; `agreed` is as first booked, then after each extension."""

    starts_at: datetime
    agreed: Sequence[Agreed]
    booked_at: datetime
    tariff: Tariff
    zone: ZoneInfo
    cancellation: CancellationTerms

    def stay(self, started_at: datetime, ended_at: datetime) -> Stay:
        """The stay beside this contract."""
        return Stay(started_at, ended_at, self.starts_at, [each.ends_at for each in self.agreed])


@dataclass(frozen=True, slots=True)
class PricedPart:
    """A part with the lines that its amount is the sum of."""

    part: Part
    lines: tuple[PricedLine, ...]

    @property
    def amount_minor(self) -> int:
        """What it costs."""
        return total_minor(self.lines)


def price_stay(started_at: datetime, ended_at: datetime, contract: Contract) -> list[PricedPart]:
    """The parts of a stay, each priced; together they are what the stay costs."""
    stay = contract.stay(started_at, ended_at)
    paid = _paid(stay, contract)
    return [PricedPart(part, _lines(part, stay, contract, paid)) for part in segments(stay)]


def stay_lines(parts: Sequence[PricedPart]) -> tuple[PricedLine, ...]:
    """All lines, in order."""
    return tuple(line for part in parts for line in part.lines)


def _lines(
    part: Part, stay: Stay, contract: Contract, paid: list[tuple[PricedLine, ...]]
) -> tuple[PricedLine, ...]:
    match part.kind:
        case SegmentKind.EARLY:
            return _added(Window(stay.started_at, stay.ends_at), part, contract)
        case SegmentKind.OVERSTAY:
            return _overstay(part, contract)
        case _:
            return paid.pop(0)


def _paid(stay: Stay, contract: Contract) -> list[tuple[PricedLine, ...]]:
    """The lines of what was booked and of each extension."""
    first, *later = contract.agreed
    found = [(*first.lines, *_given_back(stay, contract))]
    for before, after in zip(contract.agreed, later, strict=False):
        less = _less(before.amount_minor, before.ends_at, after.ends_at)
        found.append((*after.lines, less))
    return found


def _given_back(stay: Stay, contract: Contract) -> tuple[PricedLine, ...]:
    """What the terms give back to a driver who leaves before the end.

    That nothing had happened yet (grace, second thoughts) is no reason once the car was there.
    """
    left_at = max(stay.ended_at, stay.starts_at)
    if left_at >= stay.ends_at:
        return ()
    used = replace(contract.cancellation, grace_minutes=0, reconsider_minutes=0)
    agreed = contract.agreed[-1].amount_minor
    due = refund(used, agreed, contract.booked_at, stay.starts_at, stay.ends_at, left_at, DRIVER)
    if due.amount_minor == 0:
        return ()
    return (_line(EARLY_LEAVE, -due.amount_minor, left_at, stay.ends_at, due.explanation),)


def _added(window: Window, part: Part, contract: Contract) -> tuple[PricedLine, ...]:
    """What a longer stay costs more than was agreed; never less than nothing."""
    agreed = contract.agreed[-1].amount_minor
    longer = price(
        contract.tariff, window, contract.zone, now=contract.booked_at, effort=whatever_it_takes()
    )
    if longer.amount_minor <= agreed:
        return ()
    return (*longer.lines, _less(agreed, part.starts_at, part.ends_at))


def _overstay(part: Part, contract: Contract) -> tuple[PricedLine, ...]:
    rule = contract.tariff.overstay
    if part.ends_at <= part.starts_at:  # came after the booked end, and left at once
        return ()
    if rule is None:
        return _added(Window(contract.starts_at, part.ends_at), part, contract)
    if part.ends_at - contract.agreed[-1].ends_at <= rule.grace:
        return ()
    window = Window(part.starts_at, part.ends_at)
    tariff = overstay_tariff(contract.tariff, rule)
    return price(tariff, window, contract.zone, effort=whatever_it_takes()).lines


def overstay_tariff(tariff: Tariff, rule: Overstay) -> Tariff:
    """The tariff by which time beyond the booked end is priced, as a stay of its own.

    The rule's collections, else the tariff's without what is charged once besides (a reservation
    fee), each amount times the percent; the fee as a line of its own. Free minutes, passes, least
    and most are for those who keep to their time.
    """
    own = rule.collections
    collections = [_scaled(each, rule.percent) for each in own or tariff.timed]
    if rule.fee_minor:
        collections.append(_fee(rule.fee_minor))
    caps = () if own else tuple(_scaled_cap(cap, rule.percent) for cap in tariff.caps)
    return replace(
        tariff, collections=tuple(collections), caps=caps, passes=(), free=None, min_minor=None,
        max_minor=None, overstay=None,
    )  # fmt: skip


def _scaled(collection: Collection, percent: Decimal) -> Collection:
    lines = tuple(
        replace(line, amount_minor=_times(line.amount_minor, percent)) for line in collection.lines
    )
    least, most = collection.min_minor, collection.max_minor
    return replace(
        collection,
        lines=lines,
        min_minor=None if least is None else _times(least, percent),
        max_minor=None if most is None else _times(most, percent),
        condition=None,
    )


def _scaled_cap(cap: Cap, percent: Decimal) -> Cap:
    return replace(cap, max_minor=_times(cap.max_minor, percent), condition=None)


def _times(amount_minor: int, percent: Decimal) -> int:
    """The percentage, to the nearest minor unit, halves upwards."""
    return int((amount_minor * percent / 100).to_integral_value(ROUND_HALF_UP))


def _fee(fee_minor: int) -> Collection:
    line = RateLine(OVERSTAY_FEE, LineType.FLAT_RATE, fee_minor, name="overstay fee")
    return Collection(OVERSTAY_FEE, (line,), adds=True)


def _less(amount_minor: int, starts_at: datetime, ends_at: datetime) -> PricedLine:
    return _line(AGREED_BEFORE, -amount_minor, starts_at, ends_at, "less what was agreed before")


def _line(
    line_id: str, amount_minor: int, starts_at: datetime, ends_at: datetime, name: str
) -> PricedLine:
    """An amount that stands for itself."""
    return PricedLine(
        LineKind.SURCHARGE, None, line_id, starts_at, ends_at, amount_minor,
        unit_amount_minor=amount_minor, name=name,
    )  # fmt: skip

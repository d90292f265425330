"""What time itself costs: charges of the collections that hold, as limits and passes leave them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from parking.rates.caps import Account, Held, shortest_first
from parking.rates.charges import Amount, Charge, Piece, lay_each, lay_once
from parking.rates.effort import Effort
from parking.rates.lines import LineKind
from parking.rates.segments import Segment, Stay, own_segments, segments, uncovered
from parking.rates.tariff import Cap, LineType, RateLine, Steps, Tariff
from parking.windows import Window

MINIMUM_ID = "minimum"
MAXIMUM_ID = "maximum"


@dataclass(frozen=True, slots=True)
class Limited:
    """That a limit was reached: which one, over what time, and what became of the charges."""

    kind: LineKind
    id: str
    window: Window
    limit: int
    held: list[Held]
    name: str = ""


@dataclass(slots=True)
class Bill:
    """Everything charged for a stay, before taxes and rounding, and the limits reached."""

    charges: list[Charge] = field(default_factory=list)
    limits: list[Limited] = field(default_factory=list)
    free: list[tuple[Window, str]] = field(default_factory=list)
    account: Account = field(default_factory=lambda: Account((), Effort()))

    @property
    def total(self) -> Amount:
        """What it all comes to."""
        return self.account.total(lambda _: True)


def ordinary_bill(tariff: Tariff, stay: Stay, others: Sequence[Charge] = ()) -> Bill:
    """The stay by the collections that price time, with their limits and the caps. `others` are
    charged besides and count where a cap names their collection."""
    covering = segments(tariff.timed, stay)
    start, free = _free_until(tariff, stay)
    if start >= stay.window.ends_at:
        charges = []
    elif tariff.steps is Steps.ONCE:
        charges = lay_once(covering, stay, start)
    else:
        charges = lay_each(covering, stay, start)
    charges = [*others, *charges]
    bill = Bill(
        charges,
        free=[*free, *_unpriced(stay, covering, start)],
        account=Account(charges, stay.effort),
    )
    _limit_collections(bill, stay)
    for cap, windows in shortest_first(tariff.caps, stay):
        _limit(bill, LineKind.CAP, cap.id, cap.max_minor, _CapOf(cap), windows, cap.name)
    return bill


def untimed_bill(charges: Sequence[Charge], stay: Stay) -> Bill:
    """A stay that passes cover: nothing else is charged for time."""
    bill = Bill(list(charges), account=Account(charges, stay.effort))
    _limit_collections(bill, stay)
    return bill


def added_charges(tariff: Tariff, stay: Stay) -> list[Charge]:
    """What is charged besides time: fees, surcharges and discounts."""
    found: list[Charge] = []
    for collection in tariff.added:
        found += lay_each(own_segments(collection, stay), stay, stay.window.starts_at)
    return found


def limit_total(bill: Bill, most: int, stay: Stay) -> None:
    """Hold everything together to the tariff's maximum."""
    _limit(bill, LineKind.MAXIMUM, MAXIMUM_ID, most, lambda _: True, [stay.window])


def _limit(
    bill: Bill,
    kind: LineKind,
    id: str,
    most: int,
    wanted: Callable[[Charge], bool],
    windows: Sequence[Window],
    name: str = "",
) -> None:
    for window, held in zip(windows, bill.account.limit(most, wanted, windows), strict=True):
        if held:
            bill.limits.append(Limited(kind, id, window, most, held, name))


def _free_until(tariff: Tariff, stay: Stay) -> tuple[datetime, list[tuple[Window, str]]]:
    """From when on time is charged, and the free time if there is some."""
    free, window = tariff.free, stay.window
    if free is None or not free.duration:
        return window.starts_at, []
    end = window.starts_at + free.duration
    if window.ends_at <= end:
        return window.ends_at, [(window, "free")]
    if free.stays_free:
        return end, [(Window(window.starts_at, end), "free")]
    return window.starts_at, []


def _unpriced(
    stay: Stay, covering: Sequence[Segment], start: datetime
) -> Iterator[tuple[Window, str]]:
    for part in uncovered(stay, covering):
        if part.ends_at > start:
            yield replace(part, starts_at=max(part.starts_at, start)), "no-rate"


def _limit_collections(bill: Bill, stay: Stay) -> None:
    """Each collection's own maximum and minimum, over what it counts."""
    spans: dict[tuple[str, object], Charge] = {}
    stay.effort.take(len(bill.charges))
    for charge in bill.charges:
        if charge.collection is not None:
            spans.setdefault((charge.collection.id, charge.count), charge)
    for first in spans.values():
        collection, wanted = first.collection, _SpanOf(first)
        assert collection is not None
        window = Window(first.starts_at, stay.window.ends_at)
        if collection.max_minor is not None:
            most = collection.max_minor
            _limit(bill, LineKind.MAXIMUM, MAXIMUM_ID, most, wanted, [window])
        if collection.min_minor is not None:
            _raise_to(bill, first, collection.min_minor, bill.account.total(wanted), window)


def _raise_to(bill: Bill, first: Charge, least: int, total: Amount, window: Window) -> None:
    """Add what a collection is short of its minimum; what is free stays free."""
    if not 0 < total < least:
        return
    missing = least - total
    line = RateLine(MINIMUM_ID, LineType.FLAT_RATE, 0)
    charge = Charge(
        first.collection, line, first.count, window.starts_at, window.ends_at, 1, "ONCE", missing,
        [Piece(window.starts_at, missing)], LineKind.MINIMUM, least,
    )  # fmt: skip
    bill.charges.append(charge)
    bill.account.add(charge)


@dataclass(frozen=True, slots=True)
class _SpanOf:
    """The charges that count together with the first of them."""

    first: Charge

    def __call__(self, charge: Charge) -> bool:
        return charge.collection is self.first.collection and charge.count == self.first.count


@dataclass(frozen=True, slots=True)
class _CapOf:
    """The charges that a cap limits: of the collections it names, or all for time itself."""

    cap: Cap

    def __call__(self, charge: Charge) -> bool:
        if self.cap.collections is None:
            return charge.is_timed
        return charge.collection is not None and charge.collection.id in self.cap.collections

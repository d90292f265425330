"""From a bill to priced lines: whole minor units, minimum, taxes and rounding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from parking.rates.charges import Amount, Charge
from parking.rates.effort import LINE_STEPS
from parking.rates.lines import LineKind, PricedLine
from parking.rates.segments import Stay
from parking.rates.tariff import Collection, RateLine, Rounding, RoundingMode, Tariff, Tax
from parking.rates.timed import MINIMUM_ID, Bill, Limited
from parking.windows import Window

TAX_ID = "tax"
ROUNDING_ID = "rounding"


def rounded(amount: Amount, mode: RoundingMode) -> int:
    """A whole number of minor units."""
    if isinstance(amount, int):
        return amount
    floor, rest = divmod(amount, 1)
    match mode:
        case RoundingMode.UP:
            up = rest > 0
        case RoundingMode.DOWN:
            up = False
        case RoundingMode.HALF_UP:
            up = rest >= Fraction(1, 2)
        case RoundingMode.HALF_EVEN:
            up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and floor % 2 == 1)
    return int(floor) + up


@dataclass(frozen=True, slots=True)
class _Taxed:
    """A priced line and what it is taxed with: its collection, its rate line, or neither."""

    line: PricedLine
    collection: Collection | None = None
    rate_line: RateLine | None = None


class _Carrier:
    """Rounds amounts one after the other so that their sum is the rounded sum."""

    def __init__(self, mode: RoundingMode) -> None:
        self._mode, self._given = mode, 0
        self._exact: Amount = 0

    def __call__(self, amount: Amount) -> int:
        self._exact += amount
        now = rounded(self._exact, self._mode)
        given, self._given = now - self._given, now
        return given


def priced_lines(tariff: Tariff, bill: Bill, stay: Stay) -> Iterator[PricedLine]:
    """The bill's lines in order: what is free, rates, limits, minimum, taxes, rounding."""
    window, carry = stay.window, _Carrier(tariff.rounding.mode)
    stay.effort.take(LINE_STEPS * (len(bill.charges) + len(bill.limits)))
    for part, name in bill.free:
        yield _plain(LineKind.FREE, name, part, 0)
    taxed = [_charged(charge, carry(charge.amount)) for charge in bill.charges]
    for limited in bill.limits:
        stay.effort.take(LINE_STEPS * len(limited.held))
        taxed += _limited(limited, carry, window)
    yield from (each.line for each in taxed)
    net = sum(each.line.amount_minor for each in taxed)
    least = tariff.min_minor or 0
    if net < 0 or 0 < net < least:
        wanted = least if net > 0 else 0
        line = _plain(LineKind.MINIMUM, MINIMUM_ID, window, wanted - net)
        line = replace(line, basis_minor=net, limit_minor=wanted)
        taxed.append(_Taxed(line))
        yield line
    taxes = list(_taxes(tariff, taxed, stay))
    yield from taxes
    gross = sum(each.line.amount_minor for each in taxed)
    yield from _rounding(tariff.rounding, gross + sum(t.amount_minor for t in taxes), window)


def _plain(kind: LineKind, line_id: str, window: Window, amount: int) -> PricedLine:
    return PricedLine(
        kind, None, line_id, window.starts_at, window.ends_at, amount, unit_amount_minor=amount
    )


def _charged(charge: Charge, amount: int) -> _Taxed:
    collection = charge.collection
    line = PricedLine(
        charge.kind,
        None if collection is None else collection.id,
        charge.line.id,
        charge.starts_at,
        charge.ends_at,
        amount,
        charge.quantity,
        charge.unit,
        charge.unit_amount,
        name=charge.line.name,
    )
    if charge.limit is not None:
        line = replace(
            line, unit_amount_minor=amount, basis_minor=charge.limit - amount,
            limit_minor=charge.limit,
        )  # fmt: skip
    return _Taxed(line, collection, charge.line)


def _limited(limited: Limited, carry: _Carrier, window: Window) -> Iterator[_Taxed]:
    """One line for a limit; several where what it limits is taxed differently."""
    groups: dict[tuple[int, int], list[int]] = {}
    for place, each in enumerate(limited.held):
        groups.setdefault(_tax_group(each.charge), []).append(place)
    for places in groups.values():
        held = [limited.held[place] for place in places]
        before, after = sum(h.before for h in held), sum(h.after for h in held)
        if before == after:
            continue
        amount = carry(after - before)
        limit = limited.limit if len(groups) == 1 else rounded(after, RoundingMode.HALF_UP)
        collections = {id(h.charge.collection) for h in held}
        collection = held[0].charge.collection if len(collections) == 1 else None
        line = PricedLine(
            limited.kind,
            None if collection is None else collection.id,
            limited.id,
            max(limited.window.starts_at, window.starts_at),
            min(limited.window.ends_at, window.ends_at),
            amount,
            unit_amount_minor=amount,
            basis_minor=limit - amount,
            limit_minor=limit,
            name=limited.name,
        )
        yield _Taxed(line, collection, held[0].charge.line if len(held) == 1 else None)


def _tax_group(charge: Charge) -> tuple[int, int]:
    """Charges of one group are taxed alike."""
    collection, line = charge.collection, charge.line
    by_collection = collection is not None and (
        collection.tax is not None or any(each.tax for each in collection.lines)
    )
    return (id(collection) if by_collection else 0, id(line) if line.tax else 0)


def _taxes(tariff: Tariff, taxed: Sequence[_Taxed], stay: Stay) -> Iterator[PricedLine]:
    """Taxes of lines, then of collections on what that comes to, then of the whole."""
    window, mode, added = stay.window, tariff.rounding.mode, 0
    for collection in (each for each in tariff.collections if _is_taxed(each)):
        mine = [each for each in taxed if each.collection is collection]
        total = sum(each.line.amount_minor for each in mine)
        stay.effort.take(len(taxed) + len(mine) * len(collection.lines))
        for rate_line in collection.lines:
            of_line = (e.line.amount_minor for e in mine if e.rate_line is rate_line)
            for tax in _tax(rate_line.tax, sum(of_line), mode, window, collection, rate_line.id):
                total += tax.amount_minor
                added += tax.amount_minor
                yield tax
        for tax in _tax(collection.tax, total, mode, window, collection, TAX_ID):
            added += tax.amount_minor
            yield tax
    whole = sum(each.line.amount_minor for each in taxed) + added
    yield from _tax(tariff.tax, whole, mode, window, None, TAX_ID)


def _is_taxed(collection: Collection) -> bool:
    return collection.tax is not None or any(line.tax for line in collection.lines)


def _tax(
    tax: Tax | None,
    basis: int,
    mode: RoundingMode,
    window: Window,
    collection: Collection | None,
    line_id: str,
) -> Iterator[PricedLine]:
    if tax is None or not basis:
        return
    share = Fraction(tax.percent) / (100 + Fraction(tax.percent) if tax.included else 100)
    amount = rounded(basis * share, mode)
    line = _plain(LineKind.TAX, line_id, window, 0 if tax.included else amount)
    yield replace(
        line,
        collection_id=None if collection is None else collection.id,
        basis_minor=basis,
        percent=f"{Decimal(tax.percent):f}",
        tax_minor=amount,
        name=tax.name,
    )


def _rounding(rounding: Rounding, total: int, window: Window) -> Iterable[PricedLine]:
    step = rounding.step_minor
    if total % step == 0:
        return []
    amount = rounded(Fraction(total, step), rounding.mode) * step - total
    if not amount:
        return []
    line = _plain(LineKind.ROUNDING, ROUNDING_ID, window, amount)
    return [replace(line, basis_minor=total, limit_minor=step)]

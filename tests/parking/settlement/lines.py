"""Priced lines for tests of money, without a tariff."""

from datetime import UTC, datetime

from parking.rates.lines import LineKind, PricedLine

FROM = datetime(2026, 1, 5, 8, tzinfo=UTC)
TO = datetime(2026, 1, 5, 10, tzinfo=UTC)


def rate(amount_minor: int, collection: str | None = "stay", line: str = "hour") -> PricedLine:
    """Time that is charged."""
    return _line(LineKind.RATE, collection, line, amount_minor)


def surcharge(line: str, amount_minor: int, collection: str | None = None) -> PricedLine:
    """An amount for itself."""
    return _line(LineKind.SURCHARGE, collection, line, amount_minor)


def added_tax(
    tax_minor: int, basis_minor: int, percent: str, collection: str | None = "stay"
) -> PricedLine:
    """Tax on top."""
    return PricedLine(
        LineKind.TAX, collection, "tax", FROM, TO, tax_minor, basis_minor=basis_minor,
        percent=percent, tax_minor=tax_minor,
    )  # fmt: skip


def included_tax(
    tax_minor: int, basis_minor: int, percent: str = "19", collection: str | None = None
) -> PricedLine:
    """Tax that the amounts contain."""
    return PricedLine(
        LineKind.TAX, collection, "tax", FROM, TO, 0, basis_minor=basis_minor, percent=percent,
        tax_minor=tax_minor,
    )  # fmt: skip


def _line(kind: LineKind, collection: str | None, line: str, amount_minor: int) -> PricedLine:
    return PricedLine(
        kind, collection, line, FROM, TO, amount_minor, unit_amount_minor=amount_minor
    )

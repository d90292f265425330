"""Priced lines: every amount of a price with its reason, and the proof that they are the price."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

import orjson

from parking.clock import as_utc, rfc3339

T = TypeVar("T")


class LineKind(StrEnum):
    """Why a line is there."""

    RATE = "RATE"
    FREE = "FREE"
    PASS = "PASS"  # noqa: S105 - no password
    CAP = "CAP"
    MINIMUM = "MINIMUM"
    MAXIMUM = "MAXIMUM"
    SURCHARGE = "SURCHARGE"
    TAX = "TAX"
    ROUNDING = "ROUNDING"


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One amount. The price is the sum of its lines' `amount_minor`, exactly.

    `starts_at` to `ends_at` is the time it is for. RATE, FREE, PASS and SURCHARGE:
    `quantity` times `unit_amount_minor` (whole, or a fraction such as 50/3 that is rounded).
    CAP, MAXIMUM and MINIMUM: what leads from `basis_minor` to `limit_minor`. TAX: `percent` of
    `basis_minor`; `tax_minor` says how much tax, and `amount_minor` is 0 when the basis contains
    it. ROUNDING: what leads from `basis_minor` to a multiple of `limit_minor`.
    """

    kind: LineKind
    collection_id: str | None
    line_id: str
    starts_at: datetime
    ends_at: datetime
    amount_minor: int
    quantity: int = 1
    unit: str = "ONCE"
    unit_amount_minor: int | Fraction = 0
    basis_minor: int | None = None
    limit_minor: int | None = None
    percent: str | None = None
    tax_minor: int = 0
    name: str = ""


def total_minor(lines: Iterable[PricedLine]) -> int:
    """What the lines come to."""
    return sum(line.amount_minor for line in lines)


def recompute(lines: Sequence[PricedLine]) -> int:
    """The price worked out again from quantities, limits and percentages.

    Raises ValueError naming the first line whose amount does not follow from what it says. A line
    of a fractional unit amount is within one minor unit: fractions are carried from line to line,
    so that the whole is rounded and not each part.
    """
    for place, line in enumerate(lines):
        wanted = _follows(line)
        difference = abs(Fraction(line.amount_minor) - wanted)
        if difference and (difference >= 1 or not _is_fractional(line)):
            raise ValueError(
                f"line {place} ({line.kind} {line.line_id}) is {line.amount_minor};"
                f" it says {wanted} itself"
            )
    return total_minor(lines)


def _is_fractional(line: PricedLine) -> bool:
    return line.kind is LineKind.TAX or Fraction(line.unit_amount_minor).denominator > 1


def _follows(line: PricedLine) -> int | Fraction:
    """What the line's amount is by its other values."""
    match line.kind:
        case LineKind.CAP | LineKind.MINIMUM | LineKind.MAXIMUM:
            return _known(line.limit_minor) - _known(line.basis_minor)
        case LineKind.TAX:
            if line.amount_minor == 0:
                return 0
            return Fraction(_known(line.percent)) * _known(line.basis_minor) / 100
        case LineKind.ROUNDING:
            step, basis = _known(line.limit_minor), _known(line.basis_minor)
            rest = (basis + line.amount_minor) % step
            return line.amount_minor - rest if rest else line.amount_minor
        case _:
            return line.quantity * line.unit_amount_minor


def _known(value: T | None) -> T:
    if value is None:
        raise ValueError("a line lacks its basis, limit or percentage")
    return value


def lines_json(lines: Iterable[PricedLine]) -> str:
    """The lines as they are stored and shown: a JSON list, times in RFC 3339."""
    return orjson.dumps([_written(line) for line in lines]).decode()


def lines_from_json(text: str) -> tuple[PricedLine, ...]:
    """The lines that were stored. Raises ValueError or KeyError for what was never written."""
    return tuple(_read(value) for value in json.loads(text))


def _written(line: PricedLine) -> dict[str, Any]:
    unit_amount = line.unit_amount_minor
    written = {
        "kind": line.kind,
        "collectionId": line.collection_id,
        "lineId": line.line_id,
        "from": rfc3339(line.starts_at),
        "to": rfc3339(line.ends_at),
        "quantity": line.quantity,
        "unit": line.unit,
        "unitAmountMinor": unit_amount if isinstance(unit_amount, int) else str(unit_amount),
        "amountMinor": line.amount_minor,
        "basisMinor": line.basis_minor,
        "limitMinor": line.limit_minor,
        "percent": line.percent,
        "taxMinor": line.tax_minor or None,
        "name": line.name or None,
    }
    return {key: value for key, value in written.items() if value is not None}


def _read(value: dict[str, Any]) -> PricedLine:
    unit_amount = value["unitAmountMinor"]
    return PricedLine(
        kind=LineKind(value["kind"]),
        collection_id=value.get("collectionId"),
        line_id=value["lineId"],
        starts_at=as_utc(datetime.fromisoformat(value["from"])),
        ends_at=as_utc(datetime.fromisoformat(value["to"])),
        amount_minor=value["amountMinor"],
        quantity=value["quantity"],
        unit=value["unit"],
        unit_amount_minor=unit_amount if isinstance(unit_amount, int) else Fraction(unit_amount),
        basis_minor=value.get("basisMinor"),
        limit_minor=value.get("limitMinor"),
        percent=value.get("percent"),
        tax_minor=value.get("taxMinor", 0),
        name=value.get("name", ""),
    )

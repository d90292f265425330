"""Short words for tariffs and stays in tests."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from parking.rates.document import parse_tariff
from parking.rates.lines import lines_from_json, lines_json, recompute
from parking.rates.price import Priced, price
from parking.rates.tariff import Tariff
from parking.windows import Window

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = ["MON", "TUE", "WED", "THU", "FRI", "SAT"]
GERMAN = {"country": "DE", "subdivision": "BW"}


def stay(starts: str, ends: str, zone: ZoneInfo = BERLIN) -> Window:
    """A window of local times, such as `2026-03-02 10:00`; 2 March 2026 is a Monday. An end
    without a date is on the day of the start."""
    if len(ends) < len("2026-03-02"):
        ends = f"{starts[:10]} {ends}"
    start, end = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (starts, ends))
    return Window(start.astimezone(UTC), end.astimezone(UTC))


def each(amount_minor: int, increment: str, id: str = "each", **more: Any) -> dict[str, Any]:
    """An INCREMENTING_RATE line."""
    line = {"id": id, "type": "INCREMENTING_RATE", "amountMinor": amount_minor}
    return {**line, "increment": increment, **more}


def flat(amount_minor: int, id: str = "flat", **more: Any) -> dict[str, Any]:
    """A FLAT_RATE line."""
    return {"id": id, "type": "FLAT_RATE", "amountMinor": amount_minor, **more}


def tiers(*steps: tuple[str | None, int]) -> list[dict[str, Any]]:
    """FLAT_RATE_TIER lines: up to how long, and what it costs."""
    found: list[dict[str, Any]] = []
    for up_to, amount in steps:
        line = {"id": f"tier-{len(found)}", "type": "FLAT_RATE_TIER", "amountMinor": amount}
        found.append(line if up_to is None else {**line, "upTo": up_to})
    return found


def collection(*lines: dict[str, Any], id: str = "base", **more: Any) -> dict[str, Any]:
    """A collection."""
    return {"id": id, "lines": list(lines), **more}


def tariff(*collections: dict[str, Any], currency: str = "EUR", **more: Any) -> Tariff:
    """A whole tariff."""
    return parse_tariff({"currency": currency, "collections": list(collections), **more})


def band(cap_id: str, max_minor: int, *bands: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A cap over bands."""
    cap = {"id": cap_id, "maxMinor": max_minor, "over": "BAND", "when": list(bands)}
    return {**cap, **more}


def proved(table: Tariff, window: Window, zone: ZoneInfo = BERLIN, **more: Any) -> Priced:
    """The price, after its lines have proved it: recomputed, and written and read again."""
    found = price(table, window, zone, **more)
    assert recompute(found.lines) == found.amount_minor
    assert lines_from_json(lines_json(found.lines)) == found.lines
    return found


def cost(table: Tariff, starts: str, ends: str, zone: ZoneInfo = BERLIN, **more: Any) -> int:
    """What a stay costs, in minor units."""
    return proved(table, stay(starts, ends, zone), zone, **more).amount_minor

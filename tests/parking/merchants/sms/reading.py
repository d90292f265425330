"""What a text is read as, in one line; and the tables of examples that say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from parking.merchants.sms.results import Hints, Reading, Unclear, Understood

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
"""A Saturday: 10:00 in Berlin, 17:00 in Shanghai, 4:00 in New York."""
TABLES = Path(__file__).parent / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """A text and how it is to be read."""

    text: str
    expected: str
    zone: ZoneInfo
    hints: Hints


def examples(table: str) -> Iterator[Example]:
    """Those of a file: `> zone locale region`, then a text and, indented, its reading."""
    zone, hints, text = ZoneInfo("UTC"), Hints(), ""
    for line in (TABLES / table).read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            name, locale, region = line[2:].split()
            zone, hints = ZoneInfo(name), Hints(locale, region.strip("-"))
        elif line.startswith("    "):
            yield Example(text, line.strip(), zone, hints)
        elif line:
            text = line


def summary(reading: Reading, zone: ZoneInfo) -> str:
    """`BOOK ref=1021 at=11-21 19:30 party=4`, then ` ?` and the problems, if there are any."""
    heard = reading.heard if isinstance(reading, Unclear) else reading
    words = [heard.action.value, *_said(heard, zone)]
    if isinstance(reading, Unclear):
        words += ["?"] + [_problem(*each) for each in _problems(reading)]
    return " ".join(words)


def _said(heard: Understood, zone: ZoneInfo) -> Iterator[str]:
    values: dict[str, object] = {
        "ref": heard.order_ref,
        "at": heard.service_at and f"{heard.service_at.astimezone(zone):%m-%d %H:%M}",
        "until": heard.service_ends_at and f"{heard.service_ends_at.astimezone(zone):%m-%d %H:%M}",
        "shift": heard.shift and f"{heard.shift.total_seconds() / 60:+.0f}",
        "party": heard.party,
        "name": heard.guest_name,
        "plate": heard.plate,
        "phone": heard.guest_phone,
        "accessible": _yes(heard.needs.accessible),
        "ev": _yes(heard.needs.ev),
        "parking": _yes(heard.wants_parking),
        "lang": heard.language,
    }
    return (f"{name}={value}" for name, value in values.items() if value not in {None, ""})


def _yes(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _problems(reading: Unclear) -> Iterator[tuple[str, str, str]]:
    for each in reading.problems:
        yield each.field.value, each.trouble.value, " | ".join(map(str, each.said))


def _problem(field: str, trouble: str, said: str) -> str:
    return f"{field}:{trouble}" + (f" ({said})" if said else "")

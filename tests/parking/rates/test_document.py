"""The document: strict, with faults that name the path; written and read again it is the same."""

import json
from typing import Any

import pytest

from parking.errors import InvalidInput
from parking.rates.document import parse_tariff, tariff_json
from tests.parking.rates.tables import GERMAN, band, collection, each, flat, tiers

BASE = {"currency": "EUR", "collections": [collection(each(120, "PT30M"))]}
EVERYTHING: dict[str, Any] = {
    "currency": "EUR",
    "collections": [
        collection(
            flat(200, tax={"percent": "7.7", "included": True, "name": "VAT"}), id="fee", adds=True,
            **{"if": {"option": "reserved", "stayMin": "PT1H", "stayMax": "PT24H",
                      "bookedAheadMin": "PT2H", "entry": [{"from": "05:00", "to": "09:30"}],
                      "exit": [{"to": "18:00", "from": "00:00"}]}},
        ),
        collection(
            *tiers(("PT1H", 100), ("PT4H", 300)), each(50, "P1D", calendar=True, times=3),
            each(200, "PT5M", "rest", per="PT1H", tolerance="PT2M", name="the rest"),
            id="day", name="By day", when=[{"days": ["SAT", "HOLIDAY"], "from": "08:00",
            "to": "24:00", "nights": 2, "season": {"first": "05-01", "last": "02-29"},
            "dates": ["2026-05-01"], "notBefore": "2026-01-01", "notAfter": "2026-12-31"}],
            after="PT1H", until="PT30H",
            counts="ROLLING_DAY", atBoundary="COMPLETE", whenUsedUp="FREE", minMinor=10,
            maxMinor=2000, tax={"percent": "19"},
        ),
        collection(each(9000, "P1M")),
    ],
    "caps": [
        {"id": "a", "maxMinor": 1, "over": "STAY", "name": "a cap"},
        {"id": "b", "maxMinor": 1, "over": "ROLLING", "every": "PT12H", "after": "PT24H"},
        {"id": "c", "maxMinor": 1, "over": "CALENDAR", "every": "P7D", "collections": ["fee"]},
        band("d", 1, {"from": "18:00", "to": "06:00"}, until="PT30H"),
    ],
    "passes": [{"id": "week", "days": 7, "amountMinor": 1800, "over": "CALENDAR"}],
    "free": {"duration": "PT15M", "staysFree": True},
    "minMinor": 100, "maxMinor": 9000, "tax": {"percent": "19", "included": True},
    "rounding": {"stepMinor": 5, "mode": "UP"},
    "holidays": {**GERMAN, "add": ["2026-12-24"], "remove": ["2026-01-06"]},
    "overstay": {"grace": "PT10M", "percent": "150", "feeMinor": 1000,
                 "collections": [collection(each(200, "PT1H"))]},
}  # fmt: skip


def test_a_document_written_and_read_again_is_the_same() -> None:
    table = parse_tariff(json.dumps(EVERYTHING))
    assert parse_tariff(tariff_json(table)) == table
    assert set(json.loads(tariff_json(table))) == set(EVERYTHING)


def test_what_is_as_by_default_is_not_written() -> None:
    table = parse_tariff({**BASE, "passes": [], "steps": "EACH_SEGMENT", "free": None})
    assert json.loads(tariff_json(table)) == BASE


def with_line(**changes: Any) -> dict[str, Any]:
    return {**BASE, "collections": [collection({**each(120, "PT30M"), **changes})]}


def with_collection(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**BASE, "collections": [collection(*(lines or [each(1, "PT1H")]), **changes)]}


LINE = "collections.0.lines.0"
FAULTS: list[tuple[str, Any, str]] = [
    ("no JSON", "{", ""),
    ("a list", "[]", ""),
    ("a key twice", '{"currency": "EUR", "currency": "USD"}', ""),
    ("too deep", "[" * 100_000, ""),
    ("too long", " " * 200_001, ""),
    ("nothing in it", {"currency": "EUR"}, "collections"),
    ("no currency", {"collections": BASE["collections"]}, "currency"),
    ("an unknown currency", {**BASE, "currency": "EUX"}, "currency"),
    ("an unknown key", {**BASE, "colour": "red"}, "colour"),
    ("a misspelt key in a line", with_line(amuontMinor=1), f"{LINE}.amuontMinor"),
    ("a float", with_line(amountMinor=1.0), f"{LINE}.amountMinor"),
    ("text for a number", with_line(amountMinor="120"), f"{LINE}.amountMinor"),
    ("true for a number", with_line(amountMinor=True), f"{LINE}.amountMinor"),
    ("a huge amount", with_line(amountMinor=10**13), f"{LINE}.amountMinor"),
    ("a negative rate", with_line(amountMinor=-1), f"{LINE}.amountMinor"),
    ("no increment", with_line(increment=None), f"{LINE}.increment"),
    ("an increment of nothing", with_line(increment="PT0S"), f"{LINE}.increment"),
    ("an increment in words", with_line(increment="30 minutes"), f"{LINE}.increment"),
    ("an unknown type", with_line(type="LINEAR"), f"{LINE}.type"),
    ("a tolerance of a whole increment", with_line(tolerance="PT30M"), f"{LINE}.tolerance"),
    ("per a day that may be short", with_line(increment="P1D", per="PT1H"), f"{LINE}.per"),
    ("a calendar of minutes", with_line(calendar=True), f"{LINE}.calendar"),
    ("a calendar of two days", with_line(increment="P2D", calendar=True), f"{LINE}.calendar"),
    ("an increment that ends as a tier", with_line(upTo="PT1H"), f"{LINE}.upTo"),
    ("a bad id", with_line(id="a b"), f"{LINE}.id"),
    ("no lines", {**BASE, "collections": [{"id": "x", "lines": []}]}, "collections.0.lines"),
    ("tiers that fall back", with_collection(*tiers(("PT2H", 1), ("PT1H", 2))),
     "collections.0.lines.1.upTo"),
    ("what follows an open tier", with_collection(*tiers((None, 1), ("PT1H", 2))),
     "collections.0.lines.1"),
    ("what follows an endless line", with_collection(each(1, "PT1H", "a"), each(2, "PT1H", "b")),
     "collections.0.lines.1"),
    ("the same line id twice", with_collection(flat(1), flat(2)), "collections.0.lines.1.id"),
    ("lines used up too soon", with_collection(each(1, "PT1M", times=3)), "collections.0.lines"),
    ("the same collection twice", {**BASE, "collections": BASE["collections"] * 2},  # type: ignore[operator]
     "collections.1.id"),
    ("an end before the beginning", with_collection(after="PT2H", until="PT1H"),
     "collections.0.until"),
    ("a minimum above the maximum", with_collection(minMinor=2, maxMinor=1),
     "collections.0.minMinor"),
    ("a time that is none", with_collection(when=[{"from": "25:00", "to": "06:00"}]),
     "collections.0.when.0.from"),
    ("half a band", with_collection(when=[{"from": "18:00"}]), "collections.0.when.0"),
    ("a day beginning at its end", with_collection(when=[{"from": "24:00", "to": "06:00"}]),
     "collections.0.when.0.from"),
    ("nights of whole days", with_collection(when=[{"nights": 2}]), "collections.0.when.0.nights"),
    ("an unknown day", with_collection(when=[{"days": ["MONDAY"]}]), "collections.0.when.0.days.0"),
    ("no day", with_collection(when=[{"days": []}]), "collections.0.when.0.days"),
    ("a day twice", with_collection(when=[{"days": ["MON", "MON"]}]), "collections.0.when.0.days"),
    ("holidays of nowhere", with_collection(when=[{"days": ["HOLIDAY"]}]),
     "collections.0.when.0.days"),
    ("30 February", with_collection(when=[{"season": {"first": "02-30", "last": "03-01"}}]),
     "collections.0.when.0.season.first"),
    ("a week date", with_collection(when=[{"dates": ["2026-W01-1"]}]),
     "collections.0.when.0.dates.0"),
    ("an unknown country", {**BASE, "holidays": {"country": "XX"}}, "holidays"),
    ("an unknown region", {**BASE, "holidays": {"country": "DE", "subdivision": "ZZ"}}, "holidays"),
    ("a band cap without a band", {**BASE, "caps": [{"id": "a", "maxMinor": 1, "over": "BAND"}]},
     "caps.0.when"),
    ("a stay cap with a period", {**BASE, "caps": [{"id": "a", "maxMinor": 1, "over": "STAY",
     "every": "PT1H"}]}, "caps.0.every"),
    ("a calendar of hours", {**BASE, "caps": [{"id": "a", "maxMinor": 1, "over": "CALENDAR",
     "every": "PT1H"}]}, "caps.0.every"),
    ("a cap over nothing", {**BASE, "caps": [{"id": "a", "maxMinor": 1, "over": "STAY",
     "collections": ["b"]}]}, "caps.0.collections"),
    ("a negative cap", {**BASE, "caps": [{"id": "a", "maxMinor": -1, "over": "STAY"}]},
     "caps.0.maxMinor"),
    ("a percentage as a number", {**BASE, "tax": {"percent": 19}}, "tax.percent"),
    ("a percentage with a sign", {**BASE, "tax": {"percent": "-19"}}, "tax.percent"),
    ("free for days", {**BASE, "free": {"duration": "P1D"}}, "free.duration"),
    ("a pass of no days", {**BASE, "passes": [{"id": "a", "days": 0, "amountMinor": 1}]},
     "passes.0.days"),
    ("tiers rounded once", {**with_collection(*tiers(("PT1H", 1))), "steps": "ONCE"}, LINE),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "path"), [f[1:] for f in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_fault_names_its_path(document: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_tariff(document)
    assert caught.value.field == ("document." + path).rstrip(".")
    assert caught.value.message.startswith(caught.value.field)


def adding(count: int) -> list[dict[str, Any]]:
    """Collections that each charge every ten minutes, in six lines."""
    lines = [each(1, "PT2M", f"l{n}", times=1) for n in range(6)]
    return [collection(*lines, id=f"c{number}", adds=True) for number in range(count)]


@pytest.mark.parametrize(
    "wasteful",
    [
        {"collections": adding(49)},
        {
            "collections": [collection(each(1, "PT10M", times=1))],
            "caps": [
                {"id": f"cap{n}", "maxMinor": 1, "over": "ROLLING", "every": "PT24H"}
                for n in range(50)
            ],
        },
    ],
)
def test_a_tariff_that_would_take_minutes_to_price_is_refused(wasteful: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="steps to price") as refused:
        parse_tariff({"currency": "EUR", **wasteful})
    assert refused.value.field == "document"

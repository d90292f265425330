"""Lines are the proof of a price: taxes, limits, and that a changed line is found out."""

from dataclasses import replace
from typing import Any

import pytest

from parking.rates.lines import LineKind, PricedLine, recompute
from parking.rates.price import Priced
from tests.parking.rates.tables import band, collection, each, flat, proved, stay, tariff

NOON = stay("2026-03-02 10:00", "2026-03-02 12:30")
VAT = {"percent": "19"}


def line_of(priced: Priced, kind: LineKind) -> PricedLine:
    """The only line of its kind."""
    [found] = [line for line in priced.lines if line.kind is kind]
    return found


def test_a_rate_line_says_what_it_is_for() -> None:
    [line] = proved(tariff(collection(each(120, "PT30M", name="Half hours"))), NOON).lines
    assert line == PricedLine(
        LineKind.RATE, "base", "each", NOON.starts_at, NOON.ends_at, 600, 5, "PT30M", 120,
        name="Half hours",
    )  # fmt: skip


def test_a_cap_says_what_it_took_off_and_why() -> None:
    evening = band("evening", 400, {"from": "18:00", "to": "06:00"}, name="Evening")
    table = tariff(collection(each(300, "PT1H")), caps=[evening])
    night = stay("2026-03-02 17:00", "2026-03-02 21:00")
    found = line_of(proved(table, night), LineKind.CAP)
    assert (found.basis_minor, found.limit_minor, found.amount_minor) == (900, 400, -500)
    assert (found.line_id, found.collection_id, found.name) == ("evening", "base", "Evening")
    assert found.starts_at == stay("2026-03-02 18:00", "2026-03-02 19:00").starts_at
    assert found.ends_at == night.ends_at


def test_tax_on_top_is_an_amount_and_contained_tax_is_none() -> None:
    added = proved(tariff(collection(each(200, "PT1H")), tax=VAT), NOON)
    assert (added.amount_minor, added.tax_minor) == (714, 114)
    inside = proved(tariff(collection(each(200, "PT1H")), tax={**VAT, "included": True}), NOON)
    assert (inside.amount_minor, inside.tax_minor) == (600, 96)
    assert line_of(inside, LineKind.TAX).amount_minor == 0


def test_what_a_cap_takes_off_is_not_taxed() -> None:
    lines = (
        each(100, "PT1H", "low", times=1, tax={"percent": "10"}),
        each(300, "PT1H", "high", tax={"percent": "50"}),
    )
    table = tariff(collection(*lines), caps=[{"id": "day", "maxMinor": 250, "over": "CALENDAR"}])
    priced = proved(table, NOON)
    assert priced.tax_minor == 10 + 75
    assert priced.amount_minor == 250 + 85


def test_tax_is_on_the_rest_when_only_one_collection_is_capped() -> None:
    fee = collection(flat(1000), id="fee", adds=True, tax=VAT)
    priced = proved(tariff(fee, collection(each(300, "PT1H")), maxMinor=1500), NOON)
    assert line_of(priced, LineKind.TAX).basis_minor == 1000
    assert priced.amount_minor == 1500 + 190


def test_rounding_is_a_line() -> None:
    table = tariff(collection(each(33, "PT1H")), rounding={"stepMinor": 10})
    priced = proved(table, NOON)
    assert line_of(priced, LineKind.ROUNDING).amount_minor == 1
    assert priced.amount_minor == 100


@pytest.mark.parametrize(
    ("mode", "amount"), [("HALF_UP", 3), ("HALF_EVEN", 2), ("UP", 3), ("DOWN", 2)]
)
def test_a_fraction_is_rounded_as_the_table_says(mode: str, amount: int) -> None:
    table = tariff(collection(each(5, "PT30M", per="PT1H")), rounding={"mode": mode})
    half_an_hour = stay("2026-03-02 10:00", "2026-03-02 10:30")
    priced = proved(table, half_an_hour)
    assert priced.amount_minor == amount


CHANGED = [
    (LineKind.RATE, {"amount_minor": 601}), (LineKind.RATE, {"quantity": 4}),
    (LineKind.CAP, {"limit_minor": 401}), (LineKind.CAP, {"basis_minor": None}),
    (LineKind.TAX, {"amount_minor": 80}), (LineKind.ROUNDING, {"amount_minor": -7}),
    (LineKind.MINIMUM, {"amount_minor": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change"), CHANGED)
def test_a_line_that_was_changed_is_found_out(kind: LineKind, change: dict[str, Any]) -> None:
    table = tariff(
        collection(each(301, "PT1H"), minMinor=1000), tax=VAT, rounding={"stepMinor": 5},
        caps=[{"id": "day", "maxMinor": 400, "over": "CALENDAR"}],
    )  # fmt: skip
    priced = proved(table, NOON)
    lines = [replace(each, **change) if each.kind is kind else each for each in priced.lines]
    with pytest.raises(ValueError, match=r"line|lacks"):
        recompute(lines)


def test_time_without_a_price_is_said() -> None:
    table = tariff(collection(each(100, "PT1H"), when=[{"from": "08:00", "to": "11:00"}]))
    priced = proved(table, NOON)
    free = line_of(priced, LineKind.FREE)
    assert (free.line_id, free.amount_minor, free.ends_at) == ("no-rate", 0, NOON.ends_at)

"""Passes of 1, 2, 3, 5, 7, 14, 21, 28 and 30 days."""

import pytest

from parking.rates.tariff import Tariff
from tests.parking.rates.tables import collection, cost, each, proved, stay, tariff

DAYS = {1: 500, 2: 900, 3: 1300, 5: 2000, 7: 2500, 14: 4000, 21: 5500, 28: 6500, 30: 6600}
PASSES = [{"id": f"p{n}", "days": n, "amountMinor": amount} for n, amount in DAYS.items()]
ONLY_PASSES = tariff(passes=PASSES)
WITH_HOURS = tariff(collection(each(100, "PT1H")), passes=PASSES)
BY_DATES = tariff(passes=[{"id": "day", "days": 1, "amountMinor": 500, "over": "CALENDAR"}])


@pytest.mark.parametrize(
    ("table", "ends", "expected"),
    [
        (ONLY_PASSES, "2026-03-02 11:00", 500),
        (ONLY_PASSES, "2026-03-03 10:00", 500),
        (ONLY_PASSES, "2026-03-03 10:01", 900),
        (ONLY_PASSES, "2026-03-06 10:00", 1800),  # four days: twice two
        (ONLY_PASSES, "2026-03-08 10:00", 2500),  # six days: seven are cheaper
        (ONLY_PASSES, "2026-04-01 10:00", 6600),  # 30 days, though the clocks changed
        (WITH_HOURS, "2026-03-02 14:00", 400),
        (WITH_HOURS, "2026-03-02 16:00", 500),
        (WITH_HOURS, "2026-03-03 12:00", 700),  # a day and two hours
        (WITH_HOURS, "2026-03-09 13:00", 2800),  # a week and three hours
        (BY_DATES, "2026-03-03 09:00", 1000),
    ],
)
def test_the_cheapest_passes_are_taken(table: Tariff, ends: str, expected: int) -> None:
    assert cost(table, "2026-03-02 10:00", ends) == expected


def test_a_pass_is_a_line_for_its_days() -> None:
    lines = proved(ONLY_PASSES, stay("2026-03-02 10:00", "2026-03-10 12:00")).lines
    assert [(line.line_id, line.unit, line.amount_minor) for line in lines] == [
        ("p7", "P7D", 2500), ("p2", "P2D", 900),
    ]  # fmt: skip
    assert lines[0].ends_at == lines[1].starts_at


def test_after_a_pass_no_time_is_free() -> None:
    hours = collection(each(100, "PT1H"))
    table = tariff(hours, passes=PASSES[:1], free={"duration": "PT30M"})
    assert cost(table, "2026-03-02 10:00", "2026-03-02 10:20") == 0
    assert cost(table, "2026-03-02 10:00", "2026-03-03 10:20") == 600


def test_fees_are_charged_besides_a_pass_once() -> None:
    fee = {**collection({"id": "f", "type": "FLAT_RATE", "amountMinor": 200}), "adds": True}
    table = tariff({**fee, "id": "fee"}, passes=PASSES, maxMinor=2600)
    assert cost(table, "2026-03-02 10:00", "2026-03-03 10:00") == 700
    assert cost(table, "2026-03-02 10:00", "2026-03-09 10:00") == 2600

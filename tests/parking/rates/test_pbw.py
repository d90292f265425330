"""All 19 garages of a German operator, priced as their published lines say.

2 March 2026 is a Monday; 6 January, a Tuesday, is a public holiday in Baden-Württemberg.
"""

from functools import cache

import pytest

from parking.rates.document import parse_tariff
from tests.parking.rates.pbw import Garage, read_garages
from tests.parking.rates.tables import cost
from tests.support.shared_data import shared_data

MON, TUE, WED, THU = "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"
FRI, SAT, SUN = "2026-03-06", "2026-03-07", "2026-03-08"
HOLIDAY = "2026-01-06"

PRICES: dict[int, list[tuple[str, str, int]]] = {
    52: [
        (f"{MON} 10:00", "13:00", 200), (f"{MON} 08:00", "16:30", 500),
        (f"{MON} 17:00", "23:00", 100), (f"{MON} 16:30", "20:00", 200),
        (f"{SAT} 08:00", "20:00", 100), (f"{MON} 07:00", f"{TUE} 07:00", 500),
        (f"{MON} 10:00", "2026-03-09 10:00", 1800),
    ],
    233: [(f"{MON} 10:00", "13:10", 1200), (f"{MON} 08:00", "20:00", 3600)],
    243: [
        (f"{MON} 10:00", "10:31", 240), (f"{MON} 08:00", "20:00", 1200),
        (f"{MON} 20:00", f"{TUE} 08:00", 880), (f"{SUN} 06:00", "22:00", 400),
        (f"{HOLIDAY} 10:00", "20:00", 400),
    ],
    244: [
        (f"{MON} 15:00", "17:00", 480), (f"{MON} 15:00", "18:00", 500),
        (f"{MON} 15:00", "23:00", 500), (f"{MON} 18:00", "23:00", 400),
        (f"{MON} 14:00", "20:00", 740), (f"{MON} 06:00", f"{TUE} 06:00", 1200),
    ],
    245: [(f"{MON} 14:00", "20:00", 740), (f"{SUN} 10:00", "11:00", 240)],
    246: [(f"{MON} 14:00", "20:00", 740), (f"{SUN} 10:00", "16:00", 400)],
    247: [
        (f"{MON} 10:00", "12:00", 600), (f"{MON} 08:00", "20:00", 1800),
        (f"{MON} 18:00", "22:00", 800), (f"{SUN} 08:00", "20:00", 800),
        (f"{MON} 08:00", f"{WED} 08:00", 3300), (f"{MON} 08:00", f"{THU} 08:00", 4500),
        (f"{MON} 08:00", f"{FRI} 08:00", 6500), (f"{MON} 08:00", f"{SAT} 08:00", 6500),
    ],
    249: [
        (f"{MON} 10:00", "11:10", 300), (f"{MON} 07:00", "20:00", 1200),
        (f"{SAT} 10:00", "12:00", 0), (f"{FRI} 23:30", f"{SAT} 10:00", 100),
        (f"{HOLIDAY} 10:00", "12:00", 0),
    ],
    257: [
        (f"{MON} 10:00", "12:30", 300), (f"{MON} 08:00", "18:00", 500),
        (f"{SUN} 10:00", "12:00", 0),
    ],
    266: [
        (f"{MON} 10:00", "11:00", 200), (f"{MON} 06:00", "18:00", 1400),
        (f"{MON} 18:00", f"{TUE} 06:00", 300), (f"{SUN} 06:00", "22:00", 300),
    ],
    277: [
        (f"{MON} 10:00", "10:50", 300), (f"{MON} 06:00", "19:00", 1500),
        (f"{MON} 19:00", f"{TUE} 06:00", 400), (f"{SUN} 06:00", "20:00", 400),
        (f"{SUN} 03:00", "05:00", 400), (f"{HOLIDAY} 10:00", "11:00", 400),
    ],
    288: [
        (f"{MON} 10:00", "11:00", 250), (f"{MON} 10:00", "12:30", 790),
        (f"{MON} 06:00", "15:00", 2000), (f"{MON} 15:00", "18:00", 500),
        (f"{MON} 18:00", "22:00", 300), (f"{SUN} 10:00", "12:00", 500),
        (f"{SUN} 19:00", "20:00", 250), (f"{SUN} 19:00", "21:00", 300),
    ],
    323: [
        (f"{MON} 08:00", "18:00", 200), (f"{MON} 08:00", f"{WED} 08:00", 400),
        (f"{MON} 08:00", "2026-03-17 08:00", 2800),
    ],
    366: [(f"{MON} 10:00", "12:00", 200), (f"{MON} 00:00", f"{TUE} 00:00", 1000)],
    370: [
        (f"{MON} 10:00", f"{TUE} 10:00", 300), (f"{MON} 10:00", f"{TUE} 10:01", 600),
        (f"{MON} 10:00", f"{SAT} 10:00", 1500),
    ],
    397: [
        (f"{MON} 10:00", "11:00", 100), (f"{MON} 10:00", "13:00", 500),
        (f"{MON} 08:00", "20:00", 800), (f"{SAT} 10:00", "11:00", 300),
        (f"{SAT} 10:00", f"{SUN} 10:00", 600), (f"{FRI} 23:00", f"{SAT} 01:00", 400),
    ],
    381: [
        (f"{MON} 12:00", "14:00", 400), (f"{MON} 08:00", "10:00", 300),
        (f"{MON} 10:30", "12:30", 350), (f"{SAT} 08:00", "10:00", 400),
        (f"{MON} 00:00", f"{TUE} 00:00", 2000),
    ],
    138: [
        (f"{MON} 10:00", "12:00", 300), (f"{MON} 10:00", "14:00", 650),
        (f"{MON} 18:00", "23:00", 400), (f"{MON} 17:30", "20:00", 550),
        (f"{MON} 06:00", "18:00", 1200), (f"{MON} 10:00", f"{THU} 10:00", 2000),
        (f"{MON} 10:00", "2026-03-09 10:00", 2500), (f"{MON} 10:00", "2026-03-30 10:00", 6500),
    ],
    300: [
        (f"{MON} 10:00", "12:00", 300), (f"{MON} 19:00", "23:00", 300),
        (f"{MON} 06:00", "19:00", 1400),
    ],
}  # fmt: skip
"""By garage: entry, exit and cents; worked out by hand from the published lines."""


@cache
def garages() -> dict[int, Garage]:
    return read_garages(shared_data("parkapi/pbw_tariffs_flat.csv"))


def test_all_19_garages_are_expressed() -> None:
    assert set(garages()) == set(PRICES)
    assert len(PRICES) == 19


def test_one_line_is_impossible() -> None:
    """The Hofdiener's cap of 19.00 is flagged for no weekday and no holiday: it can never hold."""
    impossible = {number: g.impossible for number, g in garages().items() if g.impossible}
    assert impossible == {233: ["Tageshöchstsatz"]}


@pytest.mark.parametrize(
    ("number", "starts", "ends", "expected"),
    [(number, *case) for number, cases in PRICES.items() for case in cases],
)
def test_a_garage_costs_what_it_says(number: int, starts: str, ends: str, expected: int) -> None:
    assert cost(parse_tariff(garages()[number].document), starts, ends) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], 200), (["polygoCard"], 150), (["kombi-1"], 800), (["kombi-2-5", "polygoCard"], 1090)],
)
def test_a_product_is_chosen(options: list[str], expected: int) -> None:
    """P+R Österfeld sells tickets for bus and train with it, and takes 0.50 off by card."""
    table = parse_tariff(garages()[323].document)
    assert cost(table, f"{MON} 08:00", "18:00", options=options) == expected

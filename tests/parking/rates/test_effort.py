"""No price takes long, whatever a tariff says; real ones do not come near the limit."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from parking.errors import Conflict
from parking.rates import checks
from parking.rates.accepting import accepted_tariff
from parking.rates.amounts import COUNTED_MAX, PriceTooHigh, countable, most_minor
from parking.rates.effort import STEPS_MAX, Effort, StayTooComplex, whatever_it_takes
from parking.rates.price import price
from parking.rates.tariff import Tariff
from tests.parking.rates.pbw import read_garages
from tests.parking.rates.tables import BERLIN, collection, each, flat, stay, tariff
from tests.support.shared_data import shared_data

QUARTER = stay("2026-03-02 08:00", "2026-06-02 08:00")
BANDS = [
    {"from": f"{hour:02}:{minute:02}", "to": f"{hour:02}:{minute + 10:02}"}
    for hour in range(10)
    for minute in (0, 20, 40)
]
TAXED = {"percent": "1", "included": False}
HOSTILE: dict[str, dict[str, Any]] = {
    "many bands of many collections": {
        "collections": [
            collection(each(1, "PT30M", f"l{n}"), id=f"c{n}", when=BANDS) for n in range(10)
        ]
    },
    "a limit of each of many bands": {
        "collections": [
            collection(each(1, "PT1M"), id="c", when=BANDS, maxMinor=5, minMinor=2),
            collection(each(1, "PT30M", "base")),
        ]
    },
    "short lines under short caps": {
        "collections": [collection(*(each(1, "PT1M", f"l{n}", times=1) for n in range(10)))],
        "caps": [
            {"id": f"c{n}", "maxMinor": 9, "over": "ROLLING", "every": "PT10M"} for n in range(5)
        ],
    },
    "taxed fees of each day": {
        "collections": [
            collection(
                *(flat(1, f"l{n}", tax=TAXED) for n in range(300)),
                id="c", adds=True, counts="CALENDAR_DAY",
            )
        ]
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_sieve(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of documents is coarse; here it lets everything through."""
    monkeypatch.setattr(checks, "WORK_MAX", 10**12)


def hostile(name: str) -> Tariff:
    given = HOSTILE[name]
    return tariff(*given["collections"], caps=given.get("caps", []))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_tariff_is_stopped(name: str) -> None:
    effort = Effort()
    with pytest.raises(StayTooComplex) as refused:
        price(hostile(name), QUARTER, BERLIN, effort=effort)
    assert -STEPS_MAX < effort.left < 0, "no single step of it is longer than all are allowed to be"
    assert isinstance(refused.value, Conflict)
    assert refused.value.code == "STAY_TOO_COMPLEX"


def test_a_stay_that_is_over_is_priced_whatever_it_takes() -> None:
    found = price(hostile("taxed fees of each day"), QUARTER, BERLIN, effort=whatever_it_takes())
    assert found.amount_minor > 0


def test_real_tariffs_price_a_month() -> None:
    month = stay("2026-03-02 08:00", "2026-04-02 08:00")
    for garage in read_garages(shared_data("parkapi/pbw_tariffs_flat.csv")).values():
        effort, table = Effort(), accepted_tariff(json.dumps(garage.document))
        price(table, month, BERLIN, effort=effort)
        assert effort.left > 0


@pytest.mark.parametrize(("amount", "times", "fits"), [(10**9, 1, True), (10**9, 2, False)])
def test_the_most_that_a_tariff_comes_to_is_known(amount: int, times: int, fits: bool) -> None:
    table = tariff(
        *(collection(each(amount, "PT1S", f"l{n}"), id=f"c{n}", adds=n > 0) for n in range(times))
    )
    assert (most_minor(table, timedelta(days=92)) <= COUNTED_MAX) is fits
    priced = price(table, replace(QUARTER, ends_at=QUARTER.starts_at + timedelta(days=92)), BERLIN)
    assert priced.amount_minor <= most_minor(table, timedelta(days=92))
    if fits:
        assert countable(priced) is priced
    else:
        with pytest.raises(PriceTooHigh):
            countable(priced)

"""Prices of many offers: read once, and never out of date."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from parking.clock import TestClock
from parking.money import Money
from parking.rates.models import RateTable
from parking.reservations.pricing import Rate, prices
from parking.storage.sql import Sql, database
from tests.support.estate import OPENED
from tests.support.leasing import HOURLY, hours
from tests.support.operators import make_organisation

pytestmark = pytest.mark.usefixtures("database")


async def table(document: str) -> int:
    made = await RateTable.create(
        organisation_id=await make_organisation(), name="Rates", currency="EUR",
        document=document, created_at=OPENED, changed_at=OPENED,
    )  # fmt: skip
    table_id: int = made.id
    return table_id


def hourly(amount_minor: int, **more: Any) -> str:
    line = {"id": "hour", "type": "INCREMENTING_RATE", "amountMinor": amount_minor}
    collection = {"id": "day", "lines": [line | {"increment": "PT1H"}]} | more
    return json.dumps(dict(HOURLY, collections=[collection]))


async def cost(clock: TestClock, rate: Rate, now: datetime | None = None) -> Money | None:
    window = hours(clock.now(), 24, 26)
    return (await prices(database(), [rate], window, now or clock.now())).get(rate)


async def test_an_edited_table_has_its_new_price(clock: TestClock) -> None:
    rate = Rate(await table(hourly(200)), 1, "EUR", "Europe/Berlin")
    assert await cost(clock, rate) == Money(400, "EUR")
    await RateTable.filter(id=rate.rate_table_id).update(document=hourly(300), version=2)
    assert await cost(clock, rate._replace(version=2)) == Money(600, "EUR")


async def test_a_table_is_read_and_priced_once(
    clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate = Rate(await table(hourly(200)), 1, "EUR", "Europe/Berlin")
    assert await cost(clock, rate) == Money(400, "EUR")

    async def nothing(*_: Any) -> Any:
        raise AssertionError("it is known already")

    monkeypatch.setattr(Sql, "fetch", nothing)
    assert await cost(clock, rate) == Money(400, "EUR")


async def test_a_table_that_cannot_be_read_is_left_out(clock: TestClock) -> None:
    rate = Rate(await table("{}"), 1, "EUR", "Europe/Berlin")
    assert await cost(clock, rate) is None


async def test_a_price_for_booking_ahead_is_never_kept(clock: TestClock) -> None:
    ahead = hourly(100, **{"if": {"bookedAheadMin": "PT12H"}})
    document = json.loads(ahead)
    document["collections"].append(json.loads(hourly(300))["collections"][0] | {"id": "late"})
    rate = Rate(await table(json.dumps(document)), 1, "EUR", "Europe/Berlin")
    assert await cost(clock, rate) == Money(200, "EUR")
    assert await cost(clock, rate, clock.now() + timedelta(hours=20)) == Money(600, "EUR")

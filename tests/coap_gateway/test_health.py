"""Device health: coalesced where it may be, durable where it must be, told to who watches."""

from typing import Any

import pytest

from coap_gateway.senml import Record
from parking.devices.health import decode_health, health_topic
from parking.storage.sql import database
from tests.coap_gateway.rig import Rig, start

TELEMETRY: list[tuple[Record, str, Any]] = [
    (Record("/3411/0/1", 81), "battery_percent", 81),
    (Record("/3411/0/3", 3.6), "battery_volts", 3.6),
    (Record("/4/0/2", -99), "rssi_dbm", -99),
    (Record("/4/0/11", 7), "sinr_db", 7),
    (Record("/3/0/13", 1_767_600_030), "clock_offset_seconds", 30.0),
]


@pytest.mark.parametrize(("record", "name", "value"), TELEMETRY)
async def test_telemetry_waits_for_the_flush(
    rig: Rig, record: Record, name: str, value: object
) -> None:
    sensor = await rig.device()
    await sensor.send(record)
    [before] = await rig.health(sensor)
    await rig.gateway.flush()
    [after] = await rig.health(sensor)
    assert (getattr(before, name), getattr(after, name)) == (None, value)
    assert (after.boot, after.sequence) == (1, 1)
    assert after.last_seen_at == rig.clock.now()


EVENTS: list[tuple[list[Record], str, Any]] = [
    ([Record("/3/0/26243", "watchdog")], "reset_cause", "watchdog"),
    ([Record("/3411/0/6", True)], "battery_low", True),
    ([Record("/3/0/11/0", 8)], "error_codes", "8"),
    ([Record("/3200/0/5500", True), Record("/3200/0/5750", "tamper")], "alarms", "tamper"),
    ([Record("/3/0/3", "2.0")], "firmware", "2.0"),
]


@pytest.mark.parametrize(("records", "name", "value"), EVENTS)
async def test_events_are_durable_when_acknowledged(
    rig: Rig, records: list[Record], name: str, value: object
) -> None:
    sensor = await rig.device()
    await sensor.send(*records)
    [health] = await rig.health(sensor)
    assert getattr(health, name) == value
    await sensor.send(*records)
    assert rig.gateway.counters()["reports_recorded"] == 1


async def test_alarms_are_cleared_by_name(rig: Rig) -> None:
    sensor = await rig.device()
    for name, is_on in (("tamper", True), ("forced", True), ("tamper", False)):
        await sensor.send(Record("/3200/0/5500", is_on), Record("/3200/0/5750", name))
    [health] = await rig.health(sensor)
    assert health.alarms == "forced"


async def test_what_one_gateway_knows_survives_another(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.send(Record("/3/0/3", "2.0"), Record("/3411/0/6", True))
    other = await start(rig.clock, rig.bus)
    sensor.client = rig.client(sensor.provisioned.secret, await rig.socket_to(other))
    sensor.client._sequences.reserve(500)
    await sensor.send(Record("/3411/0/6", False))
    [health] = await rig.health(sensor)
    assert (health.firmware, health.battery_low) == ("2.0", False)
    await other.close()


async def test_one_message_a_place_tells_of_all_its_devices(rig: Rig) -> None:
    sensors = [await rig.device(space=i) for i in range(3)]
    async with rig.bus.subscribe(health_topic(rig.estate.place_id)) as messages:
        for sensor in sensors:
            await sensor.report(True, Record("/3411/0/1", 50))
        await rig.gateway.flush()
        message = await anext(messages)
    assert message.body is not None
    told = decode_health(message.body)
    assert told == await rig.health(*sensors)
    assert [h.battery_percent for h in told] == [50, 50, 50]


async def test_news_are_kept_when_the_flush_fails(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.send(Record("/3411/0/1", 50))
    await database().execute("ALTER TABLE device_health RENAME COLUMN address TO elsewhere")
    with pytest.raises(Exception, match="address"):
        await rig.gateway.flush()
    await database().execute("ALTER TABLE device_health RENAME COLUMN elsewhere TO address")
    await rig.gateway.flush()
    [health] = await rig.health(sensor)
    assert health.battery_percent == 50


async def test_closing_writes_what_waits(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.send(Record("/3411/0/1", 50))
    await rig.gateway.close()
    [health] = await rig.health(sensor)
    assert health.battery_percent == 50

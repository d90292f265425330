"""The state equals the newest report by (boot, sequence), whatever came when (I8, I9)."""

from itertools import permutations

import pytest

from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import MemorySequences
from parking.occupancy.intake import Delivery
from parking.occupancy.models import Occupancy
from parking.storage.sql import database
from tests.coap_gateway.rig import Device, Rig, start


def numbered(boot: int, sequence: int, occupied: bool) -> bytes:
    records = [
        Record("/3/0/26241", boot),
        Record("/3/0/26242", sequence),
        Record("/3431/0/1", occupied),
    ]
    return encode(records, SENML_CBOR)


async def observations(rig: Rig) -> int:
    rows = await database().fetch("SELECT COUNT(*) AS n FROM observation")
    return int(rows[0]["n"])


async def occupancy(rig: Rig, space: int = 0) -> Occupancy:
    return (await rig.state(space)).occupancy


@pytest.mark.parametrize("order", list(permutations([(1, 9, True), (2, 1, True), (2, 2, False)])))
async def test_any_order_of_arrival_ends_in_the_newest_state(
    rig: Rig, order: list[tuple[int, int, bool]]
) -> None:
    sensor = await rig.device()
    for boot, sequence, occupied in order:
        reply = await sensor.post("/dp", numbered(boot, sequence, occupied))
        assert reply.dotted == "2.04"
    assert await occupancy(rig) is Occupancy.FREE


async def test_a_report_sent_again_under_new_protection_counts_once(rig: Rig) -> None:
    sensor = await rig.device()
    for _ in range(3):
        assert (await sensor.post("/dp", numbered(1, 1, True))).dotted == "2.04"
    assert await observations(rig) == 1
    assert (await rig.state()).version == 1


async def test_a_late_report_is_history_not_state(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.post("/dp", numbered(1, 5, True))
    await sensor.post("/dp", numbered(1, 4, False))
    assert await occupancy(rig) is Occupancy.OCCUPIED
    assert await observations(rig) == 2


async def test_without_numbers_oscore_orders(rig: Rig) -> None:
    sensor = await rig.device()
    sensor.boot = None
    for occupied in (True, False, True):
        assert (await sensor.report(occupied)).dotted == "2.04"
    assert await occupancy(rig) is Occupancy.OCCUPIED


async def test_a_device_that_numbers_its_reports_goes_on_doing_so(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.report(True)
    sensor.boot = None
    assert (await sensor.report(False)).dotted == "4.00"
    assert rig.refused("half_order") == 1


async def test_values_kept_back_travel_in_one_report(rig: Rig) -> None:
    sensor = await rig.device()
    now = rig.clock.now().timestamp()
    late = [Record("/3431/0/1", i % 2 == 0, now - 100 + 10 * i) for i in range(4)]
    assert (await sensor.send(*late)).dotted == "2.04"
    assert await observations(rig) == 4
    assert (await rig.state()).occupancy_since is not None
    assert await occupancy(rig) is Occupancy.FREE


async def repeated(rig: Rig) -> Device:
    """A sensor that said "occupied" twice, the second time without a write."""
    sensor = await rig.device()
    await sensor.report(True)
    await sensor.report(True)
    return sensor


async def test_a_report_that_changes_nothing_costs_no_write(rig: Rig) -> None:
    await repeated(rig)
    assert rig.gateway.counters()["reports_unchanged"] == 1
    before = await rig.state()
    await rig.gateway.flush()
    after = await rig.state()
    assert after.occupancy_sequence > before.occupancy_sequence
    assert after.version == before.version == 1
    assert await observations(rig) == 1


async def test_what_a_person_says_in_between_makes_a_repeated_report_a_change(rig: Rig) -> None:
    sensor = await repeated(rig)
    await database().execute("UPDATE space_state SET occupancy = 'FREE', source = 'PERSON'")
    await sensor.report(True)
    assert await occupancy(rig) is Occupancy.OCCUPIED


async def crossed_a_crash(rig: Rig) -> Occupancy:
    """Number 3 repeats number 1, the gateway dies, and then number 2 arrives, which differs."""
    sensor = await rig.device()
    await sensor.post("/dp", numbered(1, 1, True))
    await sensor.post("/dp", numbered(1, 3, True))
    other = await start(rig.clock, rig.bus)  # the first one is not asked to write anything
    rig.retired.append(other)
    socket = await rig.socket_to(other)
    sensor.client = rig.client(sensor.provisioned.secret, socket, MemorySequences(1000))
    assert (await sensor.post("/dp", numbered(1, 2, False))).dotted == "2.04"
    return await occupancy(rig)


async def test_after_a_crash_an_older_report_still_comes_late(rig: Rig) -> None:
    assert await crossed_a_crash(rig) is Occupancy.OCCUPIED


async def test_control_without_the_rule_of_the_next_number_it_would_win(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def repeats(self: Delivery) -> bool:
        return self.values == self.reporter.values

    monkeypatch.setattr(Delivery, "continues", repeats)
    assert await crossed_a_crash(rig) is Occupancy.FREE


async def test_a_device_that_was_moved_reports_for_its_new_space(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.report(True)
    await database().execute("UPDATE device SET space_id = $1", rig.estate.space_ids[2])
    await sensor.report(False)
    assert await occupancy(rig, 2) is Occupancy.FREE
    assert await occupancy(rig, 0) is Occupancy.OCCUPIED

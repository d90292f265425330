"""Bad input over a real socket: the right code, a count, a log line, and nobody else is hurt."""

import logging

import cbor2
import pytest

from coap_gateway.senml import SENML_CBOR, SENML_JSON, Record, encode
from coap_gateway.stack import Code
from parking.accounts.viewer import SYSTEM
from parking.devices.manage import revoke
from parking.devices.models import DeviceKind
from parking.devices.secrets import new_secret
from parking.occupancy.models import Occupancy
from tests.coap_gateway.rig import Rig

NOW = 1_767_600_000  # the test clock's start


def pack(*records: Record) -> bytes:
    return encode(records, SENML_CBOR)


BAD_REPORTS = [
    pytest.param(b"\xff\x00", "4.00", "undecodable", id="not CBOR"),
    pytest.param(b"", "4.00", "undecodable", id="empty"),
    pytest.param(cbor2.dumps({"a": 1}), "4.00", "undecodable", id="not a pack"),
    pytest.param(pack(*[Record("/4/0/2", 1)] * 65), "4.00", "undecodable", id="65 records"),
    pytest.param(pack(Record("/3431/0/1", 1)), "4.00", "wrong_type", id="wrong type"),
    pytest.param(pack(Record("/3411/0/1", 900)), "4.00", "bad_value", id="out of range"),
    pytest.param(pack(Record("3431/0/1", True)), "4.00", "bad_path", id="not a path"),
    pytest.param(pack(Record("/9999/0/1", 1)), "4.04", "unknown_resource", id="unknown object"),
    pytest.param(pack(Record("/3431/0/9", 1)), "4.04", "unknown_resource", id="unknown resource"),
    pytest.param(pack(Record("/3431/0/1", True, NOW + 999)), "4.00", "future_time", id="future"),
    pytest.param(pack(Record("/3431/0/1", True, 946_684_800)), "4.00", "time_too_old", id="past"),
    pytest.param(pack(Record("/3/0/26241", 1)), "4.00", "half_order", id="boot alone"),
]


@pytest.mark.parametrize(("payload", "code", "reason"), BAD_REPORTS)
async def test_a_bad_report_is_refused_and_counted(
    rig: Rig, payload: bytes, code: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    sensor, other = await rig.device(), await rig.device(space=1)
    reply = await sensor.post("/dp", payload)
    assert (reply.dotted, rig.refused(reason)) == (code, 1)
    assert reply.payload
    assert len(reply.payload) <= 64
    assert reason in caplog.text
    assert (await rig.state()).occupancy is Occupancy.UNKNOWN
    assert (await other.report(True)).dotted == "2.04"


async def test_bad_reports_do_not_flood_the_log(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    sensor = await rig.device()
    for _ in range(20):
        await sensor.post("/dp", b"\xff")
    lines = [r for r in caplog.records if r.name == "coap_gateway.refusals"]
    assert (rig.refused("undecodable"), len(lines)) == (20, 1)
    assert lines[0].exc_info is None
    assert lines[0].levelno == logging.WARNING


async def test_another_content_format_is_4_15(rig: Rig) -> None:
    sensor = await rig.device()
    for content_format in (0, 50, 60, None):
        reply = await sensor.post("/dp", b"{}", content_format=content_format)
        assert reply.dotted == "4.15"
    assert rig.refused("bad_format") == 4


async def test_a_body_over_2_kb_is_4_13_with_the_size_that_fits(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    sensor = await rig.device()
    reply = await sensor.post("/dp", b"x" * 2049)
    assert (reply.dotted, reply.size1) == ("4.13", 2048)
    assert rig.gateway.counters()["rejected"]["4.13"] == 1
    assert "4.13 EntityTooLarge" in caplog.text


async def test_a_body_of_2_kb_arrives_in_blocks(rig: Rig) -> None:
    sensor = await rig.device()
    filler = [Record(f"/3/0/{26260 + i}", "x" * 30) for i in range(40)]
    payload = pack(Record("/3431/0/1", True), *filler)
    assert 1500 < len(payload) <= 2048
    assert (await sensor.post("/dp", payload)).dotted == "2.04"
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED


async def test_without_a_credential_reports_are_4_01(rig: Rig) -> None:
    reply = await rig.client(None).request(Code.POST, "/dp", b"", content_format=SENML_CBOR)
    assert reply.dotted == "4.01"
    reply = await rig.client(None).request(Code.GET, "/time")
    assert reply.dotted == "4.01"


async def test_a_credential_nobody_provisioned_is_4_01(rig: Rig) -> None:
    reply = await rig.client(new_secret()).request(Code.POST, "/dp", b"", content_format=112)
    assert (reply.dotted, reply.protected) == ("4.01", False)
    assert rig.gateway.server.counters.unknown_context == 1


async def test_a_revoked_credential_is_4_01_at_once(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.report(True)
    await revoke(SYSTEM, sensor.provisioned.device_id, rig.clock, rig.bus)
    assert (await sensor.report(False)).dotted == "4.01"
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED


async def test_a_reader_does_not_report_occupancy(rig: Rig) -> None:
    reader = await rig.device(DeviceKind.READER)
    assert (await reader.report(True)).dotted == "2.04"
    assert rig.refused("not_its_business") == 1
    assert (await rig.state()).occupancy is Occupancy.UNKNOWN


@pytest.mark.parametrize("path", ["/x"])
async def test_what_is_not_there_is_4_04(rig: Rig, path: str) -> None:
    sensor = await rig.device()
    assert (await sensor.client.request(Code.GET, path)).dotted == "4.04"


async def test_a_refused_report_is_still_a_sign_of_life(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.post("/dp", pack(Record("/3431/0/1", True, NOW + 3600)))
    await rig.gateway.flush()
    [health] = await rig.health(sensor)
    assert (health.last_seen_at, health.clock_offset_seconds) == (rig.clock.now(), 3600)


async def test_json_works_like_cbor(rig: Rig) -> None:
    sensor = await rig.device()
    payload = b'[{"bn":"/3431/0/","n":"1","vb":true}]'
    assert (await sensor.post("/dp", payload, content_format=SENML_JSON)).dotted == "2.04"
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED

"""`/rd`, `/rd/{id}`, `/time` and discovery over a real socket."""

from datetime import timedelta

import cbor2
import pytest

from coap_gateway.link_format import LinkFormatError, parse_targets
from coap_gateway.senml import Record
from coap_gateway.stack import Code, Reply
from parking.devices.registration import registered_objects
from parking.storage.sql import database
from tests.coap_gateway.rig import Device, Rig

OBJECTS = b'</>;rt="oma.lwm2m";ct="110 112",</1/0>,</3/0>,</3431/0>;ver=1.1,</3303/0>'


async def register(device: Device, *query: str, payload: bytes = OBJECTS) -> Reply:
    wanted = query or (f"ep={device.provisioned.endpoint}", "lt=3600", "lwm2m=1.1", "b=U")
    return await device.post("/rd", payload, content_format=40, query=wanted)


async def test_registering_gives_a_location_without_slashes(rig: Rig) -> None:
    reply = await register(await rig.device())
    assert reply.dotted == "2.01"
    assert reply.location_path[0] == "rd"
    assert len(reply.location_path) == 2
    row = await database().fetch_one("SELECT lifetime_seconds, version, objects FROM registration")
    assert row == {"lifetime_seconds": 3600, "version": "1.1", "objects": OBJECTS.decode()}


async def test_a_missing_content_format_is_link_format(rig: Rig) -> None:
    sensor = await rig.device()
    query = (f"ep={sensor.provisioned.endpoint}",)
    assert (await sensor.post("/rd", OBJECTS, content_format=None, query=query)).dotted == "2.01"
    assert (await sensor.post("/rd", OBJECTS, content_format=0, query=query)).dotted == "4.15"


async def test_registering_again_replaces_the_registration(rig: Rig) -> None:
    sensor = await rig.device()
    first, second = await register(sensor), await register(sensor)
    assert first.location_path != second.location_path
    gone = await sensor.client.request(Code.POST, "/".join(first.location_path))
    assert gone.dotted == "4.04"


BAD = [
    (("ep=somebody-else", "lwm2m=1.1"), b"", "4.03", "foreign_endpoint"),
    (("lwm2m=1.0",), b"", "4.00", "bad_registration"),
    (("ep=", "lwm2m=1.1"), b"", "4.00", "bad_registration"),
    (("ep=sensor-1", "lt=0"), b"", "4.00", "bad_registration"),
    (("ep=sensor-1", "lt=99999999999"), b"", "4.00", "bad_registration"),
    (("ep=sensor-1", "lt=soon"), b"", "4.00", "bad_registration"),
    (("ep=sensor-1", "lwm2m=9.9"), b"", "4.00", "bad_registration"),
    (("ep=sensor-1", "b=X"), b"", "4.00", "bad_registration"),
    (("ep=sensor-1",), b"<3431", "4.00", "bad_registration"),
    (("ep=sensor-1",), b"\xff\xfe", "4.00", "bad_registration"),
]


@pytest.mark.parametrize(("query", "payload", "code", "reason"), BAD)
async def test_bad_registrations(
    rig: Rig, query: tuple[str, ...], payload: bytes, code: str, reason: str
) -> None:
    reply = await register(await rig.device(), *query, payload=payload)
    assert (reply.dotted, rig.refused(reason)) == (code, 1)
    assert await database().fetch("SELECT 1 FROM registration") == []


async def test_from_lwm2m_1_1_on_the_credential_is_name_enough(rig: Rig) -> None:
    assert (await register(await rig.device(), "lwm2m=1.1")).dotted == "2.01"


async def test_an_update_extends_the_registration(rig: Rig) -> None:
    sensor = await rig.device()
    location = "/".join((await register(sensor)).location_path)
    rig.clock.advance(hours=0.5)
    reply = await sensor.client.request(Code.POST, location, query=("lt=7200",))
    assert reply.dotted == "2.04"
    rig.clock.advance(hours=1.9)
    assert (await sensor.client.request(Code.POST, location)).dotted == "2.04"
    rig.clock.advance(hours=2.1)
    assert (await sensor.client.request(Code.POST, location)).dotted == "4.04"


async def test_a_registration_is_its_owners_only(rig: Rig) -> None:
    sensor, stranger = await rig.device(), await rig.device(space=1)
    location = "/".join((await register(sensor)).location_path)
    assert (await stranger.client.request(Code.POST, location)).dotted == "4.04"
    assert (await stranger.client.request(Code.DELETE, location)).dotted == "4.04"
    assert (await sensor.client.request(Code.DELETE, location)).dotted == "2.02"
    assert (await sensor.client.request(Code.DELETE, location)).dotted == "4.04"
    assert rig.refused("unknown_registration") == 3


async def test_an_object_that_was_registered_may_be_sent(rig: Rig) -> None:
    sensor = await rig.device()
    assert (await sensor.send(Record("/3303/0/5700", 21.5))).dotted == "4.04"
    await register(sensor)
    assert (await sensor.send(Record("/3303/0/5700", 21.5))).dotted == "2.04"
    assert rig.refused("ignored_record") == 1


async def test_registering_is_a_sign_of_life(rig: Rig) -> None:
    sensor = await rig.device()
    rig.clock.advance(hours=1)
    await register(sensor)
    await rig.gateway.flush()
    [health] = await rig.health(sensor)
    assert health.last_seen_at == rig.clock.now()


async def test_time_is_epoch_seconds_under_tag_1(rig: Rig) -> None:
    sensor = await rig.device()
    reply = await sensor.client.request(Code.GET, "/time", accept=60)
    assert (reply.dotted, reply.content_format, reply.max_age) == ("2.05", 60, 0)
    assert reply.payload == bytes.fromhex("c11a695b6f80")
    assert cbor2.loads(reply.payload) - rig.clock.now() == timedelta(0)


async def test_discovery_names_the_resources(rig: Rig) -> None:
    reply = await rig.client(None).request(Code.GET, "/.well-known/core")
    assert reply.dotted == "2.05"
    assert len(reply.payload) <= 136
    assert parse_targets(reply.payload) == ["/rd", "/dp", "/time"]


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("", []),
        ("</3/0>", ["/3/0"]),
        ('</>;rt="oma.lwm2m";ct=110, </3>;ver=1.1', ["/", "/3"]),
        ('</a>;title="a, \\"b\\"; c",</b>;obs', ["/a", "/b"]),
    ],
)
def test_link_format_is_read(text: str, targets: list[str]) -> None:
    assert parse_targets(text.encode()) == targets


@pytest.mark.parametrize("text", ["3/0", "</3/0", "</3/0>,", "</3/0> </4/0>", "</3>;=", '</3>;a="'])
def test_what_is_not_link_format_is_refused(text: str) -> None:
    with pytest.raises(LinkFormatError):
        parse_targets(text.encode())


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("</>;ct=110,</3/0>,</3431>;ver=1.1,</3303/1>", {3, 3431, 3303}),
        ("</lwm2m>;rt=x,</lwm2m/3/0>,</lwm2m/5/>", {3, 5}),
        ("", set()),
    ],
)
def test_object_ids_of_a_registration(text: str, objects: set[int]) -> None:
    assert registered_objects(text) == objects

"""Subscriptions: a state, then every change after it, in order, with versions that prove it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from parking.devices.health import publish_health, read_health
from parking.occupancy.change import place_topic
from parking.storage.sql import database
from schema.context import Asker, context_factory
from schema.execution import Gap, Only
from schema.sources import area_source, place_source
from schema.streams import PlaceStream
from tests.schema.town import Town

PLACE = """subscription ($id: ID!, $after: Version) { placeOccupancy(placeId: $id, after: $after) {
  ... on PlaceOccupancyUpdate { kind placeId version previousVersion state counts { occupied free:
  available } spaces { spaceId number status occupancy source space { number } } } } }"""
SPACES = """subscription ($ids: [ID!]!) { spaceStatus(spaceIds: $ids) { __typename
  ... on SpaceStatusUpdate { kind spaces { number status } } ... on Refusal { code } } }"""
AREA = """subscription ($bbox: BoundingBoxInput!) { areaOccupancy(bbox: $bbox) {
  ... on AreaOccupancyUpdate { kind places { placeId version counts { occupied } } }
  ... on InvalidInput { field } } }"""
HEALTH = """subscription ($id: ID!) { deviceHealth(placeId: $id) {
  ... on DeviceHealthUpdate { kind devices { deviceId batteryPercent isStale } } } }"""
AROUND = {"south": 48, "west": 9, "north": 49, "east": 10}


async def value(results: AsyncIterator[Any]) -> dict[str, Any]:
    """The next value of the only root field."""
    result = await anext(results)
    assert result.errors is None, result.errors
    told: dict[str, Any] = next(iter(result.data.values()))
    return told


async def test_a_place_begins_with_its_state_and_goes_on_with_deltas(town: Town) -> None:
    results = await town.subscribe("anonymous", PLACE, id=town.ids["garage"])
    state = await value(results)
    assert (state["kind"], state["version"], state["previousVersion"]) == ("SNAPSHOT", 0, None)
    assert [space["number"] for space in state["spaces"]] == ["A-01", "A-02", "A-03"]
    await town.report("garage-2", "OCCUPIED", 1)
    delta = await value(results)
    assert (delta["kind"], delta["version"], delta["previousVersion"]) == ("DELTA", 1, 0)
    assert delta["counts"] == {"occupied": 1, "free": 0}
    (space,) = delta["spaces"]
    assert (space["number"], space["status"], space["source"]) == ("A-02", "OCCUPIED", "DEVICE")
    assert space["space"] == {"number": "A-02"}


async def test_after_a_version_come_the_deltas_since(town: Town) -> None:
    for sequence, state in enumerate(("OCCUPIED", "FREE", "OCCUPIED"), start=1):
        await town.report("garage-1", state, sequence)
    delta = await value(await town.subscribe("driver", PLACE, id=town.ids["garage"], after=1))
    assert (delta["kind"], delta["previousVersion"], delta["version"]) == ("DELTA", 1, 3)
    assert [space["occupancy"] for space in delta["spaces"]] == ["OCCUPIED"]


async def test_after_the_newest_version_comes_an_empty_delta(town: Town) -> None:
    await town.report("garage-1", "OCCUPIED", 1)
    delta = await value(await town.subscribe("driver", PLACE, id=town.ids["garage"], after=1))
    assert (delta["kind"], delta["previousVersion"], delta["version"]) == ("DELTA", 1, 1)
    assert delta["spaces"] == []


@pytest.mark.parametrize("after", [7, 2**53 - 1])
async def test_after_a_version_that_never_was_comes_the_whole_state(town: Town, after: int) -> None:
    await town.report("garage-1", "OCCUPIED", 1)
    state = await value(await town.subscribe("driver", PLACE, id=town.ids["garage"], after=after))
    assert (state["kind"], state["version"]) == ("SNAPSHOT", 1)


async def test_what_the_bus_lost_is_told_by_a_new_state(town: Town) -> None:
    results = await town.subscribe("driver", PLACE, id=town.ids["garage"])
    await value(results)
    town.bus.lose()
    state = await value(results)
    assert (state["kind"], state["version"]) == ("SNAPSHOT", 0)


async def test_new_spaces_are_told_by_a_new_state(town: Town) -> None:
    results = await town.subscribe("driver", PLACE, id=town.ids["garage"])
    await value(results)
    made = f'createSpaces(placeId: "{town.ids["garage"]}", spaces: [{{number: "B-1"}}]'
    await town.ask("operator", f'mutation {{ {made}, idempotencyKey: "k") {{ __typename }} }}')
    state = await value(results)
    assert state["kind"] == "SNAPSHOT"
    assert [space["number"] for space in state["spaces"]][-1] == "B-1"


async def test_a_place_that_becomes_private_ends_its_public_subscriptions(town: Town) -> None:
    """I11: who may see is asked again whenever the place itself changed."""
    streams = {
        who: await town.subscribe(who, PLACE, id=town.ids["garage"])
        for who in ("driver", "attendant")
    }
    for results in streams.values():
        await value(results)
    await hide(town)
    assert (await value(streams["attendant"]))["kind"] == "SNAPSHOT"
    with pytest.raises(StopAsyncIteration):
        await anext(streams["driver"])


async def test_single_spaces_hear_of_themselves_only(town: Town) -> None:
    results = await town.subscribe("driver", SPACES, ids=[town.ids["garage-3"]])
    assert (await value(results))["spaces"] == [{"number": "A-03", "status": "UNKNOWN"}]
    await town.report("garage-1", "OCCUPIED", 1)
    await town.report("garage-3", "FREE", 2)
    delta = await value(results)
    assert delta["kind"] == "DELTA"
    assert delta["spaces"] == [{"number": "A-03", "status": "AVAILABLE"}]


@pytest.mark.parametrize(("count", "code"), [(101, "INVALID_INPUT"), (0, "NOT_FOUND")])
async def test_too_many_spaces_or_none_are_refused(town: Town, count: int, code: str) -> None:
    ids = [f"id-{number}" for number in range(count)]
    assert (await value(await town.subscribe("driver", SPACES, ids=ids)))["code"] == code


async def test_an_area_tells_which_place_changed(town: Town) -> None:
    results = await town.subscribe("attendant", AREA, bbox=AROUND)
    assert len((await value(results))["places"]) == 2
    await town.report("garage-1", "OCCUPIED", 1)
    delta = await value(results)
    assert delta == {
        "kind": "DELTA",
        "places": [{"placeId": town.ids["garage"], "version": 1, "counts": {"occupied": 1}}],
    }


async def hide(town: Town) -> None:
    """Make the garage private."""
    hidden = f'updatePlace(input: {{placeId: "{town.ids["garage"]}", isPublic: false}}'
    await town.ask("operator", f'mutation {{ {hidden}, idempotencyKey: "k") {{ __typename }} }}')


async def test_an_area_tells_nothing_more_of_a_place_that_becomes_private(town: Town) -> None:
    """I11: neither the new state nor a later delta."""
    context = context_factory(town.services)(Asker(town.viewers["driver"]), "shared")
    stream = await area_source({"bbox": AROUND}, context)
    assert not isinstance(stream, Only)
    feed = stream.feed()
    await hide(town)
    await town.report("garage-1", "OCCUPIED", 1)
    town.bus.lose()
    assert [await anext(feed), await anext(feed)] == [Gap.GAP, Gap.GAP]
    assert (await stream.snapshot(None))[0].value.places == []
    await stream.close()


async def test_spaces_of_a_place_that_becomes_private_are_told_of_no_more(town: Town) -> None:
    results = await town.subscribe("driver", SPACES, ids=[town.ids["garage-1"]])
    await value(results)
    await hide(town)
    await town.report("garage-1", "OCCUPIED", 1)
    with pytest.raises(StopAsyncIteration):
        await anext(results)


async def test_an_area_without_places_is_empty_and_one_inside_out_is_refused(town: Town) -> None:
    nowhere = {"south": 0, "west": 0, "north": 1, "east": 1}
    assert (await value(await town.subscribe("driver", AREA, bbox=nowhere)))["places"] == []
    inside_out = AROUND | {"south": 50}
    got = await value(await town.subscribe("driver", AREA, bbox=inside_out))
    assert got == {"field": "bbox"}


async def test_device_health_is_told_as_it_is_published(town: Town) -> None:
    results = await town.subscribe("operator", HEALTH, id=town.ids["garage"])
    device = {"deviceId": town.ids["garage-device"], "batteryPercent": None, "isStale": False}
    assert (await value(results))["devices"] == [device]
    await database().execute("UPDATE device_health SET battery_percent = 40")
    snapshots = await read_health(database(), [town.keys["garage-device"]])
    await publish_health(town.bus, snapshots, town.clock.now())
    assert (await value(results))["devices"] == [device | {"batteryPercent": 40}]


async def open_place(town: Town) -> PlaceStream:
    """The shared source of the garage, as the transports open it."""
    context = context_factory(town.services)(Asker(town.viewers["driver"]), "shared")
    stream = await place_source({"placeId": town.ids["garage"]}, context)
    assert isinstance(stream, PlaceStream)
    return stream


async def test_merged_deltas_do_what_the_deltas_do(town: Town) -> None:
    stream = await open_place(town)
    for sequence, (space, state) in enumerate(
        [("garage-1", "OCCUPIED"), ("garage-2", "FREE"), ("garage-1", "FREE")], start=1
    ):
        await town.report(space, state, sequence)
    feed = stream.feed()
    events = [await anext(feed) for _ in range(3)]
    assert not any(isinstance(event, Gap) for event in events)
    merged = stream.merge(events)  # type: ignore[arg-type]
    assert (merged.previous_version, merged.version) == (0, 3)
    assert {s.number: s.occupancy for s in merged.value.spaces} == {"A-01": "FREE", "A-02": "FREE"}
    assert await stream.position() == 3
    await stream.close()


async def test_a_closed_stream_leaves_the_bus(town: Town) -> None:
    stream = await open_place(town)
    topic = place_topic(town.keys["garage"])
    assert town.bus.listeners(topic) == 1
    await stream.close()
    assert town.bus.listeners(topic) == 0


async def test_a_source_for_nobody_gives_only_the_refusal(town: Town) -> None:
    context = context_factory(town.services)(Asker(town.viewers["anonymous"]), "shared")
    refused = await place_source({"placeId": town.ids["yard"]}, context)
    assert isinstance(refused, Only)

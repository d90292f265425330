"""Many processes: what a device tells one gateway reaches subscribers of every API."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from coap_gateway.stack import Code
from tests.support.running import Running, berth_json, running, wait_until
from tests.support.sensors import report, secret_of

FOLLOW = (
    "subscription ($id: ID!) { placeOccupancy(placeId: $id)"
    " { ... on PlaceOccupancyUpdate { kind version spaces { number occupancy } } } }"
)
API_URL = r"the API answers on (\S+)"
GATEWAY_PORT = r"answers on coap://127.0.0.1:(\d+)"


@contextmanager
def started(*names: str, **settings: Any) -> Iterator[list[Running]]:
    """So many commands that go on meanwhile."""
    if not names:
        yield []
        return
    with running(names[0], **settings) as first, started(*names[1:], **settings) as rest:
        yield [first, *rest]


def follow(client: httpx.Client, url: str, place: str) -> Iterator[Any]:
    """The events of a place from one API."""
    body = {"query": FOLLOW, "variables": {"id": place}}
    headers = {"accept": "text/event-stream"}
    with client.stream("POST", f"{url}/graphql", json=body, headers=headers) as response:
        for line in response.iter_lines():
            if line.startswith("data: {"):
                yield json.loads(line.removeprefix("data: "))["data"]["placeOccupancy"]


def place_id(url: str, name: str) -> str:
    query = {"query": "{ places { nodes { id name } } }"}
    nodes = httpx.post(f"{url}/graphql", json=query).json()["data"]["places"]["nodes"]
    return str(next(node["id"] for node in nodes if node["name"] == name))


def next_state(events: Iterator[Any], number: str) -> str:
    """What the next event that names the space says of it."""
    for event in events:
        for space in event["spaces"]:
            if space["number"] == number:
                return str(space["occupancy"])
    raise AssertionError("the stream ended")


async def change_is_seen(apis: list[str], gateway: int, settings: dict[str, Any]) -> None:
    """A sensor's change reaches a subscriber of each API."""
    secret, number = secret_of(settings["DATA_DIR"], "ufer-b03"), "B03"
    with httpx.Client(timeout=20) as client:
        place = place_id(apis[0], "Parkplatz Uferstraße")
        streams = [follow(client, url, place) for url in apis]
        before = {next_state(stream, number) for stream in streams}
        was_occupied = before == {"OCCUPIED"}
        assert await report(gateway, secret, 1, not was_occupied) == Code.CHANGED
        expected = "FREE" if was_occupied else "OCCUPIED"
        for stream in streams:
            # A subscription that begins on Redis may be told the present state twice.
            while next_state(stream, number) != expected:
                continue
        for stream in streams:
            stream.close()  # type: ignore[attr-defined]


def has_bus(url: str) -> bool:
    """Whether an API says that Redis answers."""
    return bool(httpx.get(f"{url}/readyz").json()["checks"]["bus"]["ok"])


def end_all(programs: list[Running]) -> None:
    """All end cleanly."""
    for program in programs:
        assert program.end() == 0, program.told
        assert "Traceback" not in program.told, program.told


async def test_two_apis_hear_of_a_gateways_report_through_redis(
    postgres_seeded: dict[str, Any], redis_url: str
) -> None:
    settings = {**postgres_seeded, "REDIS_URL": redis_url}
    with started("serve", "serve", "gateway", "worker", **settings) as programs:
        apis = [program.wait_for(API_URL) for program in programs[:2]]
        port = int(programs[2].wait_for(GATEWAY_PORT))
        programs[3].wait_for("running: worker")
        await change_is_seen(apis, port, settings)
        for url in apis:
            assert has_bus(url)
        end_all(programs)


async def test_without_redis_an_api_finds_the_change_in_the_database(
    sqlite_seeded: dict[str, Any],
) -> None:
    with started("serve", "gateway", **sqlite_seeded) as programs:
        url, port = programs[0].wait_for(API_URL), int(programs[1].wait_for(GATEWAY_PORT))
        await change_is_seen([url], port, sqlite_seeded)
        end_all(programs)


def test_production_shows_no_schema_and_no_inbox(sqlite_seeded: dict[str, Any]) -> None:
    with running("serve", **sqlite_seeded) as program:
        url = program.wait_for(API_URL)
        query = {"query": "{ __schema { queryType { name } } }"}
        assert "errors" in httpx.post(f"{url}/graphql", json=query).json()
        assert httpx.get(f"{url}/dev/inbox").status_code == 404


def test_a_silent_device_is_noticed_by_the_worker(sqlite_seeded: dict[str, Any]) -> None:
    berth_json("device", "revoke", "hof-a02", **sqlite_seeded)
    with running("worker", **sqlite_seeded) as program:
        program.wait_for("running: worker")

        def unknown() -> bool:
            places = berth_json("place", "list", **sqlite_seeded)
            return any(place["unknown"] == 1 for place in places)

        wait_until(unknown, "the space of the revoked sensor becomes UNKNOWN")
        assert program.end() == 0


def test_a_process_without_api_answers_probes_where_asked(
    sqlite_settings: dict[str, Any],
) -> None:
    with running("worker", "--probe-port", "0", **sqlite_settings) as program:
        port = program.wait_for(r"probes are answered on port (\d+)")
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").json()["ready"] is True
        assert "berth_job_runs_total" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert program.end() == 0

"""200,000 spaces in 1,000 places against 2,000 in 10: what a query and a report cost."""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from bench.application import SECRET
from bench.asking import Asking
from bench.coap_load import blast
from bench.databases import database
from bench.estates import SOUTH, STEP_DEGREES, WEST, Estate, build, provision
from bench.machine import latencies, middle
from bench.processes import Obedient
from bench.reports import introduce, material, prepare
from bench.runs import Run
from schema.ids import global_id

SMALL, LARGE = Estate(10, 200), Estate(1_000, 200)
DEVICES_A_PLACE, DEVICE_PLACES = 50, 10
CONNECTIONS = 8
PORTS, WINDOW = 16, 32
REPORTS_A_TURN = 4_000
PLACE = """query Place($id: ID!) {
  place(id: $id) {
    name version
    spaces(first: 200) { nodes {
      id number status occupancy { value observedAt } service claim lock { state }
    } }
  }
}"""
"""With `observedAt`, which moves without a new version, so that no answer is kept."""
AREA = """query Area($box: BoundingBoxInput!) {
  places(bbox: $box, first: 50) { nodes {
    id name version state counts { available occupied }
  } }
}"""


def box() -> dict[str, float]:
    """Holds the first row of places: ten, however many there are."""
    half = STEP_DEGREES / 2
    return {
        "south": SOUTH - half,
        "north": SOUTH + half,
        "west": WEST - half,
        "east": WEST + 9 * STEP_DEGREES + half,
    }


def asking_costs(
    server: Obedient, bodies: Sequence[dict[str, Any]], marks: tuple[bytes, int], seconds: float
) -> dict[str, float]:
    """What one answer costs the server's core, and the client in time."""
    asking = Asking(server.port, bodies, CONNECTIONS, marks=marks)
    asking.run(seconds / 4)
    before, began = server.tell("stat"), time.perf_counter()
    heard = asking.run(seconds)
    taken, after = time.perf_counter() - began, server.tell("stat")
    asking.close()
    cpu = after["cpu"] - before["cpu"]
    return {
        "ms_each": 1_000 * taken / heard.answers,
        "cpu_ms_each": 1_000 * cpu / heard.answers,
        **latencies(heard.waits),
    }


def reporting_costs(server: Obedient, secrets: Sequence[dict[str, str]], first: int) -> Any:
    """What one durable report costs; each changes the state of a space."""
    contexts = [material(secret) for secret in secrets]
    coap = int(server.ready["coap_port"])
    if first == 0:
        asyncio.run(introduce(coap, contexts))
    prepared = prepare(contexts, "changes", first + REPORTS_A_TURN, PORTS)[first:]
    before = server.tell("stat")
    told = blast(("127.0.0.1", coap), prepared, PORTS, WINDOW)
    after = server.tell("stat")
    assert told["wrong"] == told["lost"] == 0, told
    cpu = after["cpu"] - before["cpu"]
    return {
        "ms_each": 1_000 / told["per_second"],
        "cpu_ms_each": 1_000 * cpu / told["answered"],
        "p50_ms": told["p50_ms"],
        "p99_ms": told["p99_ms"],
    }


def turn(server: Obedient, estate: Estate, secrets: Any, number: int, run: Run) -> dict[str, Any]:
    """All three costs at one size."""
    ids = [global_id("Place", place) for place in range(1, estate.places + 1)]
    places = [{"query": PLACE, "variables": {"id": each}} for each in ids]
    area = [{"query": AREA, "variables": {"box": box()}}]
    return {
        "place_query": asking_costs(server, places, (b'"number"', 200), run.seconds),
        "bbox_query": asking_costs(server, area, (b'"version"', 10), run.seconds),
        "report": reporting_costs(server, secrets, (number - 1) * REPORTS_A_TURN),
    }


def sizes(kind: str, run: Run) -> dict[str, list[dict[str, Any]]]:
    """Both sizes in turn, each with a server of its own."""
    found: dict[str, list[dict[str, Any]]] = {"small": [], "large": []}
    with ExitStack() as stack:
        servers = {}
        for name, estate in (("small", SMALL), ("large", LARGE)):
            run.say(f"scale, {kind}: {estate.places * estate.spaces_each:,} spaces are made")
            url = stack.enter_context(database(kind))
            run.wait(build(url, estate))
            step = estate.places // DEVICE_PLACES
            places = range(step, estate.places + 1, step)
            spaces = [s for place in places for s in estate.spaces_of(place)[:DEVICES_A_PLACE]]
            secrets = run.wait(provision(url, SECRET, estate, spaces))
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            server = stack.enter_context(Obedient("application", url=url, folder=folder))
            servers[name] = (server, estate, secrets)
        for number in run.turns(f"scale, {kind}"):
            for name, (server, estate, secrets) in servers.items():
                found[name].append(turn(server, estate, secrets, number, run))
    return found


def measure(run: Run) -> dict[str, Any]:
    """On both databases."""
    found: dict[str, Any] = {}
    for kind in ("sqlite", "postgres"):
        turns = sizes(kind, run)
        small, large = middle(turns["small"]), middle(turns["large"])
        times = {name: large[name]["ms_each"] / small[name]["ms_each"] for name in small}
        found[kind] = {"small": small, "large": large, "times": times}
    return found


def targets(found: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """What the issue asks."""
    for kind, each in found.items():
        for name, times in each["times"].items():
            yield f"{kind}: {name.replace('_', ' ')} at 200,000 over 2,000", times, "<=", 1.5

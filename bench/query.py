"""The 200-space place query over HTTP, beside plain Strawberry and ready bytes of the same size.

The whole program runs in one process on one core, on SQLite. While the place changes ten times a
second the changes are reports of devices over OSCORE, and each answer is compared with what was
acknowledged before it was asked for.
"""

import asyncio
import json
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.application import SECRET
from bench.asking import Asking
from bench.databases import database
from bench.estates import Estate, build, provision
from bench.machine import latencies, middle
from bench.processes import Obedient
from bench.reporting import Reporter, make_ready, reports_needed
from bench.runs import Run, share
from schema.ids import global_id

SPACES, PLACES = 200, 100
CONNECTIONS = 32
CHANGE_SECONDS = 0.1
DEVICES = 20
WARM_SECONDS = 0.5
MARKS = (b'"number"', SPACES)
QUERY = """query Place($id: ID!) {
  place(id: $id) {
    name version
    spaces(first: 200) { nodes {
      id number status occupancy { value since source } service claim lock { state }
    } }
  }
}"""


def asked(place_id: int) -> dict[str, Any]:
    """The query's body."""
    return {"query": QUERY, "variables": {"id": global_id("Place", place_id)}}


def load(asking: Asking, seconds: float) -> dict[str, float]:
    """Answers a second and what a request waits, when all is warm."""
    asking.run(WARM_SECONDS)
    began = time.perf_counter()
    heard = asking.run(seconds)
    taken = time.perf_counter() - began
    return {
        "answers_a_second": heard.answers / taken,
        **latencies(heard.waits),
        "bytes": heard.bytes / max(1, heard.answers),
        "stale": heard.stale,
    }


def measured(server: Obedient, asking: Asking, seconds: float) -> dict[str, float]:
    """The same, with what the server's core did and its memory."""
    before = server.tell("collect")
    found = load(asking, seconds)
    after = server.tell("stat")
    cpu, taken = after["cpu"] - before["cpu"], after["at"] - before["at"]
    return {**found, "cpu": cpu / taken, "rss_mib": after["rss"] / 2**20}


def still(program: Obedient, place_id: int, seconds: float) -> dict[str, float]:
    """Nothing changes."""
    asking = Asking(program.port, [asked(place_id)], CONNECTIONS, marks=MARKS)
    found = measured(program, asking, seconds)
    asking.close()
    return found


def changing(
    program: Obedient, place_id: int, secrets: list[dict[str, str]], seconds: float
) -> dict[str, float]:
    """Ten reports a second; every answer has to know all that were acknowledged before."""
    count = reports_needed(seconds + WARM_SECONDS, CHANGE_SECONDS)
    coap = int(program.ready["coap_port"])
    prepared = asyncio.run(make_ready(coap, secrets, count))
    version = _version(program, place_id)
    reporter = Reporter(coap, prepared, CHANGE_SECONDS, time.perf_counter())
    given: dict[str, Any] = {"marks": MARKS, "reporter": reporter, "version": version}
    asking = Asking(program.port, [asked(place_id)], CONNECTIONS, **given)
    found = measured(program, asking, seconds)
    asking.close()
    reporter.finish()
    assert found["stale"] == 0, f"{found['stale']} answers were older than an acknowledged change"
    assert _version(program, place_id) == version + reporter.sent, "each report is one version"
    return {**found, "changes": reporter.sent}


def _version(program: Obedient, place_id: int) -> int:
    url = f"http://127.0.0.1:{program.port}/graphql"
    body = json.dumps(asked(place_id)).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(json.load(answer)["data"]["place"]["version"])


@contextmanager
def program(url: str) -> Iterator[Obedient]:
    """The whole program in one process."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Obedient("application", url=url, folder=folder) as running,
    ):
        yield running


def turn(url: str, place_id: int, secrets: list[dict[str, str]], run: Run) -> dict[str, Any]:
    """Berth, still and changing; then plain Strawberry; then ready bytes."""
    with program(url) as running:
        found: dict[str, Any] = {"still": still(running, place_id, run.seconds)}
        found["changing"] = changing(running, place_id, secrets, run.seconds)
    with Obedient("plain") as plain:
        asking = Asking(plain.port, [asked(place_id)], CONNECTIONS, marks=MARKS)
        found["plain"] = load(asking, run.seconds)
        asking.close()
    with Obedient("graphql_serve", "ready", bytes=int(found["still"]["bytes"])) as server:
        asking = Asking(server.port, [asked(place_id)], CONNECTIONS)
        found["ready"] = load(asking, run.seconds)
        asking.close()
    for name in ("still", "changing"):
        times = share(found[name], found["plain"], "answers_a_second")
        found[f"{name}_times_plain"] = times
    found["still_share_of_ready"] = share(found["still"], found["ready"], "answers_a_second")
    return found


def measure(run: Run) -> dict[str, Any]:
    """All turns; each has a place of its own, with devices."""
    turns = []
    with database("sqlite") as url:
        estate = Estate(PLACES, SPACES)
        run.wait(build(url, estate))
        for number in run.turns("place query"):
            spaces = estate.spaces_of(number)[:DEVICES]
            secrets = run.wait(provision(url, SECRET, estate, spaces))
            turns.append(turn(url, number, secrets, run))
    return middle(turns)


def targets(found: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """What the issue asks."""
    yield "unchanged: times plain Strawberry", found["still_times_plain"], ">=", 30
    yield "changing 10 times a second: times plain", found["changing_times_plain"], ">=", 5
    yield "answers older than an acknowledged change", found["changing"]["stale"], "<=", 0

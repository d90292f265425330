"""From the bay to the subscriber: reports over OSCORE at 300 a second, all in one process."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from bench.application import SECRET
from bench.databases import database
from bench.estates import Estate, build, provision
from bench.fanout import live
from bench.machine import latencies, middle
from bench.processes import Obedient
from bench.query import program
from bench.reporting import Reporter, make_ready, reports_needed
from bench.runs import Run
from bench.subscribers import Crowd

SPACES = 300
PLACES = 10
SUBSCRIBERS = 10
REPORTS_A_SECOND = 300
"""Each of 300 devices once a second."""
SETTLE_SECONDS = 1.0


def turn(
    running: Obedient, estate: Estate, place_id: int, secrets: Any, run: Run
) -> dict[str, Any]:
    """Reports at a steady rate; each change has to reach each subscriber."""
    interval = 1 / REPORTS_A_SECOND
    coap, seconds = int(running.ready["coap_port"]), run.seconds
    prepared = asyncio.run(make_ready(coap, secrets, reports_needed(seconds, interval)))
    spaces = estate.spaces_of(place_id)
    sent_at: dict[int, float] = {}
    crowd = Crowd(running, live(place_id), made=lambda update: _sent(update, sent_at))
    crowd.join(SUBSCRIBERS)
    reporter = Reporter(coap, prepared, interval, time.perf_counter())
    reporter.on_sent = lambda number: sent_at.__setitem__(spaces[number % SPACES], time.time())
    before = running.tell("collect")
    crowd.listen(reporter.fileno(), reporter.receive)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        crowd.turn(wait=min(0.02, reporter.send_due()))
    crowd.during(SETTLE_SECONDS)
    after = running.tell("stat")
    crowd.deafen(reporter.fileno())
    reporter.finish()
    waits, told = crowd.tally.waits, crowd.tally.changes
    assert told == reporter.sent * SUBSCRIBERS, f"{told} changes told of {reporter.sent} each"
    assert len(set(crowd.versions())) == 1, "all subscribers have the last change"
    assert crowd.tally.broken == crowd.tally.closed == 0, "nobody missed anything"
    crowd.close()
    return {
        "reports_a_second": reporter.sent / seconds,
        "bay_to_subscriber": latencies(waits),
        "report_to_acknowledgement": latencies(reporter.waits),
        "frames": crowd.tally.frames / SUBSCRIBERS,
        "cpu": (after["cpu"] - before["cpu"]) / (after["at"] - before["at"]),
        "rss_mib": after["rss"] / 2**20,
    }


def _sent(update: dict[str, Any], sent_at: dict[int, float]) -> list[float]:
    return [sent_at[_key(space["spaceId"])] for space in update["spaces"]]


def _key(text: str) -> int:
    from schema.ids import key_of

    key = key_of(text, "Space")
    assert key is not None
    return key


def measure(run: Run) -> dict[str, Any]:
    """All turns, on SQLite and on PostgreSQL; each has a place of its own."""
    estate = Estate(PLACES, SPACES)
    found: dict[str, Any] = {}
    for kind in ("sqlite", "postgres"):
        with database(kind) as url:
            run.wait(build(url, estate))
            turns = []
            for number in run.turns(f"bay to subscriber, {kind}"):
                spaces = estate.spaces_of(number)
                secrets = run.wait(provision(url, SECRET, estate, spaces))
                with program(url) as running:
                    turns.append(turn(running, estate, number, secrets, run))
            found[kind] = middle(turns)
    return found


def targets(found: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """What the issue asks."""
    for kind, each in found.items():
        yield f"{kind}: bay to subscriber p99, ms", each["bay_to_subscriber"]["p99_ms"], "<=", 50

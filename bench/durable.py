"""Durable reports over OSCORE beside aiocoap's own OSCORE with an empty resource (`reports`)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.machine import ROOT, middle
from bench.runs import Run

QUICK_REQUESTS, REQUESTS = 5_000, 20_000


def measure(run: Run) -> dict[str, Any]:
    """On SQLite with synchronous=FULL and PostgreSQL with fsync, both on a real disk."""
    found = {}
    for kind in ("sqlite", "postgres"):
        run.say(f"durable reports, {kind}, {run.turn_count} turns")
        requests = QUICK_REQUESTS if run.is_quick else REQUESTS
        command = [sys.executable, "-m", "bench.reports", "--database", kind]
        command += ["--requests", str(requests), "--turns", str(run.turn_count)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(done.stdout)
        found[kind] = {
            **{name: middle(turns) for name, turns in told["turns"].items()},
            "times_floor": told["times_floor"],
            "faults": sum(
                turn.get(name, 0)
                for turns in told["turns"].values()
                for turn in turns
                for name in ("wrong", "lost", "states_wrong")
            ),
        }
    return found


def targets(found: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """What the issue asks."""
    for kind, each in found.items():
        yield f"{kind}: changes, times aiocoap's empty", each["times_floor"]["changes"], ">=", 1
        yield f"{kind}: repeats, times aiocoap's empty", each["times_floor"]["repeats"], ">=", 1
        yield f"{kind}: wrong, lost or not kept", each["faults"], "<=", 0

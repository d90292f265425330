"""How many times a second one core answers the 200-space place query, and beside what.

In turns, in the same run: ready bytes (the floor of the HTTP stack), plain Strawberry, and Berth
with nothing changing, with the place changing ten times a second, and with no answers kept. The
load is `wrk` on the other core. Answers are checked before and after each turn.

    python -m bench.graphql_query [--turns 3] [--seconds 5] [--loop uvloop] [--scene berth]
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from bench.graphql_process import ServerProcess

SPACES = 200
CONNECTIONS = 32
LOAD_CORE = 1


def ask(port: int, asked: bytes) -> bytes:
    """One answer, as bytes; it has to be whole."""
    url = f"http://127.0.0.1:{port}/graphql"
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, asked, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        body: bytes = answer.read()
    if not body.startswith(b"x"):
        assert b'"errors"' not in body, body[:500]
        assert body.count(b'"number"') == SPACES, "a whole answer has every space"
    return body


def wrk(port: int, asked: bytes, seconds: int) -> dict[str, Any]:
    """Load by wrk; requests a second and latencies in milliseconds."""
    script = Path(tempfile.mkdtemp(prefix="bench-")) / "post.lua"
    script.write_text(
        'wrk.method = "POST"\n'
        f"wrk.body = [==[{asked.decode()}]==]\n"
        'wrk.headers["content-type"] = "application/json"\n'
    )
    url = f"http://127.0.0.1:{port}/graphql"
    command = [
        "taskset",
        "-c",
        str(LOAD_CORE),
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        "--latency",
        "--timeout=30s",
    ]
    command += [f"-d{seconds}s", "-s", str(script), url]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in out, out
    assert "Socket errors" not in out, out
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    count = re.search(r"(\d+) requests in", out)
    assert rate is not None, out
    assert count is not None, out
    latencies = {"p50_ms": _latency(out, "50"), "p99_ms": _latency(out, "99")}
    return {"rate": float(rate[1]), "count": int(count[1]), **latencies}


def _latency(out: str, percent: str) -> float:
    found = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", out)
    assert found is not None, out
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1_000.0}[found[2]]


def turn(kind: str, options: argparse.Namespace, every: float = 0, size: int = 0) -> dict[str, Any]:
    """One turn of one kind of server."""
    with ServerProcess(kind, scene=options.scene, loop=options.loop, bytes=size) as server:
        asked = json.dumps(server.query).encode()
        body = ask(server.port, asked)
        wrk(server.port, asked, 1)
        server.tell("collect")
        before = server.tell(f"every {every}")
        found = wrk(server.port, asked, options.seconds)
        after = server.tell("every 0")
        ask(server.port, asked)
    cpu = after["cpu"] - before["cpu"]
    found["bytes"] = len(body)
    found["rate_a_cpu_second"] = found.pop("count") / cpu
    found["cpu"] = cpu / (after["at"] - before["at"])
    found["rss_mib"] = after["rss"] / 2**20
    found["executions"] = after["place_runs"] - before["place_runs"]
    found["version_reads"] = after["version_reads"] - before["version_reads"]
    found["changes"] = after["version"] - before["version"]
    return found


def median(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure."""
    return {key: round(statistics.median(t[key] for t in turns), 2) for key in turns[0]}


def main() -> None:
    """Run all turns and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--loop", default="asyncio")
    parser.add_argument("--scene", default="toy")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: install your distribution's package `wrk`.")
    found: dict[str, list[dict[str, Any]]] = {}
    for _ in range(options.turns):
        still = turn("berth", options)
        found.setdefault("still", []).append(still)
        found.setdefault("changing_10_hz", []).append(turn("berth", options, every=0.1))
        found.setdefault("plain_strawberry", []).append(turn("plain", options))
        floor = turn("ready", options, size=still["bytes"])
        found.setdefault("ready_bytes", []).append(floor)
    told = {name: median(turns) for name, turns in found.items()}
    plain = told["plain_strawberry"]
    for rate in ("rate", "rate_a_cpu_second"):
        told[f"times_plain_by_{rate}"] = {
            name: round(told[name][rate] / plain[rate], 1) for name in ("still", "changing_10_hz")
        }
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()

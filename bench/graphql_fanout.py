"""How fast one core tells one place's changes to N subscribers, and beside what.

For each N, in the same run and on the same WebSocket stack: ready frames of the same size (the
floor), then shared execution at saturation, then a calm rate for the latency. The client runs on
the other core and checks each delivery: every delta has to lead on from the version before it.
A client that was too slow gets a new state; these are counted as `conflated`.

    python -m bench.graphql_fanout [--subscribers 100 1000 5000] [--seconds 5] [--scene berth]
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import sys
import time
from typing import Any, cast

import picows

from api.graphql.limits import COALESCE_SECONDS
from bench.graphql_process import ServerProcess
from bench.graphql_scenes import instant
from bench.graphql_serve import OPEN_FILES

LOAD_CORE = 1
CONNECT_AT_ONCE = 64
SETTLE_SECONDS = 0.5
PING = b'{"type":"ping"}'
"""What a subscriber hears that was too slow for a delta; the latest state follows."""


class Load:
    """All subscribers of one turn, and what they have received."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        self.changes = 0
        self.repeats_or_gaps = 0
        self.conflated = 0
        self.latencies: list[float] = []
        self.closed = 0
        self.subscribers: list[Subscriber] = []
        self._known: dict[bytes, tuple[int | None, int, float]] = {}

    def meaning(self, raw: bytes) -> tuple[int | None, int, float]:
        """Versions before and after, and when the change was made; each frame is read once."""
        known = self._known.get(raw)
        if known is None:
            update = json.loads(raw)["payload"]["data"]["placeOccupancy"]
            made = instant(update.get("changedAt"))
            known = (update.get("previousVersion"), update["version"], made)
            self._known[raw] = known
        return known

    def clear(self) -> None:
        """Count from here."""
        self.frames = self.bytes = self.changes = self.conflated = 0
        self.latencies = []
        self._known.clear()


class Subscriber(picows.WSListener):
    """One WebSocket client."""

    def __init__(self, load: Load, live: dict[str, Any], *, checks: bool) -> None:
        super().__init__()
        self.live = live
        self.load = load
        self.checks = checks
        self.version: int | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """Open the conversation."""
        self.transport = transport
        transport.send(picows.WSMsgType.TEXT, b'{"type":"connection_init"}')

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        """Take a delivery."""
        if frame.msg_type != picows.WSMsgType.TEXT:
            return
        if not self.ready.done():
            self._handshake(frame.get_payload_as_bytes())
            return
        load = self.load
        load.frames += 1
        if not self.checks:
            return
        raw = frame.get_payload_as_bytes()
        if raw == PING:
            return
        load.bytes = len(raw)
        before, after, changed_at = load.meaning(raw)
        if before is None and after >= (self.version or 0):
            load.conflated += 1
        elif before != self.version:
            load.repeats_or_gaps += 1
        load.changes += after - (self.version or 0)
        self.version = after
        load.latencies.append(time.time() - changed_at)

    def _handshake(self, raw: bytes) -> None:
        message = json.loads(raw)
        if message["type"] == "connection_ack":
            told = {"id": "1", "type": "subscribe", "payload": self.live}
            self.transport.send(picows.WSMsgType.TEXT, json.dumps(told).encode())
            return
        self.version = message["payload"]["data"]["placeOccupancy"]["version"]
        self.ready.set_result(None)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        """It should not, before the end."""
        self.load.closed += 1


async def connect(server: ServerProcess, number: int, *, checks: bool) -> Load:
    """Subscribe so many clients."""
    load = Load()
    gate = asyncio.Semaphore(CONNECT_AT_ONCE)
    url = f"ws://127.0.0.1:{server.port}/graphql"
    headers = {"Sec-WebSocket-Protocol": "graphql-transport-ws"}

    async def one() -> None:
        async with gate:

            def made() -> Subscriber:
                return Subscriber(load, server.live, checks=checks)

            _, listener = await picows.ws_connect(made, url, extra_headers=headers)
            subscriber = cast("Subscriber", listener)
            await subscriber.ready
            load.subscribers.append(subscriber)

    await asyncio.gather(*(one() for _ in range(number)))
    return load


async def settle(load: Load) -> None:
    """Wait until nothing more arrives."""
    seen = -1
    while load.frames != seen:
        seen = load.frames
        await asyncio.sleep(SETTLE_SECONDS)


async def storm(server: ServerProcess, load: Load, seconds: float) -> dict[str, float]:
    """Saturation: frames and changes a second, and what the server's core did."""
    load.clear()
    before = await asyncio.to_thread(server.tell, "stat")
    server.order(f"storm {seconds}")
    after = await asyncio.to_thread(server.told)
    taken = after["at"] - before["at"]
    frames, changes = load.frames, load.changes
    await settle(load)
    return {
        "frames_a_second": frames / taken,
        "changes_a_second": changes / taken,
        "frames_a_cpu_second": frames / (after["cpu"] - before["cpu"]),
        "cpu": (after["cpu"] - before["cpu"]) / taken,
        "frame_bytes": load.bytes,
        "conflated": load.conflated,
    }


async def calm(server: ServerProcess, load: Load, seconds: float) -> dict[str, float]:
    """Two changes a second: what a delivery takes from the change to the subscriber."""
    load.clear()
    await asyncio.to_thread(server.tell, "every 0.5")
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.tell, "every 0")
    await settle(load)
    ordered = sorted(load.latencies)
    return {
        "deliveries_a_second": len(ordered) / seconds,
        "p50_ms": 1_000 * ordered[len(ordered) // 2],
        "p99_ms": 1_000 * ordered[int(len(ordered) * 0.99)],
    }


async def shared(number: int, options: argparse.Namespace, coalesce: float) -> dict[str, Any]:
    """Berth's shared execution."""
    with ServerProcess(
        "berth", scene=options.scene, loop=options.loop, coalesce=coalesce
    ) as server:
        first = await connect(server, 1, checks=True)  # what one subscriber alone needs is warm
        began = first.subscribers[0].version or 0
        empty = await asyncio.to_thread(server.tell, "collect")
        load = await connect(server, number, checks=True)
        full = await asyncio.to_thread(server.tell, "collect")
        found: dict[str, Any] = {"calm": await calm(server, load, options.seconds)}
        found["storm"] = await storm(server, load, options.seconds)
        last = first.subscribers[0].version
        behind = sum(subscriber.version != last for subscriber in load.subscribers)
        assert last is not None
        made = (await asyncio.to_thread(server.tell, "stat"))["version"] - empty["version"]
        assert made == last - began, "every change was told"
        assert behind == 0, f"{behind} subscribers miss the last change"
        assert load.repeats_or_gaps == first.repeats_or_gaps == 0, "each delta leads on"
        assert load.closed == 0, "nobody was closed"
    found["kib_a_subscriber"] = (full["rss"] - empty["rss"]) / number / 1_024
    return found


async def ready(number: int, options: argparse.Namespace, size: int) -> dict[str, Any]:
    """The floor: ready frames of the same size on the same stack."""
    with ServerProcess("frames", loop=options.loop, bytes=size) as server:
        load = await connect(server, number, checks=False)
        return await storm(server, load, options.seconds)


def rounded(value: Any) -> Any:
    """Figures one can read."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return round(value, 2) if isinstance(value, float) else value


async def turn(number: int, options: argparse.Namespace) -> dict[str, Any]:
    """One turn: as it is served; at saturation, which is without coalescing, and its floor."""
    found: dict[str, Any] = {"as_served": await shared(number, options, COALESCE_SECONDS)}
    found["saturated"] = (await shared(number, options, 0.0))["storm"]
    found["ready"] = await ready(number, options, int(found["saturated"]["frame_bytes"]))
    rates = found["saturated"], found["ready"]
    found["share_of_ready"] = rates[0]["frames_a_second"] / rates[1]["frames_a_second"]
    found["share_of_ready_a_cpu_second"] = (
        rates[0]["frames_a_cpu_second"] / rates[1]["frames_a_cpu_second"]
    )
    return found


def middle(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure."""
    return {
        key: middle([t[key] for t in turns])
        if isinstance(turns[0][key], dict)
        else statistics.median(t[key] for t in turns)
        for key in turns[0]
    }


async def main() -> None:
    """Run all turns and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, nargs="+", default=[100, 1_000, 5_000])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--loop", default="asyncio")
    parser.add_argument("--scene", default="toy")
    options = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    told = {}
    for number in options.subscribers:
        turns = [await turn(number, options) for _ in range(options.turns)]
        told[str(number)] = rounded(middle(turns))
        print(number, json.dumps(told[str(number)]), file=sys.stderr)
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    asyncio.run(main())

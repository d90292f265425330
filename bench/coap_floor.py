"""Requests a second over OSCORE: Berth's stack beside aiocoap's own, in one run.

Both serve an empty resource (``POST /dp`` → 2.04) from one process on one core; the load client
(`coap_load`) runs on the other. Turns alternate and the medians are compared. JSON on stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.coap_load import gateway_material

SERVER_CORE = 0
LOAD_CORE = 1


def free_port() -> int:
    """A UDP port that was free a moment ago (aiocoap cannot choose one itself)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def serve_stack(devices: int, how: str) -> None:
    """Berth's stack; ``how`` answers at once, from a future, or from a task."""
    from coap_gateway.stack import (
        Code,
        Limits,
        MemorySecurityStore,
        Request,
        Resource,
        Response,
        Site,
        serve,
    )
    from coap_gateway.stack.site import Handler

    loop = asyncio.get_running_loop()

    def at_once(_: Request) -> Response:
        return Response(Code.CHANGED)

    def from_future(_: Request) -> asyncio.Future[Response]:
        future: asyncio.Future[Response] = loop.create_future()
        loop.call_soon(future.set_result, Response(Code.CHANGED))
        return future

    async def from_task(_: Request) -> Response:
        return Response(Code.CHANGED)

    handlers: dict[str, Handler] = {
        "stack": at_once,
        "stack-future": from_future,
        "stack-task": from_task,
    }
    store = MemorySecurityStore()
    for index in range(devices):
        store.add(gateway_material(index))
    limits = Limits(
        credential_rate=1e6,
        credential_burst=1000,
        source_rate=1e6,
        source_burst=1000,
        requests_in_flight_per_peer_max=1024,
    )
    site = Site([Resource("dp", {Code.POST: handlers[how]}, accepts=frozenset({112}))])
    server = await serve(site, store, port=0, limits=limits)
    print(server.port, flush=True)
    await _until_terminated()
    await server.close()


async def serve_aiocoap(devices: int) -> None:
    """aiocoap's own server, OSCORE from files, as its documentation has it."""
    import aiocoap
    from aiocoap import oscore, resource
    from aiocoap.credentials import CredentialsMap
    from aiocoap.oscore_sitewrapper import OscoreSiteWrapper

    class Empty(resource.Resource):  # type: ignore[misc]
        async def render_post(self, request: Any) -> Any:
            return aiocoap.Message(code=aiocoap.CHANGED)

    site = resource.Site()
    site.add_resource(["dp"], Empty())
    credentials = CredentialsMap()
    with tempfile.TemporaryDirectory() as folder:
        for index in range(devices):
            directory = Path(folder) / str(index)
            write_aiocoap_context(directory, gateway_material(index))
            credentials[f":{index}"] = oscore.FilesystemSecurityContext(str(directory))
        port = free_port()
        context = await aiocoap.Context.create_server_context(
            OscoreSiteWrapper(site, credentials),
            bind=("127.0.0.1", port),
            transports=["udp6"],
        )
        context.server_credentials = credentials
        print(port, flush=True)
        await _until_terminated()
        await context.shutdown()
        for secured in credentials.values():
            secured._destroy()


def write_aiocoap_context(directory: Path, material: Any) -> None:
    """A directory as `FilesystemSecurityContext` reads it."""
    directory.mkdir(parents=True)
    settings = {
        "sender-id_hex": material.sender_id.hex(),
        "recipient-id_hex": material.recipient_id.hex(),
        "secret_hex": material.master_secret.hex(),
        "algorithm": material.algorithm,
    }
    (directory / "settings.json").write_text(json.dumps(settings))


async def _until_terminated() -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()


def turn(how: str, options: argparse.Namespace, devices: int) -> dict[str, Any]:
    """Start a server, load it, stop it."""
    command = [sys.executable, __file__, "--role", how, "--devices", str(devices)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        return _load(server.pid, port, options, devices)
    finally:
        server.terminate()
        server.wait(10)


def _load(pid: int, port: str, options: argparse.Namespace, devices: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.coap_load", port, "--core", str(LOAD_CORE)]
    command += ["--devices", str(devices), "--requests", str(options.requests)]
    command += ["--window", str(options.window), "--ports", str(options.ports)]
    root = Path(__file__).resolve().parent.parent
    load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert load.stdout is not None
    load.stdout.readline()
    process = psutil.Process(pid)
    before = process.cpu_times()
    result: dict[str, Any] = json.loads(load.stdout.read())
    after = process.cpu_times()
    load.wait()
    used = after.user + after.system - before.user - before.system
    result["server_cpu_us_each"] = round(used / max(1, result["answered"]) * 1e6, 1)
    result["server_rss_mib"] = round(process.memory_info().rss / 2**20, 1)
    return result


def summarise(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians of the turns; wrong and lost answers are added up."""
    names = ("per_second", "p50_ms", "p99_ms", "server_cpu_us_each", "server_rss_mib")
    medians: dict[str, Any] = {
        name: statistics.median(turn[name] for turn in turns) for name in names
    }
    for name in ("wrong", "lost"):
        medians[name] = sum(turn[name] for turn in turns)
    medians["turns"] = [turn["per_second"] for turn in turns]
    return medians


def compare(options: argparse.Namespace) -> dict[str, Any]:
    """All servers in turn, several times."""
    cases = {
        "aiocoap": ("aiocoap", options.devices),
        "stack": ("stack", options.devices),
        "stack_future": ("stack-future", options.devices),
        "stack_task": ("stack-task", options.devices),
        "stack_many_devices": ("stack", options.many_devices),
    }
    turns: dict[str, list[dict[str, Any]]] = {name: [] for name in cases}
    for number in range(options.turns):
        for name, (how, devices) in cases.items():
            print(f"turn {number + 1}/{options.turns}: {name}", file=sys.stderr)
            turns[name].append(turn(how, options, devices))
    results = {name: summarise(some) for name, some in turns.items()}
    floor = results["aiocoap"]
    return {
        "benchmark": "coap_floor",
        "devices": options.devices,
        "many_devices": options.many_devices,
        "requests_a_turn": options.requests,
        "window": options.window,
        "results": results,
        "times_aiocoap": {
            name: round(result["per_second"] / floor["per_second"], 2)
            for name, result in results.items()
        },
        "times_aiocoap_by_server_cpu": {
            name: round(floor["server_cpu_us_each"] / result["server_cpu_us_each"], 2)
            for name, result in results.items()
        },
    }


def main() -> None:
    """Command line; ``--role`` is for the server processes it starts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role")
    parser.add_argument("--devices", type=int, default=16)
    parser.add_argument("--many-devices", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--window", type=int, default=32)
    parser.add_argument("--ports", type=int, default=16)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    if options.role is None:
        print(json.dumps(compare(options), indent=2))
        return
    os.sched_setaffinity(0, {SERVER_CORE})
    if options.role == "aiocoap":
        asyncio.run(serve_aiocoap(options.devices))
    else:
        asyncio.run(serve_stack(options.devices, options.role))


if __name__ == "__main__":
    main()

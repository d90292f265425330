"""Durable reports a second: `/dp` over OSCORE with the database, beside the floor of the same run.

One gateway process on one core takes numbered occupancy reports of many devices and acknowledges
them after the commit; the load client runs on the other core. The floor is aiocoap's own OSCORE
server with an empty resource (`coap_floor`). Turns alternate, medians are compared, and at the end
of each turn the database is compared with what was sent. JSON on stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.coap_floor import LOAD_CORE, SERVER_CORE  # noqa: E402
from bench.coap_load import OSCORE_OPTION, Prepared, blast  # noqa: E402
from bench.databases import database  # noqa: E402
from coap_gateway.senml import SENML_CBOR, Record, encode  # noqa: E402
from coap_gateway.stack import (  # noqa: E402
    ClientSocket,
    Code,
    DeviceClient,
    Limits,
    MemorySequences,
    SecurityMaterial,
)
from coap_gateway.stack.oscore import Context  # noqa: E402
from coap_gateway.stack.replies import Ask  # noqa: E402
from coap_gateway.stack.wire import CON, encode_header, encode_options  # noqa: E402

SECRET_KEY = b"a key for benchmarks only"
FIRST_SEQUENCE = 1000
KINDS = ("changes", "repeats")
"""Every report changes the bay's state, or every report says again what is known."""


async def serve(url: str, devices: int, places: int, secrets_file: Path, profile: str) -> None:
    """The gateway under test, with its devices freshly provisioned."""
    from coap_gateway.gateway import start_gateway
    from parking.clock import SystemClock
    from parking.events.bus import InProcessBus
    from parking.storage.database import connect, disconnect
    from parking.storage.migrate import migrate

    await migrate(url)
    await connect(url)
    clock = SystemClock()
    space_ids = await _provision(devices, places, secrets_file, clock)
    limits = Limits(
        credential_rate=1e6,
        credential_burst=100_000,
        source_rate=1e6,
        source_burst=100_000,
        requests_in_flight_per_peer_max=4096,
    )
    gateway = await start_gateway(
        clock=clock, bus=InProcessBus(), secret_key=SECRET_KEY, port=0, limits=limits
    )
    print(gateway.port, flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    profiler = cProfile.Profile() if profile else None
    if profiler:
        profiler.enable()
    await ended.wait()
    if profiler:
        profiler.disable()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats(profile).print_stats(45)
    counters = gateway.counters()
    await gateway.close()
    states = await _occupied(space_ids)
    await disconnect()
    names = ("reports_accepted", "reports_recorded", "reports_unchanged", "report_groups")
    print(json.dumps({"occupied": states, **{name: counters[name] for name in names}}))


async def _provision(devices: int, places: int, secrets_file: Path, clock: Any) -> list[int]:
    from parking.accounts.viewer import SYSTEM
    from parking.devices.models import DeviceKind
    from parking.devices.provision import DeviceDraft, provision_many
    from parking.devices.sealing import Sealer
    from tests.support.estate import make_estate

    drafts, space_ids = [], []
    for number in range(places):
        estate = await make_estate(devices // places, name=f"Place {number}")
        space_ids += estate.space_ids
        drafts += [
            DeviceDraft(f"sensor-{space}", DeviceKind.SENSOR, estate.place_id, space)
            for space in estate.space_ids
        ]
    made = await provision_many(SYSTEM, drafts, clock, Sealer(SECRET_KEY))
    secrets = json.dumps([m.secret.as_dict() for m in made if m.secret])
    await asyncio.to_thread(secrets_file.write_text, secrets)
    return space_ids


async def _occupied(space_ids: list[int]) -> list[bool]:
    from parking.occupancy.rows import read_states
    from parking.storage.sql import database

    states = await read_states(database(), space_ids)
    return [states[i].occupancy == "OCCUPIED" for i in space_ids]


def load(port: int, secrets_file: Path, kind: str, options: argparse.Namespace) -> None:
    """Prepare all reports, then send them; prints `ready` and a JSON object."""
    os.sched_setaffinity(0, {LOAD_CORE})
    materials = [material(secret) for secret in json.loads(secrets_file.read_text())]
    asyncio.run(introduce(port, materials))
    prepared = prepare(materials, kind, options.requests, options.ports)
    print("ready", flush=True)
    print(json.dumps(blast(("127.0.0.1", port), prepared, options.ports, options.window)))


def material(secret: dict[str, str]) -> SecurityMaterial:
    """A device's secret, as the device sees it."""
    return SecurityMaterial(
        credential_id=0,
        master_secret=bytes.fromhex(secret["master_secret"]),
        master_salt=bytes.fromhex(secret["master_salt"]),
        sender_id=bytes.fromhex(secret["sender_id"]),
        recipient_id=bytes.fromhex(secret["recipient_id"]),
    )


async def introduce(port: int, materials: list[SecurityMaterial]) -> None:
    """The first report of each device: free, number 1."""
    sock = await ClientSocket.open(("127.0.0.1", port))
    limit = asyncio.Semaphore(32)

    async def one(material: SecurityMaterial) -> None:
        async with limit:
            client = DeviceClient(sock, material, MemorySequences(0))
            payload = _payload(1, False)
            reply = await client.request(Code.POST, "/dp", payload, content_format=SENML_CBOR)
            if reply.code != Code.CHANGED:
                raise SystemExit(f"a device got {reply}")

    await asyncio.gather(*(one(material) for material in materials))
    sock.close()


def _payload(sequence: int, is_occupied: bool) -> bytes:
    records = [
        Record("/3/0/26241", 1),
        Record("/3/0/26242", sequence),
        Record("/3431/0/1", is_occupied),
    ]
    return encode(records, SENML_CBOR)


def prepare(
    materials: list[SecurityMaterial], kind: str, requests: int, ports: int
) -> list[Prepared]:
    """Reports of all devices in turn, numbered and encrypted, after their introduction."""
    contexts = [Context(material, 32) for material in materials]
    prepared = []
    for number in range(requests):
        turn, device = divmod(number, len(contexts))
        payload = _payload(turn + 2, kind == "changes" and turn % 2 == 0)
        ask = Ask(Code.POST, ("dp",), payload, SENML_CBOR)
        plaintext = bytes((Code.POST,)) + encode_options(ask.options()) + b"\xff" + payload
        context = contexts[device]
        option, ciphertext, binding = context.seal_request(FIRST_SEQUENCE + turn, plaintext)
        message_id = number // ports
        head = encode_header(CON, Code.POST, message_id, message_id.to_bytes(2, "big"))
        body = encode_options([(OSCORE_OPTION, option)])
        prepared.append(Prepared(head + body + b"\xff" + ciphertext, binding, context))
    return prepared


def turn(kind: str, options: argparse.Namespace) -> dict[str, Any]:
    """Fresh database, fresh gateway, one load; then what the database says."""
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        secrets_file = Path(folder) / "secrets.json"
        with database(options.database) as url:
            return _turn(kind, options, url, secrets_file)


def _turn(kind: str, options: argparse.Namespace, url: str, secrets: Path) -> dict[str, Any]:
    role = [sys.executable, __file__, *_shared(options), "--secrets", str(secrets)]
    server = subprocess.Popen(
        [*role, "--role", "serve", "--url", url], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        port = server.stdout.readline().strip()
        if not port:
            raise SystemExit("the gateway did not start; it said why above")
        client = subprocess.Popen(
            [*role, "--role", kind, "--port", port], stdout=subprocess.PIPE, text=True
        )
        assert client.stdout is not None
        client.stdout.readline()
        process = psutil.Process(server.pid)
        before, database_before = _cpu_seconds(process), _database_cpu_seconds()
        result: dict[str, Any] = json.loads(client.stdout.read())
        used, database_used = _cpu_seconds(process) - before, _database_cpu_seconds()
        client.wait()
        result["server_rss_mib"] = round(process.memory_info().rss / 2**20, 1)
    finally:
        server.terminate()
    answered = max(1, result["answered"])
    result["server_cpu_us_each"] = round(used / answered * 1e6, 1)
    result["database_cpu_us_each"] = round((database_used - database_before) / answered * 1e6, 1)
    kept = json.loads(server.stdout.read())
    server.wait()
    turns = options.requests // options.devices
    expected = kind == "changes" and turns % 2 == 1
    result["states_wrong"] = sum(state is not expected for state in kept.pop("occupied"))
    return {**result, **kept}


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _database_cpu_seconds() -> float:
    """Of PostgreSQL's processes, which run under this one; 0 with SQLite."""
    mine = psutil.Process().children(recursive=True)
    return sum(_cpu_seconds(child) for child in mine if child.name() == "postgres")


def _shared(options: argparse.Namespace) -> list[str]:
    names = ("requests", "devices", "places", "window", "ports", "profile")
    return [f"--{name}={getattr(options, name)}" for name in names]


def floor(options: argparse.Namespace) -> dict[str, Any]:
    """One turn of aiocoap's own OSCORE with an empty resource."""
    from bench.coap_floor import turn as floor_turn

    one: dict[str, Any] = floor_turn("aiocoap", argparse.Namespace(**vars(options)), 16)
    return one


def compare(options: argparse.Namespace) -> dict[str, Any]:
    """Turns of the floor and of each kind, alternating."""
    results: dict[str, list[dict[str, Any]]] = {}
    for number in range(options.turns):
        for kind in ("aiocoap_empty", *KINDS):
            print(f"turn {number + 1}/{options.turns}: {kind}", file=sys.stderr)
            started = time.perf_counter()
            one = floor(options) if kind == "aiocoap_empty" else turn(kind, options)
            one["seconds"] = round(time.perf_counter() - started, 1)
            results.setdefault(kind, []).append(one)
    medians = {
        kind: {
            name: statistics.median(one[name] for one in turns)
            for name in ("per_second", "p50_ms", "p99_ms", "server_cpu_us_each", "server_rss_mib")
        }
        for kind, turns in results.items()
    }
    base = medians["aiocoap_empty"]["per_second"]
    times = {kind: round(median["per_second"] / base, 2) for kind, median in medians.items()}
    return {
        "benchmark": "reports",
        "database": options.database,
        "devices": options.devices,
        "places": options.places,
        "requests_a_turn": options.requests,
        "window": options.window,
        "medians": medians,
        "times_floor": times,
        "turns": results,
    }


def main() -> None:
    """Command line; ``--role`` is for the processes it starts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--folder", help="where the SQLite file lives; default: temporary files")
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--places", type=int, default=10)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--window", type=int, default=64)
    parser.add_argument("--ports", type=int, default=16)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--profile", default="", help="cProfile's sort order, such as tottime")
    parser.add_argument("--only", choices=KINDS, help="one turn of one kind")
    for hidden in ("--role", "--url", "--secrets", "--port"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "serve":
        os.sched_setaffinity(0, {SERVER_CORE})
        asyncio.run(
            serve(
                options.url,
                options.devices,
                options.places,
                Path(options.secrets),
                options.profile,
            )
        )
    elif options.role:
        load(int(options.port), Path(options.secrets), options.role, options)
    elif options.only:
        print(json.dumps(turn(options.only, options), indent=2))
    else:
        print(json.dumps(compare(options), indent=2))


if __name__ == "__main__":
    main()

"""Berth as it runs: everything in one process on SQLite, or spread over many on PostgreSQL."""

import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.support.running import SECRET, Running, environment, free_port, wait_until

READY_SECONDS_MAX = 60


@dataclass
class Part:
    """A `berth` command that can be killed and started again as it was."""

    arguments: tuple[str, ...]
    settings: Mapping[str, Any]
    program: Running = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.program = Running(self.arguments, environment(**self.settings))

    def kill(self) -> None:
        """kill -9, with everything that it started."""
        self.program.process.send_signal(signal.SIGKILL)
        self.program.kill()

    def end(self) -> None:
        if self.program.process.poll() is None:
            self.program.process.send_signal(signal.SIGTERM)
            self.program.wait()
        self.program.kill()


@dataclass
class Platform:
    """Where a running Berth answers, and the settings of whoever works on its database."""

    settings: dict[str, Any]
    apis: list[str]
    gateways: list[str]
    parts: dict[str, Part]

    def arguments(self) -> list[str]:
        """Where it is, for `berth replay`."""
        gateways = [word for each in self.gateways for word in ("--gateway", each)]
        return gateways + [word for each in self.apis for word in ("--api", each)]

    def wait_until_ready(self) -> None:
        for api in self.apis:
            wait_until(lambda api=api: _is_ready(api), f"{api} is ready")  # type: ignore[misc]


@contextmanager
def embedded(folder: Path) -> Iterator[Platform]:
    """One process with everything, on the embedded database."""
    port, coap = free_port(), free_port(socket.SOCK_DGRAM)
    settings = {"DATA_DIR": folder / "data", "PORT": port, "COAP_PORT": coap}
    part = Part(("up", "--no-devices", "--json"), settings)
    api, gateway = f"http://127.0.0.1:{port}", f"127.0.0.1:{coap}"
    try:
        part.program.document()
        yield Platform({"DATA_DIR": folder / "data"}, [api], [gateway], {"gateway": part})
    finally:
        part.end()


@contextmanager
def spread(database_url: str, redis_url: str, folder: Path) -> Iterator[Platform]:
    """Two API processes, two gateways and a worker, on a migrated database and Redis."""
    shared = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET,
        "DATA_DIR": folder / "data",
    }
    ports = [free_port(), free_port()]
    coaps = [free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)]
    with ExitStack() as stack:
        parts = {"worker": Part(("worker",), shared)}
        stack.callback(parts["worker"].end)
        for index, port in enumerate(ports):
            parts[f"api {index}"] = Part(("serve",), {**shared, "PORT": port})
            stack.callback(parts[f"api {index}"].end)
        for index, coap in enumerate(coaps):
            name = "gateway" if index == 0 else f"gateway {index}"
            parts[name] = Part(("gateway",), {**shared, "COAP_PORT": coap})
            stack.callback(parts[name].end)
        apis = [f"http://127.0.0.1:{port}" for port in ports]
        platform = Platform(shared, apis, [f"127.0.0.1:{coap}" for coap in coaps], parts)
        platform.wait_until_ready()
        for name in ("gateway", "gateway 1"):
            parts[name].program.wait_for("answers on coap")
        yield platform


def place_version(api: str, name: str) -> int:
    """The version of the place with that name, as the public API shows it; 0 if there is none."""
    query = "query($n: String) { places(text: $n) { nodes { name version } } }"
    body = {"query": query, "variables": {"n": name}}
    answer = httpx.post(f"{api}/graphql", json=body).json()
    found = [each for each in answer["data"]["places"]["nodes"] if each["name"] == name]
    return int(found[0]["version"]) if found else 0


def wait_for_version(api: str, name: str, version: int) -> None:
    """Wait until the place has come that far."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    while place_version(api, name) < version:
        assert time.monotonic() < deadline, f"{name} never came to version {version}"
        time.sleep(0.02)


def _is_ready(api: str) -> bool:
    try:
        return httpx.get(f"{api}/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False

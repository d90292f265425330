"""`berth up`: from nothing to something to look at, again, and to its end."""

import hmac
import json
import shlex
import signal
import socket
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any

import httpx
import psutil
import pytest
from websockets import Subprotocol
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from berth.cli import run
from berth.probing import answers_coap
from parking.clock import rfc3339
from tests.support.running import Running, berth_json, has_ended, running, taken_port, wait_until

UP = ("up", "--no-devices", "--json")
ROLES = {"OPERATOR", "ATTENDANT", "MERCHANT", "OWNER", "DRIVER", "PLATFORM"}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Any]]:
    """A running Berth, made from nothing, and what it printed."""
    folder = tmp_path_factory.mktemp("up")
    with running(*UP, DATA_DIR=folder / "data", PORT=0, COAP_PORT=0) as program:
        yield program, program.document()


@pytest.fixture
def ready(started: tuple[Running, Any]) -> Any:
    """What a running Berth printed."""
    return started[1]


def test_the_dashboard_answers(ready: Any) -> None:
    response = httpx.get(ready["dashboard"])
    assert response.status_code == 200
    assert "<title>" in response.text


async def test_the_gateway_answers(ready: Any) -> None:
    assert await answers_coap("127.0.0.1", int(ready["coap"].rpartition(":")[2]))


def test_the_query_it_prints_works(ready: Any) -> None:
    arguments = shlex.split(ready["query"])
    assert arguments[2] == ready["graphql"]
    answer = httpx.post(ready["graphql"], json=json.loads(arguments[-1])).json()
    names = [place["name"] for place in answer["data"]["places"]["nodes"]]
    assert len(names) == 3, "the fourth is private"


def test_the_subscription_it_prints_begins_with_a_snapshot(ready: Any) -> None:
    arguments = shlex.split(ready["subscription"])
    body, accept = json.loads(arguments[-1]), {"accept": "text/event-stream"}
    with httpx.stream("POST", ready["graphql"], json=body, headers=accept) as response:
        line = next(each for each in response.iter_lines() if each.startswith("data: {"))
    event = json.loads(line.removeprefix("data: "))["data"]["placeOccupancy"]
    assert event["kind"] == "SNAPSHOT"
    assert len(event["spaces"]) >= 60


def test_the_hook_it_prints_takes_orders_that_are_signed_as_it_says(ready: Any) -> None:
    order = {"orderRef": "up-1", "unit": "hubin", "updatedAt": rfc3339(datetime.now(UTC))}
    body = json.dumps({**order, "cancelled": True}).encode()
    key = b64decode(ready["which signs with"].removeprefix("whsec_"))
    stamp = str(int(time()))
    digest = hmac.digest(key, f"one.{stamp}.".encode() + body, "sha256")
    headers = {
        "content-type": "application/json", "webhook-id": "one", "webhook-timestamp": stamp,
        "webhook-signature": "v1," + b64encode(digest).decode(),
    }  # fmt: skip
    answer = httpx.post(ready["its order hook"], content=body, headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "CANCELLED")


@pytest.mark.parametrize("role", sorted(ROLES))
def test_each_token_is_somebody_of_its_role(ready: Any, role: str) -> None:
    headers = {"authorization": f"Bearer {ready['tokens'][role]}"}
    query = {"query": "{ viewer { memberships { roles } } }"}
    answer = httpx.post(ready["graphql"], json=query, headers=headers).json()
    held = {each for m in answer["data"]["viewer"]["memberships"] for each in m["roles"]}
    assert held == {role}


def test_development_is_on_for_this_machine_only(ready: Any) -> None:
    assert httpx.get(ready["inbox"]).status_code == 200
    query = {"query": "{ __schema { queryType { name } } }"}
    assert "errors" not in httpx.post(ready["graphql"], json=query).json()


def test_it_says_that_it_is_ready(ready: Any) -> None:
    body = httpx.get(ready["dashboard"] + "readyz").json()
    assert body["ready"] is True


def test_metrics_tell_of_every_part(ready: Any) -> None:
    text = httpx.get(ready["dashboard"] + "metrics").text
    for name in ("gateway_received_total", "job_runs_total", "graphql_connections"):
        assert f"berth_{name}" in text


@pytest.mark.parametrize(
    ("kind", "setting", "other"),
    [
        (socket.SOCK_STREAM, "PORT", "COAP_PORT"),
        (socket.SOCK_DGRAM, "COAP_PORT", "PORT"),
    ],
)
def test_a_taken_port_is_one_sentence_before_anything_is_made(
    kind: int,
    setting: str,
    other: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("BERTH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv(f"BERTH_{other}", "0")
    with taken_port(kind) as port:
        monkeypatch.setenv(f"BERTH_{setting}", str(port))
        assert run(["up", "--json"]) == 1
    told = capsys.readouterr().err
    assert f"port {port}" in told
    assert f"BERTH_{setting}" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "data").exists()


@contextmanager
def live_stream(ready: Any) -> Iterator[Iterator[str]]:
    """The printed subscription as server-sent events, begun."""
    body = json.loads(shlex.split(ready["subscription"])[-1])
    headers = {"accept": "text/event-stream"}
    with httpx.stream("POST", ready["graphql"], json=body, headers=headers) as response:
        lines = response.iter_lines()
        next(lines)
        yield lines


@contextmanager
def live_socket(ready: Any) -> Iterator[ClientConnection]:
    """The printed subscription over a WebSocket, begun."""
    url = ready["graphql"].replace("http", "ws", 1)
    payload = json.loads(shlex.split(ready["subscription"])[-1])
    with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as client:
        client.send(json.dumps({"type": "connection_init"}))
        client.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        assert json.loads(client.recv())["type"] == "connection_ack"
        assert json.loads(client.recv())["type"] == "next"
        yield client


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_the_next_start_keeps_the_data(
    embedded: dict[str, Any], number: signal.Signals
) -> None:
    with running(*UP, **embedded) as program:
        first = program.document()
        with live_stream(first) as stream, live_socket(first) as socket_:
            assert program.end(number) == 0, program.told
            assert list(stream)
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    socket_.recv(timeout=5)
            assert closed.value.rcvd is not None, "it was closed with a reason, not dropped"
        assert "Traceback" not in program.told
        assert "ERROR" not in program.told
    before = berth_json("place", "list", **embedded)
    with running(*UP, **embedded) as program:
        program.document()
        assert program.end() == 0
    after = berth_json("place", "list", **embedded)
    assert [place["id"] for place in after] == [place["id"] for place in before]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_virtual_devices_are_a_process_that_ends_with_it(
    embedded: dict[str, Any], number: signal.Signals
) -> None:
    with running("up", "--json", **embedded) as program:
        ready = program.document()
        assert ready["virtual devices"] is True
        metrics = httpx.get(ready["dashboard"] + "metrics").text
        assert "berth_gateway_reports_accepted_total 0\n" not in metrics
        [child] = psutil.Process(program.process.pid).children()
        assert "simulate" in child.cmdline()
        assert program.end(number) in (0, -signal.SIGKILL)
        wait_until(lambda: has_ended(child.pid), "the virtual devices end")
        assert "Traceback" not in program.told


@pytest.mark.parametrize("step", ["people", "Parkplatz"])
def test_ctrl_c_while_it_is_being_seeded_leaves_what_the_next_start_completes(
    embedded: dict[str, Any], step: str
) -> None:
    with running("up", "--no-devices", **embedded) as program:
        program.wait_for(f"seeding: {step}")
        assert program.end() == 0
        assert "Traceback" not in program.told
    with running(*UP, **embedded) as program:
        assert program.document()["tokens"].keys() == ROLES
    assert sum(place["spaces"] for place in berth_json("place", "list", **embedded)) >= 240

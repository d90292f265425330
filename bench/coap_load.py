"""A lean OSCORE load client: requests are encrypted beforehand, so sending is all it does.

Runs as a process of its own, pinned to a core that the server does not use. Every answer is
matched to its request; its ciphertext must have the length of an empty inner 2.04, and every
`SAMPLE`-th one is decrypted. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import select
import socket
import statistics
import time
from dataclasses import dataclass, field, replace
from typing import Any

from coap_gateway.stack import (
    ClientSocket,
    Code,
    DeviceClient,
    MemorySequences,
    SecurityMaterial,
)
from coap_gateway.stack.oscore import Binding, Context, OscoreOption
from coap_gateway.stack.replies import Ask
from coap_gateway.stack.wire import CON, decode, encode_header, encode_options

SAMPLE = 97
ANSWER_CIPHERTEXT_BYTES = 1 + 8
LOST_AFTER_S = 2.0
OSCORE_OPTION = 9
WARM_SHARE = 0.15
MESSAGE_IDS = 65_000


def device_material(index: int) -> SecurityMaterial:
    """Material of device ``index`` as the device sees it; 3-byte ids, its own first."""
    number = index.to_bytes(2, "big")
    secret = b"bench-secret" + number * 2
    return SecurityMaterial(index + 1, secret, b"D" + number, b"G" + number)


def gateway_material(index: int) -> SecurityMaterial:
    """The same as the gateway sees it."""
    mine = device_material(index)
    return replace(mine, sender_id=mine.recipient_id, recipient_id=mine.sender_id)


@dataclass(slots=True)
class Prepared:
    """One request, ready to send."""

    datagram: bytes
    binding: Binding
    context: Context
    sent_at: float = 0.0


@dataclass(slots=True)
class Port:
    """A socket and what is on its way on it."""

    sock: socket.socket
    flying: dict[bytes, Prepared] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """What came back."""

    answered: int = 0
    wrong: int = 0
    lost: int = 0
    waits: list[float] = field(default_factory=list)


async def introduce(host: str, port: int, devices: int, path: str) -> None:
    """One request of each device, so that every context is loaded and fresh."""
    sock = await ClientSocket.open((host, port))
    limit = asyncio.Semaphore(32)

    async def one(index: int) -> None:
        async with limit:
            client = DeviceClient(sock, device_material(index), MemorySequences(0))
            reply = await client.request(Code.POST, path, b"hello", content_format=112)
            if reply.code != Code.CHANGED:
                raise SystemExit(f"device {index} got {reply}")

    await asyncio.gather(*(one(index) for index in range(devices)))
    sock.close()


def prepare(requests: int, devices: int, ports: int, path: str, payload: bytes) -> list[Prepared]:
    """Requests of all devices in turn; ids and sequence numbers never repeat."""
    contexts = [Context(device_material(index), 32) for index in range(devices)]
    parts = tuple(path.strip("/").split("/"))
    ask = Ask(Code.POST, parts, payload, 112)
    plaintext = bytes((Code.POST,)) + encode_options(ask.options()) + b"\xff" + payload
    prepared = []
    for number in range(requests):
        context = contexts[number % devices]
        option, ciphertext, binding = context.seal_request(1000 + number // devices, plaintext)
        message_id = number // ports % MESSAGE_IDS
        head = encode_header(CON, Code.POST, message_id, message_id.to_bytes(2, "big"))
        body = encode_options([(OSCORE_OPTION, option)])
        prepared.append(Prepared(head + body + b"\xff" + ciphertext, binding, context))
    return prepared


def blast(
    address: tuple[str, int], prepared: list[Prepared], ports: int, window: int
) -> dict[str, Any]:
    """Keep ``window`` requests on their way until all are answered or lost."""
    opened = [_open(address) for _ in range(ports)]
    poller = select.epoll()
    by_fd = {port.sock.fileno(): port for port in opened}
    for fd in by_fd:
        poller.register(fd, select.EPOLLIN)
    tally = Tally()
    started = time.perf_counter()
    warm_at = int(len(prepared) * WARM_SHARE)
    warm_time, warm_answered = started, 0
    at = 0
    flying = 0
    while at < len(prepared) or flying:
        while flying < window and at < len(prepared):
            _send(opened[at % ports], prepared[at])
            at += 1
            flying += 1
        if warm_answered == 0 and tally.answered >= warm_at:
            warm_time, warm_answered = time.perf_counter(), tally.answered
        ready = poller.poll(0.2)
        for fd, _ in ready:
            flying -= _receive(by_fd[fd], tally)
        if not ready:
            flying -= _give_up(opened, tally)
    return _summary(tally, time.perf_counter() - warm_time, tally.answered - warm_answered)


def _open(address: tuple[str, int]) -> Port:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.connect(address)
    sock.setblocking(False)
    return Port(sock)


def _send(port: Port, request: Prepared) -> None:
    request.sent_at = time.perf_counter()
    port.flying[request.datagram[4:6]] = request
    port.sock.send(request.datagram)


def _receive(port: Port, tally: Tally) -> int:
    count = 0
    while True:
        try:
            datagram = port.sock.recv(2048)
        except BlockingIOError:
            return count
        if datagram[0] >> 4 & 3 == CON:
            port.sock.send(b"\x60\x00" + datagram[2:4])
        request = port.flying.pop(datagram[4:6], None)
        if request is None:
            continue
        count += 1
        tally.answered += 1
        tally.waits.append(time.perf_counter() - request.sent_at)
        sampled = tally.answered % SAMPLE == 0
        if not _fits(datagram) or (sampled and not _is_changed(datagram, request)):
            tally.wrong += 1


def _fits(datagram: bytes) -> bool:
    """True if the ciphertext has the length of an empty inner 2.04."""
    marker = datagram.find(b"\xff", 6)
    return len(datagram) - marker - 1 == ANSWER_CIPHERTEXT_BYTES


def _is_changed(datagram: bytes, request: Prepared) -> bool:
    message = decode(datagram)
    option = OscoreOption.decode(dict(message.options)[OSCORE_OPTION])
    plaintext, _ = request.context.open_response(request.binding, option, message.payload)
    return plaintext == bytes((Code.CHANGED,))


def _give_up(ports: list[Port], tally: Tally) -> int:
    horizon = time.perf_counter() - LOST_AFTER_S
    count = 0
    for port in ports:
        lost = [key for key, request in port.flying.items() if request.sent_at < horizon]
        for key in lost:
            del port.flying[key]
        count += len(lost)
    tally.lost += count
    return count


def _summary(tally: Tally, seconds: float, answered: int) -> dict[str, Any]:
    waits = sorted(tally.waits[len(tally.waits) // 8 :])
    return {
        "per_second": round(answered / seconds, 1),
        "answered": tally.answered,
        "wrong": tally.wrong,
        "lost": tally.lost,
        "p50_ms": round(statistics.median(waits) * 1000, 3),
        "p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 3),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--path", default="/dp")
    parser.add_argument("--devices", type=int, default=16)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--ports", type=int, default=16)
    parser.add_argument("--window", type=int, default=32)
    parser.add_argument("--payload-bytes", type=int, default=48)
    parser.add_argument("--core", type=int)
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    asyncio.run(introduce(options.host, options.port, options.devices, options.path))
    payload = bytes(range(options.payload_bytes))
    prepared = prepare(options.requests, options.devices, options.ports, options.path, payload)
    print("ready", flush=True)
    result = blast((options.host, options.port), prepared, options.ports, options.window)
    print(json.dumps(result))


if __name__ == "__main__":
    main()

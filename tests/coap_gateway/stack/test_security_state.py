"""Durable OSCORE state: restarts, take-overs, revocation, and nonces that never repeat."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace

import pytest

from coap_gateway.stack import (
    Code,
    Counters,
    Limits,
    MemorySecurityStore,
    SecurityMaterial,
    Server,
)
from coap_gateway.stack.contexts import Contexts
from coap_gateway.stack.oscore import OscoreOption
from coap_gateway.stack.replies import Ask
from coap_gateway.stack.wire import decode
from tests.coap_gateway.stack.conftest import Bay, StartServer
from tests.coap_gateway.stack.peers import DEVICE, GATEWAY, OSCORE, RawDevice, RawPeer

STATE = Ask(Code.GET, ("state",))
Connect = Callable[..., RawPeer]


def partial_iv(datagram: bytes) -> int:
    option = OscoreOption.decode(dict(decode(datagram).options)[OSCORE])
    return int.from_bytes(option.partial_iv, "big")


async def test_the_first_request_is_answered_by_an_echo_challenge(
    peer: RawPeer, bay: Bay, server: Server
) -> None:
    device = RawDevice(peer)
    challenge = await device.ask(STATE)
    assert (challenge.code, challenge.protected) == (Code.UNAUTHORIZED, True)
    assert challenge.echo is not None
    assert bay.requests == []
    reply = await device.ask(replace(STATE, echo=challenge.echo))
    assert (reply.code, server.counters.echo_rounds) == (Code.CONTENT, 1)


async def test_after_a_restart_an_old_datagram_is_challenged_and_not_run(
    start: StartServer, connect: Connect, bay: Bay
) -> None:
    """The control is the first line: the same datagram ran before the restart."""
    first = await start()
    device = RawDevice(connect(first))
    await device.introduce()
    datagram, binding = device.seal(STATE)
    assert device.open(await device.peer.ask(datagram), binding).code == Code.CONTENT
    port = first.port
    await first.close()
    await start(port=port)
    count = len(bay.requests)
    assert device.open(await device.peer.ask(datagram), binding).code == Code.UNAUTHORIZED
    assert len(bay.requests) == count


async def test_after_a_restart_no_sequence_number_is_used_again(
    start: StartServer, connect: Connect
) -> None:
    used: list[int] = []
    for _ in range(4):
        server = await start()
        device = RawDevice(connect(server), sequence=1000 * len(used))
        used += [partial_iv(await device.peer.ask(device.seal(STATE)[0])) for _ in range(3)]
        await server.close()
    assert len(set(used)) == len(used)
    assert used == sorted(used)


async def test_two_processes_never_use_the_same_sequence_number(
    start: StartServer, connect: Connect
) -> None:
    devices = [RawDevice(connect(await start()), sequence=500 * i) for i in range(2)]
    used = [
        partial_iv(await device.peer.ask(device.seal(STATE)[0]))
        for _ in range(100)
        for device in devices
    ]
    assert len(set(used)) == 200


async def test_a_new_block_is_reserved_before_the_last_one_runs_out(
    start: StartServer, connect: Connect, store: MemorySecurityStore
) -> None:
    server = await start(Limits(sequence_block=8))
    device = RawDevice(connect(server))
    used = [partial_iv(await device.peer.ask(device.seal(STATE)[0])) for _ in range(50)]
    assert used == list(range(50))
    assert await store.reserve(GATEWAY.credential_id, 0) >= 50


async def test_without_a_reserved_number_the_answer_waits_for_the_store(
    start: StartServer, connect: Connect, store: MemorySecurityStore
) -> None:
    """Blocks of one: each challenge needs a number that is not reserved yet."""
    device = RawDevice(connect(await start(Limits(sequence_block=1))))
    used = [partial_iv(await device.peer.ask(device.seal(STATE)[0])) for _ in range(5)]
    assert len(set(used)) == 5


async def test_an_echo_value_is_bound_to_the_credential(
    start: StartServer, connect: Connect, store: MemorySecurityStore
) -> None:
    other = SecurityMaterial(8, b"another secret..", sender_id=b"G", recipient_id=b"D2")
    store.add(other)
    server = await start()
    challenge = await RawDevice(connect(server)).ask(STATE)
    thief = RawDevice(connect(server), replace(other, sender_id=b"D2", recipient_id=b"G"))
    assert (await thief.ask(replace(STATE, echo=challenge.echo))).code == Code.UNAUTHORIZED


async def test_an_echoed_request_cannot_be_replayed_to_a_context_that_was_loaded_again(
    peer: RawPeer, bay: Bay, server: Server
) -> None:
    """Accepting it would run it twice and use its nonce for two answers."""
    device = RawDevice(peer)
    challenge = await device.ask(STATE)
    datagram, binding = device.seal(replace(STATE, echo=challenge.echo))
    assert device.open(await peer.ask(datagram), binding).code == Code.CONTENT
    server.forget(GATEWAY.credential_id)
    replayed = datagram[:2] + b"\x77\x77" + datagram[4:]
    assert device.open(await peer.ask(replayed), binding).code == Code.UNAUTHORIZED
    assert len(bay.requests) == 1


async def test_an_echo_value_is_short_lived(start: StartServer, connect: Connect) -> None:
    device = RawDevice(connect(await start(Limits(echo_age_s=-1.0))))
    assert (await device.introduce()).code == Code.UNAUTHORIZED


async def test_an_echo_value_of_an_earlier_process_is_worth_nothing(
    start: StartServer, connect: Connect
) -> None:
    challenge = await RawDevice(connect(await start())).ask(STATE)
    device = RawDevice(connect(await start()), sequence=9)
    assert (await device.ask(replace(STATE, echo=challenge.echo))).code == Code.UNAUTHORIZED


async def test_an_echoed_request_sent_twice_runs_once(
    peer: RawPeer, bay: Bay, server: Server
) -> None:
    device = RawDevice(peer)
    challenge = await device.ask(STATE)
    datagram, binding = device.seal(replace(STATE, echo=challenge.echo))
    peer.send(datagram)
    peer.send(datagram[:2] + b"\x77\x77" + datagram[4:])
    codes = {device.open(await peer.hear(), binding).code for _ in range(2)}
    assert codes == {Code.CONTENT, Code.UNAUTHORIZED}
    assert len(bay.requests) == 1


async def test_a_revoked_credential_is_unknown_at_once(
    device: RawDevice, server: Server, store: MemorySecurityStore
) -> None:
    store.remove(GATEWAY.credential_id)
    server.forget(GATEWAY.credential_id)
    reply = await device.ask(STATE)
    assert (reply.code, reply.protected) == (Code.UNAUTHORIZED, False)
    assert server.contexts_held == 0


async def test_a_credential_that_came_back_is_found_at_once(
    device: RawDevice, server: Server, store: MemorySecurityStore
) -> None:
    store.remove(GATEWAY.credential_id)
    server.forget(GATEWAY.credential_id)
    await device.ask(STATE)
    store.add(GATEWAY)
    server.forget(GATEWAY.credential_id)
    assert (await device.introduce()).code == Code.CONTENT


async def test_a_context_taken_over_by_another_process_is_dropped_by_the_sweep(
    start: StartServer, connect: Connect
) -> None:
    first = await start(Limits(ownership_check_s=0.01))
    second = await start()
    await RawDevice(connect(first)).introduce()
    await RawDevice(connect(second), sequence=50).introduce()
    device = RawDevice(connect(first), sequence=100)
    async with asyncio.timeout(5):
        while first.counters.contexts_forgotten == 0:
            await device.ask(STATE)
    assert second.counters.contexts_forgotten == 0


async def test_after_the_take_over_the_first_process_wants_an_echo_again(
    start: StartServer, connect: Connect
) -> None:
    first, second = await start(), await start()
    device = RawDevice(connect(first))
    await device.introduce()
    moved = RawDevice(connect(second), sequence=50)
    await moved.introduce()
    first.forget(GATEWAY.credential_id)
    replayed, binding = moved.seal(STATE, sequence=51)
    assert device.open(await device.peer.ask(replayed), binding).code == Code.UNAUTHORIZED


class BrokenStore(MemorySecurityStore):
    """A store whose database is down for some calls."""

    def __init__(self, *broken: str) -> None:
        super().__init__()
        self.broken = set(broken)

    def _check(self, name: str) -> None:
        if name in self.broken:
            raise ConnectionError(name)

    async def find(self, kid: bytes, kid_context: bytes | None) -> SecurityMaterial | None:
        self._check("find")
        return await super().find(kid, kid_context)

    async def reserve(self, credential_id: int, count: int) -> int:
        self._check("reserve")
        return await super().reserve(credential_id, count)

    async def claim(self, credential_id: int, owner: str) -> None:
        self._check("claim")
        await super().claim(credential_id, owner)

    async def owned(self, credential_ids: Collection[int], owner: str) -> set[int]:
        self._check("owned")
        return await super().owned(credential_ids, owner)


class TestWithBrokenStore:
    """With the database down, devices are told to come back, not that they are unknown."""

    @pytest.fixture
    def store(self) -> BrokenStore:
        store = BrokenStore()
        store.add(GATEWAY)
        return store

    @pytest.mark.parametrize("call", ["find", "reserve"])
    async def test_a_context_that_cannot_be_loaded_is_5_03(
        self, peer: RawPeer, store: BrokenStore, call: str
    ) -> None:
        store.broken = {call}
        reply = await RawDevice(peer).ask(STATE)
        assert (reply.code, reply.max_age) == (Code.SERVICE_UNAVAILABLE, 5)
        store.broken = set()
        assert (await RawDevice(peer, sequence=5).introduce()).code == Code.CONTENT

    async def test_a_claim_that_cannot_be_stored_is_a_protected_5_03(
        self, peer: RawPeer, store: BrokenStore, bay: Bay
    ) -> None:
        store.broken = {"claim"}
        reply = await RawDevice(peer).introduce()
        assert (reply.code, reply.protected) == (Code.SERVICE_UNAVAILABLE, True)
        assert bay.requests == []

    async def test_a_failing_sweep_drops_nothing(
        self, start: StartServer, connect: Connect, store: BrokenStore
    ) -> None:
        store.broken = {"owned"}
        server = await start(Limits(ownership_check_s=0.001))
        device = RawDevice(connect(server))
        await device.introduce()
        for _ in range(20):
            assert (await device.ask(STATE)).code == Code.CONTENT


async def test_a_sweep_of_many_contexts_asks_in_batches(
    start: StartServer, connect: Connect, store: MemorySecurityStore
) -> None:
    asked: list[int] = []

    async def owned(credential_ids: Collection[int], owner: str) -> set[int]:
        asked.append(len(credential_ids))
        return set(credential_ids)

    store.owned = owned  # type: ignore[method-assign]
    contexts = Contexts(store, "me", Limits(), Counters())
    for credential_id in range(2500):
        contexts.mark_used(credential_id)
    assert await contexts.sweep() == []
    assert asked == [1000, 1000, 500]


async def test_contexts_in_memory_are_bounded(
    start: StartServer, connect: Connect, store: MemorySecurityStore
) -> None:
    server = await start(Limits(contexts_max=3))
    for index in range(8):
        kid = b"E%d" % index
        material = replace(GATEWAY, credential_id=100 + index, recipient_id=kid)
        store.add(material)
        device = RawDevice(connect(server), replace(DEVICE, sender_id=kid))
        assert (await device.introduce()).code == Code.CONTENT
    assert server.contexts_held == 3


async def test_many_requests_of_one_unknown_context_ask_the_store_once(
    start: StartServer, connect: Connect, store: MemorySecurityStore
) -> None:
    server = await start()
    device = RawDevice(connect(server))
    for _ in range(20):
        device.peer.send(device.seal(STATE)[0])
    for _ in range(20):
        await device.peer.hear()
    assert server.counters.contexts_loaded == 1
    assert await store.reserve(GATEWAY.credential_id, 0) <= 64


async def test_a_device_with_an_id_context_is_found_by_both(
    start: StartServer, connect: Connect, store: MemorySecurityStore
) -> None:
    store.add(replace(GATEWAY, credential_id=9, id_context=b"lot 4"))
    device = RawDevice(connect(await start()), replace(DEVICE, id_context=b"lot 4"))
    assert (await device.introduce()).code == Code.CONTENT

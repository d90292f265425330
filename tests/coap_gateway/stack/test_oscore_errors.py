"""What a peer gets whose protected message cannot be believed (RFC 8613 8.2)."""

import pytest

from coap_gateway.stack import Code, MemorySecurityStore, Server
from coap_gateway.stack.replies import Ask
from coap_gateway.stack.wire import decode
from tests.coap_gateway.stack.conftest import Bay
from tests.coap_gateway.stack.peers import RawDevice, RawPeer

STATE = Ask(Code.GET, ("state",))
CIPHERTEXT = b"x" * 20


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (b"", Code.BAD_OPTION),
        (b"\x09\x01nobody", Code.UNAUTHORIZED),
        (b"\x19\x01\x02ccD1", Code.UNAUTHORIZED),
        (b"\x09\x01D1", Code.BAD_REQUEST),
        (b"\x08D1", Code.BAD_OPTION),
        (b"\x01\x01", Code.BAD_OPTION),
        (b"\x0e\x01\x02\x03\x04\x05\x06D1", Code.BAD_OPTION),
        (b"\x0f\x01\x02\x03\x04\x05\x06\x07D1", Code.BAD_OPTION),
        (b"\x29\x01D1", Code.BAD_OPTION),
        (b"\x49\x01D1", Code.BAD_OPTION),
        (b"\x89\x01D1", Code.BAD_OPTION),
        (b"\x19\x01\xffD1", Code.BAD_OPTION),
        (b"\x19\x01", Code.BAD_OPTION),
    ],
)
async def test_the_error_is_unprotected_without_text_and_not_cacheable(
    peer: RawPeer, option: bytes, code: Code
) -> None:
    answer = await peer.request(Code.POST, (9, option), payload=CIPHERTEXT)
    assert (answer.code, answer.options, answer.payload) == (code, [(14, b"")], b"")


async def test_protection_without_a_payload_is_malformed(peer: RawPeer) -> None:
    assert (await peer.ask(bytes.fromhex("4002 0102 9409014431"))).hex() == "70000102"


async def test_a_replay_is_4_01_and_runs_nothing(device: RawDevice, bay: Bay) -> None:
    datagram, _ = device.seal(STATE)
    await device.peer.ask(datagram)
    before = len(bay.requests)
    again = datagram[:2] + b"\x77\x77" + datagram[4:]
    answer = decode(await device.peer.ask(again))
    assert (answer.code, answer.options, answer.payload) == (Code.UNAUTHORIZED, [(14, b"")], b"")
    assert len(bay.requests) == before


async def test_a_replay_and_an_unknown_context_look_the_same(device: RawDevice) -> None:
    datagram, _ = device.seal(STATE)
    await device.peer.ask(datagram)
    replayed = await device.peer.ask(datagram[:2] + b"\x77\x77" + datagram[4:])
    unknown = decode(datagram)
    stranger = await device.peer.request(
        Code.POST, (9, b"\x09\x01nobody"), payload=unknown.payload, message_id=0x7777
    )
    assert decode(replayed) == stranger


async def test_a_forged_message_does_not_move_the_replay_window(device: RawDevice) -> None:
    forged = await device.peer.request(
        Code.POST, (9, b"\x0d" + b"\xff" * 5 + b"D1"), payload=CIPHERTEXT
    )
    assert forged.code == Code.BAD_REQUEST
    assert (await device.ask(STATE)).code == Code.CONTENT


async def test_requests_out_of_order_pass_within_the_window(device: RawDevice) -> None:
    for sequence, code in [(40, Code.CONTENT), (30, Code.CONTENT), (41, Code.CONTENT)]:
        datagram, binding = device.seal(STATE, sequence=sequence)
        assert device.open(await device.peer.ask(datagram), binding).code == code
    old, binding = device.seal(STATE, sequence=41 + 200)
    await device.peer.ask(old)
    late, binding = device.seal(STATE, sequence=50)
    assert not device.open(await device.peer.ask(late), binding).protected


async def test_options_outside_do_not_count_inside(device: RawDevice, bay: Bay) -> None:
    datagram, binding = device.seal(STATE, outer=((11, b"dp"), (12, b"\x70"), (15, b"x=1")))
    assert device.open(await device.peer.ask(datagram), binding).payload == b"free"
    assert bay.requests[-1].query == ()


@pytest.mark.parametrize(
    ("outer", "code"),
    [
        ((2049, b"x"), Code.BAD_OPTION),
        ((23, b"\x07"), Code.BAD_REQUEST),
        ((27, b"\x06"), Code.BAD_OPTION),
        ((35, b"coap://x"), Code.PROXYING_NOT_SUPPORTED),
    ],
)
async def test_options_outside_are_guarded_too(
    device: RawDevice, outer: tuple[int, bytes], code: Code
) -> None:
    datagram, _ = device.seal(STATE, outer=(outer,))
    assert decode(await device.peer.ask(datagram)).code == code


@pytest.mark.parametrize(
    ("plaintext", "code"),
    [
        ("01ff", Code.BAD_REQUEST),
        ("01b5aa", Code.BAD_REQUEST),
        ("45", Code.METHOD_NOT_ALLOWED),
        ("00", Code.METHOD_NOT_ALLOWED),
        ("01b5 7374617465 c107", Code.BAD_REQUEST),
        ("01b5 7374617465 e1 06f5 00", Code.BAD_OPTION),
        ("01b5 7374617465 d8 0b 636f61703a2f2f78", Code.PROXYING_NOT_SUPPORTED),
    ],
)
async def test_what_is_wrong_inside_is_answered_inside(
    device: RawDevice, plaintext: str, code: Code
) -> None:
    datagram, binding = device.seal(STATE, plaintext=bytes.fromhex(plaintext))
    reply = device.open(await device.peer.ask(datagram), binding)
    assert (reply.code, reply.protected) == (code, True)


async def test_strangers_errors_are_rate_limited(server: Server, peer: RawPeer) -> None:
    for _ in range(60):
        await peer.request(Code.POST, (9, b"\x09\x01nobody"), payload=CIPHERTEXT)
    datagram = bytes.fromhex("40020a0b 9809016e6f626f6479 ff 7878787878787878787878")
    assert await peer.is_ignored(datagram)
    assert server.counters.dropped >= 1


async def test_an_unknown_kid_asks_the_store_once_in_a_while(
    peer: RawPeer, server: Server, store: MemorySecurityStore
) -> None:
    asked: list[bytes] = []
    find = store.find

    async def counted(kid: bytes, kid_context: bytes | None) -> object:
        asked.append(kid)
        return await find(kid, kid_context)

    store.find = counted  # type: ignore[method-assign,assignment]
    for _ in range(10):
        await peer.request(Code.POST, (9, b"\x09\x01nobody"), payload=CIPHERTEXT)
    assert asked == [b"nobody"]
    assert server.counters.unknown_context == 10

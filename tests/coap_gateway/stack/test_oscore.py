"""OSCORE against the test vectors of RFC 8613 appendix C, and against aiocoap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coap_gateway.stack import Code, SecurityMaterial
from coap_gateway.stack.errors import OscoreError
from coap_gateway.stack.oscore import Binding, Context, OscoreOption, encode_partial_iv
from coap_gateway.stack.wire import decode

SECRET = bytes.fromhex("0102030405060708090a0b0c0d0e0f10")
SALT = bytes.fromhex("9e7ca92223786340")
GET_TV1 = bytes.fromhex("01b3747631")

# RFC 8613 C.4, C.5, C.6: protected requests of clients "", "00" and with an id context.
REQUESTS = [
    (
        SecurityMaterial(1, SECRET, b"\x01", b"", SALT),
        "44025d1f00003974396c6f63616c686f7374620914ff612f1092f1776f1c1668b3825e",
        20,
    ),
    (
        SecurityMaterial(1, SECRET, b"\x01", b"\x00"),
        "440271c30000b932396c6f63616c686f737463091400ff4ed339a5a379b0b8bc731fffb0",
        20,
    ),
    (
        SecurityMaterial(1, SECRET, b"\x01", b"", SALT, bytes.fromhex("37cbf3210017a2d3")),
        "44022f8eef9bbf7a396c6f63616c686f73746b19140837cbf3210017a2d3ff72cd7273fd331ac45cffbe55c3",
        20,
    ),
]
RESPONSE_C7 = "64445d1f00003974 90ff dbaad1e9a7e7b2a813d3c31524378303cdafae119106"
RESPONSE_C8 = "64445d1f00003974 920100ff 4d4c13669384b67354b2b6175ff4b8658c666a6cf88e"
PLAIN_RESPONSE = bytes.fromhex("45ff48656c6c6f20576f726c6421")


def opened(material: SecurityMaterial, datagram: str) -> tuple[bytes, OscoreOption, Binding]:
    message = decode(bytes.fromhex(datagram))
    option = OscoreOption.decode(dict(message.options)[9])
    plaintext, binding = Context(material, 32).open_request(option.partial_iv, message.payload)
    return plaintext, option, binding


@pytest.mark.parametrize(("material", "datagram", "sequence"), REQUESTS)
def test_the_rfcs_protected_requests_open(
    material: SecurityMaterial, datagram: str, sequence: int
) -> None:
    plaintext, option, _ = opened(material, datagram)
    assert plaintext == GET_TV1
    assert int.from_bytes(option.partial_iv, "big") == sequence
    assert (option.kid, option.kid_context) == (material.recipient_id, material.id_context)


@pytest.mark.parametrize(("material", "datagram", "sequence"), REQUESTS)
def test_sealing_the_same_request_gives_the_rfcs_bytes(
    material: SecurityMaterial, datagram: str, sequence: int
) -> None:
    client = SecurityMaterial(
        1,
        SECRET,
        material.recipient_id,
        material.sender_id,
        material.master_salt,
        material.id_context,
    )
    message = decode(bytes.fromhex(datagram))
    option, ciphertext, _ = Context(client, 32).seal_request(sequence, GET_TV1)
    assert (option, ciphertext) == (dict(message.options)[9], message.payload)


@pytest.mark.parametrize(("wire", "sequence"), [(RESPONSE_C7, None), (RESPONSE_C8, 0)])
def test_responses_have_the_rfcs_bytes(wire: str, sequence: int | None) -> None:
    material, datagram, _ = REQUESTS[0]
    _, _, binding = opened(material, datagram)
    context = Context(material, 32)
    option, ciphertext = context.seal_response(binding, PLAIN_RESPONSE, sequence)
    message = decode(bytes.fromhex(wire))
    assert (option, ciphertext) == (dict(message.options)[9], message.payload)


def test_a_requests_nonce_protects_one_response_only() -> None:
    material, datagram, _ = REQUESTS[0]
    _, _, binding = opened(material, datagram)
    context = Context(material, 32)
    context.seal_response(binding, PLAIN_RESPONSE, None)
    with pytest.raises(ValueError, match="used up"):
        context.seal_response(binding, PLAIN_RESPONSE, None)


def test_a_changed_ciphertext_does_not_open() -> None:
    material, datagram, _ = REQUESTS[0]
    with pytest.raises(OscoreError) as refusal:
        opened(material, datagram[:-2] + "00")
    assert refusal.value.code is Code.BAD_REQUEST


def test_sequence_numbers_come_from_reserved_blocks_only() -> None:
    context = Context(REQUESTS[0][0], 32)
    assert context.take_sequence() is None
    context.add_sequences(100, 2)
    context.add_sequences(500, 2)
    taken = [context.take_sequence() for _ in range(5)]
    assert taken == [100, 101, 500, 501, None]


def test_the_last_sequence_number_is_never_passed() -> None:
    context = Context(REQUESTS[0][0], 32)
    context.add_sequences(2**40 - 2, 64)
    assert [context.take_sequence() for _ in range(2)] == [2**40 - 2, None]


@pytest.mark.parametrize(
    "wire", ["2901", "0601", "4901", "0a01", "1900", "190102", "1901", "0101aa"]
)
def test_an_option_that_breaks_its_format_is_a_bad_option(wire: str) -> None:
    with pytest.raises(OscoreError) as refusal:
        OscoreOption.decode(bytes.fromhex(wire))
    assert refusal.value.code is Code.BAD_OPTION


OPTIONS = st.builds(
    OscoreOption,
    st.integers(0, 2**40 - 1).map(encode_partial_iv) | st.just(b""),
    st.none() | st.binary(max_size=7),
    st.none() | st.binary(max_size=20),
)


@given(OPTIONS)
def test_an_option_survives_encoding_and_decoding(option: OscoreOption) -> None:
    assert OscoreOption.decode(option.encode()) == option


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithm": "A128CBC"},
        {"sender_id": b"12345678"},
        {"sender_id": b"same", "recipient_id": b"same"},
    ],
)
def test_material_that_oscore_cannot_use_is_refused(changes: dict[str, object]) -> None:
    base = {"sender_id": b"a", "recipient_id": b"b"} | changes
    with pytest.raises(ValueError, match="AEAD|at most|differ"):
        Context(SecurityMaterial(1, SECRET, **base), 32)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "algorithm",
    [
        "AES-CCM-16-64-128",
        "AES-CCM-16-128-256",
        "AES-CCM-64-64-128",
        "A128GCM",
        "A256GCM",
        "ChaCha20/Poly1305",
    ],
)
def test_each_aead_algorithm_works_both_ways(algorithm: str) -> None:
    mine = SecurityMaterial(1, SECRET, b"", b"\x01", algorithm=algorithm)
    theirs = SecurityMaterial(1, SECRET, b"\x01", b"", algorithm=algorithm)
    option, ciphertext, _ = Context(mine, 32).seal_request(70_000, GET_TV1)
    partial_iv = OscoreOption.decode(option).partial_iv
    assert Context(theirs, 32).open_request(partial_iv, ciphertext)[0] == GET_TV1

"""The codec against aiocoap's, and what is not CoAP."""

import aiocoap
import pytest
from aiocoap.options import Options
from hypothesis import given
from hypothesis import strategies as st

from coap_gateway.stack.errors import FormatError
from coap_gateway.stack.wire import Message, decode, decode_options, encode, encode_uint

OPTION = st.tuples(st.integers(0, 3000), st.binary(max_size=300))
OPAQUE = st.tuples(st.integers(300, 3000), st.binary(max_size=300))


def messages(option: st.SearchStrategy[tuple[int, bytes]]) -> st.SearchStrategy[Message]:
    return st.builds(
        Message,
        st.integers(0, 3),
        st.integers(1, 31),
        st.integers(0, 65535),
        st.binary(max_size=8),
        st.lists(option, max_size=6).map(lambda some: sorted(some, key=lambda one: one[0])),
        st.binary(max_size=40),
    )


@given(messages(OPTION))
def test_a_message_survives_encoding_and_decoding(message: Message) -> None:
    assert decode(encode(message)) == message


@given(messages(OPAQUE))
def test_aiocoap_reads_the_same_header_and_payload(message: Message) -> None:
    theirs = aiocoap.Message.decode(encode(message))
    ours = (message.kind, message.code, message.message_id, message.token, message.payload)
    assert (theirs.mtype, theirs.code, theirs.mid, theirs.token, theirs.payload) == ours


@given(st.lists(st.tuples(st.sampled_from([4, 292]), st.binary(min_size=1, max_size=8))))
def test_aiocoap_reads_the_same_options(options: list[tuple[int, bytes]]) -> None:
    message = Message(0, 1, 1, b"", sorted(options, key=lambda option: option[0]), b"")
    theirs = Options()
    theirs.decode(encode(message)[4:])
    assert [(int(o.number), o.value) for o in theirs.option_list()] == message.options


@given(st.binary(min_size=4, max_size=80))
def test_any_bytes_are_decoded_or_refused_as_format_error(datagram: bytes) -> None:
    try:
        message = decode(datagram)
    except FormatError:
        return
    assert decode(encode(message)) == message


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        ("49010001" + "00" * 9, "token length 9 is reserved"),
        ("4f010001" + "00" * 15, "token length 15 is reserved"),
        ("44010001aabb", "token is cut off"),
        ("40010001ff", "payload marker with nothing after it"),
        ("40010001b5aabb", "option value is cut off"),
        ("40010001f1aa", "option nibble 15 is reserved"),
        ("400100011faa", "option nibble 15 is reserved"),
        ("40010001d0", "option header is cut off"),
        ("40010001e001", "option header is cut off"),
        ("40010001e0ffff", "option number beyond 65535"),
    ],
)
def test_a_malformed_datagram_names_what_is_wrong(datagram: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        decode(bytes.fromhex(datagram))


def test_options_end_at_the_payload_marker() -> None:
    assert decode_options(bytes.fromhex("b161ff62"), 0) == ([(11, b"a")], b"b")


@pytest.mark.parametrize(("value", "wire"), [(0, ""), (1, "01"), (256, "0100")])
def test_an_integer_option_has_no_leading_zeros(value: int, wire: str) -> None:
    assert encode_uint(value).hex() == wire

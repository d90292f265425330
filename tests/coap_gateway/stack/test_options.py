"""How the options of a request are read."""

import pytest

from coap_gateway.stack import Code
from coap_gateway.stack.errors import (
    BadOption,
    BadRequest,
    MethodNotAllowed,
    ProxyingNotSupported,
    RequestFailed,
)
from coap_gateway.stack.options import InboundRequest, check_outer, read_request
from coap_gateway.stack.requests import Peer
from coap_gateway.stack.wire import Option

PEER = Peer(("127.0.0.1", 5683))


def read(*options: Option, code: int = Code.GET) -> InboundRequest:
    return read_request(code, options, b"", PEER)


def test_the_usual_options_end_up_in_the_request() -> None:
    request = read((4, b"e1"), (4, b"e2"), (6, b""), (11, b"rd"), (12, b"\x28"), (15, b"ep=a"))
    assert request.path == ("rd",)
    assert request.query_value("ep") == "a"
    assert (request.etags, request.observe, request.content_format) == ((b"e1", b"e2"), 0, 40)


@pytest.mark.parametrize("number", [9 + 2 * 100, 13, 19, 21, 31, 2049])
def test_an_unknown_critical_option_is_refused(number: int) -> None:
    with pytest.raises(BadOption):
        read((number, b"x"))


@pytest.mark.parametrize("number", [16, 28, 2048, 65000])
def test_an_unknown_elective_option_is_ignored(number: int) -> None:
    assert read((11, b"a"), (number, b"x")).path == ("a",)


@pytest.mark.parametrize(
    "option",
    [(11, b"x" * 256), (15, b"x" * 256), (17, b"\0\0\0"), (23, b"\0" * 4), (5, b"x"), (3, b"")],
)
def test_a_critical_option_of_wrong_length_is_refused(option: Option) -> None:
    with pytest.raises(BadOption):
        read(option)


@pytest.mark.parametrize("option", [(17, b"\x28"), (23, b""), (27, b""), (3, b"host"), (7, b"")])
def test_a_critical_option_that_may_occur_once_is_refused_twice(option: Option) -> None:
    with pytest.raises(BadOption):
        read(option, option)


def test_an_elective_option_that_occurs_too_often_counts_once() -> None:
    assert read((12, b"\x28"), (12, b"\x70")).content_format == 40


def test_a_path_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(BadOption):
        read((11, b"\xff"))


@pytest.mark.parametrize(
    ("option", "error"),
    [
        ((35, b"coap://x/"), ProxyingNotSupported),
        ((39, b"coap"), ProxyingNotSupported),
        ((23, b"\x07"), BadRequest),
        ((27, b"\x0f"), BadRequest),
    ],
)
def test_proxying_and_the_reserved_block_size_are_refused(
    option: Option, error: type[RequestFailed]
) -> None:
    with pytest.raises(error):
        read(option)


def test_an_unknown_method_is_not_allowed() -> None:
    with pytest.raises(MethodNotAllowed):
        read(code=31)


def test_outside_oscore_class_e_options_are_left_alone() -> None:
    check_outer([(3, b"host"), (9, b"\x09\x01D"), (11, b"ignored")])


@pytest.mark.parametrize("option", [(23, b""), (27, b""), (2049, b""), (13, b"")])
def test_outside_oscore_block_wise_and_unknown_critical_options_are_refused(
    option: Option,
) -> None:
    with pytest.raises(BadOption):
        check_outer([(9, b"\x09\x01D"), option])

"""Ports: a taken one is told in one sentence that names the setting."""

import socket

import pytest

from berth.ports import Listening, PortUnavailable, bind, check_free
from tests.support.running import free_port, taken_port


def tcp(port: int, host: str = "127.0.0.1") -> Listening:
    return Listening("API", host, port, "BERTH_PORT")


def udp(port: int) -> Listening:
    return Listening("gateway", "127.0.0.1", port, "BERTH_COAP_PORT", is_udp=True)


def test_a_free_port_is_taken() -> None:
    with bind(tcp(0)) as bound:
        assert bound.getsockname()[1] > 0


@pytest.mark.parametrize(
    ("kind", "listening", "flag"),
    [(socket.SOCK_STREAM, tcp, "--port"), (socket.SOCK_DGRAM, udp, "--coap-port")],
)
def test_a_taken_port_is_told(kind: int, listening: type, flag: str) -> None:
    with taken_port(kind) as port, pytest.raises(PortUnavailable) as caught:
        check_free(listening(port))
    assert f"port {port}" in caught.value.message
    assert "is taken" in caught.value.message
    assert flag in caught.value.message


def test_checking_leaves_the_port_free() -> None:
    port = free_port()
    check_free(tcp(port))
    check_free(tcp(port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_told(host: str) -> None:
    with pytest.raises(PortUnavailable, match="set BERTH_HOST to an address of this machine"):
        check_free(tcp(0, host))

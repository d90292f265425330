"""Sockets: ports that are taken, both IP versions, and errors from the network."""

import socket
from collections.abc import Callable

import pytest

from coap_gateway.stack import Code, Identity, PortTaken, Request, Server
from tests.coap_gateway.stack.conftest import Bay, StartServer
from tests.coap_gateway.stack.peers import PING, PONG, RawPeer

CORE = ((11, b".well-known"), (11, b"core"))
Connect = Callable[..., RawPeer]


def loopback_hosts() -> list[str]:
    """Loopback addresses of the IP versions that this machine has."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return ["127.0.0.1"]
    return ["127.0.0.1", "::1"]


HOSTS = loopback_hosts()


async def test_a_taken_port_is_refused_and_not_shared(start: StartServer) -> None:
    first = await start()
    with pytest.raises(PortTaken, match=f"UDP port {first.port} on 127.0.0.1 is in use"):
        await start(port=first.port)


async def test_ipv4_and_ipv6_are_served_on_one_port(start: StartServer, connect: Connect) -> None:
    server = await start(host="")
    for host in HOSTS:
        answer = await connect(server, host).request(Code.GET, *CORE)
        assert answer.code == Code.CONTENT


@pytest.mark.parametrize("host", HOSTS)
async def test_one_address_can_be_served_alone(
    start: StartServer, connect: Connect, host: str
) -> None:
    server = await start(host=host)
    assert await connect(server, host).ask(PING) == PONG


async def test_a_client_that_closed_before_its_answer_does_not_make_the_server_deaf(
    start: StartServer, connect: Connect, bay: Bay
) -> None:
    """Each closed socket makes the kernel send an ICMP error for the answer."""
    server = await start()
    for number in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", server.port))
            sock.send(bytes((0x40, 0, 0, number)))
    assert await connect(server).ask(PING) == PONG
    assert server.counters.pings == 51


async def test_an_answer_that_cannot_be_sent_is_counted(server: Server) -> None:
    server._receive(PING, ("255.255.255.255", 9))
    assert server.counters.send_failed == 1


async def test_a_burst_larger_than_one_reading_is_answered_whole(
    server: Server, peer: RawPeer
) -> None:
    for number in range(200):
        peer.send(bytes((0x40, 0, 0, number)))
    assert {(await peer.hear())[3] for _ in range(200)} == set(range(200))


async def test_counters_are_plain_numbers(server: Server, peer: RawPeer) -> None:
    await peer.request(Code.GET, *CORE)
    await peer.request(Code.GET, (11, b"none"))
    counted = server.counters.as_dict()
    assert (counted["received"], counted["sent"]) == (2, 2)
    assert counted["answered"] == {"2.05": 1, "4.04": 1}
    assert counted["rejected"] == {"4.04": 1}


class TestUnsecured:
    """The development hook for devices provisioned without OSCORE."""

    @staticmethod
    def identify(request: Request) -> Identity | None:
        """Whoever says so in the query."""
        name = request.query_value("ep")
        return Identity(3, name) if name else None

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
    async def test_anything_but_loopback_is_refused(self, start: StartServer, host: str) -> None:
        with pytest.raises(ValueError, match="loopback only"):
            await start(host=host, unsecured=self.identify)

    async def test_a_known_device_is_served_and_a_stranger_is_not(
        self, start: StartServer, connect: Connect, bay: Bay
    ) -> None:
        peer = connect(await start(unsecured=self.identify))
        assert (await peer.request(Code.GET, (11, b"state"))).code == Code.UNAUTHORIZED
        known = await peer.request(Code.GET, (11, b"state"), (15, b"ep=bay 4"))
        assert known.code == Code.CONTENT
        assert bay.requests[-1].peer.credential == "bay 4"

    async def test_it_is_loud_in_the_log(
        self, start: StartServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        await start(unsecured=self.identify)
        assert "without OSCORE are accepted" in caplog.text

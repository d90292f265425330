"""Taking ports before anything else is done, so that a taken one is told at once."""

import errno
import socket
from dataclasses import dataclass

from berth.settings import Settings
from parking.errors import BerthError


class PortUnavailable(BerthError):
    """An address and port cannot be listened on."""

    code = "PORT_UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Listening:
    """What listens where; `variable` is the setting of the port (`BERTH_PORT`)."""

    name: str
    host: str
    port: int
    variable: str
    is_udp: bool = False

    @property
    def told(self) -> str:
        """For messages: `port 8000 (TCP) on 127.0.0.1`."""
        return f"port {self.port} ({'UDP' if self.is_udp else 'TCP'}) on {self.host}"


def api_listening(settings: Settings) -> Listening:
    """Where the API listens."""
    return Listening("API", settings.host, settings.port, "BERTH_PORT")


def coap_listening(settings: Settings) -> Listening:
    """Where the gateway listens."""
    return Listening(
        "gateway", settings.coap_host, settings.coap_port, "BERTH_COAP_PORT", is_udp=True
    )


def bind(wanted: Listening) -> socket.socket:
    """A bound socket. Raises `PortUnavailable` with one sentence that names the variable."""
    kind = socket.SOCK_DGRAM if wanted.is_udp else socket.SOCK_STREAM
    try:
        found = socket.getaddrinfo(wanted.host, wanted.port, type=kind, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise PortUnavailable(
            f"{wanted.host} is no address that can be found ({error.strerror}); "
            f"set {_host_variable(wanted)} to an address of this machine"
        ) from error
    family, _, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    try:
        if not wanted.is_udp:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        if not wanted.is_udp:
            # Two sockets may be bound to one port while neither listens.
            bound.listen()
    except OSError as error:
        bound.close()
        raise _unavailable(wanted, error) from error
    bound.setblocking(False)
    return bound


def check_free(wanted: Listening) -> None:
    """Raise `PortUnavailable` unless the port can be taken now; it is left free."""
    bind(wanted).close()


def _unavailable(wanted: Listening, error: OSError) -> PortUnavailable:
    flag = "--" + wanted.variable.removeprefix("BERTH_").lower().replace("_", "-")
    if error.errno == errno.EADDRINUSE:
        return PortUnavailable(
            f"{wanted.told} is taken, so the {wanted.name} cannot start; stop the program that "
            f"uses it, or choose another port with {wanted.variable} ({flag})"
        )
    if error.errno == errno.EACCES:
        return PortUnavailable(
            f"{wanted.told} may not be used by this user; choose a port above 1023 with "
            f"{wanted.variable} ({flag})"
        )
    return PortUnavailable(
        f"{wanted.told} cannot be listened on ({error.strerror}); set {_host_variable(wanted)} "
        "to an address of this machine"
    )


def _host_variable(wanted: Listening) -> str:
    return wanted.variable.replace("PORT", "HOST")

"""How virtual devices reach gateways: which ones, and over how bad a link."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from berth.addresses import reachable
from berth.settings import Settings
from coap_gateway.stack import Faults, Limits
from parking.errors import InvalidInput

COAP_PORT = 5683
ACK_TIMEOUT_SECONDS = 2.0
"""RFC 7252 section 4.8: ACK_TIMEOUT."""

Gateway = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Link:
    """How devices reach the gateways; `faults` spoil it, in both directions."""

    gateways: Sequence[Gateway]
    faults: Faults | None = None
    limits: Limits = field(default_factory=Limits)


def gateway_of(text: str) -> Gateway:
    """`host:port`, `[v6]:port` or `coap://host:port`."""
    parts = urlsplit(text if "://" in text else f"coap://{text}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme != "coap" or parts.path not in ("", "/"):
        raise InvalidInput("gateway", f"--gateway is {text!r}; expected HOST:PORT")
    return host, port or COAP_PORT


def gateways_of(settings: Settings, asked: Sequence[str] | None) -> list[Gateway]:
    """The gateways that a command was given, else the settings' own."""
    default = f"{reachable(settings.coap_host)}:{settings.coap_port}"
    return [gateway_of(each) for each in asked or [default]]


def link_of(
    gateways: list[Gateway],
    loss: float,
    duplicate: float,
    reorder: float,
    seed: int | None,
    ack_timeout: float = ACK_TIMEOUT_SECONDS,
) -> Link:
    """How devices reach these gateways: shares of datagrams lost, doubled and held back."""
    faults = None
    if loss or duplicate or reorder:
        faults = Faults(loss=loss, duplicate=duplicate, reorder=reorder, seed=seed)
    return Link(gateways, faults, Limits(ack_timeout_s=ack_timeout))

"""Where an endpoint may lie: never inside of the network that the platform itself is in (SSRF).

The name is resolved right before each attempt, every address it has is checked, and the connection
goes to the checked address, so that a name that changes in between changes nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from urllib.parse import urlsplit

from parking.errors import InvalidInput
from parking.notices.channel import NoticeNotSent, NoticeRefused
from parking.notices.limits import URL_CHARACTERS_MAX

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

_TRANSLATED = (
    ipaddress.ip_network("64:ff9b::/96"),  # NAT64 (RFC 6052): the last 32 bits are an IPv4 address
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2002::/16"),  # 6to4 (RFC 3056)
    ipaddress.ip_network("2001::/32"),  # Teredo (RFC 4380)
)


def parse_endpoint_url(text: str, *, is_development: bool, field: str = "url") -> str:
    """A URL that events may be sent to. Raises `InvalidInput` naming `field`.

    Addresses behind names are checked when something is sent.
    """
    url = text.strip()
    if len(url) > URL_CHARACTERS_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidInput(field, f"a URL has at most {URL_CHARACTERS_MAX} ASCII characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidInput(
            field, "this is no URL; expected one like https://example.com/hook"
        ) from None
    schemes = ("https", "http") if is_development else ("https",)
    if parts.scheme not in schemes or not host or parts.fragment or "@" in parts.netloc:
        raise InvalidInput(
            field,
            "expected an https URL without user, password and fragment, such as "
            "https://example.com/hook",
        )
    if port == 0:
        raise InvalidInput(field, "port 0 is none that can be connected to")
    address = _literal(host)
    if address is not None and not is_development and not is_public(address):
        raise InvalidInput(field, "the address is not public; expected one on the internet")
    return url


def is_public(address: IpAddress) -> bool:
    """Whether the address is anybody's on the internet, and not of some inner network."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system knows them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


async def address_for(host: str, port: int, look_up: Resolve, *, is_development: bool) -> str:
    """The address to connect to.

    Raises `NoticeNotSent` for a name that is not found now, and `NoticeRefused` when any of its
    addresses is not public (in development every address may be used).
    """
    try:
        found = await look_up(host, port)
    except (OSError, UnicodeError) as error:
        raise NoticeNotSent("the endpoint's host name was not found") from error
    addresses = [ipaddress.ip_address(each.partition("%")[0]) for each in found]
    if not addresses:
        raise NoticeNotSent("the endpoint's host name was not found")
    if not is_development and not all(map(is_public, addresses)):
        raise NoticeRefused("the endpoint's host name leads to an address that is not public")
    return str(addresses[0])


def _literal(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None

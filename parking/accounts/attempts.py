"""Limits on attempts, counted in the database: they hold over all processes."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from parking.errors import TooManyTries
from parking.ids import keyed_hash
from parking.storage.sql import Sql, as_time

HOUR = timedelta(hours=1)
IPV6_PREFIX_BITS = 64
"""What one subscriber is given at least (RFC 6177): its addresses count as one source."""
IPV6_SITE_BITS = 48
"""What a site is given at most, and a rented machine often: 65,536 of the former."""
IPV4_SITE_BITS = 24
"""The least that is routed between networks."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count_max` attempts from the first one until `window` later."""

    name: str
    count_max: int
    window: timedelta = HOUR


async def take_attempt(sql: Sql, limit: Limit, who: str, secret: bytes, now: datetime) -> None:
    """Count one attempt of `who`, which is stored as a keyed hash only.

    Raises `TooManyTries` at the limit, and then counts nothing. Two limits taken in one
    transaction must be taken in the same order everywhere: each keeps its row locked.
    """
    subject = _subject(limit, who, secret)
    counted = await sql.fetch_one(
        """
        INSERT INTO attempt_window (subject, count, expires_at) VALUES ($1, 1, $2)
        ON CONFLICT (subject) DO UPDATE SET
            count = CASE WHEN attempt_window.expires_at <= $3
                         THEN 1 ELSE attempt_window.count + 1 END,
            expires_at = CASE WHEN attempt_window.expires_at <= $3
                              THEN excluded.expires_at ELSE attempt_window.expires_at END
        WHERE attempt_window.expires_at <= $3 OR attempt_window.count < $4
        RETURNING count
        """,
        subject,
        now + limit.window,
        now,
        limit.count_max,
    )
    if counted is None:
        raise _refusal(await _window_end(sql, subject, now), now)


async def give_back_attempt(sql: Sql, limit: Limit, who: str, secret: bytes) -> None:
    """Take one attempt off the count, because it was a good one."""
    await sql.execute(
        "UPDATE attempt_window SET count = count - 1 WHERE subject = $1 AND count > 0",
        _subject(limit, who, secret),
    )


def _subject(limit: Limit, who: str, secret: bytes) -> str:
    return f"{limit.name}:{keyed_hash(secret, who)[:32]}"


def source_network(source: str) -> str:
    """What counts as one source: an IPv4 address, an IPv6 /64, or the text itself."""
    address = _address(source)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_PREFIX_BITS), strict=False))
    return str(address)


def source_site(source: str) -> str:
    """The network around a source, which one party may have all of: an IPv4 /24, an IPv6 /48, or
    the text itself."""
    address = _address(source)
    if isinstance(address, str):
        return address
    is_long = isinstance(address, ipaddress.IPv6Address)
    bits = IPV6_SITE_BITS if is_long else IPV4_SITE_BITS
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def _address(source: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | str:
    """Of an IPv4 address in IPv6 form the former; what is no address as it is."""
    try:
        address = ipaddress.ip_address(source.partition("%")[0])
    except ValueError:
        return source or "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


async def _window_end(sql: Sql, subject: str, now: datetime) -> datetime:
    row = await sql.fetch_one("SELECT expires_at FROM attempt_window WHERE subject = $1", subject)
    return as_time(row["expires_at"]) if row else now


def _refusal(until: datetime, now: datetime) -> TooManyTries:
    seconds = max(1, ceil((until - now).total_seconds()))
    return TooManyTries(f"too many attempts; try again in {ceil(seconds / 60)} minutes", seconds)

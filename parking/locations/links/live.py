"""Following a secure link: only whether it still works. Whoever has it sees a snapshot, and no news
of the car (CLAIMS E18); but a page that is open must not go on showing what was taken back."""

from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum

from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.ids import token_hash
from parking.locations.links.rows import link_by_token, link_row
from parking.locations.links.rules import is_open
from parking.locations.positions.live import next_message
from parking.locations.records import LinkRecord
from parking.locations.tokens import is_token
from parking.locations.topics import position_link_topic
from parking.storage.sql import database


class LinkState(StrEnum):
    """Whether a link works. A used-up one is OPEN for who has it open."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


async def follow_link(token: str, *, clock: Clock, bus: Bus) -> AsyncIterator[LinkState]:
    """OPEN at once; CLOSED when it is revoked, expires, or the car is gone; then it ends.

    Raises NotFound for one that does not work, and for what is no link.
    """
    link = await _open_link(token, clock.now())
    async with bus.subscribe(position_link_topic(link.id)) as messages:
        # Read again: what happened in between was told to nobody here.
        found = await link_row(database(), link.id)
        if found is not None and is_open(found, clock.now()):
            yield LinkState.OPEN
        while found is not None and is_open(found, clock.now()):
            await next_message(messages, found.expires_at, clock)
            found = await link_row(database(), link.id)
        yield LinkState.CLOSED


async def _open_link(token: str, now: datetime) -> LinkRecord:
    link = await link_by_token(database(), token_hash(token)) if is_token(token) else None
    if link is None or not is_open(link, now):
        raise NotFound("there is no such link, or it does not work any more")
    return link

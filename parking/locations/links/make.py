"""Making secure links, and taking them back: the sharer's, for one position."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ids import token_hash
from parking.locations.guards import own_live_position, require_signed_in
from parking.locations.limits import LABEL_CHARACTERS_MAX, LINKS_LIVE_MAX
from parking.locations.links.close import REVOKED, close_link_in
from parking.locations.links.passcodes import hashed_passcode
from parking.locations.links.rows import link_row, links_of, locked_link
from parking.locations.links.rules import (
    checked_expiry,
    checked_passcode,
    checked_views,
    is_open,
)
from parking.locations.positions.revise import own_position
from parking.locations.records import LinkRecord
from parking.locations.tokens import made_token
from parking.locations.topics import tell_position
from parking.places.rules import checked_text
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

WHAT = "link"
"""In tokens."""

_INSERT = """
INSERT INTO position_link
    (position_id, token_hash, label, passcode_hash, views_max, shows_photo, shows_note, created_at,
     expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """What the sharer wishes; None of `expires_at`: a week."""

    position_id: int
    label: str = ""
    passcode: str | None = None
    views_max: int | None = None
    expires_at: datetime | None = None
    shows_photo: bool = True
    shows_note: bool = True


async def make_link(
    viewer: Viewer, new: NewLink, *, clock: Clock, bus: Bus, keys: Sequence[bytes], sealer: Sealer
) -> int:
    """Make one; its id. Its token is `tokens.token_again`'s. `keys` are the installation's for
    links, the newest first.

    Raises `InvalidInput`, `NotFound`, `Conflict` (POSITION_ENDED, TOO_MANY_LINKS),
    `Unauthenticated` and `NotPermitted`.
    """
    person_id, now = require_signed_in(viewer), clock.now()
    label = checked_text("label", new.label, LABEL_CHARACTERS_MAX, is_required=False)
    views_max, expires_at = checked_views(new.views_max), checked_expiry(new.expires_at, now)
    # Slow on purpose: it is over before anything is locked here.
    hashed = await _passcode_hash(new.passcode, sealer)

    async def write() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            position = await own_live_position(sql, viewer, new.position_id)
            await _require_room(sql, position.id, now)
            [row] = await sql.fetch(
                _INSERT, position.id, f"new:{position.id}", label, hashed, views_max,
                new.shows_photo, new.shows_note, now, expires_at,
            )  # fmt: skip
            token = made_token(keys[0], WHAT, row["id"], now)
            await sql.execute(
                "UPDATE position_link SET token_hash = $2 WHERE id = $1",
                row["id"],
                token_hash(token),
            )
            await tell_position(sql, held, now, position.id, [person_id])
            subject, detail = f"position_link:{row['id']}", {"position": position.id}
            await record_audit(sql, viewer, "make_position_link", subject, None, detail, now)
            return int(row["id"])

    return await retried(write)


async def revoke_link(viewer: Viewer, link_id: int, *, clock: Clock, bus: Bus) -> None:
    """Close it for good; one that is closed stays as it is. Raises `NotFound`, `Unauthenticated`
    and `NotPermitted`."""
    person_id = require_signed_in(viewer)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            link = await _own_link(sql, viewer, link_id)
            if link.revoked_at is None:
                now = clock.now()
                await close_link_in(sql, held, link, person_id, now, REVOKED)
                subject = f"position_link:{link.id}"
                await record_audit(sql, viewer, "revoke_position_link", subject, None, {}, now)

    await retried(write)


async def _own_link(sql: Sql, viewer: Viewer, link_id: int) -> LinkRecord:
    """The viewer's link, locked, its position before it. Raises `NotFound`."""
    link = await link_row(sql, link_id)
    if link is None:
        raise _missing()
    try:
        await own_position(sql, viewer, link.position_id)
    except NotFound:
        raise _missing() from None
    locked = await locked_link(sql, link_id)
    if locked is None:
        raise _missing()
    return locked


async def _passcode_hash(passcode: str | None, sealer: Sealer) -> str:
    return "" if passcode is None else await hashed_passcode(checked_passcode(passcode), sealer)


async def _require_room(sql: Sql, position_id: int, now: datetime) -> None:
    live = [each for each in await links_of(sql, position_id) if is_open(each, now)]
    if len(live) >= LINKS_LIVE_MAX:
        raise Conflict(
            f"a position has at most {LINKS_LIVE_MAX} links that work; revoke some of them first",
            code="TOO_MANY_LINKS",
        )


def _missing() -> NotFound:
    return NotFound("there is no such link")

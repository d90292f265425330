"""A picture comes in: by a ticket that its sharer was given, cleaned, kept, and then known.

The erasure of its key is planned before the store has it and taken back with its row: whatever
crashes between, no picture stays that nobody knows of.
"""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound
from parking.locations.kinds import PositionState
from parking.locations.limits import PHOTOS_MAX
from parking.locations.photos.cleaning import CleanPhoto, clean_photo
from parking.locations.photos.port import PhotoStore
from parking.locations.photos.rows import keep, photo_count, photo_of_key, plan_erasure
from parking.locations.photos.tokens import PhotoToken, Right, opened_token, sealed_token
from parking.locations.positions.rows import locked_position, position_row
from parking.locations.records import PhotoRecord, PositionRecord
from parking.storage.faults import Contended
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

TICKET_LASTS = timedelta(minutes=10)
"""So long a phone may take to send a picture."""
ORPHANED_AFTER = timedelta(hours=1)
"""A picture whose row was not written by then never gets one."""
KEY_CHARACTERS = 40
NONCE_BITS = 64


class Ticket(NamedTuple):
    """A proven ticket; `key` is what its picture is kept under."""

    key: str
    token: PhotoToken


def photo_ticket(key: bytes, viewer: Viewer, position: PositionRecord, now: datetime) -> str:
    """What the sharer of a live position sends one picture by; each call gives another."""
    person_id = viewer.person_id
    assert person_id is not None, "who shares is a person"
    expires_at = now + TICKET_LASTS
    nonce = secrets.randbits(NONCE_BITS)
    return sealed_token(key, PhotoToken(Right.SEND, position.id, person_id, expires_at, nonce))


def read_ticket(keys: Sequence[bytes], text: str, now: datetime) -> Ticket:
    """The ticket, before anybody reads a picture of somebody without one. Raises NotFound for what
    is false, too old, or only shows a picture."""
    token = opened_token(keys, text, now)
    if token.right is not Right.SEND:
        raise NotFound("this address shows a photo; ask for one to send to")
    return Ticket(sha256(text.encode()).hexdigest()[:KEY_CHARACTERS], token)


async def take_photo(
    store: PhotoStore, ticket: Ticket, data: bytes, *, clock: Clock
) -> PhotoRecord:
    """Keep a picture that came by a ticket; the same ticket again gives the first one.

    Raises InvalidInput `PHOTO_TOO_LARGE` and `PHOTO_UNREADABLE`, NotFound, Conflict
    `POSITION_ENDED` and `TOO_MANY_PHOTOS`, and PhotoStoreDown.
    """
    key, token = ticket
    before = await photo_of_key(database(), key)
    if before is not None:
        return before
    await _require_room(database(), token, locked=False)
    photo = await asyncio.to_thread(clean_photo, data)
    await plan_erasure(database(), key, clock.now() + ORPHANED_AFTER)
    await store.put(key, photo.data)

    async def once() -> PhotoRecord:
        async with transaction() as sql:
            return await _written(sql, token, key, photo, clock.now())

    return await retried(once)


async def _written(
    sql: Sql, token: PhotoToken, key: str, photo: CleanPhoto, at: datetime
) -> PhotoRecord:
    await _require_room(sql, token, locked=True)
    before = await photo_of_key(sql, key)
    if before is not None:
        return before
    if not await keep(sql, key):
        raise Contended("the picture was let go of meanwhile; send it again")
    [row] = await sql.fetch(
        "INSERT INTO position_photo (position_id, key, bytes, width_pixels, height_pixels,"
        " created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        token.subject_id, key, len(photo.data), photo.width_pixels, photo.height_pixels,
        token.holder_id, at,
    )  # fmt: skip
    return PhotoRecord(
        row["id"], token.subject_id, key, len(photo.data), photo.width_pixels,
        photo.height_pixels, token.holder_id, at,
    )  # fmt: skip


async def _require_room(sql: Sql, token: PhotoToken, *, locked: bool) -> None:
    """Raises NotFound and Conflict: the position is the ticket's holder's, live, and takes more."""
    position = await (locked_position if locked else position_row)(sql, token.subject_id)
    if position is None or position.person_id != token.holder_id:
        raise NotFound("there is no such position")
    if position.state is not PositionState.ACTIVE:
        raise Conflict("the car is gone; its position takes no photos", code="POSITION_ENDED")
    if await photo_count(sql, position.id) >= PHOTOS_MAX:
        raise Conflict(f"a position has at most {PHOTOS_MAX} photos", code="TOO_MANY_PHOTOS")

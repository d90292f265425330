"""Looking at a picture, by an address that was made for one person or one link.

An address alone shows nothing: that its holder may see the position is asked again at each look, so
what was revoked a second ago stays dark.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.locations.bindings.rows import receivers_of
from parking.locations.kinds import PositionState
from parking.locations.limits import PHOTO_SCOPE_LASTS
from parking.locations.photos.port import PhotoStore
from parking.locations.photos.rows import photos_by_id
from parking.locations.photos.tokens import PhotoToken, Right, opened_token, sealed_token
from parking.locations.positions.queries import seen_positions
from parking.locations.positions.rows import position_row
from parking.locations.records import SELECT_LINKS, PhotoRecord, PositionRecord, link_record
from parking.storage.sql import Sql, database


def photo_address(key: bytes, photo_id: int, right: Right, holder_id: int, now: datetime) -> str:
    """What one holder sees one picture by, for a few minutes. The same within a minute, so that a
    page that is drawn again does not load it again."""
    expires_at = (now + PHOTO_SCOPE_LASTS).replace(second=0, microsecond=0)
    return sealed_token(key, PhotoToken(right, photo_id, holder_id, expires_at))


async def photos_seen(
    viewer: Viewer, ids: Sequence[int], now: datetime
) -> Mapping[int, PhotoRecord]:
    """The photos of these ids, of positions that the viewer may see now."""
    found = await photos_by_id(database(), ids)
    seen = await seen_positions(viewer, [each.position_id for each in found.values()], now)
    return {i: photo for i, photo in found.items() if photo.position_id in seen}


async def photo_seen(
    store: PhotoStore, keys: Sequence[bytes], address: str, *, clock: Clock
) -> bytes:
    """The picture (JPEG). Raises NotFound, and PhotoStoreDown."""
    now = clock.now()
    token = opened_token(keys, address, now)
    sql = database()
    photo = (await photos_by_id(sql, [token.subject_id])).get(token.subject_id)
    if photo is None or not await _may_look(sql, token, photo, now):
        raise _missing()
    data = await store.get(photo.key)
    if data is None:
        raise _missing()
    return data


async def _may_look(sql: Sql, token: PhotoToken, photo: PhotoRecord, now: datetime) -> bool:
    position = await position_row(sql, photo.position_id)
    if position is None:
        return False
    match token.right:
        case Right.PERSON:
            return await _person_may(sql, token.holder_id, position, now)
        case Right.LINK:
            is_live = position.state is PositionState.ACTIVE
            return is_live and await _link_may(sql, token.holder_id, position, now)
        case Right.SEND:
            return False


async def _person_may(sql: Sql, person_id: int, position: PositionRecord, now: datetime) -> bool:
    if person_id == position.person_id:
        return True
    if position.state is not PositionState.ACTIVE:
        return False
    return any(each.receiver_id == person_id for each in await receivers_of(sql, position, now))


async def _link_may(sql: Sql, link_id: int, position: PositionRecord, now: datetime) -> bool:
    """Its views may be used up: this is the picture of the last one."""
    row = await sql.fetch_one(f"{SELECT_LINKS} WHERE l.id = $1", link_id)
    if row is None:
        return False
    link = link_record(row)
    is_open = link.revoked_at is None and now < link.expires_at
    return link.position_id == position.id and link.shows_photo and is_open


def _missing() -> NotFound:
    return NotFound("there is no such photo, or you may not see it any more")

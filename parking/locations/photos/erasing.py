"""The store lets go of pictures that nobody knows any more: tried until it has."""

import logging
from datetime import timedelta

from parking.clock import Clock
from parking.locations.photos.port import PhotoStore, PhotoStoreDown
from parking.storage.sql import database

PHOTOS_AT_ONCE_MAX = 100
"""So many pictures are erased in one go."""
RETRY_FIRST = timedelta(minutes=1)
RETRY_LAST = timedelta(hours=6)

log = logging.getLogger(__name__)


async def erase_photos(store: PhotoStore, clock: Clock) -> int:
    """Erase what is due; how many. Any number of workers may call it: what is gone is no fault. A
    store that is down is not asked for the next."""
    rows = await database().fetch(
        "SELECT id, key, attempts FROM photo_erasure WHERE due_at <= $1"
        f" ORDER BY due_at, id LIMIT {PHOTOS_AT_ONCE_MAX}",
        clock.now(),
    )
    for done, row in enumerate(rows):
        if not await _is_erased(store, clock, row["id"], row["key"], row["attempts"]):
            return done
    return len(rows)


async def _is_erased(store: PhotoStore, clock: Clock, row_id: int, key: str, attempts: int) -> bool:
    try:
        await store.erase(key)
    except PhotoStoreDown as error:
        pause = min(RETRY_FIRST * 2 ** min(attempts, 20), RETRY_LAST)
        log.warning("a photo could not be erased, next try in %s: %s", pause, error)
        await database().execute(
            "UPDATE photo_erasure SET attempts = attempts + 1, due_at = $2 WHERE id = $1",
            row_id,
            clock.now() + pause,
        )
        return False
    await database().execute("DELETE FROM photo_erasure WHERE id = $1", row_id)
    return True

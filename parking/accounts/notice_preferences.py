"""What the viewer wants to be told, and when."""

from collections.abc import Sequence

from parking.accounts.audit import record_audit
from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.notices.kinds import NoticeTopic
from parking.notices.preferences import (
    PreferenceRecord,
    checked,
    preference_of,
    save_preference,
)
from parking.storage.sql import database
from parking.storage.transactions import transaction


async def own_preference(viewer: Viewer) -> PreferenceRecord:
    """The viewer's wishes. Raises `Unauthenticated`, `NotPermitted`."""
    return await preference_of(database(), require_person(viewer))


async def set_own_preference(
    viewer: Viewer,
    *,
    muted: Sequence[NoticeTopic],
    quiet_from: str | None,
    quiet_until: str | None,
    time_zone: str,
    clock: Clock,
) -> PreferenceRecord:
    """Wish something else. The hours are `HH:MM`, both or neither.

    Raises `InvalidInput`, `Unauthenticated`, `NotPermitted`.
    """
    person_id = require_person(viewer)
    wished = checked(PreferenceRecord(tuple(muted), quiet_from, quiet_until, time_zone))
    async with transaction() as sql:
        await save_preference(sql, person_id, wished, clock.now())
        subject = f"person:{person_id}"
        detail = {"muted": sorted(wished.muted), "quiet": [quiet_from, quiet_until, time_zone]}
        await record_audit(sql, viewer, "set_notice_preference", subject, None, detail, clock.now())
        return await preference_of(sql, person_id)

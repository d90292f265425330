"""Notices of an organisation that were given up: listed, and tried again."""

from collections.abc import Sequence

from parking.accounts.audit import record_audit
from parking.accounts.rules import acts_in, require_manager
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound
from parking.notices.dead import DeadNotice, dead_by_id, dead_notices_of, replay
from parking.notices.limits import REPLAYED_AT_ONCE_MAX
from parking.storage.sql import database
from parking.storage.transactions import transaction


async def list_dead_notices(
    viewer: Viewer, organisation_id: int, *, limit: int, before: int | None = None
) -> list[DeadNotice]:
    """The organisation's, the newest first. Raises `NotFound`, `NotPermitted`."""
    require_manager(viewer, organisation_id)
    return await dead_notices_of(database(), organisation_id, limit=limit, before=before)


async def replay_notices(viewer: Viewer, ids: Sequence[int], *, clock: Clock) -> list[int]:
    """Have dead letters tried again, all or none; their ids.

    Raises `InvalidInput` for none or too many, `NotFound` when one is no dead letter of an
    organisation of the viewer's, and `NotPermitted`.
    """
    wanted = set(ids)
    if not 1 <= len(wanted) <= REPLAYED_AT_ONCE_MAX:
        raise InvalidInput("noticeIds", f"give 1 to {REPLAYED_AT_ONCE_MAX} ids")
    async with transaction() as sql:
        found = await dead_by_id(sql, sorted(wanted))
        seen = [each for each in found if _is_of(viewer, each)]
        if len(seen) != len(wanted):
            raise NotFound("there is no such dead letter; it may be on its way again")
        for organisation_id in sorted({each.organisation_id or 0 for each in seen}):
            require_manager(viewer, organisation_id)
        now = clock.now()
        done = [each for each in seen if await replay(sql, each, now)]
        for each in done:
            subject, detail = f"notice:{each.id}", {"topic": each.topic, "about": each.about}
            await record_audit(
                sql, viewer, "replay_notice", subject, each.organisation_id, detail, now
            )
    return [each.id for each in done]


def _is_of(viewer: Viewer, notice: DeadNotice) -> bool:
    return notice.organisation_id is not None and acts_in(viewer, notice.organisation_id)

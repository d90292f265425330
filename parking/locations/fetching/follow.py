"""The end of delegated exit rights by what they hang on: stay, position, binding, time."""

import logging
from datetime import datetime
from functools import partial

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rows import act_on, locked_delegation, locked_where
from parking.access.delegations.rules import OVER, Act, due
from parking.access.models import DelegationState
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.fetching.notices import tell_revoked
from parking.locations.kinds import BindingState
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

FOLLOWED_AT_ONCE_MAX = 200
"""So many rights one go looks at."""
PAGES_MAX = 50

_DUE = """
SELECT d.id FROM exit_delegation d JOIN reservation r ON r.id = d.reservation_id
 WHERE d.state IN ('OFFERED', 'ACTIVE', 'LEAVING') AND d.id > $2
   AND (d.valid_until <= $1 OR r.state IN ('COMPLETED', 'CANCELLED', 'EXPIRED', 'NO_SHOW'))
 ORDER BY d.id LIMIT $3
"""

log = logging.getLogger(__name__)


async def follow_delegations(clock: Clock, bus: Bus) -> int:
    """Write down what time, or the end of a stay, has made of live rights; how many. What counts is
    known at reading before (`rules.standing`). Any number of workers may call it."""
    done, after = 0, 0
    for _ in range(PAGES_MAX):
        rows = await database().fetch(_DUE, clock.now(), after, FOLLOWED_AT_ONCE_MAX)
        for row in rows:
            done += await _tried(row["id"], clock, bus)
        if len(rows) < FOLLOWED_AT_ONCE_MAX:
            break
        after = rows[-1]["id"]
    return done


async def _tried(delegation_id: int, clock: Clock, bus: Bus) -> int:
    try:
        return await retried(partial(_follow, delegation_id, clock, bus))
    except Exception:  # the others' end is not this one's fault
        log.exception("delegation %d could not be ended; it is tried again", delegation_id)
        return 0


async def _follow(delegation_id: int, clock: Clock, bus: Bus) -> int:
    async with HeldBus(bus) as held, transaction() as sql:
        found, now = await locked_delegation(sql, delegation_id), clock.now()
        act = None if found is None else due(found, now)
        if found is None or act is None:
            return 0
        await end_in(sql, held, found, act, now)
        return 1


async def end_delegations_in(sql: Sql, bus: Bus, reservation_id: int, at: datetime) -> None:
    """The position of this booking is no more: its stay is over, or its sharer says that the car is
    gone, which takes the right back. In the caller's transaction; who is on the way from the bay to
    the gate is still let out (`EXIT_WAY`)."""
    for each in await locked_where(sql, "d.reservation_id = $1", reservation_id):
        act = due(each, at)
        if act is not None:
            await end_in(sql, bus, each, act, at)
        elif each.stay_state not in OVER:
            await end_in(sql, bus, each, Act.REVOKE, at)


async def revoke_of_binding_in(sql: Sql, bus: Bus, binding_id: int, at: datetime) -> None:
    """The binding by which the right was given has ended: taken back, or lapsed. In the caller's
    transaction; where it lapsed because the stay is over, the way to the gate stays open."""
    found = await locked_where(sql, "d.binding_id = $1", binding_id)
    is_lapsed = bool(found) and await _has_lapsed(sql, binding_id)
    for each in found:
        act = due(each, at)
        if act is None and is_lapsed and each.stay_state in OVER:
            continue
        await end_in(sql, bus, each, act or (Act.EXPIRE if is_lapsed else Act.REVOKE), at)


async def _has_lapsed(sql: Sql, binding_id: int) -> bool:
    row = await sql.fetch_one("SELECT state FROM position_binding WHERE id = $1", binding_id)
    return row is not None and row["state"] == BindingState.EXPIRED


async def end_in(
    sql: Sql,
    bus: Bus,
    delegation: DelegationRecord,
    act: Act,
    at: datetime,
    *,
    by: int | None = None,
) -> DelegationRecord:
    """End a locked right in the caller's transaction; who was to fetch the car hears that it was
    taken back, unless they did it themselves (`by`, a person)."""
    changes = {}
    if act is Act.LEAVE and delegation.state is DelegationState.LEAVING:
        changes = {"used_at": min(delegation.stay_ended_at or at, at)}
    ended = await act_on(sql, bus, delegation, act, at, **changes)
    if ended.state is DelegationState.REVOKED and ended.fetcher_id != by:
        await tell_revoked(ended, at)
    return ended

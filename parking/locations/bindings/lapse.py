"""Bindings that time or a stay has ended: what counts already at reading is written and told."""

import logging
from datetime import datetime
from functools import partial

from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.bindings.record import (
    SYSTEM,
    end_binding,
    locked_with_positions,
    tell_binding,
    tell_taken_away,
)
from parking.locations.bindings.rows import binding_row
from parking.locations.bindings.rules import BindingStep, next_state, standing
from parking.locations.fetching.follow import revoke_of_binding_in
from parking.locations.kinds import BindingState
from parking.locations.limits import LAPSED_AT_ONCE_MAX
from parking.locations.records import BindingRecord, PositionRecord
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

_LAPSED = f"""
SELECT id FROM position_binding WHERE state = 'REQUESTED' AND answer_until <= $1
UNION SELECT id FROM position_binding WHERE state IN ('REQUESTED', 'ACTIVE') AND until <= $1
ORDER BY id LIMIT {LAPSED_AT_ONCE_MAX}
"""

log = logging.getLogger(__name__)


async def lapse_bindings(clock: Clock, bus: Bus) -> int:
    """Write down which bindings time has ended; how many. Any number of workers may call it."""
    rows = await database().fetch(_LAPSED, clock.now())
    for row in rows:
        try:
            await retried(partial(_lapse, row["id"], clock, bus))
        except Exception:  # the others' end is not this one's fault
            log.exception("binding %s could not be ended; it is tried again", row["id"])
    return len(rows)


async def _lapse(binding_id: int, clock: Clock, bus: Bus) -> None:
    async with HeldBus(bus) as held, transaction() as sql:
        binding, now = await locked_with_positions(sql, binding_id), clock.now()
        if binding is not None and standing(binding, now) is BindingState.EXPIRED:
            await lapse_in(sql, held, binding, now)


async def lapse_in(sql: Sql, bus: Bus, binding: BindingRecord, at: datetime) -> None:
    """Write down that a binding has lapsed, and end what hangs on it, in the caller's transaction;
    one that has ended otherwise stays as it is."""
    row = await sql.fetch_one("SELECT state FROM position_binding WHERE id = $1", binding.id)
    written = BindingState(row["state"]) if row else BindingState.EXPIRED
    if written not in (BindingState.REQUESTED, BindingState.ACTIVE):
        return
    await end_binding(sql, binding, next_state(BindingStep.LAPSE, written), SYSTEM, at)
    await revoke_of_binding_in(sql, bus, binding.id, at)
    await tell_binding(sql, bus, at, binding)
    await tell_taken_away(sql, binding, at)


async def end_stay_bindings_in(sql: Sql, bus: Bus, position: PositionRecord, at: datetime) -> None:
    """End the bindings and open invitations of this one stay, in the caller's transaction."""
    rows = await sql.fetch(
        "SELECT id FROM position_binding WHERE position_id = $1"
        " AND state IN ('REQUESTED', 'ACTIVE') ORDER BY id",
        position.id,
    )
    for row in rows:
        binding = await binding_row(sql, row["id"])
        assert binding is not None, "bindings end with their position, or before"
        await lapse_in(sql, bus, binding, at)

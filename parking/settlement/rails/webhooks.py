"""What rails tell by themselves: kept first, once; then taken in.

The order in which events come says nothing, and one may be days late. So an event about a payment
is a reason to look it up, not a fact: what is written is where the payment stands now. An event
that could not be handled stays, and the worker tries it again, after all others that wait.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from parking.clock import Clock
from parking.events.bus import Bus
from parking.reservations.funding import Funding
from parking.settlement.payments.prepare import rail_of
from parking.settlement.rails.events import handle
from parking.settlement.rails.outside import require_outside
from parking.settlement.rails.port import EventKind, RailEvent, Rails, RailUnreachable
from parking.storage.sql import as_time, database

log = logging.getLogger(__name__)

EVENTS_AT_ONCE_MAX = 50
"""So many are tried again in one go of the worker."""
TRIED_AGAIN_AFTER = timedelta(seconds=30)
OUTCOME_CHARACTERS_MAX = 200
KEPT = timedelta(days=90)
"""How long a handled event is kept; a rail repeats one for a few days."""

_INSERT = """
INSERT INTO rail_event (rail, event_id, kind, body, occurred_at, received_at, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (rail, event_id) DO NOTHING RETURNING id
"""
_UNHANDLED = """
SELECT id, rail, body, occurred_at FROM rail_event
 WHERE handled_at IS NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $2
"""
_CLAIM = "UPDATE rail_event SET due_at = $3 WHERE id = $1 AND handled_at IS NULL AND due_at <= $2"
"""It goes to the end of the queue before it is tried: those that always fail hold up nobody, and
another worker leaves it alone for as long."""


async def receive_event(
    rail: str,
    body: bytes,
    signature: str,
    *,
    rails: Rails,
    funding: Funding,
    clock: Clock,
    bus: Bus,
) -> bool:
    """Keep an event and handle it; whether it is new. Outside of every transaction.

    It is kept when this returns; a rail that is away now is asked later. Raises EventForged, and
    RailUnreachable for a rail that is not set up here.
    """
    require_outside()
    event = rail_of(rails, rail).read_event(body, signature, clock.now())
    now = clock.now()
    rows = await database().fetch(
        _INSERT, rail, event.event_id, event.name, _text(event), event.occurred_at, now,
        now + TRIED_AGAIN_AFTER,
    )  # fmt: skip
    if not rows:
        return False
    await _attempt(int(rows[0]["id"]), rail, event, rails, funding, clock, bus)
    return True


async def handle_waiting_events(rails: Rails, funding: Funding, clock: Clock, bus: Bus) -> int:
    """Try again what could not be handled when it came; how many were handled now."""
    require_outside()
    done = 0
    for row in await database().fetch(_UNHANDLED, clock.now(), EVENTS_AT_ONCE_MAX):
        now = clock.now()
        if await database().execute(_CLAIM, row["id"], now, now + TRIED_AGAIN_AFTER):
            event = _event(row)
            done += await _attempt(row["id"], row["rail"], event, rails, funding, clock, bus)
    return done


async def prune_rail_events(now: datetime) -> int:
    """Forget handled events older than `KEPT`; how many. For the worker."""
    return await database().execute(
        "DELETE FROM rail_event WHERE handled_at IS NOT NULL AND received_at < $1", now - KEPT
    )


async def _attempt(
    event_id: int,
    rail: str,
    event: RailEvent,
    rails: Rails,
    funding: Funding,
    clock: Clock,
    bus: Bus,
) -> bool:
    """Handle an event and write how; two that do it at once do nothing twice."""
    try:
        outcome = await handle(rail, event, rails, funding, clock, bus)
    except RailUnreachable as error:
        log.warning("event %s of %s waits: %s", event.event_id, rail, error.message)
        return False
    except Exception:
        log.exception("event %s of %s (%s) could not be handled", event.event_id, rail, event.name)
        return False
    await _write_outcome(event_id, outcome, clock.now())
    return True


async def _write_outcome(event_id: int, outcome: str, at: datetime) -> None:
    await database().execute(
        "UPDATE rail_event SET handled_at = $2, outcome = $3 WHERE id = $1",
        event_id,
        at,
        outcome[:OUTCOME_CHARACTERS_MAX],
    )


def _text(event: RailEvent) -> str:
    values = asdict(event)
    del values["occurred_at"]
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def _event(row: Mapping[str, Any]) -> RailEvent:
    values = json.loads(row["body"])
    values["kind"] = EventKind(values["kind"])
    return RailEvent(**values, occurred_at=as_time(row["occurred_at"]))

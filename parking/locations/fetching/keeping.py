"""How long a right to fetch a car is remembered, and what of it a person may have erased or handed
out. What was paid stays with the books; the words, the address and who it was for do not."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from parking.access.delegations.records import SELECT_DELEGATIONS, delegation_record
from parking.access.delegations.rows import locked_where
from parking.access.delegations.rules import Act, due
from parking.access.models import DelegationState
from parking.clock import Clock, rfc3339
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.fetching.follow import end_in
from parking.notices.erasing import erase_notices
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

_PAID_FOR = "EXISTS (SELECT 1 FROM fetch_payment f WHERE f.delegation_id = exit_delegation.id)"
_FORGET = (
    "UPDATE exit_delegation SET label = '', token_hash = NULL, position_id = NULL,"
    f" binding_id = NULL, fetcher_id = CASE WHEN {_PAID_FOR} THEN fetcher_id END"
    " WHERE ended_at IS NOT NULL AND token_hash IS NOT NULL AND "
)


async def forget_delegations(kept: timedelta, *, clock: Clock) -> int:
    """Forget for whom rights were that ended `kept` ago, and their addresses; how many. Any number
    of workers may call it."""
    now = clock.now()

    async def write() -> int:
        async with transaction() as sql:
            return len(await _forget(sql, "ended_at < $1", now - kept, now))

    return await retried(write)


async def erase_delegations(person_id: int, *, clock: Clock, bus: Bus) -> None:
    """End what the person has given, and hand back what they were given (but for a car that is
    leaving just now), then forget it. May be called again."""
    await retried(partial(_end_all, person_id, clock, bus))
    async with transaction() as sql:
        await _forget(sql, "(person_id = $1 OR fetcher_id = $1)", person_id, clock.now())
        await sql.execute(
            f"UPDATE exit_delegation SET fetcher_id = NULL WHERE fetcher_id = $1"
            f" AND ended_at IS NOT NULL AND NOT {_PAID_FOR}",
            person_id,
        )


async def _forget(sql: Sql, condition: str, argument: object, at: datetime) -> list[int]:
    """Forget rights that have ended, and what anybody was told of them, which names who was to
    fetch the car, by word and by number; their ids."""
    rows = await sql.fetch(f"{_FORGET} {condition} RETURNING id", argument)
    ids = sorted(row["id"] for row in rows)
    about = [f"delegation:{each}" for each in ids]
    await erase_notices(sql, about, at, of_everybody=True)
    return ids


async def _end_all(person_id: int, clock: Clock, bus: Bus) -> None:
    async with HeldBus(bus) as held, transaction() as sql:
        now = clock.now()
        rights = await locked_where(sql, "(d.person_id = $1 OR d.fetcher_id = $1)", person_id)
        for each in rights:
            is_leaving = each.state is DelegationState.LEAVING
            if each.person_id == person_id or not is_leaving:
                await end_in(sql, held, each, due(each, now) or Act.REVOKE, now, by=person_id)


async def exported_delegations(sql: Sql, person_id: int) -> list[dict[str, Any]]:
    """What is kept of rights that a person has given, or was given, without anybody's ids."""
    rows = await sql.fetch(
        f"{SELECT_DELEGATIONS} WHERE d.person_id = $1 OR d.fetcher_id = $1 ORDER BY d.id", person_id
    )
    return [_told(row, person_id) for row in rows]


def _told(row: dict[str, Any], person_id: int) -> dict[str, Any]:
    right = delegation_record(row)
    return {
        "side": "OWNER" if right.person_id == person_id else "FETCHER",
        "label": right.label,
        "state": right.state,
        "payer": right.payer,
        "amountMaxMinor": right.amount_max_minor,
        "currency": right.currency,
        **{
            name: _time(getattr(right, column))
            for name, column in (
                ("createdAt", "created_at"),
                ("acceptedAt", "accepted_at"),
                ("openedAt", "opened_at"),
                ("usedAt", "used_at"),
                ("endedAt", "ended_at"),
                ("validUntil", "valid_until"),
            )
        },
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)

"""End a sign-in, or all of a person's."""

from collections.abc import Sequence
from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.rules import require_person
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.ids import token_hash
from parking.storage.sql import Sql
from parking.storage.transactions import transaction


async def sign_out(viewer: Viewer, *, clock: Clock, standings: Standings) -> int:
    """End the sign-in behind the viewer's access token; how many ended (0 or 1).

    Its access tokens stop working here at once, elsewhere within `standings.KEPT_MAX`, where
    somebody is connected live within a second (`standings_relay`). Raises `Unauthenticated`,
    `NotPermitted`.
    """
    person_id = require_person(viewer)
    return await _end(
        viewer, "person_id = $1 AND family = $2", (person_id, viewer.sign_in), clock, standings
    )


async def sign_out_everywhere(viewer: Viewer, *, clock: Clock, standings: Standings) -> int:
    """End all of the viewer's sign-ins; how many. Raises `Unauthenticated`, `NotPermitted`."""
    return await _end(viewer, "person_id = $1", (require_person(viewer),), clock, standings)


async def sign_out_with(refresh_token: str, *, clock: Clock, standings: Standings) -> int:
    """End the sign-in that a refresh token belongs to, used or not; how many (0 or 1).

    For a browser that has only its cookie left. An unknown token ends nothing and is no error.
    """
    condition = "id = (SELECT sign_in_id FROM refresh_token WHERE token_hash = $1)"
    return await _end(None, condition, (token_hash(refresh_token),), clock, standings)


async def _end(
    viewer: Viewer | None,
    condition: str,
    values: Sequence[object],
    clock: Clock,
    standings: Standings,
) -> int:
    now = clock.now()
    async with transaction() as sql:
        ended = await sql.fetch(
            f"UPDATE sign_in SET ended_at = ${len(values) + 1} WHERE {condition}"
            " AND ended_at IS NULL RETURNING person_id, family",
            *values,
            now,
        )
        for row in ended:
            await _record(sql, viewer or Viewer(person_id=row["person_id"]), row["person_id"], now)
    for row in ended:
        standings.forget_sign_in(row["family"])
    return len(ended)


async def _record(sql: Sql, viewer: Viewer, person_id: int, now: datetime) -> None:
    await record_audit(
        sql, viewer, "end_sign_in", f"person:{person_id}", None, {"reason": "sign_out"}, now
    )

"""What looks like fraud at a grant code: raised at most once an hour, read and marked as seen by
its issuer and by who runs the place."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from parking.accounts.audit import record_audit
from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.rights.kinds import SignalKind
from parking.rights.records import (
    SELECT_SIGNALS,
    GrantCodeRecord,
    SignalRecord,
    signal_record,
)
from parking.rights.rules import may_issue, may_read, may_run
from parking.rights.topics import tell_rights
from parking.storage.locks import lock_grant_codes
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

QUIET: Final = timedelta(hours=1)
"""The same is not said again so soon."""
SEEN_AT_ONCE_MAX = 500

INSERT = """
INSERT INTO rights_signal (kind, organisation_id, operator_id, place_id, detail, at, grant_code_id)
SELECT CAST($1 AS VARCHAR), k.issuer_id, k.operator_id, k.place_id, $2, $3, $4
  FROM rights_contract k
 WHERE k.id = $5 AND NOT EXISTS (SELECT 1 FROM rights_signal n
        WHERE n.grant_code_id = $4 AND n.kind = CAST($1 AS VARCHAR) AND n.at > $6)
RETURNING id, operator_id
"""


async def raise_signal(
    sql: Sql,
    bus: Bus,
    code: GrantCodeRecord,
    kind: SignalKind,
    detail: Mapping[str, object],
    at: datetime,
) -> int | None:
    """Tell issuer and operator of something at this code, in the caller's transaction; the signal's
    id, None when one of this kind was raised within the hour.

    `detail` becomes JSON; plates and persons do not belong in it. `bus` has to hold its messages.
    """
    if await _is_said(sql, code.id, kind, at - QUIET):
        return None  # whoever goes on and on makes nobody wait who is granted something
    await lock_grant_codes(sql, [code.id])  # two at once would both find that none was raised
    row = await sql.fetch_one(
        INSERT, kind.value, orjson.dumps(detail).decode(), at, code.id, code.contract_id, at - QUIET
    )
    if row is None:
        return None
    made, sides = int(row["id"]), (code.organisation_id, int(row["operator_id"]))
    told = {"signal_id": made, "grant_code_id": code.id}
    await tell_rights(sql, bus, at, None, sides, code.place_id, **told)
    return made


async def _is_said(sql: Sql, code_id: int, kind: SignalKind, since: datetime) -> bool:
    row = await sql.fetch_one(
        "SELECT id FROM rights_signal WHERE grant_code_id = $1 AND kind = $2 AND at > $3 LIMIT 1",
        code_id,
        kind.value,
        since,
    )
    return row is not None


async def mark_signals_seen(
    viewer: Viewer, signal_ids: Sequence[int], *, clock: Clock, bus: Bus
) -> None:
    """Somebody of the issuer or the operator has looked at these signals, all or none; what was
    seen already stays so. Raises NotFound, NotPermitted, InvalidInput."""
    person_id, wanted = require_person(viewer), sorted(set(signal_ids))
    if not 1 <= len(wanted) <= SEEN_AT_ONCE_MAX:
        message = f"{len(wanted)} are given; give 1 to {SEEN_AT_ONCE_MAX}"
        raise InvalidInput("signal_ids", message)

    async def once() -> None:
        at = clock.now()
        async with HeldBus(bus) as held, transaction() as sql:
            signals = await _theirs(sql, viewer, wanted)
            await sql.execute(
                "UPDATE rights_signal SET seen_at = $2, seen_by = $3"
                f" WHERE seen_at IS NULL AND id {sql.any_of('$1')}",
                wanted,
                at,
                person_id,
            )
            for signal in signals:
                if signal.seen_at is None:
                    await _note(sql, held, viewer, signal, at)

    await retried(once)


async def _theirs(sql: Sql, viewer: Viewer, ids: Sequence[int]) -> list[SignalRecord]:
    rows: list[dict[str, Any]] = await sql.fetch(
        f"{SELECT_SIGNALS} WHERE n.id {sql.any_of('$1')} ORDER BY n.id", list(ids)
    )
    signals = [signal_record(row) for row in rows]
    seen = [each for each in signals if may_read(viewer, each.organisation_id, each.operator_id)]
    if len(seen) != len(ids):
        raise NotFound("there is no such signal")
    for each in seen:
        if not (may_issue(viewer, each.organisation_id) or may_run(viewer, each.operator_id)):
            raise NotPermitted("only the issuer or who runs the place may mark a signal as seen")
    return seen


async def _note(sql: Sql, bus: Bus, viewer: Viewer, signal: SignalRecord, at: datetime) -> None:
    subject, issuer = f"rights_signal:{signal.id}", signal.organisation_id
    await record_audit(sql, viewer, "see_rights_signal", subject, issuer, {}, at)
    sides = (signal.organisation_id, signal.operator_id)
    told = {"signal_id": signal.id, "grant_code_id": signal.grant_code_id}
    await tell_rights(sql, bus, at, None, sides, signal.place_id, **told)

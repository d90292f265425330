"""Rows of a redemption: a right goes into a stay as a validation, and comes out of it again."""

from datetime import datetime
from typing import Any, NamedTuple

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.events.bus import Bus
from parking.reservations.records import ReservationRecord
from parking.rights.kinds import RedemptionState, RedemptionWay, RightState
from parking.rights.records import (
    SELECT_REDEMPTIONS,
    SELECT_RIGHTS,
    RedemptionRecord,
    RightRecord,
    redemption_record,
    right_record,
)
from parking.rights.topics import tell_redemption
from parking.settlement.records import ValidationRecord
from parking.settlement.topics import tell_settlement
from parking.storage.faults import Contended
from parking.storage.sql import Sql

_INSERT_VALIDATION = """
INSERT INTO validation (organisation_id, kind, value, label, right_id, most_minor, price_minor,
                        carrier_id, covered_minor, created_by, created_at, reservation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id
"""
_INSERT_REDEMPTION = """
INSERT INTO redemption (state, way, person_id, organisation_id, operator_id, place_id, session_id,
                        validation_id, plate, day, currency, expected_minor, at, assigned_right_id,
                        reservation_id)
VALUES ('LIVE', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id
"""


class Into(NamedTuple):
    """Where a right goes: a stay, or a booking that is about to begin."""

    booked: ReservationRecord
    session_id: int | None
    plate: str
    day: str
    way: RedemptionWay


async def put_in(
    sql: Sql,
    bus: Bus,
    viewer: Viewer,
    right: RightRecord,
    promise: ValidationRecord,
    into: Into,
    expected_minor: int,
    at: datetime,
) -> RedemptionRecord:
    """Promise a HELD right, which is locked, to a stay; all who follow are told."""
    booked = into.booked
    changed = await change_right(sql, right, at, state=RightState.REDEEMED)
    [row] = await sql.fetch(
        _INSERT_VALIDATION, promise.organisation_id, promise.kind, promise.value, promise.label,
        right.id, promise.most_minor, promise.price_minor, promise.carrier_id,
        promise.covered_minor, viewer.person_id, at, booked.id,
    )  # fmt: skip
    [made] = await sql.fetch(
        _INSERT_REDEMPTION, into.way.value, right.person_id, right.organisation_id,
        right.operator_id, booked.place_id, into.session_id, row["id"], into.plate, into.day,
        booked.currency, expected_minor, at, right.id, booked.id,
    )  # fmt: skip
    redemption = await redemption_by_id(sql, made["id"])
    detail = {"way": into.way, "expected_minor": expected_minor}
    await note(sql, bus, viewer, "redeem_right", redemption, changed, at, detail)
    return redemption


async def take_out(
    sql: Sql,
    bus: Bus,
    viewer: Viewer,
    verb: str,
    redemption: RedemptionRecord,
    right: RightRecord,
    at: datetime,
) -> None:
    """A live redemption, whose right is locked, is CANCELLED: its promise is taken back, and the
    right is HELD as it was; where it has lapsed meanwhile, the worker ends it."""
    await sql.execute(
        "UPDATE validation SET returned_at = $2 WHERE id = $1 AND returned_at IS NULL",
        redemption.validation_id,
        at,
    )
    await finish_redemption(sql, redemption, at, state=RedemptionState.CANCELLED)
    changed = await change_right(sql, right, at, state=RightState.HELD)
    await note(sql, bus, viewer, verb, redemption, changed, at, {})


async def finish_redemption(
    sql: Sql, redemption: RedemptionRecord, at: datetime, **changes: Any
) -> None:
    """Write how a live redemption ended. Raises `Contended` when somebody else was faster."""
    names = [*changes, "finished_at"]
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(names, start=2))
    written = await sql.execute(
        f"UPDATE redemption SET {assignments} WHERE id = $1 AND state = 'LIVE'",
        redemption.id,
        *changes.values(),
        at,
    )
    if written != 1:
        raise Contended(f"redemption {redemption.id} is over; run it again")


async def change_right(sql: Sql, right: RightRecord, at: datetime, **changes: Any) -> RightRecord:
    """Write the changed columns and the next version; the right as it is then. Raises `Contended`
    when somebody else changed it since it was read."""
    changed = right._replace(version=right.version + 1, changed_at=at, **changes)
    names = [*changes, "version", "changed_at"]
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(names, start=3))
    written = await sql.execute(
        f"UPDATE assigned_right SET {assignments} WHERE id = $1 AND version = $2",
        right.id,
        right.version,
        *(getattr(changed, name) for name in names),
    )
    if written != 1:
        raise Contended(f"right {right.id} has changed since it was read; run it again")
    return changed


async def note(
    sql: Sql,
    bus: Bus,
    viewer: Viewer,
    verb: str,
    redemption: RedemptionRecord,
    right: RightRecord,
    at: datetime,
    detail: dict[str, Any],
) -> None:
    """Who did what with a redemption, kept and told: to its driver, issuer and operator, to who
    follows the place, and to who follows the stay's money."""
    told = {"redemption": redemption.id, "reservation": redemption.reservation_id, **detail}
    subject = f"right:{right.id}"
    await record_audit(sql, viewer, verb, subject, right.organisation_id, told, at)
    await tell_redemption(sql, bus, at, redemption, version=right.version)
    await tell_settlement(
        sql, bus, at, redemption.reservation_id, redemption.person_id,
        (redemption.organisation_id, redemption.operator_id), redemption.place_id,
        validation_id=redemption.validation_id,
    )  # fmt: skip


async def redemption_by_id(sql: Sql, redemption_id: int) -> RedemptionRecord:
    """A redemption, whoever asks."""
    [row] = await sql.fetch(f"{SELECT_REDEMPTIONS} WHERE d.id = $1", redemption_id)
    return redemption_record(row)


async def right_by_id(sql: Sql, right_id: int) -> RightRecord:
    """A right, whoever asks."""
    [row] = await sql.fetch(f"{SELECT_RIGHTS} WHERE a.id = $1", right_id)
    return right_record(row)

"""Phone numbers that may send a unit's orders by SMS (CLAIMS D10): each speaks for one unit."""

from collections.abc import Mapping, Sequence

from tortoise.exceptions import IntegrityError

from parking.accounts.addresses import parse_address
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound
from parking.merchants.records import (
    SELECT_SENDERS,
    SELECT_UNITS,
    SenderRecord,
    UnitRecord,
    sender_record,
    unit_record,
)
from parking.merchants.rules import may_read_orders, require_unit_manager
from parking.merchants.units import locked_unit, require_active
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

SENDERS_MAX = 50
"""So many numbers speak for one unit."""


async def add_sender(viewer: Viewer, unit_id: int, number: str, *, clock: Clock) -> int:
    """Let a number (with its country code) send orders for the unit; the sender's id.

    Raises NotFound, NotPermitted, InvalidInput, and Conflict: `UNIT_CLOSED`, `TOO_MANY_SENDERS`,
    `NUMBER_TAKEN` for one that speaks for a unit already, whosever.
    """
    address = parse_address(number, "number")
    if address.kind != "phone":
        raise InvalidInput("number", "give a phone number with its country code, like +4917012345")

    async def once() -> int:
        at = clock.now()
        async with transaction() as sql:
            unit = await locked_unit(sql, viewer, unit_id)
            require_active(unit)
            await _require_room(sql, unit_id)
            made = await _insert(sql, viewer, unit_id, address.value, clock)
            subject, detail = f"merchant_sender:{made}", {"unit": unit_id}
            await record_audit(sql, viewer, "add_sender", subject, unit.organisation_id, detail, at)
            return made

    return await retried(once)


async def revoke_sender(viewer: Viewer, sender_id: int, *, clock: Clock) -> None:
    """Listen to the number no more. Again it changes nothing. Raises NotFound, NotPermitted."""

    async def once() -> None:
        at = clock.now()
        async with transaction() as sql:
            row = await sql.fetch_one(f"{SELECT_SENDERS} WHERE n.id = $1", sender_id)
            found = None if row is None else sender_record(row)
            if found is None or not may_read_orders(viewer, found.organisation_id):
                raise NotFound("there is no such sender")
            require_unit_manager(viewer, found.organisation_id)
            written = await sql.execute(
                "UPDATE merchant_sender SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
                sender_id,
                at,
            )
            if written:
                subject = f"merchant_sender:{sender_id}"
                await record_audit(
                    sql, viewer, "revoke_sender", subject, found.organisation_id, {}, at
                )

    await retried(once)


async def unit_of_sender(number: str) -> UnitRecord | None:
    """The unit that a number (E.164) speaks for; None for a number that nobody allowed."""
    row = await database().fetch_one(
        f"{SELECT_UNITS} JOIN merchant_sender n ON n.unit_id = m.id"
        " WHERE n.number = $1 AND n.revoked_at IS NULL",
        number,
    )
    return None if row is None else unit_record(row)


async def senders_of(viewer: Viewer, unit_id: int) -> list[SenderRecord]:
    """The numbers that speak for a unit now; nothing for who may not see it."""
    return (await senders_by_unit(viewer, [unit_id]))[unit_id]


async def senders_by_unit(
    viewer: Viewer, unit_ids: Sequence[int]
) -> Mapping[int, list[SenderRecord]]:
    """The same of several units, in one statement."""
    sql = database()
    rows = await sql.fetch(
        f"{SELECT_SENDERS} WHERE n.unit_id {sql.any_of('$1')} AND n.revoked_at IS NULL"
        " ORDER BY n.id",
        list(unit_ids),
    )
    found: dict[int, list[SenderRecord]] = {unit_id: [] for unit_id in unit_ids}
    for each in map(sender_record, rows):
        if may_read_orders(viewer, each.organisation_id):
            found[each.unit_id].append(each)
    return found


async def _require_room(sql: Sql, unit_id: int) -> None:
    [row] = await sql.fetch(
        "SELECT COUNT(*) AS live FROM merchant_sender WHERE unit_id = $1 AND revoked_at IS NULL",
        unit_id,
    )
    if row["live"] >= SENDERS_MAX:
        message = f"{SENDERS_MAX} numbers speak for this unit; revoke one first"
        raise Conflict(message, code="TOO_MANY_SENDERS")


async def _insert(sql: Sql, viewer: Viewer, unit_id: int, number: str, clock: Clock) -> int:
    try:
        [row] = await sql.fetch(
            "INSERT INTO merchant_sender (unit_id, number, created_by, created_at)"
            " VALUES ($1, $2, $3, $4) RETURNING id",
            unit_id,
            number,
            viewer.person_id,
            clock.now(),
        )
    except IntegrityError as error:
        message = "this number speaks for a unit already; revoke it there first"
        raise Conflict(message, code="NUMBER_TAKEN") from error
    return int(row["id"])

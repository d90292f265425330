"""Making, editing and closing the units of a merchant.

An order keeps the period and place it was given, so an edit is about later orders only. Every verb
raises NotFound (also for what the viewer may not know of) and NotPermitted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound
from parking.merchants.kinds import UnitState
from parking.merchants.new_unit import NewUnit, UnitEdit, changes, checked_unit
from parking.merchants.queries import places_of_units
from parking.merchants.records import SELECT_UNITS, UnitRecord, unit_record
from parking.merchants.rules import may_read_orders, require_unit_manager
from parking.places.guards import require_organisation
from parking.places.queries import campuses_by_id, places_by_id
from parking.storage.locks import lock_merchant_units
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

_COLUMNS = tuple(each.name for each in fields(NewUnit) if each.name != "place_ids")


async def create_unit(viewer: Viewer, new: NewUnit, *, clock: Clock) -> int:
    """A unit of the merchant; its id.

    Its mall and places are what the viewer can see. Raises InvalidInput, and Conflict
    `EXTERNAL_ID_TAKEN`.
    """
    require_unit_manager(viewer, new.organisation_id)
    sound, at = checked_unit(new), clock.now()

    async def once() -> int:
        async with transaction() as sql:
            await require_organisation(sql, sound.organisation_id)
            await _require_places(viewer, sound.campus_id, sound.place_ids)
            made = await _insert(sql, viewer, sound, at)
            await _write_places(sql, made, sound.place_ids)
            detail = {"name": sound.name, "campus": sound.campus_id, "payer": sound.payer.value}
            await _note(sql, viewer, "create", made, sound.organisation_id, detail, at)
            return made

    return await retried(once)


async def update_unit(viewer: Viewer, edit: UnitEdit, *, clock: Clock) -> None:
    """Change a unit for the orders to come, and raise its version.

    Raises InvalidInput, and Conflict: `VERSION_CHANGED`, `UNIT_CLOSED`, `EXTERNAL_ID_TAKEN`.
    """
    wanted = changes(edit)

    async def once() -> None:
        async with transaction() as sql:
            before = await locked_unit(sql, viewer, edit.id)
            if edit.version != before.version:
                message = f"it is at version {before.version}, not {edit.version}; read it again"
                raise Conflict(message, code="VERSION_CHANGED")
            require_active(before)
            places = (await places_of_units(sql, [edit.id]))[edit.id]
            after = checked_unit(_merged(before, places, wanted))
            if "place_ids" in wanted:
                await _require_places(viewer, after.campus_id, after.place_ids)
                await _write_places(sql, edit.id, after.place_ids)
            await _write(sql, before, after, clock.now())
            detail = {name: _told(value) for name, value in wanted.items()}
            await _note(sql, viewer, "update", edit.id, before.organisation_id, detail, clock.now())

    if wanted:
        await retried(once)


async def close_unit(viewer: Viewer, unit_id: int, *, clock: Clock) -> None:
    """Take no more orders, for good; those that are booked go on. Closing again changes nothing."""

    async def once() -> None:
        at = clock.now()
        async with transaction() as sql:
            found = await locked_unit(sql, viewer, unit_id)
            if found.state is UnitState.CLOSED:
                return
            await sql.execute(
                "UPDATE merchant_unit SET state = 'CLOSED', version = version + 1, changed_at = $2"
                " WHERE id = $1",
                unit_id,
                at,
            )
            await _note(sql, viewer, "close", unit_id, found.organisation_id, {}, at)

    await retried(once)


async def managed_unit(sql: Sql, viewer: Viewer, unit_id: int) -> UnitRecord:
    """The unit, of a merchant for whom the viewer acts. Raises NotFound, NotPermitted."""
    row = await sql.fetch_one(f"{SELECT_UNITS} WHERE m.id = $1", unit_id)
    found = None if row is None else unit_record(row)
    if found is None or not may_read_orders(viewer, found.organisation_id):
        raise NotFound("there is no such unit")
    require_unit_manager(viewer, found.organisation_id)
    return found


async def locked_unit(sql: Sql, viewer: Viewer, unit_id: int) -> UnitRecord:
    """`managed_unit`, which nobody else edits until the transaction ends."""
    await lock_merchant_units(sql, [unit_id])
    return await managed_unit(sql, viewer, unit_id)


def require_active(unit: UnitRecord) -> None:
    """Raises Conflict `UNIT_CLOSED`."""
    if unit.state is not UnitState.ACTIVE:
        raise Conflict("the unit is closed for good; make a new one", code="UNIT_CLOSED")


async def _require_places(viewer: Viewer, campus_id: int, place_ids: Sequence[int]) -> None:
    """Raises InvalidInput unless the mall and its places are there for the viewer to see."""
    if campus_id not in await campuses_by_id(viewer, [campus_id]):
        raise InvalidInput("campus_id", "there is no such campus")
    found = await places_by_id(viewer, place_ids)
    for index, place_id in enumerate(place_ids):
        place = found.get(place_id)
        if place is None or place.campus_id != campus_id:
            raise InvalidInput(f"place_ids.{index}", "there is no such place in the campus")


async def _insert(sql: Sql, viewer: Viewer, new: NewUnit, at: datetime) -> int:
    columns = {name: getattr(new, name) for name in _COLUMNS}
    columns |= {"created_by": viewer.person_id, "created_at": at, "changed_at": at}
    marks = ", ".join(f"${index}" for index in range(1, len(columns) + 1))
    try:
        [row] = await sql.fetch(
            f"INSERT INTO merchant_unit ({', '.join(columns)}) VALUES ({marks}) RETURNING id",
            *columns.values(),
        )
    except IntegrityError as error:
        raise _taken() from error
    return int(row["id"])


async def _write(sql: Sql, before: UnitRecord, after: NewUnit, at: datetime) -> None:
    changed = {
        name: getattr(after, name)
        for name in _COLUMNS
        if getattr(after, name) != getattr(before, name)
    } | {"version": before.version + 1, "changed_at": at}
    assignments = ", ".join(f"{name} = ${index}" for index, name in enumerate(changed, start=2))
    try:
        await sql.execute(
            f"UPDATE merchant_unit SET {assignments} WHERE id = $1", before.id, *changed.values()
        )
    except IntegrityError as error:
        raise _taken() from error


def _taken() -> Conflict:
    message = "another unit of the organisation has this external id; give another"
    return Conflict(message, code="EXTERNAL_ID_TAKEN")


async def _write_places(sql: Sql, unit_id: int, place_ids: Sequence[int]) -> None:
    await sql.execute("DELETE FROM merchant_unit_place WHERE unit_id = $1", unit_id)
    await sql.execute_many(
        "INSERT INTO merchant_unit_place (unit_id, place_id, rank) VALUES ($1, $2, $3)",
        [(unit_id, place_id, rank) for rank, place_id in enumerate(place_ids)],
    )


def _merged(before: UnitRecord, places: Sequence[int], wanted: Mapping[str, Any]) -> NewUnit:
    now = NewUnit(place_ids=places, **{name: getattr(before, name) for name in _COLUMNS})
    return replace(now, **wanted)


def _told(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


async def _note(
    sql: Sql,
    viewer: Viewer,
    verb: str,
    unit_id: int,
    organisation_id: int,
    detail: Mapping[str, Any],
    at: datetime,
) -> None:
    subject = f"merchant_unit:{unit_id}"
    await record_audit(sql, viewer, f"{verb}_unit", subject, organisation_id, detail, at)

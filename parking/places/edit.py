"""Changing places and what is in them. Each verb loads, decides, writes and records in one go.

Every verb raises NotFound (also for what the viewer may not know of) and NotPermitted.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tortoise.exceptions import IntegrityError

from parking.accounts.audit import record_audit
from parking.accounts.rules import acts_in
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.places.create import name_taken, number_taken
from parking.places.edits import CampusEdit, PlaceEdit, SpaceEdit, SubplaceEdit, changes, merged
from parking.places.guards import (
    operated_place,
    operated_spaces,
    operated_subplace,
    require_campus_of,
    require_currency_unused,
    require_subplaces_of,
)
from parking.places.new import (
    NewCampus,
    NewPlace,
    NewSpace,
    NewSubplace,
    checked_campus,
    checked_place,
    checked_space,
    checked_subplace,
)
from parking.places.recording import changing_places
from parking.places.rules import require_operator
from parking.storage.sql import Sql
from parking.storage.transactions import transaction


async def update_campus(viewer: Viewer, edit: CampusEdit, *, clock: Clock) -> None:
    """Rename a campus. Raises InvalidInput."""
    async with transaction() as sql:
        row = await sql.fetch_one("SELECT organisation_id, name FROM campus WHERE id = $1", edit.id)
        if row is None or not acts_in(viewer, row["organisation_id"]):
            raise NotFound("there is no such campus")
        require_operator(viewer, row["organisation_id"])
        wanted = changes(edit)
        if not wanted:
            return
        campus = checked_campus(NewCampus(row["organisation_id"], wanted["name"]))
        await sql.execute("UPDATE campus SET name = $2 WHERE id = $1", edit.id, campus.name)
        subject, detail = f"campus:{edit.id}", {"name": campus.name}
        await record_audit(
            sql, viewer, "update_campus", subject, campus.organisation_id, detail, clock.now()
        )


async def update_place(viewer: Viewer, edit: PlaceEdit, *, clock: Clock, bus: Bus) -> None:
    """Change a place's facts. Raises InvalidInput, or Conflict `EXTERNAL_ID_TAKEN` or
    `CURRENCY_IN_USE`."""
    place = await operated_place(viewer, edit.id)
    wanted = _changed(place, edit, checked_place(merged(place, edit, NewPlace)))
    if not wanted:
        return
    async with changing_places([place.id], clock, bus) as change:
        await require_campus_of(change.sql, wanted.get("campus_id"), place.organisation_id)
        if "currency" in wanted:
            await require_currency_unused(change.sql, place.id)
        try:
            await _write(change.sql, "place", place.id, wanted)
        except IntegrityError as error:
            raise Conflict(
                f"the organisation has a place with the external id {wanted.get('external_id')!r}",
                code="EXTERNAL_ID_TAKEN",
            ) from error
        change.place_changed(place.id)
        subject = f"place:{place.id}"
        await record_audit(
            change.sql, viewer, "update_place", subject, place.organisation_id, wanted, change.at
        )


async def update_subplace(viewer: Viewer, edit: SubplaceEdit, *, clock: Clock, bus: Bus) -> None:
    """Change a subplace. Raises InvalidInput, or Conflict `NAME_TAKEN` or `PARENT_INSIDE`."""
    subplace = await operated_subplace(viewer, edit.id)
    place = await operated_place(viewer, subplace.place_id)
    wanted = _changed(subplace, edit, checked_subplace(merged(subplace, edit, NewSubplace)))
    if not wanted:
        return
    async with changing_places([place.id], clock, bus) as change:
        await _require_parent(change.sql, subplace.id, wanted.get("parent_id"), place.id)
        try:
            await _write(change.sql, "subplace", subplace.id, wanted)
        except IntegrityError as error:
            raise name_taken(wanted.get("name", subplace.name)) from error
        change.place_changed(place.id)
        subject = f"subplace:{subplace.id}"
        await record_audit(
            change.sql, viewer, "update_subplace", subject, place.organisation_id, wanted, change.at
        )


async def update_space(viewer: Viewer, edit: SpaceEdit, *, clock: Clock, bus: Bus) -> None:
    """Change a space's facts. Raises InvalidInput, or Conflict `NUMBER_TAKEN`."""
    [space] = await operated_spaces(viewer, [edit.id])
    place = await operated_place(viewer, space.place_id)
    wanted = _changed(space, edit, checked_space(merged(space, edit, NewSpace)))
    if not wanted:
        return
    async with changing_places([place.id], clock, bus) as change:
        sql = change.sql
        await require_subplaces_of(sql, [wanted.get("subplace_id")], place.id, "subplaceId")
        try:
            await _write(sql, "space", space.id, wanted)
        except IntegrityError as error:
            raise number_taken(wanted.get("number", space.number)) from error
        await change.inventory_changed(place.id)
        subject = f"space:{space.id}"
        await record_audit(
            sql, viewer, "update_space", subject, place.organisation_id, wanted, change.at
        )


def _changed(
    record: object,
    edit: PlaceEdit | SubplaceEdit | SpaceEdit,
    checked: NewPlace | NewSubplace | NewSpace,
) -> Mapping[str, Any]:
    """The checked values of the edit that differ from the record."""
    values = asdict(checked)
    return {name: values[name] for name in changes(edit) if values[name] != getattr(record, name)}


async def _write(sql: Sql, table: str, row_id: int, wanted: Mapping[str, Any]) -> None:
    """Set columns of one row; the names come from our own dataclasses, never from a caller."""
    assignments = ", ".join(f"{name} = ${i}" for i, name in enumerate(wanted, start=2))
    await sql.execute(f"UPDATE {table} SET {assignments} WHERE id = $1", row_id, *wanted.values())


async def _require_parent(sql: Sql, subplace_id: int, parent_id: int | None, place_id: int) -> None:
    """Raises Conflict when the parent would lie inside the subplace itself."""
    await require_subplaces_of(sql, [parent_id], place_id, "parentId")
    rows = await sql.fetch("SELECT id, parent_id FROM subplace WHERE place_id = $1", place_id)
    parents = {row["id"]: row["parent_id"] for row in rows}
    above = parent_id
    while above is not None:
        if above == subplace_id:
            raise Conflict(
                "the parent lies inside the subplace itself; take another", code="PARENT_INSIDE"
            )
        above = parents.get(above)

"""Making campuses, places, subplaces and spaces. Each verb checks, writes and records in one go."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from tortoise.exceptions import IntegrityError

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput
from parking.events.bus import Bus
from parking.places.guards import (
    operated_place,
    require_campus_of,
    require_organisation,
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
from parking.places.recording import add_states, changing_places
from parking.places.rules import require_operator
from parking.storage.sql import Sql
from parking.storage.transactions import transaction

SPACES_AT_ONCE_MAX = 1_000

INSERT_PLACE = """
INSERT INTO place (organisation_id, name, kind, time_zone, currency, address, latitude, longitude,
                   campus_id, is_public, external_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id
"""

INSERT_SPACE = """
INSERT INTO space (place_id, number, subplace_id, external_id, x_metres, y_metres, width_metres,
                   length_metres, rotation_degrees, latitude, longitude, is_ev, is_accessible,
                   height_max_metres)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (place_id, number) DO UPDATE
   SET subplace_id = excluded.subplace_id, external_id = excluded.external_id,
       x_metres = excluded.x_metres, y_metres = excluded.y_metres,
       width_metres = excluded.width_metres, length_metres = excluded.length_metres,
       rotation_degrees = excluded.rotation_degrees, latitude = excluded.latitude,
       longitude = excluded.longitude, is_ev = excluded.is_ev,
       is_accessible = excluded.is_accessible, height_max_metres = excluded.height_max_metres,
       retired_at = NULL
"""


async def create_campus(viewer: Viewer, new: NewCampus, *, clock: Clock) -> int:
    """A campus of the organisation; its id. Raises NotFound, NotPermitted or InvalidInput."""
    require_operator(viewer, new.organisation_id)
    campus, at = checked_campus(new), clock.now()
    async with transaction() as sql:
        await require_organisation(sql, campus.organisation_id)
        [row] = await sql.fetch(
            "INSERT INTO campus (organisation_id, name, created_at) VALUES ($1, $2, $3)"
            " RETURNING id",
            campus.organisation_id,
            campus.name,
            at,
        )
        campus_id: int = row["id"]
        subject, detail = f"campus:{campus_id}", {"name": campus.name}
        await record_audit(
            sql, viewer, "create_campus", subject, campus.organisation_id, detail, at
        )
    return campus_id


async def create_place(viewer: Viewer, new: NewPlace, *, clock: Clock) -> int:
    """An empty place of the organisation; its id.

    Raises NotFound, NotPermitted, InvalidInput, or Conflict `EXTERNAL_ID_TAKEN`.
    """
    require_operator(viewer, new.organisation_id)
    place, at = checked_place(new), clock.now()
    async with transaction() as sql:
        await require_organisation(sql, place.organisation_id)
        await require_campus_of(sql, place.campus_id, place.organisation_id)
        try:
            [row] = await sql.fetch(INSERT_PLACE, *astuple(place), at)
        except IntegrityError as error:
            raise Conflict(
                f"the organisation has a place with the external id {place.external_id!r}",
                code="EXTERNAL_ID_TAKEN",
            ) from error
        place_id: int = row["id"]
        subject, detail = f"place:{place_id}", {"name": place.name}
        await record_audit(sql, viewer, "create_place", subject, place.organisation_id, detail, at)
    return place_id


async def create_subplace(viewer: Viewer, new: NewSubplace, *, clock: Clock, bus: Bus) -> int:
    """A level, row or zone of a place; its id.

    Raises NotFound, NotPermitted, InvalidInput, or Conflict `NAME_TAKEN`.
    """
    place = await operated_place(viewer, new.place_id)
    subplace = checked_subplace(new)
    async with changing_places([place.id], clock, bus) as change:
        sql = change.sql
        await require_subplaces_of(sql, [subplace.parent_id], place.id, "parentId")
        try:
            [row] = await sql.fetch(
                "INSERT INTO subplace (place_id, name, kind, parent_id, level, position)"
                " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                *astuple(subplace),
            )
        except IntegrityError as error:
            raise name_taken(subplace.name) from error
        subplace_id: int = row["id"]
        change.place_changed(place.id)
        subject, detail = f"subplace:{subplace_id}", {"name": subplace.name}
        await record_audit(
            sql, viewer, "create_subplace", subject, place.organisation_id, detail, change.at
        )
    return subplace_id


async def create_spaces(
    viewer: Viewer, place_id: int, new: Sequence[NewSpace], *, clock: Clock, bus: Bus
) -> list[int]:
    """Spaces of a place, all or none; their ids in order. A retired number is put in use again.

    Raises NotFound, NotPermitted, InvalidInput, or Conflict `NUMBER_TAKEN`.
    """
    place = await operated_place(viewer, place_id)
    spaces = _checked_spaces(new)
    async with changing_places([place_id], clock, bus) as change:
        sql = change.sql
        await require_subplaces_of(sql, [s.subplace_id for s in spaces], place_id, "subplaceId")
        await _require_free_numbers(sql, place_id, spaces)
        await sql.execute_many(INSERT_SPACE, [(place_id, *astuple(space)) for space in spaces])
        await add_states(sql, place_id)
        await change.inventory_changed(place_id)
        rows = await _rows_of_numbers(sql, place_id, [space.number for space in spaces])
        ids = {row["number"]: row["id"] for row in rows}
        subject, detail = f"place:{place_id}", {"spaces": len(spaces)}
        await record_audit(
            sql, viewer, "create_spaces", subject, place.organisation_id, detail, change.at
        )
    return [ids[space.number] for space in spaces]


def name_taken(name: str) -> Conflict:
    """The refusal for a second subplace of one name."""
    return Conflict(f"the place has a subplace named {name!r} already", code="NAME_TAKEN")


def number_taken(number: str) -> Conflict:
    """The refusal for a second space of one number."""
    return Conflict(f"the place has a space {number!r} already", code="NUMBER_TAKEN")


def _checked_spaces(new: Sequence[NewSpace]) -> list[NewSpace]:
    if not 1 <= len(new) <= SPACES_AT_ONCE_MAX:
        message = f"{len(new)} spaces are given; 1 to {SPACES_AT_ONCE_MAX} are made at once"
        raise InvalidInput("spaces", message)
    spaces = [checked_space(space, f"spaces.{i}.") for i, space in enumerate(new)]
    seen: dict[str, int] = {}
    for index, space in enumerate(spaces):
        first = seen.setdefault(space.number, index)
        if first != index:
            message = f"the number {space.number!r} is also that of space {first}"
            raise InvalidInput(f"spaces.{index}.number", message)
    return spaces


async def _require_free_numbers(sql: Sql, place_id: int, spaces: Sequence[NewSpace]) -> None:
    for row in await _rows_of_numbers(sql, place_id, [space.number for space in spaces]):
        if row["retired_at"] is None:
            raise number_taken(row["number"])


async def _rows_of_numbers(sql: Sql, place_id: int, numbers: Sequence[str]) -> list[dict[str, Any]]:
    return await sql.fetch(
        "SELECT id, number, retired_at FROM space"
        f" WHERE place_id = $1 AND number {sql.any_of('$2')}",
        place_id,
        list(numbers),
    )

"""Writing subplaces and spaces of imported places in batches."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple

from parking.places.create import INSERT_SPACE
from parking.places.importing.difference import Difference, HeldSpace
from parking.places.importing.drafts import SubplaceDraft
from parking.places.new import NewSpace
from parking.places.records import SPACE_COLUMNS
from parking.storage.sql import Sql

UPDATE_SPACE = """
UPDATE space
   SET number = $2, subplace_id = $3, external_id = $4, x_metres = $5, y_metres = $6,
       width_metres = $7, length_metres = $8, rotation_degrees = $9, latitude = $10,
       longitude = $11, is_ev = $12, is_accessible = $13, height_max_metres = $14,
       retired_at = NULL
 WHERE id = $1
"""


async def held_spaces(sql: Sql, place_ids: Sequence[int]) -> Mapping[int, list[HeldSpace]]:
    """All spaces of these places, retired ones too."""
    rows = await sql.fetch(
        f"SELECT {SPACE_COLUMNS}, s.retired_at FROM space s WHERE s.place_id {sql.any_of('$1')}",
        list(place_ids),
    )
    held: dict[int, list[HeldSpace]] = defaultdict(list)
    for row in rows:
        space_id, place_id = row.pop("id"), row.pop("place_id")
        is_retired = row.pop("retired_at") is not None
        row |= {"is_ev": bool(row["is_ev"]), "is_accessible": bool(row["is_accessible"])}
        held[place_id].append(HeldSpace(space_id, NewSpace(**row), is_retired))
    return held


async def held_subplaces(sql: Sql, place_ids: Sequence[int]) -> Mapping[int, dict[str, int]]:
    """The id of each subplace of these places by its name."""
    rows = await sql.fetch(
        f"SELECT id, place_id, name FROM subplace WHERE place_id {sql.any_of('$1')}",
        list(place_ids),
    )
    held: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        held[row["place_id"]][row["name"]] = row["id"]
    return held


async def write_subplaces(
    sql: Sql, place_id: int, drafts: Sequence[SubplaceDraft], held: dict[str, int]
) -> int:
    """Make the subplaces that the place has not, parents first; how many. `held` gets their ids.

    Those it has stay as they are: their order and kind may have been edited.
    """
    made = 0
    for draft in drafts:
        if draft.name in held:
            continue
        [row] = await sql.fetch(
            "INSERT INTO subplace (place_id, name, kind, parent_id, level, position)"
            " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            place_id,
            draft.name,
            draft.kind,
            held.get(draft.parent or ""),
            draft.level,
            draft.position,
        )
        held[draft.name] = row["id"]
        made += 1
    return made


async def write_spaces(sql: Sql, place_id: int, found: Difference) -> None:
    """Write what differs. Numbers that change hands are first set aside, so that none clashes."""
    await sql.execute_many(
        "UPDATE space SET number = $2 WHERE id = $1",
        [(space_id, f"~{space_id}") for space_id in found.renumbered],
    )
    await sql.execute_many(
        UPDATE_SPACE, [(space_id, *astuple(space)) for space_id, space in found.updated]
    )
    await sql.execute_many(INSERT_SPACE, [(place_id, *astuple(space)) for space in found.created])


async def space_ids(sql: Sql, place_ids: Sequence[int]) -> Mapping[tuple[int, str], int]:
    """The id of each space in use by place and number."""
    rows = await sql.fetch(
        "SELECT id, place_id, number FROM space"
        f" WHERE place_id {sql.any_of('$1')} AND retired_at IS NULL",
        list(place_ids),
    )
    return {(row["place_id"], row["number"]): row["id"] for row in rows}

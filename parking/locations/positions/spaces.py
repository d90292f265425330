"""What a place says of a bay: the facts of a basic position, and of the terminal SPACE_RECORD."""

from collections.abc import Mapping

from parking.accounts.viewer import SYSTEM
from parking.locations.positions.facts import NOTHING, Facts
from parking.places.models import SubplaceKind
from parking.places.queries import subplaces_by_place
from parking.places.records import SPACE_COLUMNS, SpaceRecord, SubplaceRecord, space_record
from parking.storage.sql import Sql


async def facts_of_space(sql: Sql, space_id: int | None) -> Facts:
    """Place, bay, its level and area, number and coordinates; nothing without a bay. Of a bay that
    was retired since, too: a car may still stand in it."""
    row = await sql.fetch_one(f"SELECT {SPACE_COLUMNS} FROM space s WHERE s.id = $1", space_id)
    if row is None:
        return NOTHING
    space = space_record(row)
    return said_of(space, (await subplaces_by_place(SYSTEM, [space.place_id]))[space.place_id])


def said_of(space: SpaceRecord, subplaces: list[SubplaceRecord]) -> Facts:
    """The facts of a bay. `subplaces` are its place's."""
    known = {each.id: each for each in subplaces}
    chain = _chain(space.subplace_id, known)
    areas = [each.name for each in chain if each.kind is not SubplaceKind.FLOOR_OR_LEVEL]
    floor = next((each for each in chain if each.kind is SubplaceKind.FLOOR_OR_LEVEL), None)
    if floor is None and chain:
        floor = _floor_at(chain[0].level, subplaces)
    return Facts(
        place_id=space.place_id,
        space_id=space.id,
        subplace_id=space.subplace_id,
        floor="" if floor is None else floor.name,
        area=areas[0] if areas else "",
        bay=space.number,
        latitude=space.latitude,
        longitude=space.longitude,
    )


def _chain(subplace_id: int | None, known: Mapping[int, SubplaceRecord]) -> list[SubplaceRecord]:
    """The subplace and those that it lies in, the smallest first."""
    chain: list[SubplaceRecord] = []
    while subplace_id is not None and subplace_id in known and len(chain) < len(known):
        chain.append(known[subplace_id])
        subplace_id = known[subplace_id].parent_id
    return chain


def _floor_at(level: int, subplaces: list[SubplaceRecord]) -> SubplaceRecord | None:
    """A row that lies in nothing is on the floor with its level's number."""
    floors = (each for each in subplaces if each.kind is SubplaceKind.FLOOR_OR_LEVEL)
    return next((each for each in floors if each.level == level), None)

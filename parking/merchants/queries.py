"""Reading merchants' units and ways: only what the viewer may see, in batches and in pages."""

from collections.abc import Mapping, Sequence

from parking.accounts.viewer import Viewer
from parking.merchants.kinds import UnitState
from parking.merchants.records import (
    SELECT_CONNECTORS,
    SELECT_UNITS,
    ConnectorRecord,
    UnitRecord,
    connector_record,
    unit_record,
)
from parking.merchants.rules import may_read_orders
from parking.places.conditions import Conditions
from parking.storage.sql import Sql, database

PAGE_ROWS_MAX = 10_001


async def units_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, UnitRecord]:
    """The units of these ids, of merchants for whom the viewer acts."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_UNITS} WHERE m.id {sql.any_of('$1')}", list(ids))
    found = [unit_record(row) for row in rows]
    return {each.id: each for each in found if may_read_orders(viewer, each.organisation_id)}


async def find_units(
    viewer: Viewer,
    organisation_id: int,
    *,
    limit: int,
    after_id: int = 0,
    states: Sequence[UnitState] = (UnitState.ACTIVE,),
) -> list[UnitRecord]:
    """A page of a merchant's units, the oldest first; nothing for who may not see them."""
    if not may_read_orders(viewer, organisation_id):
        return []
    where = Conditions(database())
    where.add(f"m.organisation_id = {where.argument(organisation_id)}")
    where.add(f"m.id > {where.argument(after_id)}")
    where.add(f"m.state {where.any_of([each.value for each in states])}")
    rest = f"{where} ORDER BY m.id LIMIT {min(limit, PAGE_ROWS_MAX)}"
    rows = await database().fetch(f"{SELECT_UNITS} WHERE {rest}", *where.arguments)
    return [unit_record(row) for row in rows]


async def places_of_units(sql: Sql, unit_ids: Sequence[int]) -> dict[int, list[int]]:
    """The places of each unit, best first; whoever asks."""
    rows = await sql.fetch(
        f"SELECT unit_id, place_id FROM merchant_unit_place WHERE unit_id {sql.any_of('$1')}"
        " ORDER BY unit_id, rank",
        list(unit_ids),
    )
    found: dict[int, list[int]] = {unit_id: [] for unit_id in unit_ids}
    for row in rows:
        found[row["unit_id"]].append(row["place_id"])
    return found


async def places_by_unit(viewer: Viewer, unit_ids: Sequence[int]) -> Mapping[int, list[int]]:
    """The places of each of these units that the viewer may see, best first."""
    return await places_of_units(database(), list(await units_by_id(viewer, unit_ids)))


async def unit_by_id(sql: Sql, unit_id: int) -> UnitRecord | None:
    """A unit, whoever asks: for verbs and the worker, which decide themselves."""
    row = await sql.fetch_one(f"{SELECT_UNITS} WHERE m.id = $1", unit_id)
    return None if row is None else unit_record(row)


async def links_of(sql: Sql, campus_id: int) -> list[ConnectorRecord]:
    """The ways of a mall, whoever asks."""
    rows = await sql.fetch(f"{SELECT_CONNECTORS} WHERE c.campus_id = $1 ORDER BY c.id", campus_id)
    return [connector_record(row) for row in rows]

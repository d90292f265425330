"""Reading rate tables: only what the viewer may see, in batches and in pages."""

from collections.abc import Mapping, Sequence

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.places.conditions import Conditions
from parking.rates.records import RATE_TABLE_COLUMNS, RateTableRecord, rate_table_record
from parking.rates.rules import may_see_rates
from parking.storage.sql import database


async def rate_tables_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, RateTableRecord]:
    """The rate tables of these ids that the viewer may see, retired ones too."""
    found = await published_rate_tables(viewer, ids)
    return {key: t for key, t in found.items() if may_see_rates(viewer, t.organisation_id)}


async def published_rate_tables(
    _viewer: Viewer, ids: Sequence[int]
) -> Mapping[int, RateTableRecord]:
    """The rate tables of these ids, whoever asks: for who may see a listing, which says what it
    costs to everybody who sees it."""
    sql = database()
    rows = await sql.fetch(
        f"SELECT {RATE_TABLE_COLUMNS} FROM rate_table r WHERE r.id {sql.any_of('$1')}", list(ids)
    )
    return {row["id"]: rate_table_record(row) for row in rows}


async def rate_table_by_id(viewer: Viewer, rate_table_id: int) -> RateTableRecord:
    """One rate table. Raises NotFound when there is none or the viewer may not know of it."""
    found = (await rate_tables_by_id(viewer, [rate_table_id])).get(rate_table_id)
    if found is None:
        raise NotFound("there is no such rate table")
    return found


async def find_rate_tables(
    viewer: Viewer, organisation_id: int, *, limit: int, after: Sequence[object] | None = None
) -> list[RateTableRecord]:
    """Rate tables of an organisation in use, by name, after the sort key of the page before; none
    for who may not see them."""
    if not may_see_rates(viewer, organisation_id):
        return []
    sql = database()
    where = Conditions(sql)
    where.add(f"r.organisation_id = {where.argument(organisation_id)} AND r.retired_at IS NULL")
    if after is not None:
        name, key = after
        where.add(f"(r.name, r.id) > ({where.argument(name)}, {where.argument(key)})")
    rows = await sql.fetch(
        f"SELECT {RATE_TABLE_COLUMNS} FROM rate_table r WHERE {where}"
        f" ORDER BY r.name, r.id LIMIT {where.argument(limit)}",
        *where.arguments,
    )
    return [rate_table_record(row) for row in rows]


def rate_table_key(found: RateTableRecord) -> tuple[str, int]:
    """The sort key of `find_rate_tables`."""
    return found.name, found.id

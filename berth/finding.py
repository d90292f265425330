"""Finding things by what people call them on a command line."""

from parking.errors import InvalidInput, NotFound
from parking.storage.sql import database

LISTED_MAX = 8


async def find_place(called: str) -> int:
    """The id of the place with this id, external id or exact name.

    Raises `NotFound`, or `InvalidInput` when several have the name.
    """
    return await _find("place", called, "id_text = $1 OR external_id = $1 OR name = $1")


async def find_organisation(called: str) -> int:
    """The id of the organisation with this id or exact name. Raises like `find_place`."""
    return await _find("organisation", called, "id_text = $1 OR name = $1")


async def _find(table: str, called: str, condition: str) -> int:
    source = f"(SELECT CAST(id AS TEXT) AS id_text, {table}.* FROM {table}) AS found"
    rows = await database().fetch(
        f"SELECT id, name FROM {source} WHERE {condition} ORDER BY id LIMIT {LISTED_MAX}", called
    )
    if not rows:
        known = await database().fetch(f"SELECT id, name FROM {table} ORDER BY id LIMIT 8")
        listed = ", ".join(f"{row['name']} ({row['id']})" for row in known) or "none yet"
        raise NotFound(f"there is no {table} {called!r}; there are: {listed}")
    exact = [row for row in rows if str(row["id"]) == called]
    if len(rows) > 1 and not exact:
        ids = ", ".join(str(row["id"]) for row in rows)
        raise InvalidInput(table, f"several {table}s are called {called!r}; give the id: {ids}")
    return int((exact or rows)[0]["id"])

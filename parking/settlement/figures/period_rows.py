"""Periods as a table in a statement, so that the database sums what lies in each."""

from collections.abc import Sequence
from datetime import datetime

from parking.settlement.figures.periods import Period
from parking.storage.sql import Sql


def edges_of(cut: Sequence[Period]) -> list[datetime]:
    """All beginnings, and the end of the last one: the arguments that `periods_table` needs."""
    return [each.starts_at for each in cut] + [cut[-1].ends_at]


def periods_table(sql: Sql, count: int, first: int) -> str:
    """`WITH period (place, starts_at, ends_at) …` of `count` edges, whose placeholders begin at
    `first`: `place` is the period's place in the list, from 0."""
    cast = "::timestamptz" if sql.dialect == "postgres" else ""
    rows = [f"({n}, ${n + first}{cast}, ${n + first + 1}{cast})" for n in range(count - 1)]
    return f"WITH period (place, starts_at, ends_at) AS (VALUES {', '.join(rows)})"

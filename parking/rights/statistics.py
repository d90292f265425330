"""How much of each code, specification or contract was granted, used and paid; and on which days.

One grouped statement for as many as are asked for. Amounts are minor units of the contract's
currency; a day is the date at the place when a right was granted.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.places.conditions import Conditions
from parking.rights.rules import issuing_organisations, running_organisations
from parking.storage.sql import database

DAYS_MAX = 366


class Figures(NamedTuple):
    """`granted` counts all, one that went to another vehicle once; each is one of the other counts:
    `redeemed` are promised to a stay that is not settled yet, `lapsed` expired unused.
    `issuer_minor` is what the issuer paid, `operator_minor` what the place gave on top."""

    granted: int = 0
    held: int = 0
    redeemed: int = 0
    used: int = 0
    lapsed: int = 0
    revoked: int = 0
    issuer_minor: int = 0
    operator_minor: int = 0


class Day(NamedTuple):
    """The figures of rights that were granted on this date, like `2026-11-21`."""

    day: str
    figures: Figures


NONE = Figures()

_STATES = (
    ("held", "HELD"),
    ("redeemed", "REDEEMED"),
    ("used", "USED"),
    ("lapsed", "EXPIRED"),
    ("revoked", "REVOKED"),
)
_FIGURES = ", ".join(
    (
        "COUNT(CASE WHEN a.state <> 'MOVED' THEN 1 END) AS granted",
        *(f"COUNT(CASE WHEN a.state = '{state}' THEN 1 END) AS {name}" for name, state in _STATES),
        "CAST(COALESCE(SUM(d.issuer_minor), 0) AS BIGINT) AS issuer_minor",
        "CAST(COALESCE(SUM(d.operator_minor), 0) AS BIGINT) AS operator_minor",
    )
)
_PAID = (
    "SELECT assigned_right_id, SUM(issuer_minor) AS issuer_minor,"
    " SUM(operator_minor) AS operator_minor FROM redemption"
    " WHERE state = 'FINISHED' AND assigned_right_id IN"
    " (SELECT a.id FROM assigned_right a WHERE {where}) GROUP BY assigned_right_id"
)
"""First summed for each right: one whose minutes stay over is redeemed more than once."""


async def statistics_of_codes(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Figures]:
    """The figures of each of these grant codes; all zero where the viewer sees no rights of it."""
    return await _totals(viewer, "grant_code_id", ids)


async def statistics_of_specifications(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Figures]:
    """The figures of each of these specifications, as far as the viewer sees its rights."""
    return await _totals(viewer, "specification_id", ids)


async def statistics_of_contracts(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Figures]:
    """The figures of each of these contracts."""
    return await _totals(viewer, "contract_id", ids)


async def days_of_codes(viewer: Viewer, ids: Sequence[int], since: str) -> Mapping[int, list[Day]]:
    """The days since the date `since` on which each of these codes granted, the oldest first; the
    last `DAYS_MAX` of them."""
    return await _days(viewer, "grant_code_id", ids, since)


async def days_of_specifications(
    viewer: Viewer, ids: Sequence[int], since: str
) -> Mapping[int, list[Day]]:
    """The same of specifications."""
    return await _days(viewer, "specification_id", ids, since)


async def _totals(viewer: Viewer, column: str, ids: Sequence[int]) -> Mapping[int, Figures]:
    where = _asked(viewer, column, ids)
    rows = await database().fetch(_statement(f"a.{column} AS key", where, "1"), *where.arguments)
    found = {row.pop("key"): Figures(**row) for row in rows}
    return {each: found.get(each, NONE) for each in ids}


async def _days(
    viewer: Viewer, column: str, ids: Sequence[int], since: str
) -> Mapping[int, list[Day]]:
    where = _asked(viewer, column, ids)
    where.add(f"a.day >= {where.argument(since)}")
    statement = _statement(f"a.{column} AS key, a.day", where, "1, 2")
    found: dict[int, list[Day]] = {each: [] for each in ids}
    for row in await database().fetch(f"{statement} ORDER BY 1, 2", *where.arguments):
        found[row.pop("key")].append(Day(row.pop("day"), Figures(**row)))
    return {each: days[-DAYS_MAX:] for each, days in found.items()}


def _statement(keys: str, where: Conditions, groups: str) -> str:
    paid = _PAID.replace("{where}", str(where))
    return (
        f"SELECT {keys}, {_FIGURES} FROM assigned_right a"
        f" LEFT JOIN ({paid}) d ON d.assigned_right_id = a.id WHERE {where} GROUP BY {groups}"
    )


def _asked(viewer: Viewer, column: str, ids: Sequence[int]) -> Conditions:
    """The rights of these that the viewer may see as their issuer or operator."""
    where = Conditions(database())
    where.add(f"a.{column} {where.any_of(ids)}")
    if viewer.is_platform:
        return where
    said = ["1 = 0"]
    for side, mine in (
        ("organisation_id", issuing_organisations(viewer)),
        ("operator_id", running_organisations(viewer)),
    ):
        if mine:
            said.append(f"a.{side} {where.any_of(sorted(mine))}")
    where.add(" OR ".join(said))
    return where

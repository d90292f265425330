"""What an organisation has earned over time: figures by day, week or month, in a time zone.

What it is owed comes from its payout items, so that the figures sum to its payable account; what
the bookings of its spaces cost, and who got the rest, from their settlements.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.places.rules import checked_time_zone
from parking.settlement.figures.period_rows import edges_of, periods_table
from parking.settlement.figures.periods import Every, Period, periods
from parking.settlement.rules import may_earn
from parking.storage.sql import Sql, database

LAST_RESORT = "UTC"


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums of a period, in minor units.

    `cost` of the `bookings` that were settled is what their drivers and merchants paid; `property`,
    `platform` and `tax` went to others. `owner_share` and `property_share` are what the
    organisation itself got as lessor and as who runs the place, `changed` what disputes and credits
    have changed since (may be negative).
    """

    bookings: int = 0
    cost_minor: int = 0
    property_minor: int = 0
    platform_minor: int = 0
    tax_minor: int = 0
    owner_share_minor: int = 0
    property_share_minor: int = 0
    changed_minor: int = 0

    @property
    def earned_minor(self) -> int:
        """All that came to the organisation, or went."""
        return self.owner_share_minor + self.property_share_minor + self.changed_minor


@dataclass(frozen=True, slots=True)
class Bucket:
    """One period and its figures."""

    period: Period
    figures: Figures


@dataclass(frozen=True, slots=True)
class Earnings:
    """The buckets of one currency, in order and without gaps."""

    currency: str
    time_zone: str
    buckets: Sequence[Bucket]

    @property
    def total(self) -> Figures:
        """The sum of all buckets."""
        return _sum([bucket.figures for bucket in self.buckets])


async def earnings(
    viewer: Viewer,
    organisation_id: int,
    first: date,
    until: date,
    every: Every,
    time_zone: str | None = None,
) -> list[Earnings]:
    """For each currency in which something was earned in the local days `[first, until)`.

    Without a time zone that of the payout terms counts, else that of the newest settlement's place.
    Raises NotFound for who may not see the organisation's money, InvalidInput for the time.
    """
    if not may_earn(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    sql = database()
    if time_zone is None:
        name = await time_zone_of(sql, organisation_id)
    else:
        name = checked_time_zone("timeZone", time_zone)
    cut = periods(first, until, every, ZoneInfo(name))
    found = await _figures(sql, organisation_id, edges_of(cut))
    return [
        Earnings(
            currency,
            name,
            [Bucket(each, rows.get(place, Figures())) for place, each in enumerate(cut)],
        )
        for currency, rows in sorted(found.items())
    ]


async def time_zone_of(sql: Sql, organisation_id: int) -> str:
    """Where the organisation counts its days."""
    row = await sql.fetch_one(
        "SELECT time_zone FROM payout_terms WHERE organisation_id = $1", organisation_id
    ) or await sql.fetch_one(
        "SELECT p.time_zone FROM settlement s JOIN place p ON p.id = s.place_id"
        " WHERE s.organisation_id = $1 ORDER BY s.at DESC LIMIT 1",
        organisation_id,
    )
    return LAST_RESORT if row is None else str(row["time_zone"])


async def _figures(
    sql: Sql, organisation_id: int, edges: Sequence[datetime]
) -> Mapping[str, Mapping[int, Figures]]:
    """By currency and the period's place in the list."""
    values: dict[str, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    table = periods_table(sql, len(edges), first=2)
    for query in (_SETTLED, _OWED):
        for row in await sql.fetch(f"{table} {query}", organisation_id, *edges):
            currency, place = row.pop("currency"), row.pop("place")
            values[currency][place].update(row)
    return {
        currency: {place: Figures(**row) for place, row in rows.items()}
        for currency, rows in values.items()
    }


def _sums(columns: Mapping[str, str]) -> str:
    return ", ".join(f"CAST(SUM({of}) AS BIGINT) AS {name}" for name, of in columns.items())


_COST = ("cost", "property", "platform", "tax")
_SETTLED = f"""
SELECT e.place, s.currency, COUNT(*) AS bookings,
       {_sums({f"{each}_minor": f"s.{each}_minor" for each in _COST})}
  FROM period e
  JOIN settlement s ON s.organisation_id = $1 AND s.at >= e.starts_at AND s.at < e.ends_at
 GROUP BY e.place, s.currency
"""


def _share(party: str) -> str:
    return f"CASE WHEN i.cause = 'SHARE' AND i.party = '{party}' THEN i.amount_minor ELSE 0 END"


_OWED = f"""
SELECT e.place, i.currency,
       {_sums({
           "owner_share_minor": _share("OWNER"),
           "property_share_minor": _share("PROPERTY"),
           "changed_minor": "CASE WHEN i.cause <> 'SHARE' THEN i.amount_minor ELSE 0 END",
       })}
  FROM period e
  JOIN payout_item i ON i.organisation_id = $1 AND i.at >= e.starts_at AND i.at < e.ends_at
 GROUP BY e.place, i.currency
"""  # fmt: skip


def _sum(all_figures: Sequence[Figures]) -> Figures:
    names: Any = Figures.__dataclass_fields__
    return Figures(**{name: sum(getattr(each, name) for each in all_figures) for name in names})

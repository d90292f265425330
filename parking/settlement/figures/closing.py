"""Figures for who runs something: a place's daily close, and the totals of the whole platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from parking.accounts.viewer import Viewer
from parking.places.rules import checked_time_zone
from parking.settlement.figures.period_rows import edges_of, periods_table
from parking.settlement.figures.periods import ONE_DAY, Every, Period, checked_day, periods
from parking.settlement.rules import acts_for_platform, may_see
from parking.storage.sql import Sql, database

UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over settlements, in minor units of one currency.

    `gross_minor` is what the stays cost; `owner + property + platform + tax` of it went to these.
    `refund_minor` went back to drivers, `validation_minor` was paid by merchants, and
    `receivable_minor` is what drivers stayed owing.
    """

    bookings: int = 0
    no_shows: int = 0
    cancelled: int = 0
    gross_minor: int = 0
    owner_minor: int = 0
    property_minor: int = 0
    platform_minor: int = 0
    tax_minor: int = 0
    refund_minor: int = 0
    validation_minor: int = 0
    receivable_minor: int = 0


@dataclass(frozen=True, slots=True)
class SpaceClose:
    """What one space brought that day."""

    space_id: int
    number: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class DailyClose:
    """A local day of a place: all that was settled, by space, and the credit records of the day
    (`credited_minor` of earlier bills was reversed)."""

    place_id: int
    currency: str
    period: Period
    sums: Sums
    spaces: Sequence[SpaceClose]
    credits: int
    credited_minor: int


@dataclass(frozen=True, slots=True)
class TotalsBucket:
    """What was settled in one period."""

    period: Period
    sums: Sums


@dataclass(frozen=True, slots=True)
class PlatformTotals:
    """All that was settled, in one currency: buckets in order and without gaps."""

    currency: str
    buckets: Sequence[TotalsBucket]

    @property
    def total(self) -> Sums:
        """The sum of all buckets."""
        return _together([bucket.sums for bucket in self.buckets])


async def daily_close(viewer: Viewer, place_id: int, day: date) -> DailyClose | None:
    """The close of a local day; None unless the viewer is an OPERATOR of the place, or PLATFORM.

    Figures are in the place's currency, in which its spaces are let. Raises InvalidInput for a day
    out of all reason.
    """
    sql = database()
    place = await _place(sql, viewer, place_id)
    if place is None:
        return None
    currency, zone = str(place["currency"]), ZoneInfo(place["time_zone"])
    [period] = periods(checked_day("day", day), day + ONE_DAY, Every.DAY, zone)
    when = (place_id, currency, period.starts_at, period.ends_at)
    [total] = await sql.fetch(f"SELECT {_SUMS} {_SETTLED}", *when)
    rows = await sql.fetch(_BY_SPACE, *when)
    [credit] = await sql.fetch(_CREDITS, *when)
    return DailyClose(
        place_id,
        currency,
        period,
        _sums(total),
        [SpaceClose(row.pop("space_id"), row.pop("number"), _sums(row)) for row in rows],
        credit["credits"],
        -(credit["amount_minor"] or 0),
    )


async def _place(sql: Sql, viewer: Viewer, place_id: int) -> dict[str, Any] | None:
    row = await sql.fetch_one(
        "SELECT organisation_id, currency, time_zone FROM place WHERE id = $1", place_id
    )
    if row is None or not may_see(viewer, None, None, row["organisation_id"]):
        return None
    return row


async def platform_totals(
    viewer: Viewer, first: date, until: date, every: Every, time_zone: str = UTC
) -> list[PlatformTotals] | None:
    """Of each currency, what was settled in the local days `[first, until)`; None unless PLATFORM.

    Raises InvalidInput for the time and its zone.
    """
    if not acts_for_platform(viewer):
        return None
    zone = ZoneInfo(checked_time_zone("timeZone", time_zone))
    cut = periods(first, until, every, zone)
    edges, sql = edges_of(cut), database()
    rows = await sql.fetch(f"{periods_table(sql, len(edges), first=1)} {_IN_PERIODS}", *edges)
    found: dict[str, dict[int, Sums]] = {}
    for row in rows:
        currency, place = row.pop("currency"), row.pop("place")
        found.setdefault(currency, {})[place] = _sums(row)
    return [
        PlatformTotals(
            currency,
            [TotalsBucket(each, sums.get(place, Sums())) for place, each in enumerate(cut)],
        )
        for currency, sums in sorted(found.items())
    ]


def _together(all_sums: Sequence[Sums]) -> Sums:
    names: Any = Sums.__dataclass_fields__
    return Sums(**{name: sum(getattr(each, name) for each in all_sums) for name in names})


def _sums(row: dict[str, Any]) -> Sums:
    return Sums(**{name: value or 0 for name, value in row.items()})


def _outcomes(outcome: str) -> str:
    return f"COUNT(CASE WHEN s.outcome = '{outcome}' THEN 1 END)"


_AMOUNTS = {
    "gross": "cost",
    **{each: each for each in ("owner", "property", "platform", "tax", "refund", "validation")},
    "receivable": "receivable",
}
_SUMS = ", ".join(
    [
        "COUNT(*) AS bookings",
        f"{_outcomes('NO_SHOW')} AS no_shows",
        f"{_outcomes('CANCELLED')} AS cancelled",
        *(f"CAST(SUM(s.{of}_minor) AS BIGINT) AS {name}_minor" for name, of in _AMOUNTS.items()),
    ]
)
_SETTLED = (
    "FROM settlement s WHERE s.place_id = $1 AND s.currency = $2 AND s.at >= $3 AND s.at < $4"
)
_BY_SPACE = f"""
SELECT r.space_id, sp.number, {_SUMS}
  FROM settlement s
  JOIN reservation r ON r.id = s.reservation_id
  JOIN space sp ON sp.id = r.space_id
 WHERE s.place_id = $1 AND s.currency = $2 AND s.at >= $3 AND s.at < $4
 GROUP BY r.space_id, sp.number ORDER BY sp.number, r.space_id
"""
_IN_PERIODS = f"""
SELECT e.place, s.currency, {_SUMS}
  FROM period e JOIN settlement s ON s.at >= e.starts_at AND s.at < e.ends_at
 GROUP BY e.place, s.currency
"""
_CREDITS = """
SELECT COUNT(*) AS credits, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor
  FROM charge_record
 WHERE kind = 'CREDIT' AND place_id = $1 AND currency = $2 AND issued_at >= $3 AND issued_at < $4
"""

"""The statements behind every search: offers in order, their spaces probed one by one.

What makes a search cheap whatever the size of the tables: offers (a listing of a place) are found
and sorted first; the spaces of each are then probed in that order, with one descent into an index
for the last live booking before the period's end, until the page is full. A condition that the
planner may turn into a join (NOT EXISTS) would read every booking of the area instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import copysign
from typing import Any, NamedTuple, TypeAlias

from parking.accounts.viewer import Viewer
from parking.geo import BoundingBox
from parking.listings.rules import STAY_DAYS_MAX
from parking.places.conditions import Conditions
from parking.places.search import Key
from parking.reservations.wanted import Reach, Ring, Wanted, begins_now, plane_factors
from parking.storage.sql import Sql

Amounts: TypeAlias = Mapping[tuple[int, str], int]
"""What the period costs, in minor units, by rate table and time zone."""

OPENING_END = """
(SELECT w.ends_at FROM listing_opening w WHERE w.listing_id = l.id AND w.starts_at <= {start}
  ORDER BY w.starts_at DESC LIMIT 1)
"""
"""Openings of a listing never touch, so only the last that has begun can hold the period."""

VACANT = """
(st.occupancy = 'FREE' OR (st.occupancy = 'UNKNOWN' AND st.source = 'NONE' AND NOT EXISTS
  (SELECT 1 FROM device d
    WHERE d.space_id = s.id AND d.kind = 'SENSOR' AND d.revoked_at IS NULL)))
"""
"""Seen to be free; or nobody ever looked and nothing is there to look. A silent sensor's space
is not vacant."""

RATE_COLUMNS = "o.rate_table_id, o.rate_version, o.currency, o.time_zone"
OFFER_COLUMNS = "o.amount_minor, o.metres2, o.place_id, o.listing_id"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


IS_SHARED = """
EXISTS (SELECT 1 FROM listing_space x JOIN listing y ON y.id = x.listing_id
         WHERE x.space_id = s.id AND x.listing_id <> o.listing_id AND y.state = 'ACTIVE')
AS is_shared
"""


class Within(NamedTuple):
    """Only these spaces, which are in these places."""

    place_ids: list[int]
    space_ids: list[int]


class Prices(NamedTuple):
    """How a statement knows what an offer costs."""

    amount: str
    join: str


@dataclass(slots=True)
class Asked:
    """One statement in the making; its arguments are numbered in the order they come up."""

    sql: Sql
    viewer: Viewer
    wanted: Wanted
    reach: Reach
    now: datetime
    arguments: list[Any] = field(default_factory=list)

    def conditions(self) -> Conditions:
        """Further conditions of this statement."""
        where = Conditions(self.sql)
        where.arguments = self.arguments
        return where

    @property
    def whole(self) -> Ring:
        """All of the area."""
        return Ring(-1.0, self.reach.rings[-1].outer_metres)

    async def idle_offers(
        self,
        ring: Ring,
        limit: int,
        after: Key | None = None,
        amounts: Amounts | None = None,
        within: Within | None = None,
    ) -> list[dict[str, Any]]:
        """At most `limit` pairs of offer and idle space in the ring after the key, in order.

        `amount_minor`, `metres2`, `place_id`, `listing_id` and `space_id` are the key. Without
        `amounts` the amount is 0 for all; with them, offers at other rates are left out.
        `is_shared`: another active listing has the space, too.
        """
        offers = self._offers(ring, after, amounts, within)
        key, where = f"{OFFER_COLUMNS}, s.id", self._idle()
        if after is not None:
            given = ", ".join(where.argument(part) for part in after)
            where.add(f"({key}) > ({given})")
        if within is not None:
            where.add(f"s.id {where.any_of(within.space_ids)}")
        return await self.sql.fetch(
            f"SELECT {OFFER_COLUMNS}, s.id AS space_id, {RATE_COLUMNS}, {IS_SHARED}"
            f" FROM {_probed(self.sql, offers, where)} LIMIT {where.argument(limit)}",
            *self.arguments,
        )

    async def idle_counts(self) -> list[dict[str, Any]]:
        """How many idle spaces each offer of the area has, with the place's position."""
        offers, where = self._offers(self.whole, None, None), self._idle()
        named = f"o.place_id, o.listing_id, o.latitude, o.longitude, {RATE_COLUMNS}"
        return await self.sql.fetch(
            f"SELECT {named}, COUNT(*) AS space_count FROM ({offers}) o"
            " JOIN listing_space ls ON ls.listing_id = o.listing_id"
            " JOIN space s ON s.id = ls.space_id JOIN space_state st ON st.space_id = s.id"
            f" WHERE {where} GROUP BY {named} ORDER BY o.place_id, o.listing_id",
            *self.arguments,
        )

    async def offered_rates(self, limit: int) -> list[dict[str, Any]]:
        """At most `limit` different rates of the offers in the area, idle or not."""
        offers = self._offers(self.whole, None, None)
        self.arguments.append(limit)
        return await self.sql.fetch(
            f"SELECT DISTINCT {RATE_COLUMNS} FROM ({offers}) o LIMIT ${len(self.arguments)}",
            *self.arguments,
        )

    def _offers(
        self,
        ring: Ring,
        after: Key | None,
        amounts: Amounts | None,
        within: Within | None = None,
    ) -> str:
        """Listings of open places in the ring that take this booking, were a space of them idle."""
        where, wanted = self.conditions(), self.wanted
        ends_at = where.argument(wanted.window.ends_at)
        metres2, prices = _metres2(where, self.reach), _prices(self.sql, where, amounts)
        where.visible(self.viewer)
        where.add("p.is_open AND l.state = 'ACTIVE'")
        if within is not None:
            where.add(f"p.id {where.any_of(within.place_ids)}")
        _in_area(where, wanted, self.reach, ring)
        if self.reach.centre is not None:
            inner, outer = (where.argument(copysign(edge * edge, edge)) for edge in ring)
            where.add(f"{metres2} > {inner} AND {metres2} <= {outer}")
        _terms_fit(where, wanted, self.now)
        _open_to(where, self.viewer, wanted.plate)
        start = where.argument(wanted.window.starts_at)
        where.add(f"{OPENING_END.format(start=start)} >= {ends_at}")
        if after is not None:
            amount, distance = (where.argument(part) for part in after[:2])
            where.add(f"({prices.amount}, {metres2}) >= ({amount}, {distance})")
        return (
            f"SELECT {prices.amount} AS amount_minor, {metres2} AS metres2, p.id AS place_id,"
            " l.id AS listing_id, l.rate_table_id, t.version AS rate_version, t.currency,"
            f" p.time_zone, p.latitude, p.longitude, {blocked_until(self.sql, ends_at)}"
            " AS blocked_until FROM place p JOIN listing l ON l.place_id = p.id"
            f" JOIN rate_table t ON t.id = l.rate_table_id{prices.join} WHERE {where}"
        )

    def _idle(self) -> Conditions:
        """A space in service that fits, and on which nobody has a claim in the period."""
        where, wanted = self.conditions(), self.wanted
        where.add("s.retired_at IS NULL AND st.service = 'OPEN'")
        for column, value in (("is_ev", wanted.is_ev), ("is_accessible", wanted.is_accessible)):
            if value is not None:
                where.add(f"{'' if value else 'NOT '}s.{column}")
        if wanted.height_metres is not None:
            metres = where.argument(wanted.height_metres)
            where.add(f"s.height_max_metres IS NULL OR s.height_max_metres >= {metres}")
        if begins_now(wanted.window, self.now):
            where.add(VACANT)
        last_end = last_live_end(self.sql, "o.blocked_until", where.argument(self.now))
        where.add(f"COALESCE({last_end} <= {where.argument(wanted.window.starts_at)}, TRUE)")
        return where


def _probed(sql: Sql, offers: str, idle: Conditions) -> str:
    """Offers in order, and for each its idle spaces in order, found as they are asked for.

    The nesting is fixed, so rows come in the order of the outer loop and no order is asked for
    again: either database would rather find everything and then sort it.
    """
    order = "ORDER BY amount_minor, metres2, place_id, listing_id"
    if sql.dialect == "sqlite":  # keeps the order of a subquery only if that has a LIMIT
        return (
            f"({offers} {order} LIMIT -1) o"
            " CROSS JOIN listing_space ls ON ls.listing_id = o.listing_id"
            " CROSS JOIN space s ON s.id = ls.space_id"
            f" CROSS JOIN space_state st ON st.space_id = s.id WHERE {idle}"
        )
    return (
        f"({offers} {order}) o CROSS JOIN LATERAL (SELECT bay.id FROM listing_space ls"
        " CROSS JOIN LATERAL (SELECT s.id FROM space s JOIN space_state st ON st.space_id = s.id"
        f" WHERE s.id = ls.space_id AND {idle} OFFSET 0) bay"
        " WHERE ls.listing_id = o.listing_id ORDER BY ls.space_id) s"
    )


def last_live_end(sql: Sql, until: str, now: str) -> str:
    """When the last live booking of space `s` that begins before `until` lets go of it, in SQL.

    Live bookings of a space never overlap, so the last that begins in time is the last to end: one
    descent into the index. A hold that has lapsed is as good as gone.
    """
    # With statistics SQLite may take the index of all bookings, and walk through a long history.
    index = " INDEXED BY reservation_space_live" if sql.dialect == "sqlite" else ""
    return (
        f"(SELECT r.blocked_until FROM reservation r{index} WHERE r.space_id = s.id"
        " AND r.state IN ('REQUESTED', 'PENDING_PAYMENT', 'CONFIRMED', 'ACTIVE')"
        f" AND r.starts_at < {until} AND (r.state IN ('CONFIRMED', 'ACTIVE')"
        f" OR r.hold_until IS NULL OR r.hold_until > {now}) ORDER BY r.starts_at DESC LIMIT 1)"
    )


def _in_area(where: Conditions, wanted: Wanted, reach: Reach, ring: Ring) -> None:
    if isinstance(wanted.area, int):
        where.add(f"p.id = {where.argument(wanted.area)}")
    for box in (reach.bounds, reach.box(ring)):
        if box is not None:
            _within(where, box)


def _within(where: Conditions, box: BoundingBox) -> None:
    south, north = where.argument(box.south), where.argument(box.north)
    west, east = where.argument(box.west), where.argument(box.east)
    where.add(f"p.latitude >= {south} AND p.latitude <= {north}")
    joint = "OR" if box.crosses_antimeridian else "AND"
    where.add(f"p.longitude >= {west} {joint} p.longitude <= {east}")


def _metres2(where: Conditions, reach: Reach) -> str:
    """The square of the distance to the place; 0 where there is no centre."""
    if reach.centre is None:
        return "CAST(0 AS DOUBLE PRECISION)"
    k, a, b = (where.argument(each) for each in plane_factors(reach.centre))
    north = f"(p.latitude - {where.argument(reach.centre.latitude)})"
    raw = f"(p.longitude - {where.argument(reach.centre.longitude)})"
    east = f"({raw} - CASE WHEN {raw} > 180 THEN 360 WHEN {raw} < -180 THEN -360 ELSE 0 END)"
    across = f"({east} * ({a} - {b} * {north}))"
    return f"({north} * {k} * {north} * {k} + {across} * {across})"


def _prices(sql: Sql, where: Conditions, amounts: Amounts | None) -> Prices:
    if amounts is None:
        return Prices("0", "")
    named = "rate_table_id", "time_zone", "amount_minor"
    rows = [(rate, zone, amount) for (rate, zone), amount in amounts.items()]
    if sql.dialect == "sqlite":
        parts = ", ".join(f"json_extract(value, '$[{i}]') AS {n}" for i, n in enumerate(named))
        given = [list(row) for row in rows]
        table = f"(SELECT {parts} FROM json_each({where.argument(given)})) q"
    else:
        columns = [where.argument([row[index] for row in rows]) for index in range(3)]
        kinds = zip(columns, ("bigint", "text", "bigint"), strict=True)
        unnested = ", ".join(f"{column}::{kind}[]" for column, kind in kinds)
        table = f"unnest({unnested}) AS q ({', '.join(named)})"
    on = "q.rate_table_id = l.rate_table_id AND q.time_zone = p.time_zone"
    return Prices("q.amount_minor", f" JOIN {table} ON {on}")


def _terms_fit(where: Conditions, wanted: Wanted, now: datetime) -> None:
    """Stay, lead and horizon, as `parking.listings.rules` has them, in whole minutes and days."""
    window = wanted.window
    ahead = max(window.starts_at - now, timedelta(0))
    floor, ceiling = window.duration // MINUTE, -(-window.duration // MINUTE)
    lead, days = ahead // MINUTE, -(-ahead // DAY)
    where.add(f"l.stay_minutes_min <= {where.argument(floor)}")
    where.add(f"l.lead_minutes <= {where.argument(lead)}")
    where.add(f"l.horizon_days >= {where.argument(days)}")
    longest = STAY_DAYS_MAX * DAY // MINUTE
    where.add(f"COALESCE(l.stay_minutes_max, {longest}) >= {where.argument(ceiling)}")
    if wanted.is_instant:
        where.add("l.mode = 'INSTANT'")


def _open_to(where: Conditions, viewer: Viewer, plate: str) -> None:
    """Who may book: anybody, members of an organisation, or certain plates."""
    mine = "IS NOT NULL" if viewer.is_system else where.any_of(sorted(viewer.roles))
    said = [
        "l.audience = 'PUBLIC'",
        f"(l.audience = 'ORGANISATION' AND l.audience_organisation_id {mine})",
    ]
    if plate:
        said.append(
            "(l.audience = 'PLATES' AND EXISTS (SELECT 1 FROM listing_plate lp"
            f" WHERE lp.listing_id = l.id AND lp.plate = {where.argument(plate)}))"
        )
    where.add(" OR ".join(said))


def blocked_until(sql: Sql, ends_at: str) -> str:
    """The period's end with the turnover of listing `l`, in SQL."""
    if sql.dialect == "postgres":
        return f"{ends_at}::timestamptz + l.turnover_minutes * INTERVAL '1 minute'"
    # As `sqlite_statements.time_text` writes a time: what follows the seconds is kept as it is.
    minutes = "'+' || l.turnover_minutes || ' minutes'"
    whole = f"strftime('%Y-%m-%d %H:%M:%S', substr({ends_at}, 1, 19), {minutes})"
    return f"{whole} || substr({ends_at}, 20)"

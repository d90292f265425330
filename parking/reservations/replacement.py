"""Which bay takes the place of one that fails: a pure rule, and the candidates for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import hypot
from typing import Any, NamedTuple

from parking.reservations.offers import OPENING_END, VACANT, blocked_until, last_live_end
from parking.reservations.pricing import prices, rate_of
from parking.reservations.records import ReservationRecord
from parking.reservations.wanted import begins_now
from parking.storage.sql import Sql

LEVEL_METRES = 100.0
"""How far apart two levels are felt to be."""


class Bay(NamedTuple):
    """A space by the listing that offers it; `amount_minor` is what the window costs there.

    `level` is the storey, the plan's coordinates are metres.
    """

    listing_id: int
    lessor_id: int
    space_id: int
    number: str
    turnover_minutes: int
    amount_minor: int
    is_ev: bool = False
    is_accessible: bool = False
    height_max_metres: float | None = None
    level: int = 0
    x_metres: float = 0.0
    y_metres: float = 0.0

    @property
    def turnover(self) -> timedelta:
        """How long the bay stays blocked after a booking."""
        return timedelta(minutes=self.turnover_minutes)


def best_replacement(booked: Bay, candidates: Iterable[Bay]) -> Bay | None:
    """The bay to move to, None when there is none that serves as well.

    One of the same listing first, then of the same lessor, then of the place; none that is dearer,
    unless it is the lessor's own, for the driver pays what was agreed. Of those, one that has no
    more than is needed (a bay for disabled drivers is the last to be given away), then the nearest.
    """
    serving = [each for each in candidates if serves(booked, each) and is_fair(booked, each)]
    return min(serving, key=lambda each: _rank(booked, each), default=None)


def serves(booked: Bay, other: Bay) -> bool:
    """Whether the other bay has all that the booked one has."""
    is_equipped = other.is_ev >= booked.is_ev and other.is_accessible >= booked.is_accessible
    return other.space_id != booked.space_id and is_equipped and _is_as_high(booked, other)


def is_fair(booked: Bay, other: Bay) -> bool:
    """Whether nobody loses: another lessor is never paid less than their own price."""
    return other.lessor_id == booked.lessor_id or other.amount_minor <= booked.amount_minor


def _is_as_high(booked: Bay, other: Bay) -> bool:
    if other.height_max_metres is None:
        return True
    return (
        booked.height_max_metres is not None and other.height_max_metres >= booked.height_max_metres
    )


def _rank(booked: Bay, other: Bay) -> tuple[Any, ...]:
    metres = hypot(other.x_metres - booked.x_metres, other.y_metres - booked.y_metres)
    return (
        other.listing_id != booked.listing_id,
        other.lessor_id != booked.lessor_id,
        other.is_accessible and not booked.is_accessible,
        other.is_ev and not booked.is_ev,
        abs(other.level - booked.level) * LEVEL_METRES + metres,
        other.space_id,
    )


_FACTS = """
l.id AS listing_id, l.organisation_id AS lessor_id, s.id AS space_id, s.number, l.turnover_minutes,
s.is_ev, s.is_accessible, s.height_max_metres, COALESCE(u.level, 0) AS level, s.x_metres, s.y_metres
"""
_BOOKED = f"""
SELECT {_FACTS}
  FROM reservation r JOIN listing l ON l.id = r.listing_id JOIN space s ON s.id = r.space_id
  LEFT JOIN subplace u ON u.id = s.subplace_id
 WHERE r.id = $1
"""
_IDLE = f"""
SELECT {_FACTS}, l.rate_table_id, t.version AS rate_version, t.currency, p.time_zone
  FROM listing l JOIN place p ON p.id = l.place_id JOIN rate_table t ON t.id = l.rate_table_id
  JOIN listing_space ls ON ls.listing_id = l.id JOIN space s ON s.id = ls.space_id
  JOIN space_state st ON st.space_id = s.id LEFT JOIN subplace u ON u.id = s.subplace_id
 WHERE l.place_id = $1 AND (l.id = $2 OR (l.audience = 'PUBLIC' AND l.mode = 'INSTANT'))
   AND l.state = 'ACTIVE' AND p.is_open AND s.retired_at IS NULL AND st.service = 'OPEN'
   AND s.id <> $6
"""


async def booked_bay(sql: Sql, reservation: ReservationRecord) -> Bay:
    """The bay of a booking, with the price that was agreed."""
    [row] = await sql.fetch(_BOOKED, reservation.id)
    return _bay(row, reservation.amount_minor)


async def candidates(sql: Sql, reservation: ReservationRecord, now: datetime) -> list[Bay]:
    """Bays of the place that are idle for the booking's window: those of its own listing, and of
    others that anybody may book without asking."""
    last_end = last_live_end(sql, blocked_until(sql, "$4"), "$5")
    vacant = f" AND {VACANT}" if begins_now(reservation.window, now) else ""
    rows = await sql.fetch(
        f"{_IDLE}{vacant} AND {OPENING_END.format(start='$3')} >= $4"
        f" AND COALESCE({last_end} <= $3, TRUE)",
        reservation.place_id,
        reservation.listing_id,
        reservation.starts_at,
        reservation.ends_at,
        now,
        reservation.space_id,
    )
    known = await prices(sql, map(rate_of, rows), reservation.window, now)
    return [
        _bay(row, known[rate_of(row)].amount_minor)
        for row in rows
        if row["currency"] == reservation.currency and rate_of(row) in known
    ]


def _bay(row: dict[str, Any], amount_minor: int) -> Bay:
    truths = {name: bool(row[name]) for name in ("is_ev", "is_accessible")}
    known = {name: row[name] for name in Bay._fields if name in row}
    return Bay(**{**known, **truths, "amount_minor": amount_minor})

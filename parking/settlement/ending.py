"""How a booking ended and what it costs, read in the transaction that settles it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.rates.effort import Effort, whatever_it_takes
from parking.rates.lines import lines_from_json
from parking.rates.price import price
from parking.reservations.models import ReservationState
from parking.reservations.records import ReservationRecord
from parking.reservations.terms import terms_of
from parking.sessions.models import SegmentKind
from parking.settlement.outcomes import Cost, Price, cancelled, completed, missed
from parking.settlement.tax import StayPart
from parking.storage.sql import Sql, as_time, as_time_or_none
from parking.windows import Window

ENDED = frozenset(
    {ReservationState.COMPLETED, ReservationState.CANCELLED, ReservationState.NO_SHOW}
)
"""What is settled, if it had been confirmed."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A booking that is over; `started_at` and `ended_at` are the stay's, None without one."""

    reservation: ReservationRecord
    cost: Cost
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def minutes_minor(self, minutes: int, effort: Effort | None = None) -> int:
        """How much less the stay would have cost under the booking's own tariff had it been so
        many minutes shorter. Raises StayTooComplex when it takes more than an `effort` given."""
        if not minutes:
            return 0
        window = self._window
        shorter = window.ends_at - timedelta(minutes=minutes)
        steps = effort or whatever_it_takes()
        whole = self._price(window, steps)
        if shorter <= window.starts_at:
            return whole
        return whole - self._price(Window(window.starts_at, shorter), steps)

    @property
    def stay_minutes(self) -> int:
        """How many minutes at most take anything off, a started one as a whole one."""
        return -(-(self._window.ends_at - self._window.starts_at) // timedelta(minutes=1))

    @property
    def _window(self) -> Window:
        """What is paid for: booked and stayed."""
        booked = self.reservation
        return Window(
            min(self.started_at or booked.starts_at, booked.starts_at),
            max(self.ended_at or booked.ends_at, booked.ends_at),
        )

    def _price(self, window: Window, effort: Effort) -> int:
        terms = terms_of(self.reservation.terms)
        booked_at = self.reservation.confirmed_at or self.reservation.created_at
        return price(terms.tariff, window, terms.zone, now=booked_at, effort=effort).amount_minor


async def read_ending(sql: Sql, reservation: ReservationRecord) -> Ending:
    """What a booking that is over costs."""
    agreed = Price(
        reservation.amount_minor,
        lines_from_json(reservation.lines),
        reservation.starts_at,
        reservation.ends_at,
    )
    match reservation.state:
        case ReservationState.CANCELLED:
            return Ending(reservation, cancelled(agreed, reservation.refund_minor or 0))
        case ReservationState.NO_SHOW:
            return Ending(reservation, missed(agreed, terms_of(reservation.terms).refunds))
        case _:
            return await _completed(sql, reservation, agreed)


async def _completed(sql: Sql, reservation: ReservationRecord, agreed: Price) -> Ending:
    rows = await sql.fetch(
        "SELECT s.started_at, s.ended_at, g.kind, g.lines FROM session s"
        " JOIN segment g ON g.session_id = s.id"
        " WHERE s.id = (SELECT MAX(id) FROM session WHERE reservation_id = $1 AND state = 'ENDED')"
        " ORDER BY g.position",
        reservation.id,
    )
    if not rows:  # used without a stay of its own: as agreed
        return Ending(reservation, completed(agreed.part()))
    parts = tuple(StayPart(SegmentKind(r["kind"]), lines_from_json(r["lines"])) for r in rows)
    started_at, ended_at = as_time(rows[0]["started_at"]), as_time_or_none(rows[0]["ended_at"])
    return Ending(reservation, completed(parts), started_at, ended_at)

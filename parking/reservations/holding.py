"""Writing a booking: a hold while it is being paid for, or a request while its lessor thinks.

Under the lock of its place; lapsed holds in the way are given up in the same transaction, then the
database decides whether the window is free (`reservation_no_overlap`).
"""

from datetime import datetime
from typing import NamedTuple

from tortoise.exceptions import IntegrityError

from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.listings.models import BookingMode
from parking.listings.rules import TooSoon
from parking.occupancy.models import Claim
from parking.places.rules import checked_text
from parking.reservations.agreements import agreement_terms, write_agreement
from parking.reservations.claims import is_due, show_claims
from parking.reservations.lapse import expire_in_the_way
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.models import ReservationState
from parking.reservations.quote import Offered, Request, offer, turnover_of
from parking.reservations.record import BookingChange, record_made
from parking.reservations.records import STORED, ReservationRecord
from parking.reservations.refusals import TooManyHolds, WindowTaken
from parking.reservations.rules import Step
from parking.storage.sql import Sql

GUEST_CHARACTERS_MAX = 100
ANY_ID = 0
"""The id of a booking that has none yet."""

_WRITTEN = STORED[1:]
_PLACES = ", ".join(f"${number}" for number in range(1, len(_WRITTEN) + 1))
INSERT_RESERVATION = (
    f"INSERT INTO reservation ({', '.join(_WRITTEN)}) VALUES ({_PLACES}) RETURNING id"
)
COUNT_HELD = """
SELECT COUNT(DISTINCT COALESCE(-r.series_id, r.id)) AS held FROM reservation r
 WHERE r.person_id = $1 AND r.state IN ('REQUESTED', 'PENDING_PAYMENT')
   AND r.hold_until > $2 AND r.waitlist_entry_id IS NULL
"""
"""Goes by `reservation_person_waiting`: what others hold does not make it slower."""


class For(NamedTuple):
    """For whom, and as part of what, a booking is made. `is_brought`: by somebody who pays for it,
    so the guest is not asked, and agrees to no fees."""

    guest_name: str = ""
    plate: str | None = None
    quote_id: int | None = None
    series_id: int | None = None
    waitlist_entry_id: int | None = None
    hold_until: datetime | None = None
    is_brought: bool = False


MYSELF = For()


async def require_few_holds(
    change: BookingChange, viewer: Viewer, limits: BookingLimits = DEFAULTS
) -> None:
    """Raises TooManyHolds: nobody keeps a whole place from everybody else for nothing.

    Counted under the lock of the place, so at one place never more. What the waitlist offers does
    not count.
    """
    [row] = await change.sql.fetch(COUNT_HELD, require_person(viewer), change.at)
    if row["held"] >= limits.holds:
        raise TooManyHolds(limits.holds)


async def book_in(
    change: BookingChange,
    viewer: Viewer,
    request: Request,
    whom: For = MYSELF,
    limits: BookingLimits = DEFAULTS,
) -> ReservationRecord:
    """`reserve_space` in the caller's change of the place."""
    wanted = request if whom.plate is None else request._replace(plate=whom.plate)
    offered = await offer(change.sql, viewer, wanted, change.at)
    if whom.is_brought:
        offered = offered._replace(terms=offered.terms.of_brought_guest)
    return await hold(change, viewer, offered, whom, limits)


async def hold(
    change: BookingChange, viewer: Viewer, offered: Offered, whom: For, limits: BookingLimits
) -> ReservationRecord:
    """Write the booking with its agreement and first event. Raises WindowTaken."""
    made = _made(change, viewer, offered, whom, limits)
    await expire_in_the_way(change, made.space_id, made.blocked_until, made.starts_at)
    made = await _insert(change.sql, made)
    mode, terms = offered.terms.mode, offered.terms
    published_at = terms.published_at if mode is BookingMode.INSTANT else None
    await write_agreement(
        change.sql, made.id, agreement_terms(offered, made),
        change.at, lessor_accepted_at=published_at,
    )  # fmt: skip
    step = Step.HOLD if mode is BookingMode.INSTANT else Step.REQUEST
    await record_made(change.sql, change.bus, made, step, viewer.actor)
    if is_due(made, change):
        await show_claims(change, [made.space_id])
    return made


async def _insert(sql: Sql, made: ReservationRecord) -> ReservationRecord:
    values = [getattr(made, name) for name in _WRITTEN]
    try:
        [row] = await sql.fetch(INSERT_RESERVATION, *values)
    except IntegrityError as error:
        raise taken(error) from error
    return made._replace(id=row["id"])


def taken(error: IntegrityError) -> Exception:
    """WINDOW_TAKEN for a violation of the one constraint that means it; any other as it is."""
    return WindowTaken() if "reservation_no_overlap" in str(error) else error


def _made(
    change: BookingChange, viewer: Viewer, offered: Offered, whom: For, limits: BookingLimits
) -> ReservationRecord:
    listing, window = offered.facts.listing, offered.window
    is_instant = offered.terms.mode is BookingMode.INSTANT
    return ReservationRecord(
        id=ANY_ID,
        state=ReservationState.PENDING_PAYMENT if is_instant else ReservationState.REQUESTED,
        listing_id=listing.id,
        space_id=offered.facts.space_id,
        place_id=listing.place_id,
        organisation_id=listing.organisation_id,
        person_id=require_person(viewer),
        guest_name=checked_text(
            "guestName", whom.guest_name, GUEST_CHARACTERS_MAX, is_required=False
        ),
        plate=offered.plate,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        blocked_until=window.ends_at + turnover_of(offered.terms),
        hold_until=_hold_until(change.at, offered, whom, limits),
        currency=offered.currency,
        amount_minor=offered.amount_minor,
        lines=offered.lines,
        terms=offered.terms.text(),
        quote_id=whom.quote_id,
        series_id=whom.series_id,
        waitlist_entry_id=whom.waitlist_entry_id,
        claim=Claim.NONE,
        link_generation=1,
        version=1,
        cancelled_by="",
        reason="",
        refund_minor=None,
        created_at=change.at,
        confirmed_at=None,
        started_at=None,
        ended_at=None,
        operator_id=listing.operator_id,
    )


def _hold_until(now: datetime, offered: Offered, whom: For, limits: BookingLimits) -> datetime:
    """When it lapses; a request before the start of what it asks for. Raises TooSoon."""
    if offered.terms.mode is BookingMode.INSTANT:
        return whom.hold_until or now + limits.hold
    until = min(now + limits.ask, offered.window.starts_at)
    if until <= now:
        raise TooSoon("the lessor answers each request; choose a later start, or an instant offer")
    return until

"""Reserving, by a quote or in one step: the place is locked first, and who waits there is served
before anybody new; then the booking is written (`parking.reservations.holding`).
"""

from datetime import datetime

from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound
from parking.events.bus import Bus
from parking.listings.rules import require_active, require_may_book, require_open
from parking.plates import normalised
from parking.reservations.facts import Facts, read_facts
from parking.reservations.holding import MYSELF, For, book_in, hold, require_few_holds
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.models import QuoteKind
from parking.reservations.offering import serve_first
from parking.reservations.quote import Offered, Request, known_facts, require_usable
from parking.reservations.record import changing_bookings
from parking.reservations.records import QUOTE_COLUMNS, QuoteRecord, quote_record
from parking.reservations.refusals import QuoteExpired, QuoteUsed
from parking.reservations.terms import terms_of
from parking.storage.sql import Sql, database

__all__ = ["MYSELF", "For", "place_of_request", "reserve", "reserve_space", "usable_quote"]


async def reserve(
    viewer: Viewer,
    quote_id: int,
    whom: For = MYSELF,
    *,
    clock: Clock,
    bus: Bus,
    limits: BookingLimits = DEFAULTS,
) -> int:
    """Book what a quote of the viewer's own binds; the reservation's id.

    `whom.plate` may name another vehicle than the quote. Raises NotFound, QuoteExpired, QuoteUsed,
    TooManyHolds, WindowTaken, SpaceClosed, SpaceOccupied and the listing's refusals.
    """
    place_id = await _place_of_quote(viewer, quote_id)
    async with changing_bookings([place_id], clock, bus) as change:
        quote = await _unused_quote(change.sql, viewer, quote_id, change.at)
        await require_few_holds(change, viewer, limits)
        await serve_first(change, place_id, quote.window, viewer, limits)
        plate = quote.plate if whom.plate is None else normalised(whom.plate)
        facts = await read_facts(
            change.sql, viewer.person_id, quote.listing_id, quote.space_id, quote.window, plate
        )
        offered = _as_quoted(known_facts(facts, viewer), quote, plate)
        _require_still_bookable(offered, viewer, change.at)
        made = await hold(change, viewer, offered, whom._replace(quote_id=quote.id), limits)
        await change.sql.execute(
            "UPDATE quote SET used_at = $2, reservation_id = $3 WHERE id = $1",
            quote.id,
            change.at,
            made.id,
        )
    return made.id


async def reserve_space(
    viewer: Viewer,
    request: Request,
    whom: For = MYSELF,
    *,
    clock: Clock,
    bus: Bus,
    limits: BookingLimits = DEFAULTS,
) -> int:
    """Quote and reserve in one; the reservation's id. Raises as `quote_space` and `reserve`."""
    require_person(viewer)
    place_id = await place_of_request(request)
    async with changing_bookings([place_id], clock, bus) as change:
        await require_few_holds(change, viewer, limits)
        await serve_first(change, place_id, request.window, viewer, limits)
        return (await book_in(change, viewer, request, whom, limits)).id


async def _place_of_quote(viewer: Viewer, quote_id: int) -> int:
    person_id = require_person(viewer)
    row = await database().fetch_one(
        "SELECT s.place_id FROM quote q JOIN space s ON s.id = q.space_id"
        " WHERE q.id = $1 AND q.person_id = $2 AND q.kind = 'BOOKING'",
        quote_id,
        person_id,
    )
    if row is None:
        raise NotFound("there is no such quote")
    return int(row["place_id"])


async def place_of_request(request: Request) -> int:
    """The place to lock. Raises NotFound, and InvalidInput when the request names nothing."""
    sql = database()
    if request.listing_id is not None:
        row = await sql.fetch_one("SELECT place_id FROM listing WHERE id = $1", request.listing_id)
    elif request.space_id is not None:
        row = await sql.fetch_one("SELECT place_id FROM space WHERE id = $1", request.space_id)
    else:
        raise InvalidInput("listingId", "name a listing, a space, or both")
    if row is None:
        raise NotFound("there is no such offer")
    return int(row["place_id"])


async def _unused_quote(sql: Sql, viewer: Viewer, quote_id: int, now: datetime) -> QuoteRecord:
    return await usable_quote(sql, viewer, quote_id, QuoteKind.BOOKING, now)


async def usable_quote(
    sql: Sql, viewer: Viewer, quote_id: int, kind: QuoteKind, now: datetime
) -> QuoteRecord:
    """The viewer's own quote, read under the lock of its place. Raises NotFound, QuoteUsed and
    QuoteExpired."""
    row = await sql.fetch_one(f"SELECT {QUOTE_COLUMNS} FROM quote q WHERE q.id = $1", quote_id)
    quote = None if row is None else quote_record(row)
    if quote is None or quote.person_id != viewer.person_id or quote.kind is not kind:
        raise NotFound("there is no such quote")
    if quote.used_at is not None:
        raise QuoteUsed
    if quote.expires_at <= now:
        raise QuoteExpired
    return quote


def _as_quoted(facts: Facts, quote: QuoteRecord, plate: str) -> Offered:
    terms = terms_of(quote.terms)
    return Offered(
        facts, quote.window, plate, quote.currency, quote.amount_minor, quote.lines, terms
    )


def _require_still_bookable(offered: Offered, viewer: Viewer, now: datetime) -> None:
    """The price is bound, and when it was asked; that it is on offer has to hold still (I2)."""
    facts = offered.facts
    require_active(facts.listing)
    require_may_book(
        facts.listing, viewer, offered.plate, {offered.plate} if facts.is_plate_listed else ()
    )
    require_open(facts.is_open_then)
    require_usable(facts, offered.window, now)

"""Quotes: what a window of a space costs, bound for a time."""

from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound
from parking.listings.models import ListingState
from parking.listings.records import SELECT_LISTINGS, ListingRecord, listing_record
from parking.listings.rules import (
    may_see_listing,
    require_active,
    require_ahead,
    require_may_book,
    require_open,
    require_stay,
)
from parking.occupancy.models import Occupancy
from parking.places.rules import may_see_place
from parking.plates import normalised
from parking.rates.amounts import countable
from parking.rates.effort import Effort
from parking.rates.lines import lines_json
from parking.rates.price import price
from parking.reservations.facts import (
    Facts,
    first_free_space,
    is_taken,
    listing_of_space,
    read_facts,
)
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.models import QuoteKind
from parking.reservations.refusals import SpaceClosed, SpaceOccupied, WindowTaken
from parking.reservations.terms import Terms, tariff_of
from parking.reservations.wanted import begins_now
from parking.storage.sql import Sql, database
from parking.windows import Window

INSERT_QUOTE = """
INSERT INTO quote (kind, person_id, listing_id, space_id, reservation_id, plate, starts_at, ends_at,
                   currency, amount_minor, lines, terms, listing_version, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id
"""


class Request(NamedTuple):
    """What somebody wants to book. Of listing and space one may be left out: then it is the first
    listing that offers the space, or the first space of the listing that is free. `plate` as the
    driver wrote it; it may be empty unless the listing is for certain plates."""

    listing_id: int | None
    space_id: int | None
    window: Window
    plate: str = ""


class Offered(NamedTuple):
    """A price for a request, with the terms it is made under. `lines` is JSON."""

    facts: Facts
    window: Window
    plate: str
    currency: str
    amount_minor: int
    lines: str
    terms: Terms


async def quote_space(
    viewer: Viewer, request: Request, *, clock: Clock, limits: BookingLimits = DEFAULTS
) -> int:
    """Price a window of a space, binding for `limits.quote`; the quote's id.

    Raises NotFound, the listing's refusals (`parking.listings.rules`), WindowTaken, SpaceClosed,
    SpaceOccupied, InvalidInput, StayTooComplex and PriceTooHigh. It holds nothing: another may
    still be faster.
    """
    person_id, now, sql = require_person(viewer), clock.now(), database()
    offered = await offer(sql, viewer, request, now)
    turnover = offered.facts.listing.turnover
    if await is_taken(sql, offered.facts.space_id, offered.window, turnover, now):
        raise WindowTaken
    [row] = await sql.fetch(
        INSERT_QUOTE, QuoteKind.BOOKING, person_id, offered.facts.listing.id,
        offered.facts.space_id, None, offered.plate, offered.window.starts_at,
        offered.window.ends_at, offered.currency, offered.amount_minor, offered.lines,
        offered.terms.text(), offered.facts.listing.version, now, now + limits.quote,
    )  # fmt: skip
    return int(row["id"])


async def offer(
    sql: Sql, viewer: Viewer, request: Request, now: datetime, effort: Effort | None = None
) -> Offered:
    """The price of a request that may be booked now; `effort` is what several together may take.
    Raises as `quote_space` but WindowTaken, which is for who writes to find out."""
    plate = normalised(request.plate)
    facts = await requested_facts(sql, viewer, request, plate, now)
    require_bookable(facts, viewer, plate, request.window, now)
    require_usable(facts, request.window, now)
    listing = facts.listing
    tariff = tariff_of(facts.document)
    priced = countable(price(tariff, request.window, listing.zone, now=now, effort=effort))
    return Offered(
        facts, request.window, plate, priced.currency, priced.amount_minor,
        lines_json(priced.lines), terms_by(facts),
    )  # fmt: skip


async def requested_facts(
    sql: Sql, viewer: Viewer, request: Request, plate: str, now: datetime
) -> Facts:
    """The facts of a request; what it leaves open is chosen. Raises NotFound, ListingNotActive or
    WindowTaken when no space of the listing is free, and InvalidInput when it names nothing."""
    listing_id, space_id = request.listing_id, request.space_id
    if listing_id is None and space_id is None:
        raise InvalidInput("listingId", "name a listing, a space, or both")
    if listing_id is None and space_id is not None:
        listing_id = await listing_of_space(sql, space_id, request.window)
    if listing_id is not None and space_id is None:
        space_id = await first_free_space(sql, listing_id, request.window, now)
        if space_id is None:
            await _require_offered(sql, viewer, listing_id)
            raise WindowTaken("no space of this offer is free then; choose another time or offer")
    if listing_id is None or space_id is None:
        raise NotFound("there is no such offer")
    facts = await read_facts(sql, viewer.person_id, listing_id, space_id, request.window, plate)
    return known_facts(facts, viewer)


def known_facts(facts: Facts | None, viewer: Viewer) -> Facts:
    """Raises NotFound for an offer that the viewer may not know of."""
    if facts is None or not _may_know(facts.listing, viewer):
        raise NotFound("there is no such offer")
    return facts


def _may_know(listing: ListingRecord, viewer: Viewer) -> bool:
    if not may_see_place(viewer, listing.operator_id, listing.is_place_public):
        return False
    # That an offer is for members only, or over, is told to who names it: they may hold its link.
    return listing.state is not ListingState.DRAFT or may_see_listing(viewer, listing)


async def _require_offered(sql: Sql, viewer: Viewer, listing_id: int) -> None:
    """Raises NotFound, or ListingNotActive: that it is over comes before that it is taken."""
    row = await sql.fetch_one(
        f"{SELECT_LISTINGS} WHERE l.id = $1 AND p.retired_at IS NULL", listing_id
    )
    if row is None or not _may_know(listing_record(row), viewer):
        raise NotFound("there is no such offer")
    require_active(listing_record(row))


def require_bookable(
    facts: Facts, viewer: Viewer, plate: str, window: Window, now: datetime
) -> None:
    """Raises the listing's refusal when it does not allow this booking."""
    listing = facts.listing
    require_active(listing)
    require_may_book(listing, viewer, plate, {plate} if facts.is_plate_listed else ())
    require_stay(listing, window)
    require_ahead(listing, window, now)
    require_open(facts.is_open_then)


def require_usable(facts: Facts, window: Window, now: datetime) -> None:
    """Raises SpaceClosed, or SpaceOccupied when the booking would begin now and a car stands there
    that no booking explains."""
    if not facts.is_offered:
        raise SpaceClosed
    is_blocked = facts.occupancy is Occupancy.OCCUPIED and not facts.is_in_use
    if is_blocked and begins_now(window, now):
        raise SpaceOccupied


def terms_by(facts: Facts) -> Terms:
    """The snapshot for a booking made on these facts."""
    listing = facts.listing
    return Terms(
        listing_id=listing.id,
        listing_version=listing.version,
        listing_name=listing.name,
        mode=listing.mode,
        published_at=listing.changed_at,
        rate_table_id=listing.rate_table_id,
        rate_table_version=facts.rate_table_version,
        rates=orjson.loads(facts.document),
        cancellation=orjson.loads(listing.cancellation),
        time_zone=listing.time_zone,
        turnover_minutes=listing.turnover_minutes,
    )


def turnover_of(terms: Terms) -> timedelta:
    """What is kept free after the booking."""
    return timedelta(minutes=terms.turnover_minutes)

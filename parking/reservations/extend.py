"""Extending: a quote for the time that is added, under the terms of the booking; then the window
grows, unless the next booking is in the way."""

from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock, as_utc
from parking.errors import Conflict, InvalidInput, NotFound
from parking.events.bus import Bus
from parking.listings.rules import require_active, require_open, require_stay
from parking.rates.amounts import countable
from parking.rates.lines import lines_json
from parking.rates.price import price
from parking.reservations.agreements import amend_agreement
from parking.reservations.claims import is_due, show_claims
from parking.reservations.facts import is_taken, read_facts
from parking.reservations.funding import DUE_AT_END, Funding
from parking.reservations.holding import taken
from parking.reservations.lapse import expire_in_the_way
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.models import QuoteKind
from parking.reservations.offering import serve_first
from parking.reservations.quote import INSERT_QUOTE, known_facts, turnover_of
from parking.reservations.record import (
    changing_bookings,
    locked_reservation,
    place_of_reservation,
)
from parking.reservations.records import QuoteRecord, ReservationRecord
from parking.reservations.refusals import WindowTaken
from parking.reservations.reserve import usable_quote
from parking.reservations.rules import Step, next_state, require_may
from parking.reservations.terms import terms_of
from parking.storage.sql import Sql, database
from parking.windows import Window


async def quote_extension(
    viewer: Viewer,
    reservation_id: int,
    ends_at: datetime,
    *,
    clock: Clock,
    limits: BookingLimits = DEFAULTS,
) -> int:
    """Price a later end, binding for `limits.quote`; the quote's id. For the driver.

    The whole stay is priced anew under the booking's own terms, so that tiers and caps count; the
    quote's amount is what that adds (its lines are those of the whole stay). Raises NotFound,
    NotPermitted, Conflict `WRONG_STATE`, InvalidInput, the listing's refusals, WindowTaken,
    StayTooComplex and PriceTooHigh.
    """
    person_id, now, sql = require_person(viewer), clock.now(), database()
    reservation = await locked_reservation(sql, reservation_id)
    require_may(Step.EXTEND, viewer, reservation)
    next_state(Step.EXTEND, reservation.state)
    added = _added(reservation, ends_at, now)
    await _require_extensible(sql, viewer, reservation, added, now)
    terms = terms_of(reservation.terms)
    whole = Window(reservation.starts_at, added.ends_at)
    priced = countable(price(terms.tariff, whole, terms.zone, now=reservation.created_at))
    [row] = await sql.fetch(
        INSERT_QUOTE, QuoteKind.EXTENSION, person_id, reservation.listing_id,
        reservation.space_id, reservation.id, reservation.plate, added.starts_at, added.ends_at,
        reservation.currency, priced.amount_minor - reservation.amount_minor,
        lines_json(priced.lines), reservation.terms, terms.listing_version, now,
        now + limits.quote,
    )  # fmt: skip
    return int(row["id"])


async def extend(
    viewer: Viewer, quote_id: int, *, clock: Clock, bus: Bus, funding: Funding = DUE_AT_END
) -> int:
    """Extend as quoted; the reservation's id. For the driver, after `funding.prepare_extension`.

    Raises NotFound, NotPermitted, QuoteUsed, QuoteExpired, Conflict `WRONG_STATE` and
    `QUOTE_OUTDATED`, WindowTaken and `NotFunded`.
    """
    reservation_id = await _reservation_of_quote(viewer, quote_id)
    place_id = await place_of_reservation(reservation_id)
    async with changing_bookings([place_id], clock, bus) as change:
        sql = change.sql
        quote = await usable_quote(sql, viewer, quote_id, QuoteKind.EXTENSION, change.at)
        reservation = await locked_reservation(sql, reservation_id)
        require_may(Step.EXTEND, viewer, reservation)
        next_state(Step.EXTEND, reservation.state)
        _require_same(quote, reservation)
        await serve_first(change, place_id, quote.window, viewer)
        blocked_until = quote.ends_at + turnover_of(terms_of(reservation.terms))
        await expire_in_the_way(
            change, reservation.space_id, blocked_until, reservation.blocked_until
        )
        try:
            extended = await change.step(
                reservation, Step.EXTEND, viewer, _detail(quote),
                ends_at=quote.ends_at, blocked_until=blocked_until, lines=quote.lines,
                amount_minor=reservation.amount_minor + quote.amount_minor,
            )  # fmt: skip
        except IntegrityError as error:
            raise taken(error) from error
        await funding.secure(sql, extended, change.at)
        await amend_agreement(sql, extended, change.at)
        await sql.execute("UPDATE quote SET used_at = $2 WHERE id = $1", quote.id, change.at)
        if is_due(extended, change):
            await show_claims(change, [extended.space_id])
    return reservation_id


def _added(reservation: ReservationRecord, ends_at: datetime, now: datetime) -> Window:
    until = as_utc(ends_at)
    if until <= max(reservation.ends_at, now):
        raise InvalidInput("endsAt", "an extension ends after the present end, and in the future")
    return Window(reservation.ends_at, until)


async def _require_extensible(
    sql: Sql, viewer: Viewer, reservation: ReservationRecord, added: Window, now: datetime
) -> None:
    """Raises when the listing does not offer what is added, or somebody else has it."""
    space_id = reservation.space_id
    facts = await read_facts(
        sql, viewer.person_id, reservation.listing_id, space_id, added, reservation.plate
    )
    listing = known_facts(facts, viewer).listing
    require_active(listing)
    require_stay(listing, Window(reservation.starts_at, added.ends_at))
    require_open(facts is not None and facts.is_open_then)
    turnover = turnover_of(terms_of(reservation.terms))
    if await is_taken(sql, space_id, added, turnover, now, but=reservation.id):
        raise WindowTaken("somebody else has the space then; choose an earlier end")


def _require_same(quote: QuoteRecord, reservation: ReservationRecord) -> None:
    is_same = quote.starts_at == reservation.ends_at and quote.space_id == reservation.space_id
    if not is_same:
        raise Conflict(
            "the reservation has changed since it was quoted; ask for a new quote",
            code="QUOTE_OUTDATED",
        )


def _detail(quote: QuoteRecord) -> dict[str, Any]:
    return {"quote": quote.id, "ends_at": quote.ends_at.isoformat(), "added": quote.amount_minor}


async def _reservation_of_quote(viewer: Viewer, quote_id: int) -> int:
    row = await database().fetch_one(
        "SELECT reservation_id FROM quote WHERE id = $1 AND person_id = $2 AND kind = 'EXTENSION'",
        quote_id,
        require_person(viewer),
    )
    if row is None:
        raise NotFound("there is no such quote")
    return int(row["reservation_id"])

"""Reservations: what was booked, for when, at what price, and what became of it."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from parking.money import Money as DomainMoney
from parking.rates.lines import lines_from_json
from parking.reservations.cancel import refund_due
from parking.reservations.links import LINK_PATH, link_token
from parking.reservations.models import Party, ReservationState
from parking.reservations.queries import (
    ReservationFilter,
    agreements_of,
    events_of,
    find_reservations,
    reservation_key,
    reservations_by_id,
)
from parking.reservations.records import AgreementRecord, EventRecord, ReservationRecord
from parking.reservations.rules import Side, Step, may_take, party, sides
from schema import (
    accounts,
    credentials,
    listings,
    locations_fetching,
    payments,
    places,
    sessions,
    settlements,
    spaces,
)
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.ids import global_id, key_of
from schema.loaders import load
from schema.money import Money, PricedLine, lines_of, money_of
from schema.quotes import Quote, load_quote
from schema.refusals import known
from schema.relay import Connection, Id, Node, Page, connection
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.credentials import AccessEvent, Credential
    from schema.listings import Listing
    from schema.locations_fetching import ExitDelegation
    from schema.payments import Payment
    from schema.places import Place
    from schema.sessions import Session
    from schema.settlements import Escrow, Settlement, Validation
    from schema.spaces import Space

LINES_ASSUMED = 10
STEPS_ASSUMED = 10
LINES_COST = {COST: Cost(assumed_size=LINES_ASSUMED)}
STEPS_COST = {COST: Cost(assumed_size=STEPS_ASSUMED)}
CREDENTIALS_COST = {COST: Cost(assumed_size=3)}
ACCESS_COST = {COST: Cost(assumed_size=20)}
DELEGATIONS_COST = {VOLATILE: True, COST: Cost(assumed_size=2)}


@strawberry.type(description="One step in the life of a reservation.")
class ReservationStep:
    """`parking.reservations.records.EventRecord`."""

    version: Version = strawberry.field(description="The reservation's version after it.")
    kind: str = strawberry.field(description="What happened, such as `reservation_confirmed`.")
    at: datetime = strawberry.field(description="When.")
    by: Side | None = strawberry.field(
        description="As what: DRIVER for the driver, SYSTEM for the platform, else null."
    )
    detail: str = strawberry.field(description="JSON: what else there is to say of it.")


@strawberry.type(description="One version of the contract of a reservation; never edited.")
class LeaseAgreement:
    """`parking.reservations.records.AgreementRecord`."""

    version: int = strawberry.field(description="From 1; an extension or a move makes the next.")
    terms: str = strawberry.field(
        description="JSON: both parties, place, space, window, price lines, cancellation."
    )
    digest: str = strawberry.field(description="SHA-256 of `terms` (UTF-8), in hex.")
    renter_accepted_at: datetime | None = strawberry.field(
        description="When the driver accepted, by confirming; null: not yet."
    )
    lessor_accepted_at: datetime | None = strawberry.field(
        description="When the lessor accepted: by publishing an instant listing, or by accepting"
        " the request; null: not yet."
    )
    created_at: datetime = strawberry.field(description="When it was written.")


@strawberry.type(description="What would go back to the driver.")
class RefundPreview:
    """`parking.listings.cancellation.RefundDue`."""

    amount: Money = strawberry.field(description="How much.")
    reason: str = strawberry.field(description="By which rule, such as `TIER`.")
    explanation: str = strawberry.field(description="For people, in English.")


@strawberry.type(description="A booking of a space for a window, `[startsAt, endsAt)`.")
class Reservation(Node):
    """`parking.reservations.records.ReservationRecord`."""

    state: ReservationState = strawberry.field(description="Where it stands.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    blocked_until: datetime = strawberry.field(
        description="Until when its space is kept free behind it (turnover)."
    )
    hold_until: datetime | None = strawberry.field(
        description="When it lapses unless it is confirmed, or answered; null: it does not."
    )
    price: Money = strawberry.field(description="What it costs as booked.")
    refund: Money | None = strawberry.field(
        description="What is due back by its cancellation terms; null unless it was cancelled."
    )
    guest_name: str = strawberry.field(description="Who comes instead of the driver; may be empty.")
    plate: str = strawberry.field(description="The vehicle, normalised; may be empty.")
    series_id: strawberry.ID | None = strawberry.field(
        description="The recurring booking that it is one turn of."
    )
    cancelled_by: Party | None = strawberry.field(description="Who ended it before its time.")
    reason: str = strawberry.field(description="Why; may be empty.")
    version: Version = strawberry.field(description="Grows by one with every step.")
    created_at: datetime = strawberry.field(description="When it was made.")
    confirmed_at: datetime | None = strawberry.field(description="When it was confirmed.")
    started_at: datetime | None = strawberry.field(description="When its use began.")
    ended_at: datetime | None = strawberry.field(description="When its use ended.")
    listing_id: strawberry.ID = strawberry.field(description="The listing it was made under.")
    domain: strawberry.Private[ReservationRecord]

    @resolved("The priced lines; their sum is the price.", metadata=LINES_COST)
    def lines(self) -> list[PricedLine]:
        return lines_of(lines_from_json(self.domain.lines))

    @resolved("The space; null if it was retired, or is in a place that is private to others.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.domain.space_id)

    @resolved("The place; null if it was retired, or is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)

    @resolved("The listing as it is now; null once the viewer may not see it any more.")
    async def listing(
        self, info: Info
    ) -> Annotated["Listing", strawberry.lazy("schema.listings")] | None:
        return await listings.load_listing(info, self.domain.listing_id)

    @resolved("Who lets the space; null unless the viewer belongs to them.")
    async def lessor(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.organisation_id)

    @resolved("What the viewer is to it.")
    def sides(self, info: Info) -> list[Side]:
        return sorted(sides(viewer_of(info.context), self.domain))

    @resolved("What happened to it, in order.", metadata=STEPS_COST)
    async def steps(self, info: Info) -> list[ReservationStep]:
        found = await load(info.context, events_of, self.domain.id)
        return [_step_of(self.domain, each) for each in found or ()]

    @resolved("Its actual use: one session, once the vehicle has come.")
    async def sessions(
        self, info: Info
    ) -> list[Annotated["Session", strawberry.lazy("schema.sessions")]]:
        return await sessions.load_sessions_of_reservation(info, self.domain.id)

    @resolved(
        "The ways in that its driver has; null to everybody else.",
        metadata=CREDENTIALS_COST,
    )
    async def credentials(
        self, info: Info
    ) -> list[Annotated["Credential", strawberry.lazy("schema.credentials")]] | None:
        return await credentials.load_credentials(info, self.domain.id)

    @resolved(
        "What came of each credential that was shown for it, the newest first.",
        metadata=ACCESS_COST,
    )
    async def access_events(
        self, info: Info
    ) -> list[Annotated["AccessEvent", strawberry.lazy("schema.credentials")]]:
        return await credentials.load_access_events(info, self.domain.id)

    @resolved(
        "Rights that its driver gave to fetch the car, the newest first; none to everybody else.",
        metadata=DELEGATIONS_COST,
    )
    async def exit_delegations(
        self, info: Info
    ) -> list[Annotated["ExitDelegation", strawberry.lazy("schema.locations_fetching")]]:
        return await locations_fetching.load_delegations_of(info, self.domain.id)

    @resolved(
        "The pocket that holds its driver's money; null before it is confirmed, and to who may not"
        " see its money (an ATTENDANT)."
    )
    async def escrow(
        self, info: Info
    ) -> Annotated["Escrow", strawberry.lazy("schema.settlements")] | None:
        return await settlements.load_escrow(info, self.domain.id)

    @resolved("Who got what of it; null until it is settled, and to who may not see its money.")
    async def settlement(
        self, info: Info
    ) -> Annotated["Settlement", strawberry.lazy("schema.settlements")] | None:
        return await settlements.load_settlement_of_reservation(info, self.domain.id)

    @resolved("Its payments through outer rails, in order.", metadata=CREDENTIALS_COST)
    async def payments(
        self, info: Info
    ) -> list[Annotated["Payment", strawberry.lazy("schema.payments")]]:
        return await payments.load_payments_of_reservation(info, self.domain.id)

    @resolved("What merchants pay of it, in order.", metadata=CREDENTIALS_COST)
    async def validations(
        self, info: Info
    ) -> list[Annotated["Validation", strawberry.lazy("schema.settlements")]]:
        return await settlements.load_validations(info, self.domain.id, self.domain.currency)

    @resolved("Its contract, the version that holds.")
    async def agreement(self, info: Info) -> LeaseAgreement | None:
        found = await load(info.context, agreements_of, self.domain.id)
        return agreement_of(found[-1]) if found else None

    @resolved("All versions of its contract, in order.", metadata=STEPS_COST)
    async def agreements(self, info: Info) -> list[LeaseAgreement]:
        found = await load(info.context, agreements_of, self.domain.id)
        return [agreement_of(each) for each in found or ()]

    @resolved(
        "Path of its page, `/b/…`. Whoever has it may do there what the driver may, so it is for"
        " the driver; null to everybody else."
    )
    def link(self, info: Info) -> str | None:
        booking, viewer = self.domain, viewer_of(info.context)
        if not may_take(Step.RENEW_LINK, viewer, booking):
            return None
        key = services_of(info.context).keys.links[0]
        return LINK_PATH + link_token(key, booking.id, booking.link_generation)

    @resolved(
        "What would go back if the viewer cancelled it now; null unless it is CONFIRMED and the"
        " viewer may cancel it."
    )
    def refund_if_cancelled(self, info: Info) -> RefundPreview | None:
        viewer, now = viewer_of(info.context), services_of(info.context).clock.now()
        if not may_take(Step.CANCEL, viewer, self.domain):
            return None
        due = refund_due(self.domain, party(viewer, self.domain), now)
        if due is None:
            return None
        amount = DomainMoney(due.amount_minor, self.domain.currency)
        return RefundPreview(
            amount=money_of(amount), reason=due.tier.value, explanation=due.explanation
        )


def reservation_of(booking: ReservationRecord) -> Reservation:
    """The domain's booking as the schema's type."""
    series, refund = booking.series_id, booking.refund_minor
    return Reservation(
        id=global_id("Reservation", booking.id),
        state=booking.state,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        blocked_until=booking.blocked_until,
        hold_until=booking.hold_until,
        price=money_of(booking.price),
        refund=None if refund is None else money_of(DomainMoney(refund, booking.currency)),
        guest_name=booking.guest_name,
        plate=booking.plate,
        series_id=None if series is None else global_id("ReservationSeries", series),
        cancelled_by=Party(booking.cancelled_by) if booking.cancelled_by else None,
        reason=booking.reason,
        version=Version(booking.version),
        created_at=booking.created_at,
        confirmed_at=booking.confirmed_at,
        started_at=booking.started_at,
        ended_at=booking.ended_at,
        listing_id=global_id("Listing", booking.listing_id),
        domain=booking,
    )


def agreement_of(agreement: AgreementRecord) -> LeaseAgreement:
    """The domain's agreement as the schema's type."""
    return LeaseAgreement(
        version=agreement.version,
        terms=agreement.terms,
        digest=agreement.digest,
        renter_accepted_at=agreement.renter_accepted_at,
        lessor_accepted_at=agreement.lessor_accepted_at,
        created_at=agreement.created_at,
    )


def _step_of(booking: ReservationRecord, event: EventRecord) -> ReservationStep:
    known_actors = {
        f"person:{booking.person_id}": Side.DRIVER,
        f"link:{booking.id}": Side.DRIVER,
        "system": Side.SYSTEM,
    }
    return ReservationStep(
        version=Version(event.version),
        kind=event.kind,
        at=event.at,
        by=known_actors.get(event.actor),
        detail=event.detail,
    )


async def load_reservation(info: Info, key: int | None) -> Reservation | None:
    """The booking, if the viewer may see it."""
    found = await load(info.context, reservations_by_id, key)
    return None if found is None else reservation_of(found)


async def load_known_reservation(info: Info, key: int) -> Reservation:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_reservation(info, key))


@strawberry.input(description="Which reservations; what is left out does not matter.")
class ReservationFilterInput:
    """The part of `parking.reservations.queries.ReservationFilter` that is not about whose."""

    states: list[ReservationState] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    starts_at: datetime | None = strawberry.field(default=None, description="Ending after it.")
    ends_at: datetime | None = strawberry.field(default=None, description="Beginning before it.")


ReservationFilterArgument: TypeAlias = Annotated[
    ReservationFilterInput | None, strawberry.argument(description="Which ones; null: all.")
]


async def reservation_page(
    info: Info, whose: ReservationFilter, wanted: ReservationFilterInput | None, asked: Page
) -> Connection[Reservation]:
    """One page of the bookings that the viewer may see, the latest start first."""
    given = wanted or ReservationFilterInput()
    which = replace(whose, states=given.states, starts_at=given.starts_at, ends_at=given.ends_at)
    viewer = viewer_of(info.context)
    found = await find_reservations(viewer, which, limit=asked.limit, after=asked.after)
    return connection(asked, found, reservation_key, reservation_of)


@strawberry.type
class ReservationQueries:
    """Root fields about reservations."""

    @resolved("A reservation; null when there is none, or none that the viewer may see.")
    async def reservation(self, info: Info, id: Id) -> Reservation | None:
        return await load_reservation(info, key_of(id, "Reservation"))

    @resolved("A quote of the viewer's own; null when there is none.")
    async def quote(self, info: Info, id: Id) -> Quote | None:
        return await load_quote(info, key_of(id, "Quote"))

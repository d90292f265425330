"""Rights to fetch a car: as owner and fetcher see them, and as whoever has the address does.

The address (`/f/{token}`) needs no sign-in and gives no right beyond this one exit; it tells of the
place and the bay, never a plate, a phone, or whose car it is.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from parking.access.delegations.records import DelegationRecord
from parking.access.models import DelegationPayer, DelegationState
from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.locations.fetching.facts import FetchFacts, facts_seen, facts_to_fetch
from parking.locations.fetching.queries import (
    DELEGATIONS_SHOWN_MAX,
    delegation_by_token,
    delegations_of_reservations,
    delegations_seen,
    own_delegations,
)
from parking.locations.fetching.rules import has_code, is_for, is_owner
from parking.merchants.finding import way_to_bay
from parking.reservations.models import ReservationState
from schema import locations_positions, reservations
from schema.booking_orders import POINTS_ASSUMED, BookingPoint, way_points
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.geo import Position, position_of
from schema.ids import global_id
from schema.locations_links import BAYS_ASSUMED, LinkedBay, bay_of
from schema.locations_now import load_now
from schema.money import Money, money_as
from schema.refusals import known
from schema.relay import Node
from schema.scalars import TimeZone, Version

if TYPE_CHECKING:
    from schema.locations_positions import ParkingPosition
    from schema.reservations import Reservation

DELEGATIONS_ASSUMED = 5
EXIT_COST = 10

FetchToken: TypeAlias = Annotated[
    str, strawberry.argument(description="What stands behind `/f/` in the right's address.")
]


@strawberry.type(
    description="A right to drive a car out once, apart from seeing where it stands: for whose car"
    " it is, and for who is to fetch it, once that is known."
)
class ExitDelegation(Node):
    """`parking.access.delegations.records.DelegationRecord`."""

    is_own: bool = strawberry.field(description="Whether it is the viewer's car.")
    label: str = strawberry.field(description="What the owner calls who fetches it; may be empty.")
    state: DelegationState = strawberry.field(description="Where it stands now.")
    payer: DelegationPayer = strawberry.field(description="Who pays the stay.")
    amount_max: Money | None = strawberry.field(
        description="What a FETCHER pays at most; null: the owner pays."
    )
    valid_until: datetime = strawberry.field(description="It lets nobody out from then on.")
    created_at: datetime = strawberry.field(description="When it was given.")
    accepted_at: datetime | None = strawberry.field(description="When its FETCHER agreed to pay.")
    opened_at: datetime | None = strawberry.field(description="When a reader first let the car go.")
    used_at: datetime | None = strawberry.field(description="When the car left by it.")
    ended_at: datetime | None = strawberry.field(
        description="When it ended, however; null: it has not, or that is about to be written down."
    )
    version: Version = strawberry.field(description="Grows by one with every step.")
    domain: strawberry.Private[DelegationRecord]

    @resolved("Name of the place.", metadata={VOLATILE: True})
    async def place_name(self, info: Info) -> str:
        return known(await load_now(info.context, facts_seen, self.domain.id)).place_name

    @resolved("In which its times are told.", metadata={VOLATILE: True})
    async def time_zone(self, info: Info) -> TimeZone:
        return TimeZone(known(await load_now(info.context, facts_seen, self.domain.id)).time_zone)

    @resolved(
        "What its FETCHER has paid to the owner; null: the owner pays, or the stay is not settled"
        " yet. Zero: it was not used, and nothing was taken.",
        metadata={VOLATILE: True},
    )
    async def paid(self, info: Info) -> Money | None:
        facts = known(await load_now(info.context, facts_seen, self.domain.id))
        return None if facts.paid_minor is None else money_as(facts.paid_minor, facts.currency)

    @resolved("The booking; null for who is to fetch the car.")
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        key = self.domain.reservation_id if self.is_own else None
        return await reservations.load_reservation(info, key)

    @resolved("Where the car stands; null: that is not kept, or not shown to the viewer.")
    async def position(
        self, info: Info
    ) -> Annotated["ParkingPosition", strawberry.lazy("schema.locations_positions")] | None:
        return await locations_positions.load_position(info, self.domain.position_id)


@strawberry.type(description="A right to fetch a car, as whoever has its address sees it.")
class DelegatedExit:
    """Of a `DelegationRecord`, without whose it is."""

    label: str = strawberry.field(description="For whom it is, in the owner's words.")
    state: DelegationState = strawberry.field(description="Where it stands now.")
    payer: DelegationPayer = strawberry.field(description="Who pays the stay.")
    amount_max: Money | None = strawberry.field(
        description="What a FETCHER pays at most; null: the owner pays."
    )
    valid_until: datetime = strawberry.field(description="It lets nobody out from then on.")
    opened_at: datetime | None = strawberry.field(description="When the bay let the car go.")
    used_at: datetime | None = strawberry.field(description="When the car left by it.")
    version: Version = strawberry.field(description="Grows by one with every step.")
    is_parked: bool = strawberry.field(description="Whether the car is known to be there now.")
    has_code: bool = strawberry.field(
        description="Whether `refreshDelegatedQr` gives the viewer a code now: the car is there, or"
        " on the way from its bay to the gate."
    )
    has_code_for_fetcher: bool = strawberry.field(
        description="Whether there is a code now that is not for the viewer, but for who agreed to"
        " pay: sign in as them."
    )
    has_gate: bool = strawberry.field(
        description="Whether a reader of the whole place lets the car out, after that of its bay."
    )
    place_name: str = strawberry.field(description="Name of the place.")
    address: str = strawberry.field(description="Its postal address; may be empty.")
    place_position: Position | None = strawberry.field(description="Where the place is.")
    time_zone: TimeZone = strawberry.field(description="In which its times are told.")
    level: str = strawberry.field(description="The level of the bay; may be empty.")
    space_number: str = strawberry.field(
        description="The bay, as painted on the ground; empty once the right is over."
    )
    facts: strawberry.Private[FetchFacts]

    @resolved(
        "The bays of its level, to draw; none once the right is over.",
        metadata={COST: Cost(assumed_size=BAYS_ASSUMED)},
    )
    def bays(self) -> list[LinkedBay]:
        return [bay_of(each, self.facts.space_id) for each in self.facts.bays]

    @resolved(
        "The way on foot to the bay, from the door that is nearest to it; empty where the place has"
        " drawn none, and once the right is over.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=POINTS_ASSUMED)},
    )
    async def walk(self) -> list[BookingPoint]:
        found = await way_to_bay(self.facts.space_id)
        return way_points(found, found.walk)


def delegation_of(delegation: DelegationRecord, *, is_own: bool) -> ExitDelegation:
    """The domain's right as the schema's type."""
    return ExitDelegation(
        id=global_id("ExitDelegation", delegation.id),
        is_own=is_own,
        label=delegation.label,
        state=delegation.state,
        payer=delegation.payer,
        amount_max=_amount(delegation),
        valid_until=delegation.valid_until,
        created_at=delegation.created_at,
        accepted_at=delegation.accepted_at,
        opened_at=delegation.opened_at,
        used_at=delegation.used_at,
        ended_at=delegation.ended_at,
        version=Version(delegation.version),
        domain=delegation,
    )


async def delegated_exit_of(viewer: Viewer, delegation: DelegationRecord) -> DelegatedExit:
    """The right for whoever has its address; its code may be for one person alone."""
    facts = await facts_to_fetch(delegation)
    is_in = delegation.stay_state is ReservationState.ACTIVE
    is_mine, is_there = is_for(viewer, delegation), has_code(delegation)
    return DelegatedExit(
        label=delegation.label,
        state=delegation.state,
        payer=delegation.payer,
        amount_max=_amount(delegation),
        valid_until=delegation.valid_until,
        opened_at=delegation.opened_at,
        used_at=delegation.used_at,
        version=Version(delegation.version),
        is_parked=is_in,
        has_code=is_there and is_mine,
        has_code_for_fetcher=is_there and not is_mine,
        has_gate=delegation.has_gate,
        place_name=facts.place_name,
        address=facts.address,
        place_position=position_of(facts.latitude, facts.longitude),
        time_zone=TimeZone(facts.time_zone),
        level=facts.level,
        space_number=facts.space_number,
        facts=facts,
    )


def _amount(delegation: DelegationRecord) -> Money | None:
    minor = delegation.amount_max_minor
    return None if minor is None else money_as(minor, delegation.currency)


async def load_delegation(info: Info, key: int | None) -> ExitDelegation | None:
    """The right, if the viewer may see it."""
    found = await load_now(info.context, delegations_seen, key)
    if found is None:
        return None
    return delegation_of(found, is_own=is_owner(viewer_of(info.context), found))


async def load_known_delegation(info: Info, key: int) -> ExitDelegation:
    """One that a verb has just given or changed; an error if it is gone since."""
    return known(await load_delegation(info, key))


async def load_delegations_of(info: Info, reservation_id: int) -> list[ExitDelegation]:
    """Those of a booking; for whose car it is."""
    found = await load_now(info.context, delegations_of_reservations, reservation_id)
    return [delegation_of(each, is_own=True) for each in found or ()]


async def linked_delegation(info: Info, token: str) -> DelegationRecord:
    """The right of an address. Raises the domain's NotFound."""
    return await delegation_by_token(token, services_of(info.context).clock.now())


@strawberry.type
class ViewerDelegations:
    """Fields of `Viewer`."""

    @resolved(
        "Rights to fetch a car that the viewer has given, or is to use; the newest first, at most"
        f" {DELEGATIONS_SHOWN_MAX}. None for an API key.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=DELEGATIONS_ASSUMED)},
    )
    async def exit_delegations(self, info: Info) -> list[ExitDelegation]:
        viewer, now = viewer_of(info.context), services_of(info.context).clock.now()
        found = await own_delegations(viewer, now)
        return [delegation_of(each, is_own=is_owner(viewer, each)) for each in found]


@strawberry.type
class FetchingQueries:
    """Root fields."""

    @resolved(
        "The right to fetch a car whose address this is; null for a token that is wrong, or of one"
        " that was erased. What has ended says so.",
        metadata={VOLATILE: True, COST: Cost(weight=EXIT_COST)},
    )
    async def delegated_exit(self, info: Info, token: FetchToken) -> DelegatedExit | None:
        try:
            found = await linked_delegation(info, token)
            return await delegated_exit_of(viewer_of(info.context), found)
        except NotFound:
            return None

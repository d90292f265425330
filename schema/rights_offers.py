"""What a scan gives, to everybody: the offer behind a grant code, and the place of an exit code."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.rights.codes.offers import GrantOffer as DomainOffer
from parking.rights.codes.offers import exit_offer, grant_offer
from parking.rights.codes.state import CodeState
from parking.rights.kinds import RightKind
from parking.rights.signs import PlaceSign
from schema.context import Info, services_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.money import Money, money_as
from schema.rights_terms import RightTerms, terms_told
from schema.scalars import Currency, TimeZone

OFFER_COST = 5

Scan: TypeAlias = Annotated[
    str, strawberry.argument(description="What was scanned, or what stands behind `/g/`.")
]
ExitScan: TypeAlias = Annotated[
    str, strawberry.argument(description="What was scanned, or what stands behind `/x/`.")
]


@strawberry.type(description="A place, as a printed code tells of it.")
class SignedPlace:
    """`parking.rights.signs.PlaceSign`."""

    name: str = strawberry.field(description="Its name.")
    address: str = strawberry.field(description="Postal address; may be empty.")
    time_zone: TimeZone = strawberry.field(description="In which its times are told.")
    currency: Currency = strawberry.field(description="What its prices are in.")


@strawberry.type(description="What a grant code grants.")
class OfferedRight:
    """Of a `SpecificationRecord`."""

    name: str = strawberry.field(description="What it is called.")
    kind: RightKind = strawberry.field(description="What it gives.")
    value: int = strawberry.field(
        description="Minutes, minor units or percent, as `kind` says; 0 for the others."
    )
    currency: Currency = strawberry.field(description="What its amounts are in.")
    worth_max: Money | None = strawberry.field(
        description="It pays so much at most, in all stays together; null: without such a limit."
    )
    terms: RightTerms = strawberry.field(description="When and where it is granted and used.")
    place_names: list[str] = strawberry.field(
        description="Where it is good besides the place of the code."
    )


@strawberry.type(description="What stands behind a grant code, for whoever scans it.")
class GrantOffer:
    """`parking.rights.codes.offers.GrantOffer`."""

    state: CodeState = strawberry.field(description="Whether it grants now; never UNKNOWN.")
    place: SignedPlace = strawberry.field(description="For which place.")
    issuer_name: str = strawberry.field(description="Who grants.")
    right: OfferedRight = strawberry.field(description="What is granted.")
    valid_from: datetime = strawberry.field(description="It grants then or later.")
    valid_until: datetime | None = strawberry.field(description="It grants before.")
    needs_reference: bool = strawberry.field(
        description="Whether `claimRight` wants the reference of a purchase."
    )
    needs_position: bool = strawberry.field(
        description="Whether `claimRight` wants to know where one is."
    )
    is_rotating: bool = strawberry.field(description="Whether its picture changes.")
    is_stale: bool = strawberry.field(
        description="Whether the screen shows another picture by now: scan that one."
    )
    ticket: str | None = strawberry.field(
        description="Of a fresh picture: good for 10 minutes, instead of what was scanned."
    )


@strawberry.type(description="What stands behind an exit code, for whoever scans it.")
class ExitOffer:
    """Of a `PlaceSign`."""

    place: SignedPlace = strawberry.field(description="Which place is left.")


def _sign_of(place: PlaceSign) -> SignedPlace:
    return SignedPlace(
        name=place.name,
        address=place.address,
        time_zone=TimeZone(place.time_zone),
        currency=Currency(place.currency),
    )


def _right_of(offer: DomainOffer) -> OfferedRight:
    given, worth = offer.specification, offer.worth_max_minor
    return OfferedRight(
        name=given.name,
        kind=given.kind,
        value=given.value,
        currency=Currency(given.currency),
        worth_max=None if worth is None else money_as(worth, given.currency),
        terms=terms_told(given.terms),
        place_names=[each.name for each in offer.places],
    )


def offer_of(offer: DomainOffer) -> GrantOffer:
    """The domain's offer as the schema's type."""
    return GrantOffer(
        state=offer.state,
        place=_sign_of(offer.place),
        issuer_name=offer.issuer_name,
        right=_right_of(offer),
        valid_from=offer.valid_from,
        valid_until=offer.valid_until,
        needs_reference=offer.needs_reference,
        needs_position=offer.needs_position,
        is_rotating=offer.is_rotating,
        is_stale=offer.is_stale,
        ticket=offer.ticket,
    )


@strawberry.type
class RightsOfferQueries:
    """Root fields; for everybody."""

    @resolved(
        "What a grant code grants, and to whom it says so: nothing of vehicles, quota or budget;"
        " null for a code that never was.",
        metadata={VOLATILE: True, COST: Cost(weight=OFFER_COST)},
    )
    async def grant_code(self, info: Info, code: Scan) -> GrantOffer | None:
        services = services_of(info.context)
        found = await grant_offer(code, clock=services.clock, keys=services.keys.pictures)
        return None if found is None else offer_of(found)

    @resolved(
        "Which place an exit code is of; null for a code that is none, or was revoked.",
        metadata={VOLATILE: True, COST: Cost(weight=OFFER_COST)},
    )
    async def exit_code(self, code: ExitScan) -> ExitOffer | None:
        found = await exit_offer(code)
        return None if found is None else ExitOffer(place=_sign_of(found))

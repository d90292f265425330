"""Settlements: who got what of a reservation, and the pocket that its money lay in."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import orjson
import strawberry

from parking.rates.lines import lines_from_json
from parking.settlement.figures.holdings import escrow_balances
from parking.settlement.kinds import EscrowState, Outcome, ValidationKind
from parking.settlement.queries import (
    MoneyFilter,
    escrows_of_reservations,
    find_settlements,
    find_validations,
    settlement_key,
    settlements_by_id,
    settlements_of_reservations,
    validations_by_id,
    validations_of_reservations,
)
from parking.settlement.records import EscrowRecord, SettlementRecord, ValidationRecord
from parking.settlement.split import Why
from schema import accounts, charge_records, disputes, places, reservations
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.ids import global_id, key_of
from schema.loaders import load
from schema.money import Money, PricedLine, lines_of, money_as
from schema.refusals import known
from schema.relay import Connection, Id, Node, Page, after_id, connection
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.charge_records import ChargeRecord
    from schema.disputes import Dispute
    from schema.places import Place
    from schema.reservations import Reservation

LINES_COST = {COST: Cost(assumed_size=10)}
FEW_COST = {COST: Cost(assumed_size=3)}


@strawberry.type(
    description="The pocket of one reservation: its driver's money, until it is settled."
)
class Escrow:
    """`parking.settlement.records.EscrowRecord`."""

    state: EscrowState = strawberry.field(description="Whether money is still in it.")
    secured: Money = strawberry.field(description="What the driver has moved in, all in all.")
    opened_at: datetime = strawberry.field(description="When the booking was confirmed.")
    settled_at: datetime | None = strawberry.field(description="When it was emptied.")
    domain: strawberry.Private[EscrowRecord]

    @resolved("What is in it now; zero once it is settled.")
    async def balance(self, info: Info) -> Money:
        found = await load(info.context, escrow_balances, self.domain.reservation_id)
        return money_as(found or 0, self.domain.currency)


EXPLAINED = {
    Why.PERCENT: "{percent} % of the cost without tax",
    Why.OVERSTAY: "{percent} % of what staying too long cost, without tax",
    Why.ASSIGNED: "lines of the price that the contract assigns",
    Why.FIXED: "the contract's fixed fee",
    Why.TAX: "the tax in the cost",
}


@strawberry.type(
    description="A share of the cost, and how it was reckoned; those of a party sum to its part."
)
class SettlementPart:
    """`parking.settlement.split.Share`, as a settlement keeps it."""

    party: str = strawberry.field(description="OWNER, PROPERTY, PLATFORM or TAX.")
    why: Why = strawberry.field(description="By which rule.")
    percent: str | None = strawberry.field(description="How many percent; null: all of it.")
    basis: Money = strawberry.field(description="Of what.")
    amount: Money = strawberry.field(
        description="How much. Negative where a fixed fee is taken from the owner's part."
    )
    explanation: str = strawberry.field(description="For people, in English.")


@strawberry.type(description="What a merchant pays of a stay.")
class Validation:
    """`parking.settlement.records.ValidationRecord`."""

    id: strawberry.ID = strawberry.field(description="The validation's id.")
    reservation_id: strawberry.ID = strawberry.field(description="Of which reservation.")
    kind: ValidationKind = strawberry.field(description="How it is reckoned.")
    value: int = strawberry.field(
        description="Minutes, minor units or percent, as `kind` says; 0 for FREE."
    )
    label: str = strawberry.field(description="For people; may be empty.")
    paid: Money | None = strawberry.field(
        description="What the merchant paid in the settlement; null until then."
    )
    created_at: datetime = strawberry.field(description="When it was given.")
    returned_at: datetime | None = strawberry.field(
        description="When it was taken back, unused; null: it was not."
    )


@strawberry.type(
    description="Who got what of a reservation, written once when it has ended: secured +"
    " validation + toppedUp + receivable = owner + property + platform + tax + refund, to the minor"
    " unit, and cost = owner + property + platform + tax."
)
class Settlement(Node):
    """`parking.settlement.records.SettlementRecord`."""

    outcome: Outcome = strawberry.field(description="How the reservation ended.")
    cost: Money = strawberry.field(description="What it costs in the end.")
    secured: Money = strawberry.field(description="What the driver had moved in before.")
    validation: Money = strawberry.field(description="What merchants paid.")
    topped_up: Money = strawberry.field(description="What was short, taken from the wallet.")
    receivable: Money = strawberry.field(description="What was still short: the driver owes it.")
    owner: Money = strawberry.field(description="The lessor's part.")
    property: Money = strawberry.field(description="The part of who runs the place.")
    platform: Money = strawberry.field(description="The platform's commission.")
    tax: Money = strawberry.field(description="The tax in the cost.")
    refund: Money = strawberry.field(description="What went back to the driver.")
    at: datetime = strawberry.field(description="When it was settled.")
    version: Version = strawberry.field(
        description="Grows when a dispute or a credit changes what is shown beside it; the amounts"
        " here never change."
    )
    domain: strawberry.Private[SettlementRecord]

    @resolved("The priced lines; their sum is the cost.", metadata=LINES_COST)
    def lines(self) -> list[PricedLine]:
        return lines_of(lines_from_json(self.domain.lines))

    @resolved("How each part was reckoned.", metadata={COST: Cost(assumed_size=5)})
    def parts(self) -> list[SettlementPart]:
        return parts_of(self.domain)

    @resolved("The bill, then its credit records in order.", metadata=FEW_COST)
    async def charge_records(
        self, info: Info
    ) -> list[Annotated["ChargeRecord", strawberry.lazy("schema.charge_records")]]:
        return await charge_records.load_charges_of_settlement(info, self.domain.id)

    @resolved("Its disputes, the newest first.", metadata=FEW_COST)
    async def disputes(
        self, info: Info
    ) -> list[Annotated["Dispute", strawberry.lazy("schema.disputes")]]:
        return await disputes.load_disputes_of_settlement(info, self.domain.id)

    @resolved("The reservation; null to who may see its money only.")
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        return await reservations.load_reservation(info, self.domain.reservation_id)

    @resolved("The place; null if it was retired, or is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)

    @resolved("Who let the space; null unless the viewer belongs to them.")
    async def lessor(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.organisation_id)


def parts_of(settlement: SettlementRecord) -> list[SettlementPart]:
    """What `parts` (JSON) says of each amount."""
    return [
        SettlementPart(
            party=part["party"],
            why=Why(part["why"]),
            percent=part["percent"],
            basis=money_as(part["basisMinor"], settlement.currency),
            amount=money_as(part["amountMinor"], settlement.currency),
            explanation=EXPLAINED[Why(part["why"])].format(percent=part["percent"]),
        )
        for part in orjson.loads(settlement.parts)
    ]


def settlement_of(settlement: SettlementRecord) -> Settlement:
    """The domain's settlement as the schema's type."""

    def money(amount_minor: int) -> Money:
        return money_as(amount_minor, settlement.currency)

    return Settlement(
        id=global_id("Settlement", settlement.id),
        outcome=settlement.outcome,
        cost=money(settlement.cost_minor),
        secured=money(settlement.secured_minor),
        validation=money(settlement.validation_minor),
        topped_up=money(settlement.topped_up_minor),
        receivable=money(settlement.receivable_minor),
        owner=money(settlement.owner_minor),
        property=money(settlement.property_minor),
        platform=money(settlement.platform_minor),
        tax=money(settlement.tax_minor),
        refund=money(settlement.refund_minor),
        at=settlement.at,
        version=Version(settlement.version),
        domain=settlement,
    )


def validation_of(validation: ValidationRecord, currency: str) -> Validation:
    """The domain's validation as the schema's type."""
    paid = validation.paid_minor
    return Validation(
        id=global_id("Validation", validation.id),
        reservation_id=global_id("Reservation", validation.reservation_id),
        kind=validation.kind,
        value=validation.value,
        label=validation.label,
        paid=None if paid is None else money_as(paid, currency),
        created_at=validation.created_at,
        returned_at=validation.returned_at,
    )


async def load_settlement(info: Info, key: int | None) -> Settlement | None:
    """The settlement, if the viewer may see it."""
    found = await load(info.context, settlements_by_id, key)
    return None if found is None else settlement_of(found)


async def load_known_settlement(info: Info, key: int) -> Settlement:
    """One that a verb has just changed; an error if it is gone since."""
    return known(await load_settlement(info, key))


async def load_settlement_of_reservation(info: Info, reservation_key: int) -> Settlement | None:
    """A booking's settlement, if it is settled and the viewer may see it."""
    found = await load(info.context, settlements_of_reservations, reservation_key)
    return None if found is None else settlement_of(found)


async def load_escrow(info: Info, reservation_key: int) -> Escrow | None:
    """A booking's pocket, if the viewer may see its money."""
    found = await load(info.context, escrows_of_reservations, reservation_key)
    if found is None:
        return None
    return Escrow(
        state=found.state,
        secured=money_as(found.secured_minor, found.currency),
        opened_at=found.opened_at,
        settled_at=found.settled_at,
        domain=found,
    )


async def load_validations(info: Info, reservation_key: int, currency: str) -> list[Validation]:
    """What merchants pay of a booking, as far as the viewer may know."""
    found = await load(info.context, validations_of_reservations, reservation_key)
    return [validation_of(each, currency) for each in found or ()]


async def validation_page(info: Info, merchant_key: int, asked: Page) -> Connection[Validation]:
    """One page of what a merchant gave, the newest first. Raises NotFound."""
    viewer, before = viewer_of(info.context), after_id(asked)
    found = await find_validations(viewer, merchant_key, limit=asked.limit, before_id=before)
    return connection(
        asked,
        found,
        lambda each: (each.validation.id,),
        lambda each: validation_of(each.validation, each.currency),
    )


async def load_known_validation(info: Info, key: int) -> Validation:
    """One that a verb has just made or changed; an error if it is gone since."""
    found = known(await load(info.context, validations_by_id, key))
    return validation_of(found.validation, found.currency)


@strawberry.input(description="Which settlements; what is left out does not matter.")
class SettlementFilterInput:
    """The part of `parking.settlement.queries.MoneyFilter` that is about when."""

    starts_at: datetime | None = strawberry.field(
        default=None, description="Settled then or later."
    )
    ends_at: datetime | None = strawberry.field(default=None, description="Settled before.")


SettlementFilterArgument: TypeAlias = Annotated[
    SettlementFilterInput | None, strawberry.argument(description="Which ones; null: all.")
]


async def settlement_page(
    info: Info, whose: MoneyFilter, wanted: SettlementFilterInput | None, asked: Page
) -> Connection[Settlement]:
    """One page of the settlements that the viewer may see, the newest first."""
    given = wanted or SettlementFilterInput()
    which = replace(whose, starts_at=given.starts_at, ends_at=given.ends_at)
    viewer = viewer_of(info.context)
    found = await find_settlements(viewer, which, limit=asked.limit, after=asked.after)
    return connection(asked, found, settlement_key, settlement_of)


@strawberry.type
class SettlementQueries:
    """Root fields about settlements."""

    @resolved("A settlement; null when there is none, or none that the viewer may see.")
    async def settlement(self, info: Info, id: Id) -> Settlement | None:
        return await load_settlement(info, key_of(id, "Settlement"))

"""Merchants' units, who may send orders for them, and the ways of a mall."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.merchants.connectors import connectors_of
from parking.merchants.hooks import hooks_of
from parking.merchants.kinds import ConnectorKind, Payer, ToldSteps, UnitState
from parking.merchants.queries import find_units, places_by_unit, units_by_id
from parking.merchants.records import ConnectorRecord, HookRecord, SenderRecord, UnitRecord
from parking.merchants.senders import senders_by_unit
from schema import accounts, campuses, places
from schema.context import Info, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.refusals import known
from schema.relay import Connection, Node, Page, after_id, connection
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.campuses import Campus
    from schema.places import Place

SENDERS_ASSUMED = 5
PLACES_ASSUMED = 3
HOOK_PATH = "/hooks/orders/"
"""Where signed orders are posted to; what follows is a hook's public id."""


@strawberry.type(description="A phone number that may send a unit's orders by SMS.")
class MerchantSender:
    """`parking.merchants.records.SenderRecord`."""

    id: strawberry.ID = strawberry.field(description="The sender's id.")
    number: str = strawberry.field(description="E.164.")
    created_at: datetime = strawberry.field(description="Since when it may.")


@strawberry.type(description="What a merchant's order system signs its webhooks with.")
class MerchantHook:
    """`parking.merchants.records.HookRecord`; its secret is shown once."""

    id: strawberry.ID = strawberry.field(description="The hook's id.")
    public_id: str = strawberry.field(description="What names it in public.")
    link: str = strawberry.field(description="Path that orders are posted to, `/hooks/orders/…`.")
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type(
    description="A position on a level of a plan at which one can step out of a door, lift, stairs"
    " or ramp; those of one kind and name are one thing."
)
class PlanConnector:
    """`parking.merchants.records.ConnectorRecord`."""

    kind: ConnectorKind = strawberry.field(description="What it is.")
    name: str = strawberry.field(description="Its name in the mall.")
    place_id: strawberry.ID | None = strawberry.field(
        description="On the plan of this place; null: on the mall's."
    )
    level: int = strawberry.field(description="On this level.")
    x_metres: float = strawberry.field(description="To the right, on that plan.")
    y_metres: float = strawberry.field(description="Down, on that plan.")


@strawberry.type(
    description="A shop, restaurant or practice of a merchant in a mall, for whose guests parking"
    " is booked. For the merchant's MERCHANTs, OWNERs and OPERATORs, and its API keys with"
    " `orders:read` or `orders:write`."
)
class MerchantUnit(Node):
    """`parking.merchants.records.UnitRecord`."""

    name: str = strawberry.field(description="Its name.")
    external_id: str | None = strawberry.field(description="Its name in the merchant's system.")
    state: UnitState = strawberry.field(description="Whether it takes orders.")
    level: int = strawberry.field(description="On this level of the mall.")
    x_metres: float = strawberry.field(description="To the right, on the mall's plan.")
    y_metres: float = strawberry.field(description="Down, on the mall's plan.")
    lead_minutes: int = strawberry.field(description="Parking begins so long before the service.")
    tail_minutes: int = strawberry.field(description="It ends so long after the service.")
    stay_minutes: int = strawberry.field(description="A service without an end lasts so long.")
    raise_minutes: int | None = strawberry.field(
        description="The lock is raised so long before the parking begins; null: at once."
    )
    payer: Payer = strawberry.field(description="Who pays.")
    locale: str = strawberry.field(description="Language of what it is told: `en` or `zh`.")
    orders_per_day_max: int | None = strawberry.field(
        description="So many orders of a day are parked; null: without a limit."
    )
    told_email: str | None = strawberry.field(
        description="It is told here what becomes of its orders; null: it is not."
    )
    told_phone: str | None = strawberry.field(description="The same by SMS, E.164.")
    told_steps: ToldSteps = strawberry.field(description="Of which steps it is told there.")
    version: Version = strawberry.field(description="Grows with every change.")
    created_at: datetime = strawberry.field(description="When it was made.")
    changed_at: datetime = strawberry.field(description="When it last changed.")
    domain: strawberry.Private[UnitRecord]

    @resolved("Whose it is; null unless the viewer belongs to them.")
    async def organisation(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.organisation_id)

    @resolved("Its mall; null if that is private to others.")
    async def campus(
        self, info: Info
    ) -> Annotated["Campus", strawberry.lazy("schema.campuses")] | None:
        return await campuses.load_campus(info, self.domain.campus_id)

    @resolved(
        "Where its guests park, the first that is tried first; without those that were retired, or"
        " are private to others.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=PLACES_ASSUMED)},
    )
    async def places(
        self, info: Info
    ) -> list[Annotated["Place", strawberry.lazy("schema.places")]]:
        keys = await load(info.context, places_by_unit, self.domain.id) or ()
        found = await asyncio.gather(*(places.load_place(info, key) for key in keys))
        return [each for each in found if each is not None]

    @resolved(
        "The numbers that may send its orders by SMS, the oldest first.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=SENDERS_ASSUMED)},
    )
    async def senders(self, info: Info) -> list[MerchantSender]:
        found = await load(info.context, senders_by_unit, self.domain.id)
        return [sender_of(each) for each in found or ()]


def unit_of(unit: UnitRecord) -> MerchantUnit:
    """The domain's unit as the schema's type."""
    return MerchantUnit(
        id=global_id("MerchantUnit", unit.id),
        name=unit.name,
        external_id=unit.external_id,
        state=unit.state,
        level=unit.level,
        x_metres=unit.x_metres,
        y_metres=unit.y_metres,
        lead_minutes=unit.lead_minutes,
        tail_minutes=unit.tail_minutes,
        stay_minutes=unit.stay_minutes,
        raise_minutes=unit.raise_minutes,
        payer=unit.payer,
        locale=unit.locale,
        orders_per_day_max=unit.orders_per_day_max,
        told_email=unit.told_email,
        told_phone=unit.told_phone,
        told_steps=unit.told_steps,
        version=Version(unit.version),
        created_at=unit.created_at,
        changed_at=unit.changed_at,
        domain=unit,
    )


def sender_of(sender: SenderRecord) -> MerchantSender:
    """The domain's sender as the schema's type."""
    return MerchantSender(
        id=global_id("MerchantSender", sender.id),
        number=sender.number,
        created_at=sender.created_at,
    )


def hook_of(hook: HookRecord) -> MerchantHook:
    """The domain's hook as the schema's type."""
    return MerchantHook(
        id=global_id("MerchantHook", hook.id),
        public_id=hook.public_id,
        link=HOOK_PATH + hook.public_id,
        created_at=hook.created_at,
    )


def _connector_of(connector: ConnectorRecord) -> PlanConnector:
    place_id = connector.place_id
    return PlanConnector(
        kind=connector.kind,
        name=connector.name,
        place_id=None if place_id is None else global_id("Place", place_id),
        level=connector.level,
        x_metres=connector.x_metres,
        y_metres=connector.y_metres,
    )


async def load_unit(info: Info, key: int | None) -> MerchantUnit | None:
    """The unit, if the viewer may see it."""
    found = await load(info.context, units_by_id, key)
    return None if found is None else unit_of(found)


async def load_known_unit(info: Info, key: int) -> MerchantUnit:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_unit(info, key))


async def unit_page(
    info: Info, organisation_id: int, states: Sequence[UnitState], asked: Page
) -> Connection[MerchantUnit]:
    """One page of a merchant's units that the viewer may see, the oldest first."""
    viewer, after = viewer_of(info.context), after_id(asked)
    found = await find_units(
        viewer, organisation_id, limit=asked.limit, after_id=after, states=states
    )
    return connection(asked, found, lambda unit: (unit.id,), unit_of)


async def load_hooks(info: Info, organisation_id: int) -> list[MerchantHook]:
    """A merchant's hooks in use that the viewer may see, the oldest first."""
    found = await hooks_of(viewer_of(info.context), organisation_id)
    return [hook_of(each) for each in found]


async def load_connectors(info: Info, campus_id: int) -> list[PlanConnector]:
    """The ways of a mall that the viewer sees."""
    found = await connectors_of(viewer_of(info.context), campus_id)
    return [_connector_of(each) for each in found]

"""What clients give to make or change merchants' units, the ways of a mall, and orders."""

from collections.abc import Sequence

import strawberry

from parking.merchants.connectors import NewConnector
from parking.merchants.kinds import ConnectorKind, Payer, ToldSteps
from parking.merchants.new_unit import LEAD_MINUTES, STAY_MINUTES, TAIL_MINUTES, NewUnit, UnitEdit
from schema.ids import wanted_key
from schema.mutations.once import changes


@strawberry.input(description="A new unit of a merchant.")
class CreateMerchantUnitInput:
    """`parking.merchants.new_unit.NewUnit`."""

    organisation_id: strawberry.ID = strawberry.field(description="The merchant.")
    campus_id: strawberry.ID = strawberry.field(description="The mall it is in.")
    name: str = strawberry.field(description="Its name, 1 to 100 characters.")
    place_ids: list[strawberry.ID] = strawberry.field(
        description="Places of the mall, 1 to 20: where its guests park, the best first."
    )
    x_metres: float = strawberry.field(default=0.0, description="To the right, on the mall's plan.")
    y_metres: float = strawberry.field(default=0.0, description="Down, on the mall's plan.")
    level: int = strawberry.field(default=0, description="On this level of the mall.")
    external_id: str | None = strawberry.field(
        default=None, description="Its name in the merchant's system, unique there."
    )
    lead_minutes: int = strawberry.field(
        default=LEAD_MINUTES, description="Parking begins so long before the service, 0 to 240."
    )
    tail_minutes: int = strawberry.field(
        default=TAIL_MINUTES, description="It ends so long after the service, 0 to 240."
    )
    stay_minutes: int = strawberry.field(
        default=STAY_MINUTES, description="A service without an end lasts so long, 1 to 1440."
    )
    raise_minutes: int | None = strawberry.field(
        default=None,
        description="The lock is raised so long before, 0 to 1440; null: at once.",
    )
    payer: Payer = strawberry.field(default=Payer.GUEST, description="Who pays.")
    locale: str = strawberry.field(
        default="en", description="Language of what it is told: `en` or `zh`."
    )
    orders_per_day_max: int | None = strawberry.field(
        default=None, description="So many orders of a day are parked; null: without a limit."
    )
    told_email: str | None = strawberry.field(
        default=None, description="Where it is told what becomes of its orders; null: it is not."
    )
    told_phone: str | None = strawberry.field(
        default=None, description="The same by SMS; with its country code."
    )
    told_steps: ToldSteps = strawberry.field(
        default=ToldSteps.ALL, description="Of which steps it is told there."
    )


@strawberry.input(description="Changes of a unit: for later orders.")
class UpdateMerchantUnitInput:
    """`parking.merchants.new_unit.UnitEdit`."""

    unit_id: strawberry.ID = strawberry.field(description="The unit's id.")
    version: int = strawberry.field(description="The version that you have seen.")
    name: strawberry.Maybe[str] = strawberry.field(default=None, description="Its name.")
    place_ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(
        default=None, description="Places of its mall, 1 to 20, the best first."
    )
    x_metres: strawberry.Maybe[float] = strawberry.field(
        default=None, description="To the right, on the mall's plan."
    )
    y_metres: strawberry.Maybe[float] = strawberry.field(
        default=None, description="Down, on the mall's plan."
    )
    level: strawberry.Maybe[int] = strawberry.field(default=None, description="The mall's level.")
    external_id: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Its name in the merchant's system."
    )
    lead_minutes: strawberry.Maybe[int] = strawberry.field(
        default=None, description="Before the service, 0 to 240."
    )
    tail_minutes: strawberry.Maybe[int] = strawberry.field(
        default=None, description="After the service, 0 to 240."
    )
    stay_minutes: strawberry.Maybe[int] = strawberry.field(
        default=None, description="Of a service without an end, 1 to 1440."
    )
    raise_minutes: strawberry.Maybe[int | None] = strawberry.field(
        default=None, description="The lock is raised so long before; null: at once."
    )
    payer: strawberry.Maybe[Payer] = strawberry.field(default=None, description="Who pays.")
    locale: strawberry.Maybe[str] = strawberry.field(
        default=None, description="Language of what it is told."
    )
    orders_per_day_max: strawberry.Maybe[int | None] = strawberry.field(
        default=None, description="So many orders of a day are parked; null: without a limit."
    )
    told_email: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="Where it is told what becomes of its orders; null: it is not."
    )
    told_phone: strawberry.Maybe[str | None] = strawberry.field(
        default=None, description="The same by SMS; with its country code."
    )
    told_steps: strawberry.Maybe[ToldSteps] = strawberry.field(
        default=None, description="Of which steps it is told there."
    )


@strawberry.input(description="A position of a door, lift, stairs or ramp on a level of a plan.")
class PlanConnectorInput:
    """`parking.merchants.connectors.NewConnector`."""

    kind: ConnectorKind = strawberry.field(description="What it is.")
    name: str = strawberry.field(
        description="Its name in the mall: what has the same kind and name is one thing."
    )
    x_metres: float = strawberry.field(description="To the right, on that plan.")
    y_metres: float = strawberry.field(description="Down, on that plan.")
    level: int = strawberry.field(default=0, description="On this level.")
    place_id: strawberry.ID | None = strawberry.field(
        default=None, description="On the plan of this place of the mall; null: on the mall's."
    )


def new_unit_of(given: CreateMerchantUnitInput) -> NewUnit:
    """The input as the domain's unit."""
    return NewUnit(
        organisation_id=wanted_key(given.organisation_id, "Organisation"),
        campus_id=wanted_key(given.campus_id, "Campus"),
        name=given.name,
        place_ids=_places(given.place_ids),
        x_metres=given.x_metres,
        y_metres=given.y_metres,
        level=given.level,
        external_id=given.external_id,
        lead_minutes=given.lead_minutes,
        tail_minutes=given.tail_minutes,
        stay_minutes=given.stay_minutes,
        raise_minutes=given.raise_minutes,
        payer=given.payer,
        locale=given.locale,
        orders_per_day_max=given.orders_per_day_max,
        told_email=given.told_email,
        told_phone=given.told_phone,
        told_steps=given.told_steps,
    )


def unit_edit_of(given: UpdateMerchantUnitInput) -> UnitEdit:
    """The input as the domain's edit."""
    wanted = changes(given)
    if "place_ids" in wanted:
        wanted["place_ids"] = _places(wanted["place_ids"])
    return UnitEdit(wanted_key(given.unit_id, "MerchantUnit"), given.version, **wanted)


def connector_of(given: PlanConnectorInput) -> NewConnector:
    """The input as the domain's position."""
    place_id = None if given.place_id is None else wanted_key(given.place_id, "Place")
    return NewConnector(
        given.kind, given.name, given.x_metres, given.y_metres, given.level, place_id
    )


def _places(ids: Sequence[strawberry.ID]) -> tuple[int, ...]:
    return tuple(wanted_key(each, "Place") for each in ids)

"""Alarms: what contradicts itself at a bay, for who goes there."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import strawberry

from parking import errors
from parking.access.alarms import NEWEST_MAX, AlarmRecord
from parking.access.command_queries import alarms_by_key, follow_alarms
from parking.access.models import AlarmKind
from schema import reservations, spaces
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved, subscribed
from schema.ids import global_id, wanted_key
from schema.loaders import load
from schema.refusals import NotFound, as_data, known
from schema.relay import Node

if TYPE_CHECKING:
    from schema.reservations import Reservation
    from schema.spaces import Space

ALARMS_ASSUMED = 10


@strawberry.type(description="Something at a bay contradicts itself, and somebody should go there.")
class Alarm(Node):
    """`parking.access.alarms.AlarmRecord`."""

    kind: AlarmKind = strawberry.field(description="What is wrong.")
    detail: str = strawberry.field(description="For people, in English.")
    raised_at: datetime = strawberry.field(description="When it was noticed.")
    cleared_at: datetime | None = strawberry.field(description="When it was over; null: it is not.")
    acknowledged_at: datetime | None = strawberry.field(
        description="When somebody said that they take care of it."
    )
    domain: strawberry.Private[AlarmRecord]

    @resolved("The bay; null if it was retired.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.domain.space_id)

    @resolved("The booking that it is about; null without one, or if the viewer may not see it.")
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        return await reservations.load_reservation(info, self.domain.reservation_id)


def alarm_as(alarm: AlarmRecord) -> Alarm:
    """The domain's alarm as the schema's type."""
    return Alarm(
        id=global_id("Alarm", alarm.id),
        kind=alarm.kind,
        detail=alarm.detail,
        raised_at=alarm.raised_at,
        cleared_at=alarm.cleared_at,
        acknowledged_at=alarm.acknowledged_at,
        domain=alarm,
    )


async def load_alarm(info: Info, key: int | None) -> Alarm | None:
    """The alarm, if the viewer may see it."""
    found = await load(info.context, alarms_by_key, key)
    return None if found is None else alarm_as(found)


async def load_known_alarm(info: Info, key: int) -> Alarm:
    """One that a verb has just changed; an error if it is gone since."""
    return known(await load_alarm(info, key))


@strawberry.type(description="The live alarms of a place.")
class AlarmsUpdate:
    """What `alarms` gives."""

    alarms: list[Alarm] = strawberry.field(
        description=f"All that are not over, the newest first, at most {NEWEST_MAX}."
    )


AlarmsEvent: TypeAlias = Annotated[
    AlarmsUpdate | NotFound,
    strawberry.union("AlarmsEvent", description="What `alarms` gives."),
]


@strawberry.type
class AlarmSubscriptions:
    """Root fields."""

    @subscribed(
        "The alarms of a place live: all that are not over, whenever one is raised, acknowledged or"
        " cleared. For OPERATORs and ATTENDANTs, and keys with devices:write.",
        metadata={COST: Cost(assumed_size=ALARMS_ASSUMED)},
    )
    async def alarms(
        self,
        info: Info,
        place_id: Annotated[strawberry.ID, strawberry.argument(description="The place's id.")],
    ) -> AsyncIterator[AlarmsEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        try:
            async for found in follow_alarms(viewer, wanted_key(place_id, "Place"), bus):
                info.context.loaders.clear()  # one context serves all events of a subscription
                yield AlarmsUpdate(alarms=[alarm_as(each) for each in found])
        except errors.NotFound as refusal:
            yield _only(refusal)


def _only(refusal: errors.Refusal) -> Any:
    """The refusal that is all a stream gives."""
    return as_data(refusal)

"""Commands to locks: what was ordered, and how far it has come."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import strawberry

from parking import errors
from parking.access.command_queries import COMMANDS_MAX, commands_by_id, follow_commands
from parking.access.command_rows import CommandRecord
from parking.access.models import CommandCause, CommandState, LockTarget
from schema import reservations, spaces
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved, subscribed
from schema.ids import global_id, wanted_key
from schema.loaders import load
from schema.refusals import InvalidInput, NotFound, as_data, known
from schema.relay import Node

if TYPE_CHECKING:
    from schema.reservations import Reservation
    from schema.spaces import Space


@strawberry.type(description="An order to a lock to move its arm.")
class LockCommand(Node):
    """`parking.access.command_rows.CommandRecord`."""

    target: LockTarget = strawberry.field(description="Where the arm is to go.")
    state: CommandState = strawberry.field(description="How far it has come.")
    cause: CommandCause = strawberry.field(description="Why it was ordered.")
    failure: str | None = strawberry.field(
        description="Of a FAILED or EXPIRED one: the reason, UPPER_SNAKE, such as OBSTRUCTED."
    )
    created_at: datetime = strawberry.field(description="When it was ordered.")
    expires_at: datetime = strawberry.field(
        description="From then on the lock does not begin to carry it out."
    )
    delivered_at: datetime | None = strawberry.field(description="When it was given to the lock.")
    accepted_at: datetime | None = strawberry.field(description="When the lock took it on.")
    finished_at: datetime | None = strawberry.field(description="When it became final.")
    domain: strawberry.Private[CommandRecord]

    @resolved("The bay; null if it was retired, or is in a place that is private to others.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.domain.space_id)

    @resolved("The booking for which it was ordered; null without one, or if it is others'.")
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        return await reservations.load_reservation(info, self.domain.reservation_id)


def command_as(command: CommandRecord) -> LockCommand:
    """The domain's command as the schema's type."""
    return LockCommand(
        id=global_id("LockCommand", command.id),
        target=command.target,
        state=command.state,
        cause=command.cause,
        failure=command.failure or None,
        created_at=command.created_at,
        expires_at=command.expires_at,
        delivered_at=command.delivered_at,
        accepted_at=command.accepted_at,
        finished_at=command.finished_at,
        domain=command,
    )


async def load_command(info: Info, key: int | None) -> LockCommand | None:
    """The command, if the viewer may see it."""
    found = await load(info.context, commands_by_id, key)
    return None if found is None else command_as(found)


async def load_known_command(info: Info, key: int) -> LockCommand:
    """One that a verb has just made; an error if it is gone since."""
    return known(await load_command(info, key))


@strawberry.type(description="Commands to a lock, as they are now.")
class CommandsUpdate:
    """What `commands` gives."""

    commands: list[LockCommand] = strawberry.field(
        description=f"The newest first, at most {COMMANDS_MAX}; the first is the one that counts."
    )


CommandsEvent: TypeAlias = Annotated[
    CommandsUpdate | InvalidInput | NotFound,
    strawberry.union("CommandsEvent", description="What `commands` gives."),
]


@strawberry.type
class CommandSubscriptions:
    """Root fields."""

    @subscribed(
        "The commands to a bay's lock, or those for a reservation, live: whenever one takes a step."
        " A bay's for who works there and who lets it, a reservation's for who may see it.",
        metadata={COST: Cost(assumed_size=COMMANDS_MAX)},
    )
    async def commands(
        self,
        info: Info,
        space_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="To this bay's lock.")
        ] = None,
        reservation_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="For this reservation.")
        ] = None,
    ) -> AsyncIterator[CommandsEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        space = None if space_id is None else wanted_key(space_id, "Space")
        held = None if reservation_id is None else wanted_key(reservation_id, "Reservation")
        try:
            async for found in follow_commands(viewer, bus, space_id=space, reservation_id=held):
                info.context.loaders.clear()  # one context serves all events of a subscription
                yield CommandsUpdate(commands=[command_as(each) for each in found])
        except errors.Refusal as refusal:
            yield _only(refusal)


def _only(refusal: errors.Refusal) -> Any:
    """The refusal that is all a stream gives."""
    return as_data(refusal)

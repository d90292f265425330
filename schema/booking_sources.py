"""The live source of `bookingByLink`: that something happened, so that a page asks again.

It tells of the booking's own steps, of credentials shown for it, of its bay's lock and sensor, and
of its settlement.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeAlias

import orjson
import strawberry

from parking import errors
from parking.access.command_rows import reservation_commands_topic
from parking.clock import Clock
from parking.occupancy.change import place_topic
from parking.occupancy.state import UpdateKind, decode_update
from parking.reservations.links import reservation_by_token
from parking.reservations.models import ReservationState
from parking.reservations.record import reservation_topic
from parking.reservations.records import ReservationRecord
from parking.settlement.topics import settlement_topic
from schema.booking_links import Token
from schema.context import Info, services_of
from schema.execution import SHARED, Context, Gap, Only, Stream
from schema.fields import subscribed
from schema.refusals import NotFound, as_data
from schema.scalars import Version
from schema.streams import BusFeed, Items, ItemStream, read_source


@strawberry.type(description="Something has happened to a booking, or at its bay: ask for it anew.")
class BookingLinkUpdate:
    """What `bookingByLink` gives live."""

    version: Version = strawberry.field(description="The booking's version.")
    state: ReservationState = strawberry.field(description="Where it stands.")
    at: datetime = strawberry.field(description="When this was told.")


BookingLinkEvent: TypeAlias = Annotated[
    BookingLinkUpdate | NotFound,
    strawberry.union("BookingLinkEvent", description="What `bookingByLink` gives."),
]


@dataclass(slots=True)
class _Followed:
    """A booking by its link: found anew each time, so that a renewed link is told of no more."""

    keys: Sequence[bytes]
    token: str
    clock: Clock
    now: ReservationRecord
    told: list[BookingLinkUpdate] = field(default_factory=list)

    async def find(self) -> bool:
        """Look again; whether the link is still good."""
        try:
            self.now = await reservation_by_token(self.keys, self.token)
        except errors.NotFound:
            return False
        return True

    async def read(self) -> Sequence[BookingLinkUpdate]:
        """How it is, as the one item of the stream."""
        await self.find()
        return [
            BookingLinkUpdate(
                version=Version(self.now.version), state=self.now.state, at=self.clock.now()
            )
        ]

    def pick(self, body: bytes) -> Sequence[BookingLinkUpdate] | Gap:
        """Anything that is about this booking or its bay is a reason to look again."""
        told = orjson.loads(body)
        if "spaces" not in told:
            return Gap.GAP
        update = decode_update(body)
        mine = any(each.space_id == self.now.space_id for each in update.spaces)
        return Gap.GAP if mine or update.is_inventory else []


async def booking_source(arguments: Mapping[str, Any], context: Context) -> Stream | Only:
    """`bookingByLink(token)`."""
    services = services_of(context)
    keys, token = services.keys.links, arguments["token"]
    try:
        found = await reservation_by_token(keys, token)
    except errors.NotFound as refusal:
        return Only(as_data(refusal))
    followed = _Followed(keys, token, services.clock, found)
    items = Items(
        read=followed.read,
        pick=followed.pick,
        key=lambda item: item.version,
        tell=_only,
        may_see=followed.find,
    )
    topics = [
        reservation_topic(found.id),
        reservation_commands_topic(found.id),
        place_topic(found.place_id),
        settlement_topic(found.id),
    ]
    return ItemStream(items, await BusFeed.open(services.bus, topics))


def _only(_: UpdateKind, items: list[BookingLinkUpdate]) -> BookingLinkUpdate:
    return items[-1]


@strawberry.type
class BookingLinkSubscriptions:
    """Root fields."""

    @subscribed(
        "The booking of a link live: how it is, and again whenever something happened to it or at"
        " its bay.",
        metadata={SHARED: booking_source},
    )
    async def booking_by_link(self, info: Info, token: Token) -> AsyncIterator[BookingLinkEvent]:
        async for value in read_source(booking_source, {"token": token}, info.context):
            yield value

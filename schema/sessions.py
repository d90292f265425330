"""Sessions: what became of a booking, the stay itself, part by part, with its price."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.rates.lines import lines_from_json
from parking.sessions.models import SegmentKind, SessionCause, SessionState
from parking.sessions.queries import (
    SessionFilter,
    find_sessions,
    segments_of,
    session_key,
    sessions_by_id,
    sessions_of_reservations,
)
from parking.sessions.records import SegmentRecord, SessionRecord
from schema import places, reservations, spaces
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.ids import global_id, key_of
from schema.loaders import load
from schema.money import Money, PricedLine, lines_of, money_as
from schema.refusals import known
from schema.relay import Connection, Id, Node, Page, connection
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.places import Place
    from schema.reservations import Reservation
    from schema.spaces import Space

LINES_COST = {COST: Cost(assumed_size=10)}
SEGMENTS_COST = {COST: Cost(assumed_size=4)}


@strawberry.type(description="A part of a session, with one right and one rate.")
class Segment:
    """`parking.sessions.records.SegmentRecord`."""

    kind: SegmentKind = strawberry.field(description="Why it is a part of its own.")
    starts_at: datetime = strawberry.field(description="When it began.")
    ends_at: datetime | None = strawberry.field(description="When it ended; null: it goes on.")
    amount: Money | None = strawberry.field(
        description="What it costs; null until the session has ended."
    )
    lines: list[PricedLine] = strawberry.field(
        description="The priced lines; their sum is the amount.", metadata=LINES_COST
    )


@strawberry.type(description="A stay: a vehicle uses the space that was booked for it.")
class Session(Node):
    """`parking.sessions.records.SessionRecord`."""

    state: SessionState = strawberry.field(description="Whether the vehicle is still there.")
    started_at: datetime = strawberry.field(description="When it came.")
    started_by: SessionCause = strawberry.field(description="What told that it came.")
    ended_at: datetime | None = strawberry.field(description="When it left.")
    ended_by: SessionCause | None = strawberry.field(description="What told that it left.")
    overstay_since: datetime | None = strawberry.field(
        description="The end of what was booked, when the vehicle has stayed beyond it."
    )
    plate: str = strawberry.field(description="The vehicle, normalised; may be empty.")
    amount: Money | None = strawberry.field(
        description="What the stay costs, settled from this; null until it has ended."
    )
    version: Version = strawberry.field(description="Grows with every change.")
    domain: strawberry.Private[SessionRecord]

    @resolved("The priced lines of all segments; their sum is the amount.", metadata=LINES_COST)
    def lines(self) -> list[PricedLine]:
        return lines_of(lines_from_json(self.domain.lines))

    @resolved("Its parts, in order.", metadata=SEGMENTS_COST)
    async def segments(self, info: Info) -> list[Segment]:
        found = await load(info.context, segments_of, self.domain.id)
        return [_segment_of(each, self.domain.currency) for each in found or ()]

    @resolved("The booking that it uses.")
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        return await reservations.load_reservation(info, self.domain.reservation_id)

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


def session_of(stay: SessionRecord) -> Session:
    """The domain's stay as the schema's type."""
    return Session(
        id=global_id("Session", stay.id),
        state=stay.state,
        started_at=stay.started_at,
        started_by=stay.started_by,
        ended_at=stay.ended_at,
        ended_by=SessionCause(stay.ended_by) if stay.ended_by else None,
        overstay_since=stay.overstay_since,
        plate=stay.plate,
        amount=_amount(stay.amount_minor, stay.currency),
        version=Version(stay.version),
        domain=stay,
    )


def _segment_of(segment: SegmentRecord, currency: str) -> Segment:
    return Segment(
        kind=segment.kind,
        starts_at=segment.starts_at,
        ends_at=segment.ends_at,
        amount=_amount(segment.amount_minor, currency),
        lines=lines_of(lines_from_json(segment.lines)),
    )


def _amount(amount_minor: int | None, currency: str) -> Money | None:
    return None if amount_minor is None else money_as(amount_minor, currency)


async def load_session(info: Info, key: int | None) -> Session | None:
    """The stay, if the viewer may see it."""
    found = await load(info.context, sessions_by_id, key)
    return None if found is None else session_of(found)


async def load_known_session(info: Info, key: int) -> Session:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_session(info, key))


async def load_sessions_of_reservation(info: Info, reservation_key: int) -> list[Session]:
    """The stays of a booking, in order."""
    found = await load(info.context, sessions_of_reservations, reservation_key)
    return [session_of(each) for each in found or ()]


async def session_page(info: Info, whose: SessionFilter, asked: Page) -> Connection[Session]:
    """One page of the stays that the viewer may see, the latest start first."""
    viewer = viewer_of(info.context)
    found = await find_sessions(viewer, whose, limit=asked.limit, after=asked.after)
    return connection(asked, found, session_key, session_of)


@strawberry.type
class SessionQueries:
    """Root fields about sessions."""

    @resolved("A session; null when there is none, or none that the viewer may see.")
    async def session(self, info: Info, id: Id) -> Session | None:
        return await load_session(info, key_of(id, "Session"))

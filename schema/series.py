"""Recurring bookings: a series, and the reservation of each of its turns."""

from datetime import datetime
from typing import TYPE_CHECKING

import strawberry

from parking.reservations.queries import ReservationFilter
from parking.reservations.series import SeriesRecord, series_by_id
from schema import reservations
from schema.context import Info
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.pages import ReservationPage
from schema.refusals import RefusalsAsErrors, known
from schema.relay import PAGE_SIZE_DEFAULT, After, First, Node, page

if TYPE_CHECKING:
    pass


@strawberry.type(description="A recurring booking; each turn is a reservation of its own.")
class ReservationSeries(Node):
    """`parking.reservations.series.SeriesRecord`."""

    rule: str = strawberry.field(description="As it was given: an RFC 5545 RRULE.")
    created_at: datetime = strawberry.field(description="When it was made.")
    cancelled_at: datetime | None = strawberry.field(
        description="When all of it, or the rest, was cancelled; null: it was not."
    )
    key: strawberry.Private[int]

    @resolved(
        "Its turns that the viewer may see, the latest first.", extensions=[RefusalsAsErrors()]
    )
    async def reservations(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> ReservationPage:
        turns = ReservationFilter(series_id=self.key)
        return await reservations.reservation_page(info, turns, None, page(first, after))


def series_of(series: SeriesRecord) -> ReservationSeries:
    """The domain's series as the schema's type."""
    return ReservationSeries(
        id=global_id("ReservationSeries", series.id),
        key=series.id,
        rule=series.rule,
        created_at=series.created_at,
        cancelled_at=series.cancelled_at,
    )


async def load_series(info: Info, key: int | None) -> ReservationSeries | None:
    """The series, if the viewer may see it."""
    found = await load(info.context, series_by_id, key)
    return None if found is None else series_of(found)


async def load_known_series(info: Info, key: int) -> ReservationSeries:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_series(info, key))

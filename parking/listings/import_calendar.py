"""Taking a calendar file as a listing's windows and exceptions."""

import asyncio
from dataclasses import dataclass

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.listings.calendar_lines import Problem
from parking.listings.calendar_reading import CalendarRead, read_calendar
from parking.listings.content import Schedule
from parking.listings.guards import managed_listing
from parking.listings.manage import replace_schedule
from parking.listings.records import listings_by_id
from parking.listings.rules import may_let

NOTHING_READ = CalendarRead(Schedule(), [])


@dataclass(frozen=True, slots=True)
class CalendarImported:
    """What a file says, and whether it was taken: not with an error in it, nor if only tried."""

    is_written: bool
    schedule: Schedule
    problems: list[Problem]


async def calendar_for(
    viewer: Viewer, listing_id: int, content: str, *, clock: Clock
) -> CalendarRead:
    """What the file says for the listing; nothing for somebody whose import will be refused.

    It takes its time, so it is done before, and not in, a transaction.
    """
    listing = (await listings_by_id([listing_id])).get(listing_id)
    if listing is None or not may_let(viewer, listing.organisation_id):
        return NOTHING_READ
    return await asyncio.to_thread(read_calendar, content, listing.zone, clock.now())


async def import_calendar(
    viewer: Viewer, listing_id: int, read: CalendarRead, *, dry_run: bool = False, clock: Clock
) -> CalendarImported:
    """Put the file's windows and exceptions in the place of the listing's, all or nothing.

    Agreements already made stay. Raises NotFound and NotPermitted, and as `update_listing` does.
    """
    await managed_listing(viewer, listing_id)
    is_written = not (dry_run or read.has_errors)
    if is_written:
        await replace_schedule(viewer, listing_id, read.schedule, clock=clock)
    return CalendarImported(is_written, read.schedule, read.problems)

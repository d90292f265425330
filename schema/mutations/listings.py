"""Verbs of lessors on listings."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.listings.import_calendar import CalendarImported, calendar_for, import_calendar
from parking.listings.manage import (
    activate_listing,
    create_listing,
    pause_listing,
    update_listing,
    withdraw_listing,
)
from schema.context import Info, services_of, viewer_of
from schema.ids import wanted_key
from schema.listings import Listing, load_known_listing
from schema.mutations.listing_inputs import (
    CreateListingInput,
    UpdateListingInput,
    listing_edit_of,
    new_listing_of,
)
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal

ListingId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The listing's id.")
]
Verb: TypeAlias = Callable[..., Awaitable[None]]


@strawberry.type(description="A listing was made; it is a draft.")
class ListingCreated:
    """Outcome of `createListing`."""

    listing: Listing = strawberry.field(description="The new listing.")


@strawberry.type(description="A listing is as it was wished.")
class ListingUpdated:
    """Outcome of the other verbs on a listing."""

    listing: Listing = strawberry.field(description="The listing now.")


@strawberry.type(description="One thing that is wrong in a calendar file.")
class CalendarProblem:
    """`parking.listings.calendar_lines.Problem`."""

    line: int = strawberry.field(
        description="The line on which its event begins, from 1; 0: the whole file."
    )
    uid: str = strawberry.field(description="The event's UID; may be empty.")
    code: str = strawberry.field(description="Stable, for programs: UPPER_SNAKE.")
    message: str = strawberry.field(description="For people: what is wrong and what to do.")
    is_warning: bool = strawberry.field(description="Whether the file is taken all the same.")


@strawberry.type(description="A calendar file was read; unless `isWritten`, nothing changed.")
class ListingCalendarImported:
    """`parking.listings.import_calendar.CalendarImported`."""

    is_written: bool = strawberry.field(description="Whether it was taken.")
    windows_count: int = strawberry.field(description="Weekly windows in the file.")
    exceptions_count: int = strawberry.field(description="Exceptions in the file.")
    problems: list[CalendarProblem] = strawberry.field(description="What is wrong, by line.")
    listing: Listing = strawberry.field(description="The listing now.")


CreateListingResult: TypeAlias = Annotated[
    ListingCreated | VerbRefusal,
    strawberry.union("CreateListingResult", description="What `createListing` answers."),
]
UpdateListingResult: TypeAlias = Annotated[
    ListingUpdated | VerbRefusal,
    strawberry.union("UpdateListingResult", description="What most verbs on a listing answer."),
]
ImportListingCalendarResult: TypeAlias = Annotated[
    ListingCalendarImported | VerbRefusal,
    strawberry.union(
        "ImportListingCalendarResult", description="What `importListingCalendar` answers."
    ),
]


def _kept(done: CalendarImported) -> Answer:
    return {
        "is_written": done.is_written,
        "windows_count": len(done.schedule.windows),
        "exceptions_count": len(done.schedule.exceptions),
        "problems": [asdict(problem) for problem in done.problems],
    }


async def _done(info: Info, listing_id: str, key: str, verb: Verb) -> ListingUpdated:
    listing = wanted_key(listing_id, "Listing")

    async def do(work: Work) -> Answer:
        await verb(work.viewer, listing, clock=work.clock)
        return {}

    await once(info, key, {"listing": listing}, do)
    return ListingUpdated(listing=await load_known_listing(info, listing))


@strawberry.type
class ListingMutations:
    """Root fields."""

    @mutation("Make a listing, as a draft. For OWNERs and OPERATORs of the lessor.")
    async def create_listing(
        self,
        info: Info,
        input: Annotated[CreateListingInput, strawberry.argument(description="The listing.")],
        idempotency_key: IdempotencyKey,
    ) -> CreateListingResult:
        new = new_listing_of(input)

        async def do(work: Work) -> Answer:
            return {"listing": await create_listing(work.viewer, new, clock=work.clock)}

        done = await once(info, idempotency_key, {"input": input}, do)
        return ListingCreated(listing=await load_known_listing(info, done.answer["listing"]))

    @mutation(
        "Change a listing; its version goes up, and agreements already made stay. For OWNERs and"
        " OPERATORs of the lessor."
    )
    async def update_listing(
        self,
        info: Info,
        input: Annotated[UpdateListingInput, strawberry.argument(description="The changes.")],
        idempotency_key: IdempotencyKey,
    ) -> UpdateListingResult:
        edit = listing_edit_of(input)

        async def do(work: Work) -> Answer:
            await update_listing(work.viewer, edit, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"input": input}, do)
        return ListingUpdated(listing=await load_known_listing(info, edit.id))

    @mutation(
        "Publish a draft, or go on after a pause; needs approved titles to all its spaces, and"
        " rates in the place's currency. For OWNERs and OPERATORs of the lessor."
    )
    async def activate_listing(
        self, info: Info, listing_id: ListingId, idempotency_key: IdempotencyKey
    ) -> UpdateListingResult:
        return await _done(info, listing_id, idempotency_key, activate_listing)

    @mutation(
        "Stop offering for a while; agreements already made stay. For OWNERs and OPERATORs of the"
        " lessor."
    )
    async def pause_listing(
        self, info: Info, listing_id: ListingId, idempotency_key: IdempotencyKey
    ) -> UpdateListingResult:
        return await _done(info, listing_id, idempotency_key, pause_listing)

    @mutation(
        "Stop offering for good; agreements already made stay. For OWNERs and OPERATORs of the"
        " lessor."
    )
    async def withdraw_listing(
        self, info: Info, listing_id: ListingId, idempotency_key: IdempotencyKey
    ) -> UpdateListingResult:
        return await _done(info, listing_id, idempotency_key, withdraw_listing)

    @mutation(
        "Take an iCalendar file (RFC 5545) as a listing's windows and exceptions, instead of the"
        " present ones; with an error in it nothing changes. For OWNERs and OPERATORs of the"
        " lessor."
    )
    async def import_listing_calendar(
        self,
        info: Info,
        listing_id: ListingId,
        content: Annotated[str, strawberry.argument(description="The file's text.")],
        idempotency_key: IdempotencyKey,
        dry_run: Annotated[
            bool, strawberry.argument(description="Only say what is wrong.")
        ] = False,
    ) -> ImportListingCalendarResult:
        listing, clock = wanted_key(listing_id, "Listing"), services_of(info.context).clock
        read = await calendar_for(viewer_of(info.context), listing, content, clock=clock)

        async def do(work: Work) -> Answer:
            done = await import_calendar(
                work.viewer, listing, read, dry_run=dry_run, clock=work.clock
            )
            return _kept(done)

        given = {"listing": listing, "content": content, "dry_run": dry_run}
        done = await once(info, idempotency_key, given, do)
        told = {name: value for name, value in done.answer.items() if name != "run"}
        problems = [CalendarProblem(**problem) for problem in told.pop("problems")]
        now = await load_known_listing(info, listing)
        return ListingCalendarImported(**told, problems=problems, listing=now)

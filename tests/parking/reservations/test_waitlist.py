"""The waitlist: strictly first come, first offered; offers expire and cascade."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from parking.accounts.models import Membership, Role
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unauthenticated
from parking.listings.models import Audience, BookingMode, Listing, ListingPlate
from parking.places.models import Place, Space
from parking.reservations import offering
from parking.reservations.availability import first_idle
from parking.reservations.cancel import cancel
from parking.reservations.confirm import confirm
from parking.reservations.extend import extend, quote_extension
from parking.reservations.limits import OFFER_SECONDS
from parking.reservations.models import Reservation, WaitlistState
from parking.reservations.offering import serve_place, serve_waitlists
from parking.reservations.record import changing_bookings
from parking.reservations.refusals import HoldExpired, WindowTaken
from parking.reservations.waiting import Filters, WaitlistEntry, entries_by_id, find_entries
from parking.reservations.waitlist import (
    ENTRIES_MAX,
    accept_offer,
    join_waitlist,
    leave_waitlist,
    waitlist_topic,
)
from parking.reservations.wanted import Wanted
from parking.storage.sql import Sql
from tests.parking.reservations.steps import BUS, booked, held, reservation
from tests.support.leasing import Lease, hours, make_lease, somebody

W, O, T, E, L = WaitlistState  # noqa: E741


@pytest.fixture
async def one(database: str) -> Lease:
    """A place with a single bay."""
    del database
    return await make_lease(spaces=1)


async def join(
    lease: Lease,
    clock: TestClock,
    viewer: Viewer | None = None,
    begin: float = 1,
    end: float = 3,
    filters: Filters = Filters(),  # noqa: B008 - a tuple
) -> int:
    return await join_waitlist(
        viewer or lease.driver, lease.estate.place_id, hours(clock.now(), begin, end), "S-HB 1",
        filters, clock=clock, bus=BUS,
    )  # fmt: skip


async def entry(lease: Lease, entry_id: int) -> WaitlistEntry:
    return (await entries_by_id(lease.operator, [entry_id]))[entry_id]


async def states(lease: Lease, *entries: int) -> list[WaitlistState]:
    return [(await entry(lease, each)).state for each in entries]


async def serve(clock: TestClock) -> int:
    return await serve_waitlists(clock, BUS)


async def queue(lease: Lease, clock: TestClock) -> tuple[int, list[int], list[Viewer]]:
    """A bay that is booked, and three who wait for it."""
    taken = await booked(lease, clock, viewer=lease.owner)
    people = [await somebody(name) for name in ("Ada", "Bea", "Cleo")]
    return taken, [await join(lease, clock, each) for each in people], people


async def test_who_came_first_is_offered_what_frees(one: Lease, clock: TestClock) -> None:
    taken, waiting, people = await queue(one, clock)
    assert await serve(clock) == 0
    assert [(await entry(one, each)).position for each in waiting] == [1, 2, 3]
    await cancel(one.owner, taken, clock=clock, bus=BUS)
    assert await serve(clock) == 1
    assert await states(one, *waiting) == [O, W, W]
    assert [(await entry(one, each)).position for each in waiting] == [0, 1, 2]
    first = await entry(one, waiting[0])
    assert first.reservation_id is not None
    hold = await reservation(first.reservation_id)
    assert (hold.person_id, hold.plate, hold.state) == (
        people[0].person_id, "SHB1", "PENDING_PAYMENT"
    )  # fmt: skip
    assert hold.waitlist_entry_id == waiting[0]
    assert hold.hold_until == first.offer_expires_at
    assert hold.hold_until == clock.now() + timedelta(seconds=OFFER_SECONDS)
    assert await serve(clock) == 0


async def test_an_offer_that_expires_goes_to_the_next(one: Lease, clock: TestClock) -> None:
    taken, waiting, _ = await queue(one, clock)
    await cancel(one.owner, taken, clock=clock, bus=BUS)
    for turn in range(3):
        await serve(clock)
        assert await states(one, *waiting) == [E] * turn + [O] + [W] * (2 - turn)
        clock.advance(seconds=OFFER_SECONDS)
    assert await serve(clock) == 1
    assert await states(one, *waiting) == [E, E, E]
    assert await Reservation.filter(state="EXPIRED").count() == 3


async def test_accepting_confirms(one: Lease, clock: TestClock) -> None:
    taken, waiting, people = await queue(one, clock)
    await cancel(one.owner, taken, clock=clock, bus=BUS)
    await serve(clock)
    made = await accept_offer(people[0], waiting[0], clock=clock, bus=BUS)
    assert (await reservation(made)).state == "CONFIRMED"
    clock.advance(seconds=OFFER_SECONDS)
    assert await serve(clock) == 0
    assert await states(one, *waiting) == [T, W, W]


async def test_confirming_the_hold_is_accepting(one: Lease, clock: TestClock) -> None:
    _, waiting, people = await queue(one, clock)
    await cancel(one.owner, (await Reservation.first()).id, clock=clock, bus=BUS)  # type: ignore[union-attr]
    await serve(clock)
    hold = (await entry(one, waiting[0])).reservation_id
    assert hold is not None
    await confirm(people[0], hold, clock=clock, bus=BUS)
    assert await states(one, waiting[0]) == [T]
    assert await serve(clock) == 1
    assert await serve(clock) == 0


async def test_a_hold_that_is_given_back_cascades(one: Lease, clock: TestClock) -> None:
    taken, waiting, people = await queue(one, clock)
    await cancel(one.owner, taken, clock=clock, bus=BUS)
    await serve(clock)
    await leave_waitlist(people[0], waiting[0], clock=clock, bus=BUS)
    await leave_waitlist(people[1], waiting[1], clock=clock, bus=BUS)
    await serve(clock)
    assert await states(one, *waiting) == [L, L, O]
    with pytest.raises(Conflict):
        await leave_waitlist(people[0], waiting[0], clock=clock, bus=BUS)


async def test_an_offer_is_accepted_in_time_and_by_whom_it_is_for(
    one: Lease, clock: TestClock
) -> None:
    taken, waiting, people = await queue(one, clock)
    with pytest.raises(Conflict):
        await accept_offer(people[0], waiting[0], clock=clock, bus=BUS)
    await cancel(one.owner, taken, clock=clock, bus=BUS)
    await serve(clock)
    with pytest.raises(NotFound):
        await accept_offer(people[1], waiting[0], clock=clock, bus=BUS)
    with pytest.raises(NotPermitted):
        await accept_offer(one.operator, waiting[0], clock=clock, bus=BUS)
    clock.advance(seconds=OFFER_SECONDS)
    with pytest.raises(HoldExpired):
        await accept_offer(people[0], waiting[0], clock=clock, bus=BUS)


async def test_who_comes_later_gets_what_nobody_before_can_use(
    lease: Lease, clock: TestClock
) -> None:
    for space in range(3):
        await booked(lease, clock, 1, 3, space=space)
    early = await join(lease, clock)
    late = await join(lease, clock, lease.other, 4, 5)
    electric = await join(lease, clock, lease.owner, 4, 5, Filters(is_ev=True))
    await serve(clock)
    assert await states(lease, early, late, electric) == [W, O, W]
    await Space.filter(id=lease.estate.space_ids[2]).update(is_ev=True)
    await serve(clock)
    assert await states(lease, early, late, electric) == [W, O, O]


async def test_offers_are_only_what_the_person_may_book_at_once(
    one: Lease, clock: TestClock
) -> None:
    member = await somebody("Mia", {one.lessor_id: Role.ATTENDANT})
    await Membership.create(
        person_id=member.person_id, organisation_id=one.lessor_id, role=Role.ATTENDANT,
        created_at=clock.now(),
    )  # fmt: skip
    outside, inside = await join(one, clock), await join(one, clock, member)
    await Listing.filter(id=one.listing_id).update(mode=BookingMode.ASK)
    assert await serve(clock) == 0
    await Listing.filter(id=one.listing_id).update(
        mode=BookingMode.INSTANT,
        audience=Audience.ORGANISATION,
        audience_organisation_id=one.lessor_id,
    )
    await serve(clock)
    assert await states(one, outside, inside) == [W, O]


async def test_waiting_ends_when_the_time_begins(one: Lease, clock: TestClock) -> None:
    _, waiting, _ = await queue(one, clock)
    clock.advance(minutes=65)
    assert await serve(clock) == 0
    clock.advance(seconds=1)
    assert await serve(clock) == 3
    assert await states(one, *waiting) == [E, E, E]


async def test_one_waits_once_for_a_time_and_not_too_often(one: Lease, clock: TestClock) -> None:
    mine = await join(one, clock)
    with pytest.raises(Conflict) as refused:
        await join(one, clock, begin=2.5, end=4)
    assert refused.value.code == "ALREADY_WAITING"
    for number in range(1, ENTRIES_MAX):
        await join(one, clock, begin=2 * number + 1, end=2 * number + 3)
    with pytest.raises(Conflict) as refused:
        await join(one, clock, begin=200, end=201)
    assert refused.value.code == "WAITLIST_FULL"
    await leave_waitlist(one.driver, mine, clock=clock, bus=BUS)
    assert await join(one, clock)


async def test_who_may_see_and_join(one: Lease, clock: TestClock) -> None:
    mine = await join(one, clock)
    seen = {name: mine in await entries_by_id(who, [mine]) for name, who in one.everybody.items()}
    assert seen == {
        "driver": True, "other": False, "owner": False, "operator": True, "attendant": True,
    }  # fmt: skip
    for name, who in one.everybody.items():
        listed = await find_entries(who, one.estate.place_id, limit=5)
        assert [each.id for each in listed] == ([mine] if seen[name] else [])
    with pytest.raises(NotFound):
        await leave_waitlist(one.other, mine, clock=clock, bus=BUS)
    with pytest.raises(Unauthenticated):
        await join(one, clock, ANONYMOUS)
    await Place.filter(id=one.estate.place_id).update(is_public=False)
    with pytest.raises(NotFound):
        await join(one, clock, one.other)


async def test_a_time_that_is_over_is_refused(one: Lease, clock: TestClock) -> None:
    with pytest.raises(InvalidInput):
        await join(one, clock, begin=-1, end=1)


async def test_pages_go_on_behind_the_key(one: Lease, clock: TestClock) -> None:
    made = [await join(one, clock, begin=n, end=n + 1) for n in range(1, 4)]
    first = await find_entries(one.driver, limit=2)
    rest = await find_entries(one.driver, limit=2, after=(first[-1].id,))
    assert [each.id for each in (*first, *rest)] == made


async def test_people_hear_of_their_offers(one: Lease, clock: TestClock) -> None:
    taken, _, people = await queue(one, clock)
    await cancel(one.owner, taken, clock=clock, bus=BUS)
    assert people[0].person_id is not None
    async with BUS.subscribe(waitlist_topic(people[0].person_id)) as told:
        await serve(clock)
        assert b'"OFFERED"' in ((await anext(told)).body or b"")


async def test_nobody_overtakes_between_two_looks_of_the_worker(
    one: Lease, clock: TestClock
) -> None:
    taken, waiting, _ = await queue(one, clock)
    await cancel(one.owner, taken, clock=clock, bus=BUS)
    with pytest.raises(WindowTaken):
        await held(one, clock, 2, 4, viewer=one.other)
    assert await held(one, clock, 3, 4, viewer=one.other)
    await serve(clock)
    assert await states(one, *waiting) == [O, W, W]


async def test_who_is_new_gets_what_the_queue_leaves(lease: Lease, clock: TestClock) -> None:
    mine = await join(lease, clock)
    made = await reservation(await held(lease, clock, viewer=lease.other, space=2))
    offered = await entry(lease, mine)
    assert offered.state is O
    assert offered.reservation_id is not None
    assert (await reservation(offered.reservation_id)).space_id != made.space_id


async def test_who_waits_may_book_what_they_find(one: Lease, clock: TestClock) -> None:
    await join(one, clock)
    assert await held(one, clock)


async def test_an_extension_does_not_overtake_either(one: Lease, clock: TestClock) -> None:
    made = await booked(one, clock, viewer=one.other)
    until = clock.now() + timedelta(hours=5)
    quote = await quote_extension(one.other, made, until, clock=clock)
    await join(one, clock, begin=3, end=5)
    with pytest.raises(WindowTaken):
        await extend(one.other, quote, clock=clock, bus=BUS)


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[Wanted]:
    """What is searched for those who wait."""
    made: list[Wanted] = []

    async def counted(sql: Sql, viewer: Viewer, wanted: Wanted, now: datetime) -> Any:
        made.append(wanted)
        return await first_idle(sql, viewer, wanted, now)

    monkeypatch.setattr(offering, "first_idle", counted)
    return made


async def test_a_full_place_is_searched_once_for_each_wish(
    one: Lease, clock: TestClock, searches: list[Wanted]
) -> None:
    await booked(one, clock, begin=1, end=6)
    for number in range(4):
        waiting = await somebody(f"W{number}")
        await join(one, clock, waiting)
        await join(one, clock, waiting, begin=4, end=5)
    async with changing_bookings([one.estate.place_id], clock, BUS) as change:
        assert await serve_place(change, one.estate.place_id) == 0
    assert len(searches) == 2
    assert await serve_waitlists(clock, BUS) == 0
    assert len(searches) == 4


async def test_where_plates_matter_each_is_searched_for(
    one: Lease, clock: TestClock, searches: list[Wanted]
) -> None:
    await Listing.all().update(audience=Audience.PLATES)
    await ListingPlate.create(listing_id=one.listing_id, plate="SHB2")
    ids = [
        await join_waitlist(
            await somebody(f"W{number}"), one.estate.place_id, hours(clock.now(), 1, 3),
            f"S-HB {number}", clock=clock, bus=BUS,
        )
        for number in range(1, 4)
    ]  # fmt: skip
    await serve_waitlists(clock, BUS)
    assert await states(one, *ids) == [W, O, W]
    assert {each.plate for each in searches} == {"SHB1", "SHB2", "SHB3"}

"""Making, editing, publishing, pausing and withdrawing offers; their openings in the database."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from parking.accounts.models import Organisation, Role
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Refusal
from parking.listings.cancellation import CancellationTerms, Tier, parse_terms
from parking.listings.content import plates_of_listings, schedule_of, spaces_of_listings
from parking.listings.extend import KEPT_BEHIND, WORKED_AHEAD, extend_openings, needed_until
from parking.listings.import_calendar import CalendarImported, calendar_for, import_calendar
from parking.listings.manage import (
    activate_listing,
    create_listing,
    pause_listing,
    update_listing,
    withdraw_listing,
)
from parking.listings.models import Audience, ExceptionKind, Listing, ListingOpening, ListingState
from parking.listings.new import ListingEdit
from parking.listings.queries import (
    ListingFilter,
    find_listings,
    has_space,
    is_open_for,
    own_plates,
    plates_of,
    visible_listings,
)
from parking.listings.records import ExceptionRecord, ListingRecord, WindowRecord, listings_by_id
from parking.places.models import Place, Space
from parking.rates.models import RateTable
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import database
from parking.windows import Window
from tests.parking.listings.offers import Quay, make_quay, make_rates
from tests.support.estate import OPENED
from tests.support.operators import member

pytestmark = pytest.mark.usefixtures("database")
EVERY_DAY = 0b1111111
OFFICE = WindowRecord(EVERY_DAY, 8 * 60, 18 * 60)
CHRISTMAS = ExceptionRecord(
    ExceptionKind.CLOSED,
    datetime.fromisoformat("2026-12-24T12:00"),
    datetime.fromisoformat("2026-12-27T00:00"),
    "Christmas",
)


@pytest.fixture
async def quay(database: str, clock: TestClock) -> Quay:
    return await make_quay(clock)


async def own_listing(quay: Quay, **values: Any) -> int:
    """An ACTIVE one of the operator's own, who needs no title."""
    own = quay.estate.organisation_id
    new = quay.new(organisation_id=own, rate_table_id=await make_rates(own), **values)
    listing_id = await create_listing(quay.operator, new, clock=quay.clock)
    await activate_listing(quay.operator, listing_id, clock=quay.clock)
    return listing_id


async def load(listing_id: int) -> ListingRecord:
    return (await listings_by_id([listing_id]))[listing_id]


async def test_a_draft_is_kept_as_it_was_given(quay: Quay) -> None:
    summer = WindowRecord(1, 60, 120, date(2026, 6, 1), date(2026, 8, 31))
    terms = CancellationTerms(tiers=(Tier(60, 50),), fee_minor=100)
    made = await quay.draft(
        windows=[OFFICE, summer], exceptions=[CHRISTMAS], audience=Audience.PLATES,
        plates=["b-mw 1", "BMW1", "S AB 2"], cancellation=terms, stay_minutes_max=600,
        space_ids=[*quay.spaces, *quay.spaces],
    )  # fmt: skip
    listing = await load(made)
    assert (listing.state, listing.version, listing.operator_id) == (
        "DRAFT", 1, quay.estate.organisation_id,
    )  # fmt: skip
    assert parse_terms(listing.cancellation) == terms
    schedule = await schedule_of(made)
    assert (schedule.windows, schedule.exceptions) == ((OFFICE, summer), (CHRISTMAS,))
    assert (await plates_of_listings([made]))[made] == ["BMW1", "SAB2"]
    assert await plates_of(database(), listing) == {"BMW1", "SAB2"}
    assert (await spaces_of_listings([made]))[made] == quay.spaces
    assert await own_plates(quay.owner, [made]) == {made: ["BMW1", "SAB2"]}
    assert await own_plates(quay.driver, [made]) == {}


UNSOUND: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "name"),
    ({"space_ids": []}, "space_ids"),
    ({"space_ids": [999_999]}, "space_ids.0"),
    ({"rate_table_id": 999_999}, "rate_table_id"),
    ({"stay_minutes_min": 0}, "stay_minutes_min"),
    ({"stay_minutes_min": 60, "stay_minutes_max": 59}, "stay_minutes_max"),
    ({"lead_minutes": -1}, "lead_minutes"),
    ({"horizon_days": 367}, "horizon_days"),
    ({"turnover_minutes": 1441}, "turnover_minutes"),
    ({"audience": Audience.ORGANISATION}, "audience_organisation_id"),
    ({"audience_organisation_id": 999_999}, "audience_organisation_id"),
    ({"audience": Audience.PLATES}, "plates"),
    ({"plates": ["-"]}, "plates.0"),
    ({"plates": ["A1", ""]}, "plates.1"),
    ({"windows": [WindowRecord(0, 0, 1)]}, "windows.0.weekdays"),
    ({"windows": [OFFICE, WindowRecord(128, 0, 1)]}, "windows.1.weekdays"),
    ({"windows": [WindowRecord(1, 1440, 1500)]}, "windows.0.minute_from"),
    ({"windows": [WindowRecord(1, 60, 60)]}, "windows.0.minute_until"),
    ({"windows": [WindowRecord(1, 60, 60 + 7 * 1440 + 1)]}, "windows.0.minute_until"),
    (
        {"windows": [WindowRecord(1, 0, 1, date(2026, 1, 2), date(2026, 1, 1))]},
        "windows.0.last_date",
    ),
    ({"windows": [OFFICE] * 51}, "windows"),
    (
        {"exceptions": [CHRISTMAS._replace(local_until=CHRISTMAS.local_from)]},
        "exceptions.0.local_until",
    ),
    (
        {"exceptions": [CHRISTMAS._replace(local_from=OPENED)]},
        "exceptions.0.local_from",
    ),
    ({"exceptions": [CHRISTMAS] * 401}, "exceptions"),
    ({"valid_from": OPENED, "valid_until": OPENED}, "valid_until"),
    ({"cancellation": CancellationTerms(fee_minor=-1)}, "cancellation.fee_minor"),
]


async def test_an_unsound_offer_is_refused_by_name(quay: Quay) -> None:
    for values, field in UNSOUND:
        with pytest.raises(InvalidInput) as caught:
            await quay.draft(**values)
        assert caught.value.field == field
    assert await Listing.all().count() == 0


async def test_only_who_acts_for_the_lessor_makes_and_changes_offers(quay: Quay) -> None:
    clerk = member(quay.lessor_id, Role.ATTENDANT)
    with pytest.raises(NotPermitted):
        await create_listing(clerk, quay.new(), clock=quay.clock)
    with pytest.raises(NotFound):
        await create_listing(quay.driver, quay.new(), clock=quay.clock)
    made = await quay.draft()
    for verb in (activate_listing, pause_listing, withdraw_listing):
        with pytest.raises(NotPermitted):
            await verb(clerk, made, clock=quay.clock)
        for viewer in (quay.driver, quay.operator):  # a draft is the lessor's own affair
            with pytest.raises(NotFound):
                await verb(viewer, made, clock=quay.clock)
    with pytest.raises(NotFound):
        await update_listing(quay.driver, ListingEdit(made, name="Mine"), clock=quay.clock)


async def refused(quay: Quay, listing_id: int, viewer: Viewer | None = None) -> str:
    """Why it cannot be published."""
    with pytest.raises(Conflict) as caught:
        await activate_listing(viewer or quay.owner, listing_id, clock=quay.clock)
    assert (await load(listing_id)).state is ListingState.DRAFT
    return caught.value.code


async def test_publishing_needs_titles_rates_spaces_and_time(quay: Quay) -> None:
    assert await refused(quay, await quay.draft()) == "TITLE_MISSING"
    own = quay.estate.organisation_id
    francs, old = await make_rates(own, "CHF"), await make_rates(own)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"rate_table_id": francs}, "CURRENCY_DIFFERS"),
        ({"rate_table_id": old}, "RATE_TABLE_RETIRED"),
        ({"valid_until": quay.clock.now()}, "VALIDITY_OVER"),
        ({}, "SPACE_RETIRED"),
    ]
    drafts = []
    for values, code in cases:
        given = {"organisation_id": own, "rate_table_id": francs} | values
        new = quay.new(**given)
        drafts.append((await create_listing(quay.operator, new, clock=quay.clock), code))
    await RateTable.filter(id=old).update(retired_at=OPENED)
    for made, code in drafts[:3]:
        assert await refused(quay, made, quay.operator) == code
    await Space.filter(id=quay.spaces[0]).update(retired_at=OPENED)
    assert await refused(quay, drafts[3][0], quay.operator) == "SPACE_RETIRED"


async def test_the_states_of_an_offer(quay: Quay) -> None:
    made = await own_listing(quay)
    who, clock = quay.operator, quay.clock
    await activate_listing(who, made, clock=clock)  # is so already
    await pause_listing(who, made, clock=clock)
    assert (await load(made)).state is ListingState.PAUSED
    await activate_listing(who, made, clock=clock)
    await withdraw_listing(who, made, clock=clock)
    for again in (activate_listing(who, made, clock=clock), pause_listing(who, made, clock=clock)):
        with pytest.raises(Conflict) as caught:
            await again
        assert caught.value.code == "WRONG_STATE"
    with pytest.raises(Conflict):
        await update_listing(who, ListingEdit(made, name="Back"), clock=clock)
    assert (await load(made)).version == 1


async def openings_of(listing_id: int) -> list[Window]:
    rows = await ListingOpening.filter(listing_id=listing_id).order_by("starts_at")
    return [Window(row.starts_at, row.ends_at) for row in rows]


async def test_an_active_offer_is_worked_out_past_its_horizon(quay: Quay) -> None:
    made = await own_listing(quay, horizon_days=10, stay_minutes_max=1440, windows=[OFFICE])
    listing, found, now = await load(made), await openings_of(made), quay.clock.now()
    assert listing.openings_until is not None
    assert listing.openings_until >= needed_until(listing, now) == now + timedelta(days=11)
    assert found[-1].ends_at > needed_until(listing, now)
    # The clock shows 09:00 in Berlin, on a Monday in January.
    today = Window(now - timedelta(hours=1), now + timedelta(hours=9))
    assert today in found
    sql = database()
    assert await is_open_for(sql, made, today)
    assert not await is_open_for(sql, made, Window(today.starts_at, now + timedelta(hours=10)))
    assert await has_space(sql, made, quay.spaces[0])
    assert not await has_space(sql, made, 999_999)


async def test_an_offer_without_windows_is_open_always(quay: Quay) -> None:
    made = await own_listing(quay, horizon_days=30)
    [opening] = await openings_of(made)
    assert opening.starts_at == quay.clock.now() - KEPT_BEHIND
    assert opening.duration > timedelta(days=30 + 92)


async def test_an_edit_raises_the_version_and_works_openings_out_anew(quay: Quay) -> None:
    made = await own_listing(quay, windows=[OFFICE])
    before, now = await openings_of(made), quay.clock.now()
    edit = ListingEdit(made, windows=[OFFICE._replace(minute_until=19 * 60)], name="Long days")
    await update_listing(quay.operator, edit, clock=quay.clock)
    listing = await load(made)
    assert (listing.version, listing.name, listing.state) == (2, "Long days", "ACTIVE")
    assert await is_open_for(database(), made, Window(now, now + timedelta(hours=10)))
    assert len(await openings_of(made)) == len(before)
    assert (await spaces_of_listings([made]))[made] == quay.spaces
    await update_listing(quay.operator, ListingEdit(made), clock=quay.clock)
    assert (await load(made)).version == 2


async def test_an_active_offer_stays_publishable_or_as_it_was(quay: Quay) -> None:
    made = await own_listing(quay)
    francs = await make_rates(quay.estate.organisation_id, "CHF")
    edits: list[ListingEdit] = [
        ListingEdit(made, rate_table_id=francs, name="Francs"),
        ListingEdit(made, rate_table_id=quay.rate_table_id),  # another organisation's
        ListingEdit(made, valid_until=quay.clock.now()),
        ListingEdit(made, space_ids=[999_999]),
    ]
    for edit in edits:
        with pytest.raises(Refusal):
            await update_listing(quay.operator, edit, clock=quay.clock)
    listing = await load(made)
    assert (listing.version, listing.name) == (1, "Nights")


async def test_agreements_already_made_are_not_touched(quay: Quay) -> None:
    made = await own_listing(quay)
    now = quay.clock.now()
    booked = await Reservation.create(
        state=ReservationState.CONFIRMED, listing_id=made, space_id=quay.spaces[0],
        place_id=quay.estate.place_id, organisation_id=quay.estate.organisation_id, person_id=4,
        starts_at=now, ends_at=now + timedelta(hours=2), blocked_until=now + timedelta(hours=2),
        currency="EUR", amount_minor=400, lines="[]", terms="{}", created_at=now,
    )  # fmt: skip
    before = dict(await Reservation.get(id=booked.id).values())
    edit = ListingEdit(made, space_ids=quay.spaces[1:], windows=[WindowRecord(1, 0, 1)])
    await update_listing(quay.operator, edit, clock=quay.clock)
    await withdraw_listing(quay.operator, made, clock=quay.clock)
    assert dict(await Reservation.get(id=booked.id).values()) == before


async def test_the_worker_goes_on_before_openings_run_out(quay: Quay) -> None:
    clock = quay.clock
    made = await own_listing(quay, horizon_days=10, stay_minutes_max=1440, windows=[OFFICE])
    paused = await own_listing(quay)
    await pause_listing(quay.operator, paused, clock=clock)
    assert await extend_openings(clock.now()) == 0
    for _ in range(6):
        now = clock.advance(days=5)
        await extend_openings(now)
        listing, found = await load(made), await openings_of(made)
        assert listing.openings_until is not None
        assert listing.openings_until >= needed_until(listing, now)
        assert found[-1].ends_at > needed_until(listing, now)
        assert found[0].ends_at > now - KEPT_BEHIND - WORKED_AHEAD
    assert await extend_openings(clock.now()) == 0


async def test_openings_follow_the_place_into_another_time_zone(quay: Quay) -> None:
    made = await own_listing(quay, windows=[OFFICE])
    before = await openings_of(made)
    await Place.filter(id=quay.estate.place_id).update(time_zone="Europe/London")
    assert await extend_openings(quay.clock.now()) == 1
    moved = await openings_of(made)
    assert moved[3].starts_at - before[3].starts_at == timedelta(hours=1)
    assert await extend_openings(quay.clock.now()) == 0


async def test_an_offer_that_ends_is_worked_out_once(quay: Quay) -> None:
    until = quay.clock.now() + timedelta(days=3)
    made = await own_listing(quay, valid_until=until)
    [opening] = await openings_of(made)
    assert opening.ends_at == until
    quay.clock.advance(days=100)
    assert await extend_openings(quay.clock.now()) == 0


async def test_a_list_holds_what_each_viewer_may_see(quay: Quay) -> None:
    colleague = await Organisation.create(name="Tenant", created_at=OPENED)
    tenant = member(colleague.id, Role.DRIVER)
    made = {
        "draft": await quay.draft(),
        "public": await own_listing(quay),
        "members": await own_listing(quay),
    }
    await Listing.filter(id=made["members"]).update(
        audience=Audience.ORGANISATION, audience_organisation_id=colleague.id
    )
    expected = [
        (quay.owner, {"draft", "public"}),
        (quay.operator, {"public", "members"}),
        (quay.driver, {"public"}),
        (tenant, {"public", "members"}),
    ]
    for viewer, names in expected:
        seen = {listing.id for listing in await find_listings(viewer, limit=9)}
        assert seen == {made[name] for name in names}
        assert set(await visible_listings(viewer, list(made.values()))) == seen
    lessors = ListingFilter(organisation_id=quay.lessor_id, states=[ListingState.DRAFT])
    assert [each.id for each in await find_listings(quay.owner, lessors, limit=9)] == [
        made["draft"]
    ]
    here = ListingFilter(place_id=quay.estate.place_id)
    first = await find_listings(quay.operator, here, limit=1)
    second = await find_listings(quay.operator, here, limit=1, after=first[0].id)
    assert {first[0].id, second[0].id} == {made["public"], made["members"]}


WEEKDAYS = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:a\nDTSTART:20250106T090000\n"
    "DURATION:PT2H\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:VEVENT\nEND:VCALENDAR\n"
)


async def test_a_calendar_takes_the_place_of_the_schedule_or_does_nothing(quay: Quay) -> None:
    made = await own_listing(quay, windows=[OFFICE], exceptions=[CHRISTMAS])

    async def take(text: str, who: Viewer = quay.operator, **how: Any) -> CalendarImported:
        read = await calendar_for(who, made, text, clock=quay.clock)
        return await import_calendar(who, made, read, clock=quay.clock, **how)

    tried = await take(WEEKDAYS, dry_run=True)
    assert (tried.is_written, tried.problems, len(tried.schedule.windows)) == (False, [], 1)
    wrong = await take(WEEKDAYS.replace("PT2H", "2 hours"))
    assert (wrong.is_written, wrong.problems[0].line, wrong.problems[0].uid) == (False, 4, "a")
    assert (await schedule_of(made)).windows == (OFFICE,)
    assert (await take(WEEKDAYS)).is_written
    assert (await schedule_of(made)).windows == (WindowRecord(0b0011111, 540, 660),)
    assert (await load(made)).version == 2
    with pytest.raises(NotPermitted):
        await take(WEEKDAYS, quay.driver)

"""What is idle: offer, opening, claims, and what the sensor says."""

from datetime import timedelta
from typing import Any

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.devices.models import Device, DeviceKind
from parking.errors import InvalidInput
from parking.geo import BoundingBox, Position, distance_metres
from parking.listings.models import (
    Audience,
    BookingMode,
    Listing,
    ListingOpening,
    ListingPlate,
    ListingState,
)
from parking.money import Money
from parking.occupancy.models import Occupancy, Service, Source, SpaceState
from parking.places.models import Place, Space
from parking.places.search import Near
from parking.rates.models import RateTable
from parking.rates.price import Priced, price
from parking.rates.tariff import Tariff
from parking.reservations import pricing
from parking.reservations.availability import Available, find_available
from parking.reservations.models import Reservation, ReservationState
from parking.reservations.wanted import Sort, Wanted, walk_minutes
from parking.windows import Window
from tests.support.estate import OPENED, Estate, make_estate
from tests.support.leasing import HOURLY, Lease, hours, make_lease, make_listing, somebody

pytestmark = pytest.mark.usefixtures("database")
HARBOUR = Position(48.77, 9.18)


@pytest.fixture
async def lease(database: str) -> Lease:
    return await make_lease()


async def found(
    clock: TestClock, area: Any, window: Window, viewer: Viewer = ANONYMOUS, **wanted: Any
) -> list[Available]:
    return await find_available(viewer, Wanted(area, window, **wanted), clock=clock, limit=50)


async def spaces(
    lease: Lease, clock: TestClock, window: Window | None = None, **wanted: Any
) -> list[int]:
    """Which of the lease's spaces are idle, counted from 0."""
    when = window or hours(clock.now(), 1, 3)
    hits = await found(clock, lease.estate.place_id, when, **wanted)
    return [lease.estate.space_ids.index(hit.space_id) for hit in hits]


async def book(
    lease: Lease, window: Window, state: ReservationState = ReservationState.CONFIRMED, **more: Any
) -> Reservation:
    values: dict[str, Any] = {
        "state": state, "listing_id": lease.listing_id, "space_id": lease.space_id,
        "place_id": lease.estate.place_id, "organisation_id": lease.lessor_id,
        "person_id": lease.driver.person_id, "starts_at": window.starts_at,
        "ends_at": window.ends_at, "blocked_until": window.ends_at, "currency": "EUR",
        "amount_minor": 400, "lines": "[]", "terms": "{}", "created_at": OPENED,
    }  # fmt: skip
    return await Reservation.create(**(values | more))


async def test_a_result_has_price_distance_and_walk(lease: Lease, clock: TestClock) -> None:
    near = Near(Position(48.77, 9.19), 2_000)
    hit, *others = await found(clock, near, hours(clock.now(), 1, 3.5))
    assert hit.price == Money(600, "EUR")
    metres = distance_metres(near.centre, HARBOUR)
    assert hit.distance_metres == pytest.approx(metres, rel=1e-4)
    assert hit.walk_minutes == walk_minutes(metres) == 12
    assert [hit.space_id, *(other.space_id for other in others)] == lease.estate.space_ids


async def test_of_one_place_there_is_no_distance(lease: Lease, clock: TestClock) -> None:
    hit = (await found(clock, lease.estate.place_id, hours(clock.now(), 1, 2)))[0]
    assert (hit.distance_metres, hit.walk_minutes) == (None, None)


@pytest.mark.parametrize(
    ("begin", "end", "idle"),
    [(0.5, 1, True), (0.5, 1.01, False), (1.5, 2, False), (3, 4, True), (2.99, 4, False),
     (0.5, 9, False)],
)  # fmt: skip
async def test_a_live_booking_takes_its_space_and_touching_windows_are_free(
    lease: Lease, clock: TestClock, begin: float, end: float, idle: bool
) -> None:
    await book(lease, hours(clock.now(), 1, 3))
    assert (0 in await spaces(lease, clock, hours(clock.now(), begin, end))) is idle


@pytest.mark.parametrize(
    ("state", "idle"),
    [("REQUESTED", False), ("PENDING_PAYMENT", False), ("CONFIRMED", False), ("ACTIVE", False),
     ("COMPLETED", True), ("CANCELLED", True), ("EXPIRED", True), ("NO_SHOW", True)],
)  # fmt: skip
async def test_only_live_states_take_a_space(
    lease: Lease, clock: TestClock, state: str, idle: bool
) -> None:
    until = clock.now() + timedelta(minutes=5)
    await book(lease, hours(clock.now(), 1, 3), ReservationState(state), hold_until=until)
    assert (0 in await spaces(lease, clock)) is idle


async def test_a_lapsed_hold_frees_at_once_and_hides_nothing(
    lease: Lease, clock: TestClock
) -> None:
    now = clock.now()
    lapsed: dict[str, Any] = {"state": ReservationState.PENDING_PAYMENT, "hold_until": now}
    await book(lease, hours(now, 2, 4), **lapsed)
    assert await spaces(lease, clock) == [0, 1, 2]
    await book(lease, hours(now, 0.5, 2))
    assert await spaces(lease, clock) == [1, 2]


async def test_the_turnover_of_the_listing_is_kept_free_behind(
    lease: Lease, clock: TestClock
) -> None:
    await Listing.filter(id=lease.listing_id).update(turnover_minutes=30)
    await book(lease, hours(clock.now(), 3.25, 4))
    assert await spaces(lease, clock) == [1, 2]
    assert await spaces(lease, clock, hours(clock.now(), 1, 2.75)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("terms", "idle"),
    [
        ({"stay_minutes_min": 120}, True), ({"stay_minutes_min": 121}, False),
        ({"stay_minutes_max": 120}, True), ({"stay_minutes_max": 119}, False),
        ({"lead_minutes": 60}, True), ({"lead_minutes": 61}, False),
        ({"horizon_days": 1}, True), ({"horizon_days": 0}, False),
        ({"state": ListingState.PAUSED}, False), ({"state": ListingState.DRAFT}, False),
    ],
)  # fmt: skip
async def test_the_terms_of_a_listing_decide(
    lease: Lease, clock: TestClock, terms: dict[str, Any], idle: bool
) -> None:
    await Listing.filter(id=lease.listing_id).update(**terms)
    assert bool(await spaces(lease, clock)) is idle


async def test_one_opening_has_to_hold_the_whole_period(lease: Lease, clock: TestClock) -> None:
    await ListingOpening.filter(listing_id=lease.listing_id).delete()
    for opening in (hours(clock.now(), 1, 3), hours(clock.now(), 5, 8)):
        await ListingOpening.create(
            listing_id=lease.listing_id, starts_at=opening.starts_at, ends_at=opening.ends_at
        )
    idle = {
        (b, e): bool(await spaces(lease, clock, hours(clock.now(), b, e)))
        for b, e in [(1, 3), (0.9, 2), (1, 3.1), (3, 5), (2, 6), (5, 8), (7, 9)]
    }
    assert [span for span, free in idle.items() if free] == [(1, 3), (5, 8)]


async def test_members_only_and_certain_plates(lease: Lease, clock: TestClock) -> None:
    club = await somebody("Clara", {lease.lessor_id: Role.ATTENDANT})
    await Listing.filter(id=lease.listing_id).update(
        audience=Audience.ORGANISATION, audience_organisation_id=lease.lessor_id
    )
    assert await spaces(lease, clock) == []
    assert await spaces(lease, clock, viewer=lease.driver) == []
    assert await spaces(lease, clock, viewer=club) == [0, 1, 2]
    await Listing.filter(id=lease.listing_id).update(audience=Audience.PLATES)
    await ListingPlate.create(listing_id=lease.listing_id, plate="SHB123")
    assert await spaces(lease, clock, viewer=club) == []
    assert await spaces(lease, clock, plate="SHB124") == []
    assert await spaces(lease, clock, plate="SHB123") == [0, 1, 2]


async def test_closed_is_not_idle(lease: Lease, clock: TestClock) -> None:
    await SpaceState.filter(space_id=lease.space_id).update(service=Service.CLOSED)
    assert await spaces(lease, clock) == [1, 2]
    await Space.filter(id=lease.estate.space_ids[1]).update(retired_at=OPENED)
    assert await spaces(lease, clock) == [2]
    await Place.filter(id=lease.estate.place_id).update(is_open=False)
    assert await spaces(lease, clock) == []


async def test_a_private_place_is_for_its_own_people(lease: Lease, clock: TestClock) -> None:
    await Place.filter(id=lease.estate.place_id).update(is_public=False)
    assert await spaces(lease, clock, viewer=lease.driver) == []
    assert await spaces(lease, clock, viewer=lease.attendant) == [0, 1, 2]


@pytest.mark.parametrize(
    ("begins", "occupancy", "source", "has_sensor", "idle"),
    [
        (0, Occupancy.FREE, Source.DEVICE, True, True),
        (0, Occupancy.OCCUPIED, Source.DEVICE, True, False),
        (0, Occupancy.UNKNOWN, Source.STALENESS, True, False),
        (0, Occupancy.UNKNOWN, Source.NONE, True, False),
        (0, Occupancy.UNKNOWN, Source.NONE, False, True),
        (5, Occupancy.OCCUPIED, Source.DEVICE, True, False),
        (6, Occupancy.OCCUPIED, Source.DEVICE, True, True),
        (6, Occupancy.UNKNOWN, Source.STALENESS, True, True),
    ],
)
async def test_what_stands_there_counts_when_the_period_begins_now(
    lease: Lease, clock: TestClock, begins: int, occupancy: Occupancy, source: Source,
    has_sensor: bool, idle: bool,
) -> None:  # fmt: skip
    await SpaceState.filter(space_id=lease.space_id).update(occupancy=occupancy, source=source)
    if has_sensor:
        await Device.create(
            endpoint="eye", kind=DeviceKind.SENSOR, place_id=lease.estate.place_id,
            space_id=lease.space_id, created_at=OPENED,
        )  # fmt: skip
    window = hours(clock.now(), begins / 60, 2)
    assert (0 in await spaces(lease, clock, window)) is idle


@pytest.mark.parametrize(
    ("wanted", "idle"),
    [
        ({"is_ev": True}, [0]), ({"is_ev": False}, [1, 2]), ({"is_accessible": True}, [1]),
        ({"height_metres": 1.9}, [0, 1, 2]), ({"height_metres": 2.1}, [1, 2]),
        ({"price_max": Money(400, "EUR")}, [0, 1, 2]), ({"price_max": Money(399, "EUR")}, []),
        ({"price_max": Money(9_999, "CHF")}, []), ({"is_instant": True}, [0, 1, 2]),
    ],
)  # fmt: skip
async def test_filters(
    lease: Lease, clock: TestClock, wanted: dict[str, Any], idle: list[int]
) -> None:
    first, second, _ = lease.estate.space_ids
    await Space.filter(id=first).update(is_ev=True, height_max_metres=2.0)
    await Space.filter(id=second).update(is_accessible=True, height_max_metres=2.1)
    assert await spaces(lease, clock, **wanted) == idle


async def test_who_wants_no_asking_finds_instant_offers_only(
    lease: Lease, clock: TestClock
) -> None:
    await Listing.filter(id=lease.listing_id).update(mode=BookingMode.ASK)
    assert await spaces(lease, clock) == [0, 1, 2]
    assert await spaces(lease, clock, is_instant=True) == []


async def town_of(prices: dict[str, tuple[float, int]]) -> dict[int, str]:
    """Places with one space each, so many degrees east of the harbour, at a price an hour."""
    names: dict[int, str] = {}
    for name, (east, amount) in prices.items():
        estate = await make_estate(1, name, latitude=48.77, longitude=9.18 + east)
        lines = [dict(HOURLY["collections"][0]["lines"][0], amountMinor=amount)]  # type: ignore[index]
        document = dict(HOURLY, collections=[{"id": "day", "lines": lines}])
        await make_listing(estate, estate.organisation_id, document)
        names[estate.place_id] = name
    return names


PRICES = {"dear": (0.001, 500), "cheap": (0.02, 100), "middle": (0.01, 300), "far": (0.5, 50)}


@pytest.mark.parametrize(
    ("sort", "order"),
    [(Sort.DISTANCE, ["dear", "middle", "cheap"]), (Sort.WALK, ["dear", "middle", "cheap"]),
     (Sort.PRICE, ["cheap", "middle", "dear"])],
)  # fmt: skip
async def test_nearest_or_cheapest_first_and_page_by_page(
    database: str, clock: TestClock, sort: Sort, order: list[str]
) -> None:
    names = await town_of(PRICES)
    wanted = Wanted(Near(HARBOUR, 5_000), hours(clock.now(), 1, 2), sort=sort)
    whole = await find_available(ANONYMOUS, wanted, clock=clock, limit=50)
    assert [names[hit.place_id] for hit in whole] == order
    seen: list[Available] = []
    while page := await find_available(
        ANONYMOUS, wanted, clock=clock, limit=1, after=seen[-1].key if seen else None
    ):
        seen += page
    assert seen == whole


async def test_a_dear_offer_is_left_out_and_distance_still_sorts(
    database: str, clock: TestClock
) -> None:
    names = await town_of(PRICES)
    window, most = hours(clock.now(), 1, 2), Money(300, "EUR")
    hits = await found(clock, Near(HARBOUR, 5_000), window, price_max=most)
    assert [names[hit.place_id] for hit in hits] == ["middle", "cheap"]


async def test_a_box_finds_what_lies_in_it_from_its_middle(database: str, clock: TestClock) -> None:
    names = await town_of(PRICES)
    hits = await found(clock, BoundingBox(48.7, 9.17, 48.8, 9.205), hours(clock.now(), 1, 2))
    assert [names[hit.place_id] for hit in hits] == ["middle", "dear", "cheap"]


async def test_over_the_date_line(database: str, clock: TestClock) -> None:
    ids = [
        (await listed("west", latitude=-17.0, longitude=179.99)).place_id,
        (await listed("east", latitude=-17.0, longitude=-179.985)).place_id,
    ]
    window = hours(clock.now(), 1, 2)
    near = await found(clock, Near(Position(-17.0, 180.0), 5_000), window)
    assert [hit.place_id for hit in near] == ids
    assert near[0].distance_metres == pytest.approx(1_063, abs=2)
    boxed = await found(clock, BoundingBox(-18, 179.9, -16, -179.9), window)
    assert {hit.place_id for hit in boxed} == set(ids)


async def listed(name: str, **place: Any) -> Estate:
    estate = await make_estate(1, name, **place)
    await make_listing(estate, estate.organisation_id)
    return estate


@pytest.mark.parametrize("latitude", [0.0, 47.0, -33.9, 64.1])
async def test_distances_are_those_of_the_sphere(
    database: str, clock: TestClock, latitude: float
) -> None:
    centre = Position(latitude, 20.0)
    at = Position(latitude + 0.3, 20.5)
    await listed("far", latitude=at.latitude, longitude=at.longitude)
    [hit] = await found(clock, Near(centre, 100_000), hours(clock.now(), 1, 2))
    assert hit.distance_metres == pytest.approx(distance_metres(centre, at), rel=1e-3)


@pytest.mark.parametrize(
    ("area", "begin", "end", "more", "field"),
    [
        (1, -1, 1, {}, "window"), (1, 1, 24 * 93, {}, "window"),
        (Near(HARBOUR, 0), 1, 2, {}, "area.near.radiusMetres"),
        (Near(HARBOUR, 100_001), 1, 2, {}, "area.near.radiusMetres"),
        (1, 1, 2, {"height_metres": -1.0}, "filter.heightMetres"),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused(
    clock: TestClock, area: Any, begin: float, end: float, more: Any, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await found(clock, area, hours(clock.now(), begin, end), **more)
    assert refused.value.field == field


async def test_a_cursor_of_another_list_is_refused(lease: Lease, clock: TestClock) -> None:
    wanted = Wanted(lease.estate.place_id, hours(clock.now(), 1, 2))
    with pytest.raises(InvalidInput):
        await find_available(ANONYMOUS, wanted, clock=clock, limit=5, after=("name", 1))


async def also_listed(lease: Lease, amount_minor: int, **values: Any) -> int:
    """Another listing of the lease's spaces, at a price an hour."""
    lines = [dict(HOURLY["collections"][0]["lines"][0], amountMinor=amount_minor)]  # type: ignore[index]
    document = dict(HOURLY, collections=[{"id": "day", "lines": lines}])
    return await make_listing(lease.estate, lease.lessor_id, document, **values)


async def offers(
    lease: Lease, clock: TestClock, sort: Sort = Sort.DISTANCE
) -> list[tuple[int, int]]:
    """Space (counted from 0) and listing of all that is found, one result a page."""
    wanted = Wanted(lease.estate.place_id, hours(clock.now(), 1, 3), sort=sort)
    seen: list[Available] = []
    while page := await find_available(
        ANONYMOUS, wanted, clock=clock, limit=1, after=seen[-1].key if seen else None
    ):
        seen += page
    whole = await find_available(ANONYMOUS, wanted, clock=clock, limit=50)
    assert [hit.key for hit in whole] == [hit.key for hit in seen]
    return [(lease.estate.space_ids.index(hit.space_id), hit.listing_id) for hit in whole]


@pytest.mark.parametrize("sort", Sort)
async def test_a_space_of_several_listings_is_shown_once_by_the_cheapest(
    lease: Lease, clock: TestClock, sort: Sort
) -> None:
    cheap = await also_listed(lease, 100)
    await also_listed(lease, 100)
    await also_listed(lease, 50, state=ListingState.PAUSED)
    assert await offers(lease, clock, sort) == [(0, cheap), (1, cheap), (2, cheap)]


async def test_where_the_cheapest_cannot_be_had_the_next_is_shown(
    lease: Lease, clock: TestClock
) -> None:
    cheap = await also_listed(lease, 100, turnover_minutes=30)
    await book(lease, hours(clock.now(), 3, 4))
    assert sorted(await offers(lease, clock)) == [(0, lease.listing_id), (1, cheap), (2, cheap)]


async def test_a_tariff_without_a_price_is_left_out_and_the_others_are_found(
    lease: Lease, clock: TestClock
) -> None:
    broken = await also_listed(lease, 10)
    listing = await Listing.get(id=broken)
    await RateTable.filter(id=listing.rate_table_id).update(document="{}")
    mine = lease.listing_id
    assert await offers(lease, clock) == [(0, mine), (1, mine), (2, mine)]


async def test_a_fault_in_one_price_hides_no_other(
    lease: Lease, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(tariff: Tariff, *given: Any, **more: Any) -> Priced:
        if tariff.timed[0].lines[0].amount_minor == 10:
            raise ZeroDivisionError
        return price(tariff, *given, **more)

    monkeypatch.setattr(pricing, "price", faulty)
    await also_listed(lease, 10)
    assert [listing for _, listing in await offers(lease, clock)] == [lease.listing_id] * 3

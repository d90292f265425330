"""Lists of bookings: whose, which, in pages; only what the viewer may see."""

from datetime import timedelta

import pytest

from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import InvalidInput
from parking.reservations.models import ReservationState
from parking.reservations.queries import (
    ReservationFilter,
    agreements_of,
    events_of,
    find_reservations,
    reservation_key,
    reservations_by_id,
)
from tests.parking.reservations.steps import booked, held
from tests.support.leasing import Lease

ALL = ReservationFilter()


async def ids(viewer: Viewer, wanted: ReservationFilter = ALL) -> list[int]:
    """Which ones, in order."""
    return [each.id for each in await find_reservations(viewer, wanted, limit=100)]


async def test_everybody_sees_their_own_and_what_they_work_with(
    lease: Lease, clock: TestClock
) -> None:
    mine = await held(lease, clock, 1, 2)
    others = await held(lease, clock, 3, 4, viewer=lease.other)
    seen = {name: await ids(viewer) for name, viewer in lease.everybody.items()}
    both = [others, mine]
    assert seen == {
        "driver": [mine], "other": [others], "owner": both, "operator": both, "attendant": both,
    }  # fmt: skip
    assert await ids(SYSTEM) == both
    for viewer in (ANONYMOUS, Viewer(api_key_id=1)):
        assert await ids(viewer) == []
        assert await reservations_by_id(viewer, both) == {}
    assert set(await events_of(lease.driver, both)) == {mine}
    assert set(await agreements_of(lease.driver, both)) == {mine}


async def test_filters(lease: Lease, clock: TestClock) -> None:
    first, second = await booked(lease, clock, 1, 2), await held(lease, clock, 2, 3, space=1)
    now, place = clock.now(), lease.estate.place_id
    cases = {
        ReservationFilter(place_id=place): [second, first],
        ReservationFilter(place_id=place + 1): [],
        ReservationFilter(organisation_id=lease.lessor_id): [second, first],
        ReservationFilter(space_id=lease.space_id): [first],
        ReservationFilter(person_id=lease.driver.person_id): [second, first],
        ReservationFilter(states=(ReservationState.CONFIRMED,)): [first],
        ReservationFilter(starts_at=now + timedelta(hours=2)): [second],
        ReservationFilter(ends_at=now + timedelta(hours=2)): [first],
    }
    for wanted, found in cases.items():
        assert await ids(lease.operator, wanted) == found


async def test_pages_go_on_behind_a_key(lease: Lease, clock: TestClock) -> None:
    made = [await held(lease, clock, 1, 2, space=space) for space in range(3)]
    made += [await held(lease, clock, 3, 4)]
    found: list[int] = []
    after = None
    while page := await find_reservations(lease.driver, ALL, limit=2, after=after):
        found += [each.id for each in page]
        after = reservation_key(page[-1])
    assert found == [made[3], made[2], made[1], made[0]]


@pytest.mark.parametrize("after", [(), ("x", 1), (1, 1), ("2026-01-05T08:00:00+00:00", "x")])
async def test_cursors_of_other_lists_are_refused(lease: Lease, after: tuple[object, ...]) -> None:
    with pytest.raises(InvalidInput):
        await find_reservations(lease.driver, ALL, limit=2, after=after)

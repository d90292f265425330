"""I1: no two live bookings of a bay overlap, whatever happens, on both databases."""

import asyncio

import pytest

from parking.clock import TestClock
from parking.errors import Refusal
from parking.reservations.quote import Request
from parking.reservations.reserve import reserve_space
from parking.storage.sql import database
from tests.races.contention import BUS, build_arena, contest, faults, overlaps
from tests.support.leasing import hours, make_lease

CLIENTS, WINDOWS, BAYS = 200, 500, 20

pytestmark = pytest.mark.usefixtures("database")


async def test_exactly_one_wins_each_window(clock: TestClock) -> None:
    arena = await build_arena(CLIENTS, BAYS, clock)
    bouts = await contest(arena, WINDOWS)
    assert faults(bouts) == {}
    assert await overlaps() == 0
    assert {bout.kind for bout in bouts} == {
        "equal", "shifted", "touching", "recurring", "edited", "reassigned",
    }  # fmt: skip
    assert await versions_without_event() == 0


async def versions_without_event() -> int:
    """Bookings whose steps are not all there: row and event commit together."""
    [row] = await database().fetch(
        "SELECT COUNT(*) AS found FROM reservation r WHERE r.version <>"
        " (SELECT COUNT(*) FROM reservation_event e WHERE e.reservation_id = r.id)"
    )
    return int(row["found"])


async def test_control_without_the_guard_a_window_is_booked_twice(clock: TestClock) -> None:
    await remove_guard()
    lease = await make_lease(1)
    request = Request(lease.listing_id, lease.space_id, hours(clock.now(), 1, 3))

    async def attempt(viewer: str) -> bool:
        try:
            await reserve_space(lease.everybody[viewer], request, clock=clock, bus=BUS)
        except Refusal:
            return False
        return True

    won = await asyncio.gather(attempt("driver"), attempt("other"))
    assert list(won) == [True, True]
    assert await overlaps() == 1


async def remove_guard() -> None:
    """What the database decides by."""
    sql = database()
    if sql.dialect == "postgres":
        await sql.execute("ALTER TABLE reservation DROP CONSTRAINT reservation_no_overlap")
        return
    for event in ("insert", "update"):
        await sql.execute(f"DROP TRIGGER reservation_no_overlap_{event}")

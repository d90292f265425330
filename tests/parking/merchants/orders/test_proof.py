"""The proof in short (`make prove` has a thousand orders, and `kill -9`): many orders by mutation,
webhook and SMS through the real application, with duplicates, reordering, reschedules,
cancellations, failing locks, a full mall, guests who stay away, and failures at the worst moments.
Each ends in exactly one state, in the bay that a brute force finds nearest, and everybody knows.
"""

from collections.abc import Collection
from pathlib import Path
from random import Random

from bench.orders_hand import hand_near
from bench.orders_judging import End
from bench.orders_plan import Mix, messages
from bench.orders_run import Done, Kills, Pace, Run, judged, mall_for, open_run
from bench.orders_shop import shop_near
from bench.orders_time import SharedClock
from parking.clock import TestClock
from parking.merchants.kinds import OrderState, Reason

ORDERS = 60
BAYS = 8
MIX = Mix(crowded=0.5, slots=(54.0,))
"""All for the evening that is lived through, or at one other time: few are to fill the mall."""
SEED = 20261121
KILLS = Kills(traps=9)
PACE = Pace(look_every=6, is_worked=False)


async def run_of(url: str, clock: SharedClock) -> tuple[Run, Done]:
    """All of it, in this process."""
    mall = await mall_for(clock, BAYS)
    async with shop_near(url, clock, mall.bus) as shop:
        hand = hand_near(url, clock, mall.bus)
        run = await open_run(mall, shop, hand, clock, ORDERS, Random(SEED))
        sent = messages(ORDERS, Random(SEED), MIX)
        await run.go(sent, KILLS, PACE)
        return run, await judged(run, sent)


def has(ends: Collection[End], state: OrderState, reason: str = "", booking: str = "") -> bool:
    return End(state, reason, booking) in ends


async def test_every_order_ends_in_one_state_in_the_nearest_bay(
    database: str, tmp_path: Path
) -> None:
    run, done = await run_of(database, SharedClock(tmp_path / "time", TestClock().now()))
    assert done.faults == []
    assert run.intake.shop.deaths == KILLS.traps
    assert has(done.ends, OrderState.BOOKED, booking="CONFIRMED")
    assert has(done.ends, OrderState.BOOKED, booking="COMPLETED")
    assert has(done.ends, OrderState.BOOKED, booking="NO_SHOW")
    assert has(done.ends, OrderState.REFUSED, Reason.FULL)
    assert has(done.ends, OrderState.REFUSED, Reason.QUOTA)
    assert has(done.ends, OrderState.REFUSED, Reason.PAST)
    assert has(done.ends, OrderState.CANCELLED, Reason.BY_GUEST)
    assert done.moved > 0
    assert run.evening.gave_up

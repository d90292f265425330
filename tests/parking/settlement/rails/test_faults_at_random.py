"""Drivers who book, try again, cancel and fill their wallet while the rail fails at random: in the
end the books say what the rail says."""

import random

import pytest

from parking.errors import Refusal
from parking.money import Money
from parking.reservations.models import ReservationState
from parking.settlement.payments.accounts import accounts_of
from parking.settlement.payments.wallet import top_up
from tests.parking.reservations.steps import reservation
from tests.parking.settlement.rails.desk import Desk
from tests.support.stripe_stand_in import PASSING, Fault

SEEDS = (1, 2)
STEPS = 60
FAULTS = [each for each in PASSING if each is not Fault.SLOW]
HOURS_AHEAD = 48


class Driver:
    """What one person does, by a die."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.die = random.Random(seed)
        self.held: list[int] = []
        self.filled = 0

    async def step(self) -> None:
        """One thing, maybe with the rail failing."""
        if self.die.random() < 0.5:
            self.desk.stripe.fail_next("/v1/", self.die.choice(FAULTS))
        deeds = (self.hold, self.confirm, self.confirm, self.cancel, self.fill, self.tick)
        try:
            await self.die.choice(deeds)()
        except Refusal:
            return

    async def hold(self) -> None:
        begin = HOURS_AHEAD + 3 * len(self.held)
        self.held.append(await self.desk.hold(begin, begin + 2))

    async def confirm(self) -> None:
        if self.held:
            await self.desk.confirm(self.die.choice(self.held))

    async def cancel(self) -> None:
        if self.held:
            await self.desk.till.cancel(self.die.choice(self.held))
            await self.desk.till.settle()

    async def fill(self) -> None:
        self.filled += self.die.choice((0, 1))
        [account] = await accounts_of(self.desk.driver)
        key, ten = f"fill {self.filled}", Money(1_000, "EUR")
        await top_up(
            self.desk.driver, ten, key, account.id, rails=self.desk.rails, may_embed=False,
            **self.desk.world,
        )  # fmt: skip

    async def tick(self) -> None:
        self.desk.till.stage.clock.advance(seconds=self.die.choice((1, 31, 90)))
        await self.desk.work()

    async def end(self) -> None:
        """The rail is well again; all bookings end."""
        self.desk.stripe.recover()
        for each in self.held:
            if (await reservation(each)).state is ReservationState.CONFIRMED:
                await self.desk.till.cancel(each)
        await self.desk.till.settle()
        await self.desk.work_on(hours=3)


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_fails_the_books_and_the_rail_agree_in_the_end(
    paying: Desk, seed: int
) -> None:
    driver = Driver(paying, seed)
    for _ in range(STEPS):
        await driver.step()
    await driver.end()
    await paying.require_agreed()

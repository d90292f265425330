"""A settled stay that somebody does not agree with."""

from collections.abc import Awaitable
from dataclasses import dataclass

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Refusal
from parking.events.bus import InProcessBus
from parking.settlement.credits import left_parts
from parking.settlement.disputes.records import DisputeRecord
from parking.settlement.disputes.steps import (
    add_dispute_evidence,
    close_disputes,
    decide_dispute,
    open_dispute,
)
from parking.settlement.split import Parts
from parking.storage.sql import database
from tests.parking.settlement.till import Till


@dataclass
class Case:
    """A stay of 4.00: 3.00 for the owner, 0.40 for the place, 0.60 for the platform."""

    till: Till
    reservation_id: int
    settlement_id: int
    platform: Viewer

    @property
    def clock(self) -> TestClock:
        return self.till.stage.clock

    @property
    def bus(self) -> InProcessBus:
        return self.till.stage.bus

    @property
    def driver(self) -> Viewer:
        return self.till.stage.lease.driver

    @property
    def owner(self) -> Viewer:
        return self.till.stage.lease.owner

    @property
    def operator(self) -> Viewer:
        return self.till.stage.lease.operator

    @property
    def attendant(self) -> Viewer:
        return self.till.stage.lease.attendant

    @property
    def lessor_id(self) -> int:
        return self.till.stage.lease.lessor_id

    async def open(self, amount_minor: int, by: Viewer | None = None) -> int:
        """By the driver unless said."""
        return await open_dispute(
            by or self.driver, self.settlement_id, amount_minor, "the bay was taken",
            clock=self.clock, bus=self.bus,
        )  # fmt: skip

    async def say(self, viewer: Viewer, dispute_id: int, text: str) -> int:
        """Evidence."""
        return await add_dispute_evidence(viewer, dispute_id, text, clock=self.clock, bus=self.bus)

    async def decide(self, dispute_id: int, to_driver_minor: int) -> DisputeRecord:
        """By somebody of the platform."""
        return await decide_dispute(
            self.platform, dispute_id, to_driver_minor, "the bay was blocked",
            clock=self.clock, bus=self.bus,
        )  # fmt: skip

    async def close(self) -> int:
        """What a worker does."""
        return await close_disputes(self.clock, self.bus)

    async def left(self) -> Parts:
        """What each party still has of the stay."""
        return await left_parts(database(), self.reservation_id)


async def make_case(till: Till, organisation_id: int) -> Case:
    """A stay that has been settled."""
    booked = await till.book()
    await till.stay(minutes=119)
    await till.settle()
    judge = Viewer(person_id=99, roles={organisation_id: frozenset({Role.PLATFORM})})
    return Case(till, booked, (await till.settlement(booked)).id, judge)


async def code_of(verb: Awaitable[object]) -> str | None:
    """The code of the refusal; None when it was done."""
    try:
        await verb
    except Refusal as refusal:
        return refusal.code
    return None

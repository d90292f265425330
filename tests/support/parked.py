"""A parked car for tests of shared positions: a garage with two floors, its staff, a driver with a
booking, and friends who may be shown where the car is."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.locations.kinds import (
    BindingScope,
    BindingSide,
    BindingState,
    InvitationWay,
    Terminal,
    VersionKind,
)
from parking.locations.models import PositionBinding
from parking.locations.positions.end import end_position
from parking.locations.positions.record import NewPosition, record_position
from parking.locations.positions.revise import Revision, revise_position
from parking.locations.positions.rows import newest_version, position_row
from parking.locations.records import PositionRecord, PositionVersionRecord, RefinementRecord
from parking.locations.refinement.answer import TerminalAnswer, answer_refinement
from parking.locations.refinement.ask import ask_refinement
from parking.locations.refinement.rows import question_row
from parking.places.models import Space, Subplace, SubplaceKind
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import database
from tests.support.bays import Bays
from tests.support.estate import Estate, make_estate
from tests.support.leasing import somebody

LATITUDE, LONGITUDE = 48.7700, 9.1800
"""Of the first bay."""
STEP_DEGREES = 0.0005
"""Each bay lies so much farther north: 56 metres."""


@dataclass
class Parked:
    """What was made."""

    estate: Estate
    bays: Bays
    driver: Viewer
    friend: Viewer
    other: Viewer
    attendant: Viewer
    second: Viewer
    operator: Viewer
    elsewhere: Viewer
    """An attendant of another place."""
    clock: TestClock
    bus: InProcessBus = field(default_factory=InProcessBus)

    @property
    def everybody(self) -> dict[str, Viewer]:
        """The viewers by name."""
        names = ("driver", "friend", "other", "attendant", "operator", "elsewhere")
        return {name: getattr(self, name) for name in names}

    async def book(self, index: int = 0, **values: Any) -> Reservation:
        """A booking of the driver's."""
        return await self.bays.book(index, person_id=self.driver.person_id, **values)

    async def record(self, reservation: Reservation | None = None, **given: Any) -> int:
        """A position of the driver's, from a booking or by hand."""
        booked = None if reservation is None else int(reservation.id)
        new = NewPosition(booked, given=given)
        return await record_position(self.driver, new, clock=self.clock, bus=self.bus)

    async def parked(self, index: int = 0) -> int:
        """A position from a booking."""
        return await self.record(await self.book(index, state=ReservationState.ACTIVE))

    async def revise(self, position_id: int, kind: VersionKind, **given: Any) -> int:
        """Another version by the driver."""
        revision = Revision(position_id, kind, given)
        return await revise_position(self.driver, revision, clock=self.clock, bus=self.bus)

    async def end(self, position_id: int) -> None:
        """The driver says that the car is gone."""
        await end_position(self.driver, position_id, clock=self.clock, bus=self.bus)

    async def ask(
        self, position_id: int, terminal: Terminal = Terminal.ATTENDANT, words: str = ""
    ) -> int:
        """The driver asks a terminal."""
        return await ask_refinement(
            self.driver, position_id, terminal, words, clock=self.clock, bus=self.bus
        )

    async def answer(
        self,
        question_id: int,
        viewer: Viewer | None = None,
        version: int | None = None,
        **given: Any,
    ) -> None:
        """The attendant answers the question as it stands."""
        seen = version or (await self.question(question_id)).version
        answer = TerminalAnswer(question_id, seen, given)
        who = viewer or self.attendant
        await answer_refinement(who, answer, clock=self.clock, bus=self.bus)

    async def position(self, position_id: int) -> PositionRecord:
        """The position now."""
        found = await position_row(database(), position_id)
        assert found is not None
        return found

    async def newest(self, position_id: int) -> PositionVersionRecord:
        """What is known now."""
        return await newest_version(database(), await self.position(position_id))

    async def question(self, question_id: int) -> RefinementRecord:
        """A question now."""
        found = await question_row(database(), question_id)
        assert found is not None
        return found

    async def bind(
        self,
        receiver: Viewer | None = None,
        scope: BindingScope = BindingScope.ALWAYS,
        state: BindingState = BindingState.ACTIVE,
        **values: Any,
    ) -> PositionBinding:
        """The driver and a receiver (the friend), as if both had agreed."""
        now = self.clock.now()
        given: dict[str, Any] = {
            "sharer_id": self.driver.person_id,
            "receiver_id": (receiver or self.friend).person_id,
            "sharer_name": "Dora", "receiver_name": "Fred", "scope": scope, "state": state,
            "asked_by": BindingSide.SHARER, "way": InvitationWay.LINK, "asked_at": now,
            "answered_at": now, "answer_until": now + timedelta(days=7),
        }  # fmt: skip
        return await PositionBinding.create(**{**given, **values})


async def make_parked(clock: TestClock, bays: int = 4) -> Parked:
    """Bays A-01, A-02 … by turns on the floors Level 1 and Level 2, each 56 metres north of the one
    before; those of Level 1 in the row Blue."""
    estate = await make_estate(bays)
    floors = [await subplace(estate, f"Level {level}", level) for level in (1, 2)]
    blue = await subplace(estate, "Blue", 1, SubplaceKind.ROW, floors[0].id)
    for index, space_id in enumerate(estate.space_ids):
        await Space.filter(id=space_id).update(
            subplace_id=floors[1].id if index % 2 else blue.id,
            latitude=LATITUDE + index * STEP_DEGREES,
            longitude=LONGITUDE,
        )
    away = await make_estate(1, name="Other garage")
    place, elsewhere = estate.organisation_id, away.organisation_id
    return Parked(
        estate=estate,
        bays=Bays(estate, clock),
        driver=await somebody("Dora"),
        friend=await somebody("Fred"),
        other=await somebody("Otto"),
        attendant=await somebody("Atto", {place: Role.ATTENDANT}),
        second=await somebody("Atta", {place: Role.ATTENDANT}),
        operator=await somebody("Ophelia", {place: Role.OPERATOR}),
        elsewhere=await somebody("Elsa", {elsewhere: Role.ATTENDANT}),
        clock=clock,
    )


async def subplace(
    estate: Estate,
    name: str,
    level: int,
    kind: SubplaceKind = SubplaceKind.FLOOR_OR_LEVEL,
    parent_id: int | None = None,
) -> Subplace:
    """A part of the place."""
    return await Subplace.create(
        place_id=estate.place_id, name=name, level=level, kind=kind, parent_id=parent_id, position=0
    )

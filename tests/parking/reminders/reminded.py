"""What the tests of reminders share: bookings of a driver with an address, and what they hear."""

from dataclasses import dataclass
from typing import Any

from parking.occupancy.models import Occupancy
from parking.reminders.early import tell_the_early
from parking.reminders.remind import Reminding, remind
from parking.reservations.records import ReservationRecord
from parking.storage.sql import database as db
from tests.support.bays import Bays


def link_of(booked: ReservationRecord) -> str:
    return f"https://berth.example/b/{booked.id}"


@dataclass
class Reminded:
    """What the worker does, at the clock of these bays."""

    bays: Bays

    @property
    def work(self) -> Reminding:
        """As the worker has it."""
        return Reminding(self.bays.clock, self.bays.bus, link_of)

    async def hear(self) -> list[dict[str, Any]]:
        """Run the jobs; what is new in the outbox."""
        [row] = await db().fetch("SELECT COALESCE(MAX(id), 0) AS last FROM notice")
        await remind(self.work)
        await tell_the_early(self.work)
        return await db().fetch(
            "SELECT topic, channel, recipient, body, locale, person_id, about FROM notice"
            " WHERE id > $1 ORDER BY id",
            row["last"],
        )

    async def topics(self) -> list[str]:
        """Those of `hear`."""
        return [row["topic"] for row in await self.hear()]

    async def looks(self, occupancy: Occupancy, index: int = 0) -> None:
        """What is seen in a bay."""
        await see(self.bays.space(index), occupancy)


async def see(space_id: int, occupancy: Occupancy) -> None:
    """What is seen in a bay."""
    await db().execute(
        "UPDATE space_state SET occupancy = $2 WHERE space_id = $1", space_id, occupancy
    )

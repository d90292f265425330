"""The evening for which too many want to park, lived through: some guests cancel or give up
waiting, some come, open their bay by the link that they were told, and leave; some never come, so
that their bay goes to who waits; and who still waits when the time begins is refused."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bench.orders_intake import Intake
from bench.orders_plan import Message, newest
from parking.access.hand_out import hand_out
from parking.accounts.viewer import Viewer
from parking.errors import Conflict
from parking.merchants.kinds import OrderState
from parking.occupancy.models import LockState, Occupancy
from parking.reservations.waitlist import leave_waitlist
from parking.storage.sql import as_time, database
from tests.support.bays import Bays
from tests.support.mall import Mall
from tests.support.orders import Equipped

BEGINS = timedelta(hours=5, minutes=35)
"""After the beginning of all: before the first of them may come."""
ENDS = timedelta(hours=9, minutes=15)
"""All periods are over."""
TICK = timedelta(minutes=10)
EVENING_TICKS = (ENDS - BEGINS) // TICK
LEAVES_BEFORE = timedelta(minutes=20)
"""So long before the end of the period a guest drives out."""
CANCELS_EVERY, GIVES_UP_EVERY, STAYS_AWAY_EVERY = 11, 7, 3
"""Of the guests so many cancel, wait no more, and stay away."""
LATE_TICKS = 3
"""Guests come less than so many ticks after the start: in time."""
_LINK = re.compile(r"/b/([a-z2-7]{40})")

_OPEN = """
mutation Open($token: String!, $key: String!) {
  moveLockByLink(token: $token, target: LOWERED, idempotencyKey: $key) {
    __typename ... on Refusal { code message }
  }
}
"""
_CANCEL = """
mutation Cancel($token: String!, $key: String!) {
  cancelByLink(token: $token, idempotencyKey: $key) {
    __typename ... on Refusal { code message }
  }
}
"""
_GUESTS = """
SELECT o.id, o.order_ref, o.state, o.space_id, o.person_id, o.starts_at, o.ends_at,
       o.reservation_id, r.state AS booked
  FROM merchant_order o LEFT JOIN reservation r ON r.id = o.reservation_id
 ORDER BY o.id
"""


@dataclass
class Evening:
    """What the guests do. Numbers of orders: who `came`, `cancelled`, or `gave_up` waiting."""

    mall: Mall
    bays: Bays
    equipped: Sequence[Equipped]
    intake: Intake
    came: set[int] = field(default_factory=set)
    cancelled: set[int] = field(default_factory=set)
    gave_up: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    _inside: dict[int, tuple[int, datetime]] = field(default_factory=dict)

    async def live(self, sent: Sequence[Message], work: Callable[[int], Awaitable[None]]) -> None:
        """Tick by tick; `work` has the worker do what is due, and the locks answer."""
        of_evening = {each.ref: each for each in newest(sent).values() if each.is_crowded}
        self.mall.clock.set(self.intake.begin + BEGINS)
        await work(0)
        guests = await _guests(of_evening)
        for guest in guests:
            await self._think_again(*guest)
        for tick in range(1, EVENING_TICKS + 1):
            self.mall.clock.set(self.intake.begin + BEGINS + tick * TICK)
            await self._leave()
            for number, row in await _guests(of_evening):
                await self._come(number, row)
            await work(tick)

    async def _think_again(self, number: int, row: Any) -> None:
        if row["state"] == OrderState.BOOKED and number % CANCELS_EVERY == 0:
            await self._by_link(_CANCEL, "CancelledByLink", row, f"cancel {number}")
            self.cancelled.add(number)
        elif row["state"] == OrderState.WAITLISTED and number % GIVES_UP_EVERY == 0:
            await self._give_up(row)
            self.gave_up.add(number)

    async def _give_up(self, row: Any) -> None:
        """Take back every wish of this guest, who has just this order."""
        mine = await database().fetch(
            "SELECT id FROM waitlist_entry WHERE person_id = $1 AND state IN ('WAITING', 'OFFERED')"
            " AND starts_at = $2 ORDER BY id",
            row["person_id"],
            as_time(row["starts_at"]),
        )
        for entry in mine:
            try:
                await leave_waitlist(
                    Viewer(row["person_id"]), entry["id"], clock=self.mall.clock, bus=self.mall.bus
                )
            except Conflict:  # it went with the one before
                continue

    async def _come(self, number: int, row: Any) -> None:
        if row["state"] != OrderState.BOOKED or row["booked"] != "CONFIRMED":
            return
        offset = number % LATE_TICKS * TICK
        is_time = as_time(row["starts_at"]) + offset <= self.mall.clock.now()
        is_here = row["space_id"] in self.mall.garage.space_ids
        if number // 3 % STAYS_AWAY_EVERY == 0 or number in self.came or not (is_here and is_time):
            return
        index = self.mall.garage.space_ids.index(row["space_id"])
        await self._by_link(_OPEN, "LockOrderedByLink", row, f"open {number}")
        lock = self.equipped[index].lock
        if await hand_out(lock.device_id, self.mall.clock, self.mall.bus) is None:
            self.faults.append(f"{row['order_ref']}: the bay did not open")
        await self.bays.see(LockState.LOWERED, lock, index)
        await self.bays.see(Occupancy.OCCUPIED, self.equipped[index].sensor, index)
        self.came.add(number)
        self._inside[number] = (index, as_time(row["ends_at"]) - LEAVES_BEFORE)

    async def _leave(self) -> None:
        for number, (index, at) in list(self._inside.items()):
            if at <= self.mall.clock.now():
                await self.bays.see(Occupancy.FREE, self.equipped[index].sensor, index)
                del self._inside[number]

    async def _by_link(self, document: str, wanted: str, row: Any, key: str) -> None:
        """As the guest, who knows nothing but what was told last."""
        found = await database().fetch(
            "SELECT body FROM notice WHERE about = $1 AND topic LIKE 'PARKING%' ORDER BY id",
            f"order:{row['id']}",
        )
        links = [_LINK.search(each["body"]) for each in found]
        told = [each[1] for each in links if each]
        if not told:
            self.faults.append(f"{row['order_ref']}: nobody told the guest where to open")
            return
        said = await self.intake.graphql(document, {"token": told[-1], "key": key})
        [outcome] = (said.get("data") or {"none": said}).values()
        if outcome.get("__typename") != wanted:
            self.faults.append(f"{row['order_ref']}: {key} by the link came to {outcome}")


async def _guests(of_evening: dict[str, Message]) -> list[tuple[int, Any]]:
    rows = await database().fetch(_GUESTS)
    return [
        (of_evening[row["order_ref"]].number, row) for row in rows if row["order_ref"] in of_evening
    ]

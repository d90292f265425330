"""A virtual parking lock: an arm that takes its time, can be obstructed and can be forced."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from coap_gateway.senml import Record
from coap_gateway.virtual.device import Event, VirtualDevice

if TYPE_CHECKING:
    from typing import Any

ACTUATOR = 3413
ACTUATION = 3306
ALARM = 3200

MOVE_SECONDS = (4.0, 5.0)
MOVE_SECONDS_WORST = 10.0
SLOW_SHARE = 0.03

LEVELS = {
    "raised": 100,
    "lowered": 0,
    "raising": 50,
    "lowering": 50,
    "obstructed_up": 0,
    "obstructed_down": 60,
    "forced": 30,
    "fault": 50,
}
"""What the arm measures in each state. Obstructed while raising it goes back down; while
lowering it stops."""


class VirtualLock(VirtualDevice):
    """A lock arm. `word` is its state as object 3306 says it."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.word = "raised"
        self.command = 100
        self.is_obstructed = False
        self._moving: asyncio.Task[None] | None = None

    def objects(self) -> tuple[int, ...]:
        """See `VirtualDevice`."""
        return (ACTUATION, ACTUATOR, ALARM)

    def move(self, level: int) -> asyncio.Task[None]:
        """Raise (100) or lower (0); a newer command ends the older move where it stands."""
        if level not in (0, 100):
            raise ValueError(f"the arm goes to 0 or 100, not {level}")
        if self._moving is not None:
            self._moving.cancel()
        self.command = level
        self._moving = self._spawn(self._move(level))
        return self._moving

    def force(self) -> None:
        """Somebody pushes the arm down: an alarm at once."""
        self._say("forced", alarm=True)

    def state_records(self, event: Event) -> list[Record]:
        """The state word and the measured level."""
        return self._records(event, self.word)

    async def _move(self, level: int) -> None:
        is_up = level == LEVELS["raised"]
        self._say("raising" if is_up else "lowering")
        await asyncio.sleep(self._move_seconds() / self.settings.scale)
        if self.is_obstructed:
            self._say("obstructed_up" if is_up else "obstructed_down")
        else:
            self._say("raised" if is_up else "lowered")

    def _move_seconds(self) -> float:
        if self._random.random() < SLOW_SHARE:
            return MOVE_SECONDS_WORST
        return self._random.uniform(*MOVE_SECONDS)

    def _say(self, word: str, *, alarm: bool = False) -> None:
        was_forced, self.word = self.word == "forced", word
        alarms = self._alarm(alarm) if alarm or was_forced else []
        self._post(lambda event: [*self._records(event, word), *alarms])

    def _records(self, event: Event, word: str) -> list[Record]:
        time = event.time(self._loop.time())
        return [
            Record(f"/{ACTUATION}/0/5853", word, time),
            Record(f"/{ACTUATOR}/0/2", LEVELS[word], time),
            Record(f"/{ACTUATOR}/0/4", self.command),
        ]

    def _alarm(self, is_on: bool) -> list[Record]:
        return [Record(f"/{ALARM}/0/5500", is_on), Record(f"/{ALARM}/0/5750", "forced")]

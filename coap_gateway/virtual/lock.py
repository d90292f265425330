"""A virtual parking lock: an arm that takes its time, can be obstructed and can be forced.

It obeys commands exactly as docs/devices.md has it: each id once, never after its expiry, never
where the arm has moved meanwhile, and never up under a car.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from coap_gateway.command_format import MOVES, REFUSAL, LockOrder, decode_command
from coap_gateway.senml import Record, SenmlError
from coap_gateway.stack import (
    BadRequest,
    Code,
    Conflict,
    ContentFormat,
    DeviceClient,
    NotFound,
    PreconditionFailed,
    Reply,
    Request,
    Response,
)
from coap_gateway.virtual.device import Event, VirtualDevice

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

ACTUATOR = 3413
ACTUATION = 3306
ALARM = 3200
COMMAND_PATH = (str(ACTUATOR), "0", "3")
ETCH = int(ContentFormat.SENML_ETCH_CBOR)

MOVE_SECONDS = (4.0, 5.0)
MOVE_SECONDS_WORST = 10.0
SLOW_SHARE = 0.03
BATTERY_TOO_LOW_PERCENT = 3.0
"""Below it the arm stays where it is: better than one that stops halfway."""

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

MOVING = ("raising", "lowering")


class VirtualLock(VirtualDevice):
    """A lock arm. `word` is its state as object 3306 says it.

    `sees_car` is what the lock itself sees above its arm, whatever a sensor says.
    """

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.word = "raised"
        self.command = 100
        self.is_obstructed = False
        self.sees_car = False
        self._obeyed: int | None = None
        self._moving: asyncio.Task[None] | None = None

    @property
    def moves(self) -> int:
        """How often the arm has moved in its life."""
        return self._memory.moves

    def objects(self) -> tuple[int, ...]:
        """See `VirtualDevice`."""
        return (ACTUATION, ACTUATOR, ALARM)

    def accept(self) -> int | None:
        """A lock that sleeps asks for its command with each report: no extra time awake."""
        return ETCH if self.settings.is_sleepy else None

    async def start(self, reset_cause: str = "power-on", at: datetime | None = None) -> None:
        """See `VirtualDevice.start`. An arm that stood still in the middle goes on."""
        await super().start(reset_cause, at)
        if self.word in MOVING:
            self._moving = self._spawn(self._move(self.command, self._obeyed))
        if not self.settings.is_sleepy:
            self._spawn(self._ask_for_commands())

    def move(self, level: int) -> asyncio.Task[None]:
        """Raise (100) or lower (0); a newer command ends the older move where it stands."""
        return self._begin(level, None)

    def obey(self, order: LockOrder) -> str:
        """Carry out a command once; gives "" or the word with which it is refused.

        Told the same id again it does nothing and gives the same result.
        """
        newest, refusal = self._memory.command
        if order.command_id == newest:
            return refusal
        refusal = "expired" if order.command_id < newest else self._objection(order)
        if order.command_id > newest:
            self._memory.keep_command(order.command_id, refusal)
        if not refusal:
            self._begin(order.level, order.command_id)
        return refusal

    def force(self) -> None:
        """Somebody pushes the arm down: an alarm at once."""
        self._say("forced", alarm=True)

    def state_records(self, event: Event) -> list[Record]:
        """The state word and the measured level."""
        return self._records(event, self.word)

    def _objection(self, order: LockOrder) -> str:
        """Why the arm will not move, in one word."""
        if self.clock.now().timestamp() >= order.expires:
            return "expired"
        if order.moves is not None and order.moves != self.moves:
            return "moved"
        if order.level == LEVELS["raised"] and self.sees_car:
            return "occupied"
        return "battery" if self._battery < BATTERY_TOO_LOW_PERCENT else ""

    def _begin(self, level: int, command_id: int | None) -> asyncio.Task[None]:
        if level not in (0, 100):
            raise ValueError(f"the arm goes to 0 or 100, not {level}")
        if self._moving is not None:
            self._moving.cancel()
        self.command, self._obeyed = level, command_id
        self._memory.count_move()
        self._moving = self._spawn(self._move(level, command_id))
        return self._moving

    async def _move(self, level: int, command_id: int | None) -> None:
        is_up = level == LEVELS["raised"]
        self._say("raising" if is_up else "lowering")
        await asyncio.sleep(self._move_seconds() / self.settings.scale)
        if self.is_obstructed:
            self._say("obstructed_up" if is_up else "obstructed_down", command_id=command_id)
        else:
            self._say("raised" if is_up else "lowered", command_id=command_id)

    def _move_seconds(self) -> float:
        if self._random.random() < SLOW_SHARE:
            return MOVE_SECONDS_WORST
        return self._random.uniform(*MOVE_SECONDS)

    def _say(self, word: str, *, alarm: bool = False, command_id: int | None = None) -> None:
        was_forced, self.word = self.word == "forced", word
        alarms = self._alarm(alarm) if alarm or was_forced else []
        self._post(lambda event: [*self._records(event, word), *alarms], command_id=command_id)

    def _records(self, event: Event, word: str) -> list[Record]:
        time = event.time(self._loop.time())
        return [
            Record(f"/{ACTUATION}/0/5853", word, time),
            Record(f"/{ACTUATOR}/0/2", LEVELS[word], time),
            Record(f"/{ACTUATOR}/0/4", self.command),
            Record(MOVES, self.moves),
        ]

    def _alarm(self, is_on: bool) -> list[Record]:
        return [Record(f"/{ALARM}/0/5500", is_on), Record(f"/{ALARM}/0/5750", "forced")]

    def _new_client(self) -> DeviceClient:
        client = super()._new_client()
        if self._material is not None and not self.settings.is_sleepy:
            client.serve(self._asked)
        return client

    def _asked(self, request: Request) -> Response:
        """`PUT /3413/0/3`: 2.04 means received; 4.12 the arm has moved, 4.09 with the reason."""
        if request.path != COMMAND_PATH or request.method is not Code.PUT:
            raise NotFound("commands are put to /3413/0/3")
        try:
            order = decode_command(request.payload, self.clock.now().timestamp())
        except SenmlError as error:
            raise BadRequest(str(error)) from None
        refusal = self.obey(order)
        if refusal == "moved":
            self.heartbeat()
            raise PreconditionFailed(refusal)
        if refusal:
            raise Conflict(refusal)
        return Response(Code.CHANGED)

    async def _ask_for_commands(self) -> None:
        """In case the gateway does not know where this lock is."""
        while True:
            reply = await self._insist(lambda: self._client.request(Code.GET, "/cmd", accept=ETCH))
            self._take_answer(reply)
            await asyncio.sleep(self.settings.check_seconds * self._random.uniform(0.9, 1.0))

    def _take_answer(self, reply: Reply) -> None:
        """An answer may carry a command: to a report, or to the question for one."""
        if not reply.is_success or reply.content_format != ETCH:
            return
        try:
            order = decode_command(reply.payload, self.clock.now().timestamp())
        except SenmlError:
            return
        is_known = order.command_id == self._memory.command[0]
        refusal = self.obey(order)
        if refusal:
            self._refuse(order.command_id, refusal)
        elif is_known and self.word not in MOVING:
            # Its result was lost, or it would not be asked for again.
            self._say(self.word, command_id=order.command_id)

    def _refuse(self, command_id: int, word: str) -> None:
        said = [Record(REFUSAL, word)]
        self._post(lambda event: [*self.state_records(event), *said], command_id=command_id)

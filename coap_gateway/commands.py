"""`/cmd` and `/cmd/{id}`: a lock asks for its command and tells what came of it (DEVICES 2, 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coap_gateway.command_format import encode_command
from coap_gateway.reporters import sender_of
from coap_gateway.senml import SENML_CBOR
from coap_gateway.stack import (
    Code,
    Conflict,
    ContentFormat,
    NotFound,
    Request,
    Resource,
    Response,
)
from coap_gateway.stack.wire import encode_uint
from parking.access.hand_out import hand_out
from parking.access.models import CommandState
from parking.access.outcome import reason_of
from parking.access.replies import command_by_id
from parking.access.rules import LIVE, outcome_of
from parking.devices.models import DeviceKind
from parking.occupancy.models import Axis, LockState
from parking.storage.sql import database

if TYPE_CHECKING:
    from coap_gateway.liveness import Liveness
    from coap_gateway.refusals import Refusals
    from coap_gateway.reports import Reports
    from parking.access.command_rows import CommandRecord
    from parking.clock import Clock
    from parking.events.bus import Bus
    from parking.occupancy.intake import Delivery, Reporter

COMMAND_PATH = ("cmd",)
ETCH = int(ContentFormat.SENML_ETCH_CBOR)

NO_COMMAND = b"\x80"
"""An empty pack: there is nothing to do."""
ASK_AGAIN_SECONDS = 60
"""Max-Age where there is no command: a lock that is awake asks again after it, so that one whose
gateway was started anew is found within a minute."""


class Commands:
    """The two resources. What a lock says in `/cmd/{id}` is a report like any: for `reports`."""

    def __init__(
        self, reports: Reports, liveness: Liveness, refusals: Refusals, clock: Clock, bus: Bus
    ) -> None:
        self._reports = reports
        self._liveness = liveness
        self._refusals = refusals
        self._clock = clock
        self._bus = bus
        reports.next_command = self.for_sleeper

    def resources(self) -> list[Resource]:
        """For the site."""
        head = Resource(
            "cmd",
            {Code.GET: self.get},
            produces=frozenset({ETCH}),
            observable=True,
            link=None,  # what strangers are shown stays short (DEVICES section 4)
        )
        result = Resource(
            "cmd/{id}",
            {Code.PUT: self.put},
            accepts=frozenset({SENML_CBOR}),
            default_format=SENML_CBOR,
            link=None,
        )
        return [head, result]

    async def get(self, request: Request) -> Response:
        """The command of the lock that asks; ETag is its id, Max-Age the seconds it is good for."""
        reporter = sender_of(request)
        self._liveness.heard(request)
        command = await self._next(reporter)
        if command is None:
            return Response(
                payload=NO_COMMAND, content_format=ETCH, etag=b"\x00", max_age=ASK_AGAIN_SECONDS
            )
        return self._response(command, Code.CONTENT)

    async def for_sleeper(self, reporter: Reporter) -> Response:
        """The answer to a report that asked for a command in the same breath (`Accept: 322`)."""
        command = await self._next(reporter)
        return Response(Code.CHANGED) if command is None else self._response(command, Code.CHANGED)

    async def put(self, request: Request) -> Response:
        """What came of a command: 2.04 and as often as it is said; 4.09 once it is final otherwise.

        4.04 for a command that is not this lock's. What is measured counts as a report either way.
        """
        reporter = sender_of(request)
        command = await self._own(request, reporter)
        delivery = await self._reports.take(request, command.id)
        known = await command_by_id(database(), command.id)
        assert known is not None, "commands are not deleted while their lock speaks"
        if known.state not in LIVE and not _agrees(known, delivery):
            message = f"this command is {known.state}"
            raise self._refusals.refuse("command_over", Conflict(message), request)
        return Response(Code.CHANGED)

    async def _own(self, request: Request, reporter: Reporter) -> CommandRecord:
        text = request.path_values[0]
        is_id = text.isascii() and text.isdecimal() and len(text) < 19
        command = await command_by_id(database(), int(text)) if is_id else None
        if command is None or command.device_id != reporter.device_id:
            raise self._refusals.refuse("unknown_command", NotFound("no such command"), request)
        return command

    async def _next(self, reporter: Reporter) -> CommandRecord | None:
        if reporter.kind is not DeviceKind.LOCK:
            return None
        reporter.is_commanded = True
        return await hand_out(reporter.device_id, self._clock, self._bus)

    def _response(self, command: CommandRecord, code: Code) -> Response:
        left = (command.expires_at - self._clock.now()).total_seconds()
        return Response(
            code, encode_command(command), ETCH, etag=encode_uint(command.id), max_age=int(left)
        )


def _agrees(command: CommandRecord, delivery: Delivery | None) -> bool:
    """Whether the lock says what is known already: it may say so as often as it likes."""
    if delivery is None:
        return False
    if delivery.refusal:
        return command.failure == reason_of(delivery.refusal)
    said = [fact.value for fact in delivery.facts if fact.axis is Axis.LOCK]
    outcome = outcome_of(command.target, LockState(said[-1])) if said else None
    if outcome is None:
        return False
    is_step_on_the_way = command.state is CommandState.DONE and outcome[0] in LIVE
    return is_step_on_the_way or outcome == (command.state, command.failure)

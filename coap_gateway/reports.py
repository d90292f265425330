"""`POST /dp`: reports of devices (LwM2M Send), acknowledged once they are durable."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from tortoise.exceptions import OperationalError

from coap_gateway.liveness import Liveness
from coap_gateway.refusals import Refusals
from coap_gateway.reporters import sender_of
from coap_gateway.senml import SENML_CBOR, SENML_JSON, SenmlError, decode
from coap_gateway.stack import (
    BadRequest,
    Code,
    ContentFormat,
    InternalError,
    NotFound,
    Request,
    Resource,
    Response,
    Unavailable,
    UnsupportedFormat,
)
from coap_gateway.uplink import Uplink, UplinkError, read_uplink
from parking.clock import Clock
from parking.devices.gathering import Done, TooManyWaiting
from parking.devices.health import HealthNote
from parking.devices.models import DeviceKind
from parking.devices.rules import HealthValue, alarms_after, is_event
from parking.occupancy.intake import Delivery, Intake, OwnershipLost, Reporter
from parking.occupancy.models import Axis
from parking.storage.transactions import detached

BUSY_RETRY_SECONDS = 2
OUTAGE_RETRY_SECONDS = 10
TAKEN_OVER_RETRY_SECONDS = 1

TELLS = {
    DeviceKind.SENSOR: frozenset({Axis.OCCUPANCY}),
    DeviceKind.LOCK: frozenset({Axis.OCCUPANCY, Axis.LOCK}),
    DeviceKind.READER: frozenset[Axis](),
}
"""What of a space each kind of device is believed to know."""


class Reports:
    """The resource `/dp`. `forget` drops a security context that another gateway has taken."""

    def __init__(
        self,
        intake: Intake,
        liveness: Liveness,
        clock: Clock,
        refusals: Refusals,
        forget: Callable[[int], None],
    ) -> None:
        self._intake = intake
        self._liveness = liveness
        self._clock = clock
        self._refusals = refusals
        self._forget = forget
        self.accepted = 0
        self.next_command: Callable[[Reporter], Awaitable[Response]] | None = None
        """Answers a lock that asks for its command together with a report."""

    def resource(self) -> Resource:
        """For the site. Formats are checked here, where a refusal is counted with its reason."""
        link = {"rt": "oma.lwm2m.send", "ct": f"{SENML_JSON} {SENML_CBOR}"}
        return Resource("dp", {Code.POST: self.post}, link=link)

    def post(self, request: Request) -> Response | asyncio.Future[Response]:
        """Take one report; the future is done when it is durable."""
        delivery = self._understood(request)
        if delivery is None:
            self.accepted += 1
            return self._acknowledge(request)
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._submit(delivery, partial(self._settle, future, request), request)
        return future

    async def take(self, request: Request, command_id: int) -> Delivery | None:
        """Take what a lock says of a command, as a report; gives what of it is durable then.

        Raises `RequestFailed` as `post` does.
        """
        delivery = self._understood(request, command_id)
        if delivery is None:
            return None
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._submit(delivery, partial(self._settle, future, request), request)
        await future
        return delivery

    def _understood(self, request: Request, command_id: int | None = None) -> Delivery | None:
        reporter = sender_of(request)
        note = self._liveness.news(request)
        try:
            uplink = self._read(request, reporter, note)
            delivery = self._delivery(request, reporter, uplink, note)
        finally:
            self._liveness.book.note(note)
        if delivery is not None:
            delivery.command_id = command_id
        return delivery

    def _submit(self, delivery: Delivery, done: Done[None], request: Request) -> None:
        try:
            self._intake.submit(delivery, done)
        except TooManyWaiting:
            error = Unavailable("too many reports wait", max_age=BUSY_RETRY_SECONDS)
            raise self._refusals.refuse("busy", error, request) from None

    def _read(self, request: Request, reporter: Reporter, note: HealthNote) -> Uplink:
        now = note.seen_at.timestamp()
        if request.content_format not in (SENML_CBOR, SENML_JSON):
            formats = UnsupportedFormat(f"send SenML: {SENML_CBOR} or {SENML_JSON}")
            raise self._refusals.refuse("bad_format", formats, request)
        try:
            records = decode(request.payload, request.content_format, now)
            return read_uplink(records, now, reporter.objects)
        except SenmlError as error:
            bad = BadRequest(str(error))
            raise self._refusals.refuse("undecodable", bad, request) from error
        except UplinkError as error:
            if error.clock_offset_seconds is not None:
                note.values["clock_offset_seconds"] = round(error.clock_offset_seconds, 3)
            kind = NotFound if error.reason == "unknown_resource" else BadRequest
            raise self._refusals.refuse(error.reason, kind(error.message), request) from error

    def _delivery(
        self, request: Request, reporter: Reporter, uplink: Uplink, note: HealthNote
    ) -> Delivery | None:
        """What has to be durable, None if there is nothing; the rest goes into `note`."""
        boot, sequence = self._order(request, reporter, uplink)
        if uplink.boot is not None:
            note.boot, note.sequence = boot, sequence
        if uplink.ignored:
            # Nothing is wrong with a value that Berth has no use for: no line in the log.
            self._refusals.counts["ignored_record"] += 1
        events = _events(reporter, uplink, note)
        facts = [fact for fact in uplink.facts if fact.axis in TELLS[reporter.kind]]
        if len(facts) < len(uplink.facts):
            self._refusals.count("not_its_business", request)
        refusal = uplink.refusal if reporter.kind is DeviceKind.LOCK else ""
        if not facts and not events and not refusal:
            return None
        return Delivery(
            reporter, boot, sequence, facts, note.seen_at, events or None, refusal=refusal
        )

    def _order(self, request: Request, reporter: Reporter, uplink: Uplink) -> tuple[int, int]:
        """The numbers that order this report among the device's (docs/devices.md)."""
        boot, sequence = uplink.boot, uplink.sequence
        if boot is not None and sequence is not None:
            reporter.counts = True
            return boot, sequence
        if boot is not None or sequence is not None or (reporter.counts and uplink.facts):
            error = BadRequest("/3/0/26241 and /3/0/26242 come together")
            raise self._refusals.refuse("half_order", error, request)
        if request.peer.oscore_sequence is not None:
            return 0, request.peer.oscore_sequence
        arrival = int(self._clock.now().timestamp() * 1_000_000)
        reporter.arrivals = max(arrival, reporter.arrivals + 1)
        return 0, reporter.arrivals

    def _settle(
        self, future: asyncio.Future[Response], request: Request, outcome: Exception | None
    ) -> None:
        if future.done():
            return
        if outcome is None:
            self.accepted += 1
            self._complete(future, request)
        else:
            future.set_exception(self._failure(request, outcome))

    def _complete(self, future: asyncio.Future[Response], request: Request) -> None:
        """Answer a durable report, perhaps with a command, which has to be fetched first."""
        answer = self._acknowledge(request)
        if isinstance(answer, Response):
            future.set_result(answer)
            return
        answer.add_done_callback(partial(_pass_on, future))

    def _acknowledge(self, request: Request) -> Response | asyncio.Future[Response]:
        """The answer to a durable report. A lock that sleeps gets its command with it."""
        reporter = sender_of(request)
        wants = request.accept == ContentFormat.SENML_ETCH_CBOR
        if not wants or self.next_command is None or reporter.kind is not DeviceKind.LOCK:
            return Response(Code.CHANGED)
        return detached(self._with_command(reporter), "command with a report")

    async def _with_command(self, reporter: Reporter) -> Response:
        """The report is durable whatever becomes of this: without a command it is answered, too."""
        assert self.next_command is not None
        try:
            return await self.next_command(reporter)
        except (OperationalError, OSError):
            return Response(Code.CHANGED)

    def _failure(self, request: Request, outcome: Exception) -> Exception:
        if isinstance(outcome, OwnershipLost):
            if request.peer.credential_id is not None:
                self._forget(request.peer.credential_id)
            again = Unavailable("prove freshness again", max_age=TAKEN_OVER_RETRY_SECONDS)
            return self._refusals.refuse("taken_over", again, request)
        if isinstance(outcome, OperationalError | OSError):
            later = Unavailable("the database is away", max_age=OUTAGE_RETRY_SECONDS)
            return self._refusals.refuse("not_durable", later, request)
        broken = InternalError("the report could not be recorded")
        return self._refusals.refuse("not_recordable", broken, request)


def _pass_on(future: asyncio.Future[Response], answer: asyncio.Future[Response]) -> None:
    """What one future has come to is what the other comes to."""
    if future.done():
        return
    if answer.cancelled():
        future.cancel()
        return
    error = answer.exception()
    if error is None:
        future.set_result(answer.result())
    else:
        future.set_exception(error)


def _events(reporter: Reporter, uplink: Uplink, note: HealthNote) -> dict[str, HealthValue]:
    """The durable health that the report changes; telemetry goes into the note."""
    events: dict[str, HealthValue] = {}
    for name, value in uplink.health.items():
        if not is_event(name):
            note.values[name] = value
        elif reporter.events.get(name) != value:
            events[name] = value
    if uplink.alarms:
        active = str(reporter.events.get("alarms", ""))
        alarms = alarms_after(active, uplink.alarms)
        if alarms != active:
            events["alarms"] = alarms
    return events

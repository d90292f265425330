"""`POST /dp`: reports of devices (LwM2M Send), acknowledged once they are durable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from tortoise.exceptions import OperationalError

from coap_gateway.liveness import Liveness
from coap_gateway.refusals import Refusals
from coap_gateway.reporters import sender_of
from coap_gateway.senml import SENML_CBOR, SENML_JSON, SenmlError, decode
from coap_gateway.stack import (
    BadRequest,
    Code,
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
from parking.devices.gathering import TooManyWaiting
from parking.devices.health import HealthNote
from parking.devices.models import DeviceKind
from parking.devices.rules import HealthValue, alarms_after, is_event
from parking.occupancy.intake import Delivery, Intake, OwnershipLost, Reporter
from parking.occupancy.models import Axis

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

    def resource(self) -> Resource:
        """For the site. Formats are checked here, where a refusal is counted with its reason."""
        link = {"rt": "oma.lwm2m.send", "ct": f"{SENML_JSON} {SENML_CBOR}"}
        return Resource("dp", {Code.POST: self.post}, link=link)

    def post(self, request: Request) -> Response | asyncio.Future[Response]:
        """Take one report; the future is done when it is durable."""
        reporter = sender_of(request)
        note = self._liveness.news(request)
        try:
            uplink = self._read(request, reporter, note)
            delivery = self._delivery(request, reporter, uplink, note)
        finally:
            self._liveness.book.note(note)
        if delivery is None:
            self.accepted += 1
            return Response(Code.CHANGED)
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        try:
            self._intake.submit(delivery, partial(self._settle, future, request))
        except TooManyWaiting:
            error = Unavailable("too many reports wait", max_age=BUSY_RETRY_SECONDS)
            raise self._refusals.refuse("busy", error, request) from None
        return future

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
        if not facts and not events:
            return None
        return Delivery(reporter, boot, sequence, facts, note.seen_at, events or None)

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
            future.set_result(self._acknowledge())
        else:
            future.set_exception(self._failure(request, outcome))

    def _acknowledge(self) -> Response:
        """The answer to a durable report."""
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

"""`/rd` and `/rd/{id}`: the registration interface (LwM2M TS Core 1.1 section 6.2, RFC 9176)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tortoise.exceptions import OperationalError

from coap_gateway.link_format import LinkFormatError, parse_targets
from coap_gateway.liveness import Liveness
from coap_gateway.refusals import Refusals
from coap_gateway.reporters import sender_of
from coap_gateway.stack import (
    BadRequest,
    Code,
    ContentFormat,
    Forbidden,
    NotFound,
    Request,
    RequestFailed,
    Resource,
    Response,
    Unavailable,
)
from parking.clock import Clock
from parking.devices.registration import (
    LIFETIME_SECONDS_DEFAULT,
    RegistrationTerms,
    RegistrationUpdate,
    deregister,
    is_lifetime,
    register,
    registered_objects,
    update_registration,
)
from parking.occupancy.intake import Reporter
from parking.storage.sql import database

VERSIONS = frozenset({"1.0", "1.1", "1.2"})
BINDINGS = frozenset("UMHTSN")
"""Transports of TS Core 1.1 table 6.2.1.1; Berth serves U, others may be named beside it."""

OUTAGE_RETRY_SECONDS = 10
LINK_FORMAT = frozenset({int(ContentFormat.LINK)})


class Registrations:
    """The two resources of the resource directory."""

    def __init__(self, clock: Clock, liveness: Liveness, refusals: Refusals) -> None:
        self._clock = clock
        self._liveness = liveness
        self._refusals = refusals

    def resources(self) -> list[Resource]:
        """For the site."""
        directory = Resource(
            "rd",
            {Code.POST: self.register},
            accepts=LINK_FORMAT,
            default_format=ContentFormat.LINK,
            link={"rt": "core.rd", "ct": "40"},
        )
        entry = Resource(
            "rd/{id}",
            {Code.POST: self.update, Code.DELETE: self.deregister},
            accepts=LINK_FORMAT,
            default_format=ContentFormat.LINK,
            link=None,
        )
        return [directory, entry]

    async def register(self, request: Request) -> Response:
        """2.01 with the location; 4.00 for bad parameters, 4.03 for another's endpoint name."""
        reporter = sender_of(request)
        self._liveness.heard(request)
        self._check_endpoint(request, reporter)
        terms = RegistrationTerms(
            lifetime_seconds=self._lifetime(request) or LIFETIME_SECONDS_DEFAULT,
            version=self._version(request),
            binding=self._binding(request) or "U",
            queue_mode=request.query_value("Q") is not None,
            objects=self._objects(request),
        )
        with self._outage(request):
            at = self._clock.now()
            location = await register(database(), reporter.device_id, terms, at)
        reporter.objects = registered_objects(terms.objects)
        return Response(Code.CREATED, location_path=("rd", location))

    async def update(self, request: Request) -> Response:
        """2.04; 4.04 where the registration is not this device's, or is over."""
        reporter = sender_of(request)
        self._liveness.heard(request)
        update = RegistrationUpdate(
            lifetime_seconds=self._lifetime(request),
            binding=self._binding(request),
            objects=self._objects(request) if request.payload else None,
        )
        location = request.path_values[0]
        with self._outage(request):
            at = self._clock.now()
            known = await update_registration(database(), reporter.device_id, location, update, at)
        if not known:
            raise self._refuse("unknown_registration", NotFound("register again"), request)
        if update.objects is not None:
            reporter.objects = registered_objects(update.objects)
        return Response(Code.CHANGED)

    async def deregister(self, request: Request) -> Response:
        """2.02; 4.04 where the registration is not this device's."""
        reporter = sender_of(request)
        self._liveness.heard(request)
        with self._outage(request):
            known = await deregister(database(), reporter.device_id, request.path_values[0])
        if not known:
            raise self._refuse("unknown_registration", NotFound("no such registration"), request)
        return Response(Code.DELETED)

    def _check_endpoint(self, request: Request, reporter: Reporter) -> None:
        """The name is the credential's. LwM2M from 1.1 on may leave it out (section 7.3.1)."""
        endpoint = request.query_value("ep")
        if endpoint is None and request.query_value("lwm2m") not in (None, "1.0"):
            return
        if not endpoint:
            raise self._refuse("bad_registration", BadRequest("ep is missing"), request)
        if endpoint != reporter.endpoint:
            message = "ep is not the credential's"
            raise self._refuse("foreign_endpoint", Forbidden(message), request)

    def _lifetime(self, request: Request) -> int | None:
        text = request.query_value("lt")
        if text is None:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and is_lifetime(int(text))):
            raise self._refuse("bad_registration", BadRequest("lt is 60 to 2678400 s"), request)
        return int(text)

    def _version(self, request: Request) -> str:
        version = request.query_value("lwm2m")
        if version is not None and version not in VERSIONS:
            raise self._refuse("bad_registration", BadRequest("lwm2m is 1.0 to 1.2"), request)
        return version or "1.1"

    def _binding(self, request: Request) -> str | None:
        binding = request.query_value("b")
        if binding is None:
            return None
        # LwM2M 1.0 writes queue mode as UQ.
        if not 0 < len(binding) <= 8 or not BINDINGS.issuperset(binding.rstrip("Q")):
            raise self._refuse("bad_registration", BadRequest("b is of U M H T S N"), request)
        return binding

    def _objects(self, request: Request) -> str:
        try:
            parse_targets(request.payload)
        except LinkFormatError as error:
            raise self._refuse("bad_registration", BadRequest(str(error)), request) from error
        return request.payload.decode()

    def _refuse(self, reason: str, error: RequestFailed, request: Request) -> RequestFailed:
        return self._refusals.refuse(reason, error, request)

    @contextmanager
    def _outage(self, request: Request) -> Iterator[None]:
        try:
            yield
        except (OperationalError, OSError) as error:
            later = Unavailable("the database is away", max_age=OUTAGE_RETRY_SECONDS)
            raise self._refuse("not_durable", later, request) from error

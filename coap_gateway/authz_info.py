"""`/authz-info`: a reader shows a credential, or tells what it decided alone (RFC 9200 5.10.1)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import cbor2
from tortoise.exceptions import OperationalError

from coap_gateway.credential_format import Scan, ScanError, read_scan, read_token
from coap_gateway.reporters import sender_of
from coap_gateway.senml import SENML_CBOR, SENML_JSON
from coap_gateway.stack import (
    BadRequest,
    Code,
    Conflict,
    ContentFormat,
    Forbidden,
    Request,
    RequestFailed,
    Resource,
    Response,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from parking.access.admit import Answer, admit
from parking.access.check import Outcome, Reader, in_words
from parking.access.models import CredentialKind
from parking.access.offline import Told, take_down
from parking.devices.credentials import owned_contexts
from parking.devices.models import DeviceKind
from parking.rights.redeeming.redeem import redeem_at_reader
from parking.storage.sql import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from coap_gateway.liveness import Liveness
    from coap_gateway.refusals import Refusals
    from parking.clock import Clock
    from parking.devices.sealing import Sealer
    from parking.events.bus import Bus
    from parking.occupancy.intake import Reporter

LICENSE_PLATE = CredentialKind.LICENSE_PLATE
CWT = int(ContentFormat.CWT)
ACE_CBOR = int(ContentFormat.ACE_CBOR)
AUDIENCE = 5
"""CBOR abbreviation of `audience` (RFC 9200 section 8.10.1 and table 5)."""

OUTAGE_RETRY_SECONDS = 2
"""Somebody stands at the bay: shorter than for a report."""
TAKEN_OVER_RETRY_SECONDS = 1

ANSWERS: Mapping[Outcome, type[RequestFailed]] = {
    Outcome.UNREADABLE: Unauthorized,
    Outcome.UNKNOWN_KEY: Unauthorized,
    Outcome.BAD_SIGNATURE: Unauthorized,
    Outcome.EXPIRED: Unauthorized,
    Outcome.WRONG_KEY: Unauthorized,
    Outcome.UNKNOWN_PLATE: Unauthorized,
    Outcome.WRONG_SPACE: Forbidden,
    Outcome.NOT_CONFIRMED: Forbidden,
    Outcome.NOT_YET: Forbidden,
    Outcome.CANCELLED: Forbidden,
    Outcome.ENDED: Forbidden,
    Outcome.NOT_DELEGATED: Forbidden,
    Outcome.ALREADY_USED: Conflict,
    Outcome.TOO_MANY_TRIES: TooManyRequests,
}
"""DEVICES section 2: bad, expired or unknown 4.01; not here or not now 4.03; used 4.09."""


def reader_of(reporter: Reporter) -> Reader:
    """The device as a place where credentials are shown. Raises Forbidden for other kinds."""
    if reporter.kind is not DeviceKind.READER:
        raise Forbidden("this is for readers")
    return Reader(reporter.device_id, reporter.place_id, reporter.space_id)


class AuthzInfo:
    """The resource. `gateway` names this process, `forget` drops a context taken by another."""

    def __init__(
        self,
        liveness: Liveness,
        refusals: Refusals,
        clock: Clock,
        bus: Bus,
        sealer: Sealer,
        gateway: str,
        forget: Callable[[int], None],
    ) -> None:
        self._liveness = liveness
        self._refusals = refusals
        self._clock = clock
        self._bus = bus
        self._sealer = sealer
        self._gateway = gateway
        self._forget = forget

    def resource(self) -> Resource:
        """For the site."""
        return Resource(
            "authz-info",
            {Code.POST: self.post, Code.GET: self.get},
            accepts=frozenset({CWT, SENML_CBOR, SENML_JSON}),
            default_format=CWT,
            link={"rt": "ace.ai", "ct": f"{CWT} {SENML_JSON} {SENML_CBOR}"},
            is_known_to_all=False,
        )

    def get(self, request: Request) -> Response:
        """Which tokens are for this reader: the audience that they name."""
        self._liveness.heard(request)
        body = cbor2.dumps({AUDIENCE: reader_of(sender_of(request)).audience})
        return Response(payload=body, content_format=ACE_CBOR)

    async def post(self, request: Request) -> Response:
        """2.01 granted; 2.04 taken down, of what was decided before; else the refusal's code."""
        reporter = sender_of(request)
        self._liveness.heard(request)
        reader = reader_of(reporter)
        scan = self._read(request, reporter)
        with self._outage():
            await self._require_context(request)
            if scan.decided is not None:
                told = Told(scan.shown, scan.at, scan.decided)
                await take_down(reader, told, clock=self._clock, bus=self._bus, sealer=self._sealer)
                self._count("credential_taken_down")
                return Response(Code.CHANGED)
            answer = await admit(
                reader, scan.shown, clock=self._clock, bus=self._bus, sealer=self._sealer
            )
            if answer.outcome is Outcome.GRANTED and scan.shown.kind is LICENSE_PLATE:
                await redeem_at_reader(reader, scan.shown.text, clock=self._clock, bus=self._bus)
        return self._answer(answer)

    def _answer(self, answer: Answer) -> Response:
        self._count(f"credential_{answer.outcome.lower()}")
        if answer.outcome is Outcome.GRANTED:
            return Response(Code.CREATED)
        refusal = ANSWERS[answer.outcome]
        raise refusal(in_words(answer.outcome, answer.opens), max_age=answer.retry_after_seconds)

    def _read(self, request: Request, reporter: Reporter) -> Scan:
        now = self._clock.now()
        try:
            if request.content_format == CWT:
                return read_token(request.payload, now)
            assert request.content_format is not None, "the site has put the default in"
            return read_scan(request.payload, request.content_format, now, reporter.generation)
        except ScanError as error:
            self._count("credential_undecodable")
            raise BadRequest(str(error)) from error

    async def _require_context(self, request: Request) -> None:
        """A message recorded earlier and played back here opens nothing: where another gateway
        has taken the reader over, freshness has to be proven again."""
        credential_id = request.peer.credential_id
        if credential_id is None or credential_id < 0:
            return  # a device without security, in development
        if not await owned_contexts(database(), [credential_id], self._gateway):
            self._forget(credential_id)
            self._count("taken_over")
            raise Unavailable("prove freshness again", max_age=TAKEN_OVER_RETRY_SECONDS)

    def _count(self, reason: str) -> None:
        """Without a sample in the log: the body holds what opens a bay."""
        self._refusals.counts[reason] += 1

    @contextmanager
    def _outage(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, OSError) as error:
            self._count("not_durable")
            raise Unavailable("the database is away", max_age=OUTAGE_RETRY_SECONDS) from error

"""SMS that come in: `POST /sms/twilio`, and `/dev/sms` to send one by hand.

Twilio is answered as soon as the message is kept, with an empty TwiML document; the answer to the
sender is a message of its own, from the outbox. 200 also for strangers and for who sends too much:
whoever tries numbers learns nothing. 400: no such form, 403: not signed by Twilio, 413: too long.
"""

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from api.forms import FORM_TYPE, is_same_origin
from api.html import page
from api.metrics import Metric, counter_metrics
from parking.clock import Clock
from parking.merchants.sms.handle import handle_sms
from parking.merchants.sms.inbound import (
    InboundSms,
    SmsForged,
    SmsProvider,
    SmsUnusable,
    checked_sms,
)
from parking.merchants.sms.messages import answers_to, newest_messages
from parking.merchants.sms.orders import Orders, Units
from parking.merchants.sms.receive import Intake, receive_sms
from parking.storage.sql import database

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 32 * 1024
"""Twilio's forms are one or two kilobytes; 1,600 Chinese characters are 15 as a form."""
FIELDS_MAX = 100
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
DEV_PROVIDER = "dev"
DEV_MESSAGES_MAX = 30


class SmsDoor:
    """The routes of the providers, each `/sms/{name}`, and in development the page.

    `base_url` is how providers reach us: their signatures cover it.
    """

    def __init__(
        self,
        providers: list[SmsProvider],
        units: Units,
        orders: Orders,
        clock: Clock,
        base_url: Callable[[], str],
        *,
        development: bool,
    ) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._units = units
        self._orders = orders
        self._clock = clock
        self._base_url = base_url
        self._development = development
        self._counts: Counter[str] = Counter()

    def routes(self) -> list[Route]:
        """The page exists for developers only: it needs no signature."""
        found = [
            Route(f"/sms/{name}", self.receive, methods=["POST"], name=f"sms_{name}")
            for name in sorted(self._providers)
        ]
        if self._development:
            found.append(Route("/dev/sms", self.show, methods=["GET"], name="dev_sms"))
            found.append(Route("/dev/sms", self.send, methods=["POST"]))
        return found

    def metrics(self) -> Iterator[Metric]:
        """How many messages came in, by what became of them."""
        yield from counter_metrics("sms", "SMS", {"received": dict(self._counts)})

    async def receive(self, request: Request) -> Response:
        """One message, or part of one, from a provider."""
        provider = self._providers[request.url.path.rpartition("/")[2]]
        try:
            fields = await _fields(request)
            sms = provider.read(self._called(request), fields, request.headers)
        except SmsForged as error:
            return self._refused("forged", 403, error.message)
        except SmsUnusable as error:
            status = 413 if error.code == "SMS_TOO_LONG" else 400
            return self._refused("unusable", status, error.message)
        intake = await self._take(sms)
        task = BackgroundTask(self._handle, intake.message_id) if intake.message_id else None
        headers = {"cache-control": "no-store"}
        return Response(EMPTY_TWIML, 200, headers, "text/xml", background=task)

    async def show(self, request: Request) -> Response:
        """A form to send a message with, and the newest messages with their answers."""
        messages = await newest_messages(database(), DEV_MESSAGES_MAX)
        answers = await answers_to(database(), [each.id for each in messages])
        root = request.scope.get("root_path", "")
        problem = request.query_params.get("problem", "")
        return page("dev_sms.html", messages=messages, answers=answers, root=root, problem=problem)

    async def send(self, request: Request) -> Response:
        """Take a message that a developer typed, as if a provider had sent it."""
        if not is_same_origin(request):
            return PlainTextResponse("This form is for its own page.\n", 403)
        try:
            fields = await _fields(request)
            sms = checked_sms(_typed(fields))
        except SmsUnusable as error:
            return PlainTextResponse(f"{error.message}.\n", 400)
        intake = await self._take(sms)
        if intake.message_id:
            await self._handle(intake.message_id)
        root = request.scope.get("root_path", "")
        return RedirectResponse(f"{root}/dev/sms?problem={_problem(intake)}", 303)

    async def _take(self, sms: InboundSms) -> Intake:
        intake = await receive_sms(sms, self._units, self._clock)
        self._counts[intake.received.value] += 1
        return intake

    async def _handle(self, message_id: int) -> None:
        """What fails stays for the worker."""
        try:
            await handle_sms(message_id, self._units, self._orders, self._clock)
        except Exception:
            log.exception("message %d by SMS waits for the worker", message_id)

    def _called(self, request: Request) -> str:
        """The URL as the provider knows it, whatever proxies made of it."""
        query = f"?{request.url.query}" if request.url.query else ""
        return f"{self._base_url()}{request.url.path}{query}"

    def _refused(self, kind: str, status: int, message: str) -> Response:
        self._counts[kind] += 1
        return PlainTextResponse(f"{message}.\n", status)


def _problem(intake: Intake) -> str:
    return "" if intake.message_id else intake.received.value


def _typed(fields: dict[str, str]) -> InboundSms:
    return InboundSms(
        DEV_PROVIDER,
        secrets.token_hex(12),
        fields.get("sender", ""),
        fields.get("recipient", ""),
        fields.get("text", ""),
    )


async def _fields(request: Request) -> dict[str, str]:
    """The form, each field once. Raises SmsUnusable."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise SmsUnusable(f"expected a body of type {FORM_TYPE}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise SmsUnusable(
                f"the form is larger than {BODY_BYTES_MAX} bytes", code="SMS_TOO_LONG"
            )
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError as error:
        raise SmsUnusable("the form is not URL-encoded UTF-8 with few fields") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise SmsUnusable("a field of the form is there twice")
    return fields

"""Stripe as a payment rail, by its official client (docs/payments.md, ADR 0043).

Separate charges and transfers: drivers pay the platform (a PaymentIntent, reserved first and
captured when the booking is confirmed), owners get transfers to their connected accounts.

Every key and every metadata value begins with the installation's name, so that two installations
on one Stripe account, or one whose database was made anew, never take the other's for their own.
A key's part after the last point says how often it had to be changed, because Stripe repeats its
own errors under the old one; what is looked up is the part before.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import stripe
from stripe import HTTPXClient, StripeClient

from berth import stripe_events, stripe_money
from parking.settlement.rails.port import (
    Ask,
    BindingStarted,
    Bound,
    PayOut,
    RailEvent,
    RailPayment,
    RailRefused,
    RailUnreachable,
    Told,
)

T = TypeVar("T")
Json = dict[str, Any]

NAME = "stripe"
STRIPE_API = "https://api.stripe.com"
SECONDS_MAX = 20.0
"""How long one request may take; Stripe's own limit is 80 s."""
LISTED_MAX = 100
ASKED_EARLIER = timedelta(minutes=5)
"""Clocks differ: what is looked up may bear a time a little before ours."""
AUTHORISED_FOR = timedelta(days=6)
"""Card networks let an authorisation lapse after five to seven days."""
KEY = "berth_key"
PERSON = "berth_person"
SERVER_ERROR = 500
CONFLICT = 409
TOO_MANY = 429

_TOLD = {
    "requires_action": Told.ACTION_NEEDED,
    "requires_confirmation": Told.ACTION_NEEDED,
    "requires_capture": Told.AUTHORISED,
    "processing": Told.PROCESSING,
    "succeeded": Told.CAPTURED,
    "canceled": Told.RELEASED,
    "requires_payment_method": Told.DECLINED,
}
"""PaymentIntent statuses. One that was confirmed and requires a payment method was declined."""


class StripeRail:
    """One Stripe account. `api_base` is another address for a stand-in."""

    name = NAME

    def __init__(
        self,
        key: str,
        webhook_secret: str | None,
        installation: str,
        *,
        api_base: str = STRIPE_API,
        seconds_max: float = SECONDS_MAX,
    ) -> None:
        self._webhook_secret = webhook_secret
        self._installation = installation
        # At DEBUG it would write whole answers, with client secrets in them, to the log.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._http = HTTPXClient(timeout=seconds_max)
        self._client = StripeClient(
            key,
            base_addresses={"api": api_base},
            http_client=self._http,
            max_network_retries=0,  # repeating is the orders' business, with look-ups between
        )

    async def authorise(self, ask: Ask) -> RailPayment:
        params: Any = {
            "amount": stripe_money.to_stripe(ask.amount_minor, ask.currency),
            "currency": ask.currency.lower(),
            "customer": ask.customer,
            "payment_method": ask.method,
            "payment_method_types": ["card"],
            "capture_method": "automatic" if ask.is_captured else "manual",
            "confirm": True,
            "metadata": {KEY: self._named(ask.key)},
        }
        if not ask.is_attended:
            params["off_session"] = True
        intents = self._client.v1.payment_intents
        try:
            made = await _told(lambda: intents.create_async(params, self._under(ask.key, "pay")))
        except stripe.CardError as error:
            return RailPayment(Told.DECLINED, "", reason=error.user_message or "declined")
        return _payment(_plain(made), ask.currency)

    async def capture(self, ask: Ask, amount_minor: int, key: str) -> RailPayment:
        params: Any = {"amount_to_capture": stripe_money.to_stripe(amount_minor, ask.currency)}
        intents, reference = self._client.v1.payment_intents, await self._reference(ask)
        taken = await _told_or_refused(
            lambda: intents.capture_async(reference, params, self._under(key, "capture"))
        )
        return _payment(_plain(taken), ask.currency)

    async def release(self, ask: Ask, key: str) -> RailPayment | None:
        known = await self.look_up(ask)
        if known is None:
            return None
        intents = self._client.v1.payment_intents
        gone = await _told_or_refused(
            lambda: intents.cancel_async(known.reference, None, self._under(key, "release"))
        )
        return _payment(_plain(gone), ask.currency)

    async def look_up(self, ask: Ask) -> RailPayment | None:
        """By its reference; without one among the customer's payments since it was asked for.

        Stripe's search is behind by up to a minute, its lists are not.
        """
        try:
            return await self._look_up(ask)
        except RailRefused as error:
            raise RailUnreachable(
                f"{error.message}; is BERTH_STRIPE_KEY still of the same Stripe account?"
            ) from error

    async def _look_up(self, ask: Ask) -> RailPayment | None:
        intents = self._client.v1.payment_intents
        if ask.reference is not None:
            reference = ask.reference
            found = await _told_or_refused(lambda: intents.retrieve_async(reference))
            return _payment(_plain(found), ask.currency)
        since = int((ask.asked_at - ASKED_EARLIER).timestamp())
        params: Any = {
            "customer": ask.customer, "created": {"gte": since}, "limit": LISTED_MAX,
        }  # fmt: skip
        async for intent in _listed(lambda: intents.list_async(params)):
            if intent["metadata"].get(KEY) == self._named(ask.key):
                return _payment(intent, ask.currency)
        return None

    async def refund(self, ask: Ask, amount_minor: int, key: str) -> str:
        params: Any = {
            "payment_intent": await self._reference(ask),
            "amount": stripe_money.to_stripe(amount_minor, ask.currency),
            "metadata": {KEY: self._named(key)},
        }
        refunds = self._client.v1.refunds
        made = await _told_or_refused(
            lambda: refunds.create_async(params, self._under(key, "refund"))
        )
        return _refund(_plain(made))

    async def look_up_refund(self, ask: Ask, key: str) -> str | None:
        params: Any = {"payment_intent": await self._reference(ask), "limit": LISTED_MAX}
        found = await self._find(lambda: self._client.v1.refunds.list_async(params), key)
        return None if found is None else _refund(found)

    async def pay_out(self, payout: PayOut) -> str:
        params: Any = {
            "amount": stripe_money.to_stripe(payout.amount_minor, payout.currency),
            "currency": payout.currency.lower(),
            "destination": payout.destination,
            "transfer_group": self._named(payout.key),
            "metadata": {KEY: self._named(payout.key)},
        }
        transfers = self._client.v1.transfers
        made = await _told_or_refused(
            lambda: transfers.create_async(params, self._under(payout.key, "payout"))
        )
        return str(made.id)

    async def look_up_payout(self, payout: PayOut) -> str | None:
        params: Any = {"transfer_group": self._named(payout.key), "limit": LISTED_MAX}
        transfers = self._client.v1.transfers
        found = await self._find(lambda: transfers.list_async(params), payout.key)
        return None if found is None else str(found["id"])

    async def begin_binding(self, person: str, customer: str, key: str) -> BindingStarted:
        customer = customer or await self._customer(person, key)
        params: Any = {
            "customer": customer,
            "usage": "off_session",
            "payment_method_types": ["card"],
            "metadata": {PERSON: self._named(person)},
        }
        intents = self._client.v1.setup_intents
        made = await self._made(intents.create_async, params, key, "setup")
        return BindingStarted(str(made.id), str(made.client_secret))

    async def _customer(self, person: str, key: str) -> str:
        params: Any = {"metadata": {PERSON: self._named(person)}}
        customers = self._client.v1.customers
        made = await self._made(customers.create_async, params, key, "customer")
        return str(made.id)

    async def _made(
        self, create: Callable[[Any, Any], Awaitable[T]], params: Any, key: str, verb: str
    ) -> T:
        """What moves no money, made under the key. An error of Stripe's own would come again under
        that key for a day: then it is asked once more, under one that changes with the second."""
        try:
            return await _told_or_refused(lambda: create(params, self._under(key, verb)))
        except RailUnreachable as error:
            if not error.is_over:
                raise
        fresh = f"{key}.{int(datetime.now(UTC).timestamp())}"
        return await _told_or_refused(lambda: create(params, self._under(fresh, verb)))

    async def finish_binding(self, person: str, reference: str) -> Bound:
        intents, methods = self._client.v1.setup_intents, self._client.v1.payment_methods
        intent = _plain(await _told_or_refused(lambda: intents.retrieve_async(reference)))
        if (intent.get("metadata") or {}).get(PERSON) != self._named(person):
            raise RailRefused("there is no such binding; begin a new one", "not_found")
        if intent["status"] != "succeeded":
            raise RailRefused(
                f"the binding is not finished ({intent['status']}); complete it on the page where "
                "it began, then finish it",
                str(intent["status"]),
            )
        method_id = str(intent["payment_method"])
        method = _plain(await _told_or_refused(lambda: methods.retrieve_async(method_id)))
        if method.get("customer") is None:
            customer: Any = {"customer": intent["customer"]}
            await _told_or_refused(lambda: methods.attach_async(method_id, customer))
        return Bound(str(intent["customer"]), method_id, _label(method))

    async def unbind(self, method: str) -> None:
        methods = self._client.v1.payment_methods
        try:
            await _told_or_refused(lambda: methods.detach_async(method))
        except RailRefused as refusal:
            logging.getLogger(__name__).info("a method was detached before: %s", refusal.message)

    def read_event(self, body: bytes, signature: str, now: datetime) -> RailEvent:
        return stripe_events.read_event(body, signature, self._webhook_secret, now, self._own_key)

    async def check(self) -> str:
        """Whether the key works, for `berth doctor`: the account's balance can be read. Raises
        RailUnreachable and RailRefused."""
        await _told_or_refused(self._client.v1.balance.retrieve_async)
        return "Stripe answers"

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def _reference(self, ask: Ask) -> str:
        """What Stripe calls the payment. Raises RailRefused when it knows none."""
        if ask.reference is not None:
            return ask.reference
        known = await self.look_up(ask)
        if known is None:
            raise RailRefused("Stripe knows of no such payment", "not_found")
        return known.reference

    async def _find(self, listing: Callable[[], Awaitable[Any]], key: str) -> Json | None:
        async for found in _listed(listing):
            if (found.get("metadata") or {}).get(KEY) == self._named(key):
                return found
        return None

    def _named(self, key: str) -> str:
        return f"{self._installation}/{base_key(key)}"

    def _own_key(self, named: str) -> str:
        """The key in a metadata value of this installation; empty for another's."""
        installation, _, key = named.partition("/")
        return key if installation == self._installation else ""

    def _under(self, key: str, verb: str) -> Any:
        return {"idempotency_key": f"{self._installation}/{verb}/{key}"}


def base_key(key: str) -> str:
    """The key without how often it was changed: `refund:3:4` for `refund:3:4.2`."""
    head, point, tail = key.rpartition(".")
    return head if point and tail.isdigit() else key


async def _told(call: Callable[[], Awaitable[T]]) -> T:
    """What Stripe answers. Its errors become RailUnreachable, except that a card is declined
    (stripe.CardError) and what it will never do (RailRefused)."""
    try:
        return await call()
    except stripe.CardError:
        raise
    except stripe.APIConnectionError as error:
        raise RailUnreachable(f"Stripe gave no answer ({_cause(error)})") from error
    except stripe.StripeError as error:
        raise _as_ours(error) from error


async def _told_or_refused(call: Callable[[], Awaitable[T]]) -> T:
    """The same, where a declined card is a refusal too."""
    try:
        return await _told(call)
    except stripe.CardError as error:
        raise RailRefused(error.user_message or "declined", error.code or "") from error


async def _listed(listing: Callable[[], Awaitable[Any]]) -> AsyncIterator[Json]:
    """All pages of a list."""
    page = await _told_or_refused(listing)
    while True:
        for each in page.data:
            yield _plain(each)
        if not page.has_more:
            return
        page = await _told_or_refused(page.next_page_async)


def _as_ours(error: stripe.StripeError) -> RailUnreachable | RailRefused:
    status = error.http_status or SERVER_ERROR
    told = f"Stripe said {status}: {error.user_message or 'nothing more'}"
    if status >= SERVER_ERROR:
        return RailUnreachable(told, is_over=True)
    # A wrong key is ours to correct, not the driver's: then it is tried again.
    is_ours = isinstance(error, stripe.AuthenticationError | stripe.PermissionError)
    if is_ours or status in (CONFLICT, TOO_MANY) or isinstance(error, stripe.IdempotencyError):
        return RailUnreachable(told)
    return RailRefused(told, error.code or "")


def _cause(error: Exception) -> str:
    return type(error.__cause__ or error).__name__


def _plain(found: Any) -> Json:
    plain: Json = found.to_dict()
    return plain


def _payment(intent: Json, currency: str) -> RailPayment:
    told = _TOLD.get(intent["status"], Told.PROCESSING)
    problem = intent.get("last_payment_error") or {}
    received = int(intent.get("amount_received") or 0)
    created = datetime.fromtimestamp(int(intent["created"]), UTC)
    return RailPayment(
        told=told,
        reference=str(intent["id"]),
        captured_minor=stripe_money.from_stripe(received, currency),
        action=_action(intent) if told is Told.ACTION_NEEDED else "",
        reason=str(problem.get("message") or "declined") if told is Told.DECLINED else "",
        expires_at=created + AUTHORISED_FOR if told is Told.AUTHORISED else None,
    )


def _refund(refund: Json) -> str:
    """Its reference. Raises RailRefused for one that failed: the money came back to the account."""
    if refund["status"] in ("failed", "canceled"):
        reason = str(refund.get("failure_reason") or refund["status"])
        raise RailRefused(f"the refund failed: {reason}", reason)
    return str(refund["id"])


def _action(intent: Json) -> str:
    """Where the driver agrees: an address, or the secret for Stripe's component on the page."""
    redirect = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    return str(redirect.get("url") or intent["client_secret"])


def _label(method: Json) -> str:
    card = method.get("card")
    if card is None:
        return str(method["type"])
    return f"{str(card['brand']).title()}, ends in {card['last4']}"

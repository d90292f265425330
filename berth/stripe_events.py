"""Stripe's webhooks: whether one is genuine and recent, and what of it Berth keeps."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import stripe

from berth.stripe_money import from_stripe
from parking.settlement.rails.port import EventForged, EventKind, RailEvent

TOLERANCE = timedelta(minutes=5)
"""How far a signature's time may be from now, either way: an older one may be a replay, one from
the future was not made by Stripe's clock."""
KEY = "berth_key"

KINDS: Mapping[str, EventKind] = {
    "payment_intent.amount_capturable_updated": EventKind.PAYMENT,
    "payment_intent.succeeded": EventKind.PAYMENT,
    "payment_intent.payment_failed": EventKind.PAYMENT,
    "payment_intent.canceled": EventKind.PAYMENT,
    "payment_intent.requires_action": EventKind.PAYMENT,
    "charge.refunded": EventKind.PAYMENT,
    "refund.updated": EventKind.REFUND,
    "refund.failed": EventKind.REFUND,
    "charge.refund.updated": EventKind.REFUND,
    "charge.dispute.created": EventKind.DISPUTE_OPENED,
    "charge.dispute.funds_withdrawn": EventKind.DISPUTE_OPENED,
    "charge.dispute.closed": EventKind.DISPUTE_CLOSED,
    "transfer.reversed": EventKind.PAYOUT_FAILED,
    "transfer.failed": EventKind.PAYOUT_FAILED,
    "payout.failed": EventKind.PAYOUT_FAILED,
}
"""What is to be subscribed to (docs/payments.md); every other kind is kept and ignored."""


def read_event(
    body: bytes,
    signature: str,
    secret: str | None,
    now: datetime,
    own_key: Callable[[str], str],
) -> RailEvent:
    """The event, reduced. `own_key` takes our key out of a metadata value. Raises EventForged."""
    if secret is None:
        raise EventForged("BERTH_STRIPE_WEBHOOK_SECRET is not set; no webhook can be believed")
    try:
        # The tolerance below is ours: Stripe's looks at this machine's clock, and at the past only.
        stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
    except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
        raise EventForged("the signature does not fit; check the webhook's secret") from error
    _require_recent(signature, now)
    try:
        return _reduced(orjson.loads(body), own_key)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise EventForged("this is not an event of Stripe's API v1") from error


def _require_recent(signature: str, now: datetime) -> None:
    signed = next(part[2:] for part in signature.split(",") if part.startswith("t="))
    at = datetime.fromtimestamp(int(signed), UTC)
    if abs(now - at) > TOLERANCE:
        raise EventForged(
            f"the event was signed at {at:%Y-%m-%dT%H:%M:%SZ}, more than {TOLERANCE} from now; if "
            "it is genuine, check this machine's clock"
        )


def _reduced(event: dict[str, Any], own_key: Callable[[str], str]) -> RailEvent:
    name, thing = str(event["type"]), event["data"]["object"]
    kind = KINDS.get(name, EventKind.OTHER)
    currency = str(thing.get("currency") or "").upper()
    is_dispute = kind in (EventKind.DISPUTE_OPENED, EventKind.DISPUTE_CLOSED)
    return RailEvent(
        event_id=str(event["id"]),
        name=name[:64],
        kind=kind,
        occurred_at=datetime.fromtimestamp(int(event["created"]), UTC),
        payment=_payment_of(thing),
        key=own_key(str((thing.get("metadata") or {}).get(KEY) or "")),
        status=str(thing.get("status") or ""),
        amount_minor=from_stripe(int(thing.get("amount") or 0), currency),
        currency=currency,
        reason=_reason(thing),
        dispute=str(thing["id"]) if is_dispute else "",
        is_won=thing.get("status") == "won",
    )


def _payment_of(thing: Mapping[str, Any]) -> str:
    own = thing.get("id") if thing.get("object") == "payment_intent" else None
    return str(own or thing.get("payment_intent") or "")


def _reason(thing: Mapping[str, Any]) -> str:
    problem = thing.get("last_payment_error") or {}
    told = thing.get("failure_message") or thing.get("failure_reason") or thing.get("reason")
    return str(problem.get("message") or told or "")[:200]

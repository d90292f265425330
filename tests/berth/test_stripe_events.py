"""What is believed to be Stripe's, and what of it is kept."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from berth.stripe_events import TOLERANCE, read_event
from parking.settlement.rails.port import EventForged, EventKind, RailEvent

SECRET = "whsec_" + "t" * 32
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def told(kind: str, thing: dict[str, Any]) -> str:
    event = {"id": "evt_1", "object": "event", "type": kind, "created": 1_767_600_000}
    return json.dumps(event | {"data": {"object": thing}})


def read(body: str, *, at: datetime = NOW, secret: str = SECRET) -> RailEvent:
    verifier = stripe.WebhookSignature
    header = verifier.generate_signature_header(body, secret, int(at.timestamp()))
    return read_event(body.encode(), header, SECRET, NOW, lambda key: key)


@pytest.mark.parametrize("away", [-TOLERANCE, -SECOND, 0 * SECOND, SECOND, TOLERANCE])
def test_a_signature_of_these_minutes_is_believed(away: timedelta) -> None:
    assert read(told("x.y", {}), at=NOW + away).event_id == "evt_1"


@pytest.mark.parametrize("away", [-TOLERANCE - SECOND, TOLERANCE + SECOND, timedelta(days=9)])
def test_an_old_one_and_one_from_the_future_are_not(away: timedelta) -> None:
    with pytest.raises(EventForged, match="check this machine's clock"):
        read(told("x.y", {}), at=NOW + away)


def test_another_secret_or_body_is_not() -> None:
    body = told("x.y", {})
    with pytest.raises(EventForged):
        read(body, secret="whsec_another")
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET, int(NOW.timestamp()))
    with pytest.raises(EventForged):
        read_event(body.replace("evt_1", "evt_2").encode(), header, SECRET, NOW, str)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(EventForged, match="BERTH_STRIPE_WEBHOOK_SECRET"):
        read_event(b"{}", "t=1,v1=a", None, NOW, str)


@pytest.mark.parametrize("header", ["", "t=x,v1=y", "v1=aa", "t=1767600000,v0=aa", "t=1,v1=é"])
def test_a_header_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(EventForged):
        read_event(b"{}", header, SECRET, NOW, str)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(EventForged):
        read_event(b"\xff\xfe", "t=1767600000,v1=aa", SECRET, NOW, str)


@pytest.mark.parametrize("body", ["", "[]", "{}", "nothing", '{"type": "x", "data": 3}', "null"])
def test_what_is_no_event_is_refused_though_signed(body: str) -> None:
    with pytest.raises(EventForged, match="not an event"):
        read(body)


def test_of_a_payment_its_name_and_our_key_are_kept_and_no_secret() -> None:
    event = read(
        told(
            "payment_intent.succeeded",
            {
                "id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount": 400,
                "currency": "eur", "client_secret": "pi_1_secret_2",
                "metadata": {"berth_key": "pay_1"},
            },
        )
    )  # fmt: skip
    assert (event.kind, event.payment, event.key) == (EventKind.PAYMENT, "pi_1", "pay_1")
    assert (event.amount_minor, event.currency, event.status) == (400, "EUR", "succeeded")
    assert "secret" not in repr(event)


@pytest.mark.parametrize(("status", "is_won"), [("won", True), ("lost", False)])
def test_of_a_dispute_who_won_is_kept(status: str, is_won: bool) -> None:
    event = read(
        told(
            "charge.dispute.closed",
            {
                "id": "dp_1", "object": "dispute", "status": status, "amount": 10_000,
                "currency": "isk", "reason": "fraudulent", "payment_intent": "pi_1",
            },
        )
    )  # fmt: skip
    assert (event.kind, event.dispute, event.payment) == (
        EventKind.DISPUTE_CLOSED, "dp_1", "pi_1"
    )  # fmt: skip
    assert (event.is_won, event.amount_minor, event.reason) == (is_won, 100, "fraudulent")

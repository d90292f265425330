"""Stripe's webhooks: signed, recent, each once, in any order, days late."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import stripe

from api.app import build_app
from api.webhooks import BODY_BYTES_MAX, Webhooks
from parking.clock import TestClock
from parking.reservations.models import ReservationState
from parking.settlement.kinds import PaymentState, RailOrderState
from parking.settlement.models import RailEvent
from parking.settlement.payments.refusals import PaymentActionNeeded
from parking.settlement.rails import webhooks
from parking.settlement.rails.events import NOT_OURS
from parking.settlement.rails.webhooks import KEPT, handle_waiting_events, prune_rail_events
from tests.parking.reservations.steps import reservation
from tests.parking.settlement.rails.desk import ASKS, WEBHOOK_SECRET, Desk
from tests.support.stripe_stand_in import Fault
from tests.support.wallets import in_wallet

PATH = "/webhooks/stripe"


def signed(body: str, at: datetime, secret: str = WEBHOOK_SECRET) -> str:
    """The header that Stripe would send."""
    verifier = stripe.WebhookSignature
    header: str = verifier.generate_signature_header(body, secret, int(at.timestamp()))
    return header


def told(
    kind: str, thing: dict[str, Any], event_id: str = "evt_1", at: datetime | None = None
) -> str:
    """An event as Stripe writes it."""
    created = int((at or datetime(2026, 1, 5, tzinfo=UTC)).timestamp())
    event = {"id": event_id, "object": "event", "type": kind, "created": created}
    return json.dumps(event | {"data": {"object": thing}})


class Mailbox:
    """What Stripe posts to."""

    def __init__(self, desk: Desk, client: httpx.AsyncClient) -> None:
        self.desk = desk
        self.client = client

    async def post(
        self, body: str, *, late: timedelta = timedelta(0), secret: str = WEBHOOK_SECRET
    ) -> int:
        """Send a signed body; the status."""
        at = self.desk.till.stage.clock.now() - late
        headers = {"stripe-signature": signed(body, at, secret)}
        return (await self.client.post(PATH, content=body, headers=headers)).status_code

    async def intent(self, kind: str, event_id: str = "evt_1") -> int:
        """An event about the only payment."""
        thing = {"id": (await self.desk.payment()).rail_reference, "object": "payment_intent"}
        return await self.post(told(f"payment_intent.{kind}", thing, event_id))


@asynccontextmanager
async def opened(desk: Desk) -> AsyncIterator[Mailbox]:
    stage = desk.till.stage
    routes = Webhooks(desk.rails, stage.funding, stage.clock, stage.bus).routes()
    transport = httpx.ASGITransport(build_app(None, routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://berth") as client:
        yield Mailbox(desk, client)


@pytest.fixture
async def mailbox(desk: Desk) -> AsyncIterator[Mailbox]:
    """Where Stripe posts to; the driver has no card yet."""
    async with opened(desk) as made:
        yield made


async def outcomes() -> list[str]:
    return [each.outcome for each in await RailEvent.all().order_by("id")]


async def test_what_stripe_did_not_sign_now_is_not_kept(mailbox: Mailbox) -> None:
    body = told("customer.created", {"object": "customer"})
    assert await mailbox.post(body, secret="whsec_another") == 400
    assert await mailbox.post(body, late=timedelta(minutes=6)) == 400
    assert not await RailEvent.all().exists()


async def test_a_long_body_and_another_rail_are_refused(mailbox: Mailbox) -> None:
    assert await mailbox.post("x" * (BODY_BYTES_MAX + 1)) == 413
    assert (await mailbox.client.post("/webhooks/wallet")).status_code == 404


async def test_a_kind_that_means_nothing_is_kept_once_and_ignored(mailbox: Mailbox) -> None:
    body = told("customer.created", {"object": "customer", "email": "dora@example.org"})
    assert [await mailbox.post(body) for _ in range(3)] == [200, 200, 200]
    [kept] = await RailEvent.all()
    assert (kept.kind, kept.outcome) == (
        "customer.created", "kept; Berth does nothing with this kind"
    )  # fmt: skip
    assert "dora" not in kept.body, "nothing of a person is kept"


async def test_an_agreement_at_the_bank_confirms_the_booking(mailbox: Mailbox) -> None:
    desk = mailbox.desk
    await desk.bind(ASKS)
    held = await desk.hold()
    with pytest.raises(PaymentActionNeeded) as asked:
        await desk.confirm(held)
    await desk.agree(asked.value.client_secret)
    assert await mailbox.intent("amount_capturable_updated") == 200
    assert (await reservation(held)).state is ReservationState.CONFIRMED
    assert (await outcomes())[0].endswith("is AUTHORISED, booked")


async def test_events_in_any_order_and_late_change_nothing_that_is_past(mailbox: Mailbox) -> None:
    desk = mailbox.desk
    await desk.bind()
    await desk.book()
    await desk.work()
    desk.till.stage.clock.advance(days=9)
    kinds = ["succeeded", "payment_failed", "amount_capturable_updated", "canceled"]
    for number, kind in enumerate(kinds):
        assert await mailbox.intent(kind, f"evt_{number}") == 200
    assert (await desk.payment()).state is PaymentState.CAPTURED
    await desk.require_agreed()


async def test_an_answer_that_was_lost_is_found_by_our_own_key(mailbox: Mailbox) -> None:
    desk = mailbox.desk
    await desk.bind()
    held = await desk.hold()
    desk.stripe.fail_next("/v1/payment_intents", Fault.LOST)
    with pytest.raises(Exception, match="does not answer"):
        await desk.confirm(held)
    [intent] = await desk.stripe.intents()
    thing = {"id": intent["id"], "object": "payment_intent", "metadata": intent["metadata"]}
    body = told("payment_intent.amount_capturable_updated", thing)
    assert await mailbox.post(body) == 200
    assert (await reservation(held)).state is ReservationState.CONFIRMED


async def test_an_event_that_comes_while_the_rail_is_down_is_handled_later(
    mailbox: Mailbox,
) -> None:
    desk = mailbox.desk
    await desk.bind()
    await desk.book()
    desk.stripe.is_down = True
    assert await mailbox.intent("succeeded") == 200
    assert await outcomes() == [""]
    desk.stripe.is_down = False
    desk.till.stage.clock.advance(minutes=1)
    await desk.work()
    [told_of] = await outcomes()
    assert told_of.startswith("payment pay_")


async def test_events_that_always_fail_hold_up_nobody(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than one go tries, and all are older than the one that needs no rail."""
    desk = mailbox.desk
    await desk.bind()
    await desk.book()
    desk.stripe.is_down = True
    for number in range(6):
        assert await mailbox.intent("succeeded", f"evt_{number}") == 200
    last = await RailEvent.get(event_id="evt_5")
    unknown = {**json.loads(last.body), "payment": "pi_of_somebody_else", "key": ""}
    await RailEvent.filter(id=last.id).update(body=json.dumps(unknown))
    monkeypatch.setattr(webhooks, "EVENTS_AT_ONCE_MAX", 2)
    for _ in range(3):
        desk.till.stage.clock.advance(seconds=31)
        await handle_waiting_events(desk.rails, desk.till.stage.funding, **desk.world)
    assert await outcomes() == ["", "", "", "", "", NOT_OURS]


async def test_a_refund_that_comes_back_days_later_is_the_drivers(mailbox: Mailbox) -> None:
    desk = mailbox.desk
    await desk.bind()
    booked = await desk.book()
    await desk.work()
    await desk.till.cancel(booked)
    await desk.till.settle()
    await desk.work()
    desk.till.stage.clock.advance(days=5)
    order = await desk.order("REFUND")
    thing = {
        "id": order.rail_reference, "object": "refund", "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "metadata": {"berth_key": f"berth-test/{order.key}"},
    }  # fmt: skip
    for number in range(2):
        assert await mailbox.post(told("refund.failed", thing, f"evt_{number}")) == 200
    assert await in_wallet(desk.driver) == 2_400
    order = await desk.order("REFUND")
    assert order.state is RailOrderState.NEEDS_PERSON
    assert "expired_or_canceled_card" in order.last_error
    assert (await desk.payment()).refunded_minor == 0


async def test_handled_events_are_forgotten_after_a_while(mailbox: Mailbox) -> None:
    clock = mailbox.desk.till.stage.clock
    await mailbox.post(told("customer.created", {}))
    assert await prune_rail_events(clock.now() + KEPT) == 0
    assert await prune_rail_events(clock.now() + KEPT + timedelta(seconds=1)) == 1


async def test_another_installation_on_the_account_is_not_ours(mailbox: Mailbox) -> None:
    thing = {
        "id": "re_1", "object": "refund", "status": "failed",
        "metadata": {"berth_key": "berth-other/refund:1:1"},
    }  # fmt: skip
    assert await mailbox.post(told("refund.failed", thing)) == 200
    assert (await outcomes())[0].startswith("a refund that Berth did not order")


async def test_a_chargeback_of_a_payment_is_taken_in(mailbox: Mailbox) -> None:
    desk = mailbox.desk
    await desk.bind()
    await desk.book()
    await desk.work()
    payment = await desk.payment()
    thing = {
        "id": "dp_1", "object": "dispute", "status": "needs_response", "amount": 400,
        "currency": "eur", "reason": "fraudulent", "payment_intent": payment.rail_reference,
    }  # fmt: skip
    assert await mailbox.post(told("charge.dispute.created", thing)) == 200
    assert await outcomes() == ["chargeback dp_1 opened"]


async def test_localstripe_signs_as_stripe_does(desk: Desk) -> None:
    """The one test on real webhooks: over a socket, at the time that it is."""
    import asyncio

    from berth.ports import Listening
    from berth.serving import start_api
    from berth.settings import Settings

    desk.till.stage.clock = TestClock(datetime.now(UTC))
    stage = desk.till.stage
    routes = Webhooks(desk.rails, stage.funding, stage.clock, stage.bus).routes()
    settings = Settings(host="127.0.0.1", port=0)
    wanted = Listening("API", "127.0.0.1", 0, "BERTH_PORT")
    api = await start_api(build_app(None, routes), settings, wanted)
    try:
        url = f"http://127.0.0.1:{api.port}{PATH}"
        await desk.stripe.send_webhooks_to(url, WEBHOOK_SECRET)
        await desk.stripe.as_owner("/v1/customers", email="dora@example.org")
        async with asyncio.timeout(30):
            while not await RailEvent.filter(kind="customer.created").exists():  # noqa: ASYNC110 - a database tells nobody
                await asyncio.sleep(0.05)
    finally:
        await api.stop()


async def test_a_refund_that_failed_before_its_order_knew_of_it_is_not_lost(
    mailbox: Mailbox,
) -> None:
    """Stripe's word that it failed comes before the worker has written that it was made."""
    desk = mailbox.desk
    await desk.bind()
    booked = await desk.book()
    await desk.work()
    await desk.till.cancel(booked)
    await desk.till.settle()
    order = await desk.order("REFUND")
    thing = {
        "id": "re_1", "object": "refund", "status": "failed",
        "metadata": {"berth_key": f"berth-test/{order.key}"},
    }  # fmt: skip
    assert await mailbox.post(told("refund.failed", thing)) == 200
    assert await outcomes() == [""], "it waits"
    desk.till.stage.clock.advance(minutes=1)
    await desk.work()
    assert await in_wallet(desk.driver) == 2_400
    assert (await outcomes())[0].endswith("is back in the wallet")

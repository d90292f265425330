"""The program with Stripe set up: its webhooks are heard, its orders are run."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import stripe

from berth.parts import Part
from berth.settings import Settings
from berth.wiring import build
from parking.settlement.models import RailEvent
from tests.support.running import SECRET
from tests.support.stripe_stand_in import KEY

WEBHOOK_SECRET = "whsec_" + "t" * 32
PATH = "/webhooks/stripe"


def settings_of(url: str, folder: Path, **more: Any) -> Settings:
    return Settings(
        host="127.0.0.1", port=0, coap_port=0, shutdown_seconds=1.0, database_url=url,
        secret_key=SECRET, data_dir=folder, **more,
    )  # fmt: skip


async def test_an_event_that_stripe_signed_now_is_kept(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(
        database_url, tmp_path, stripe_key=KEY, stripe_webhook_secret=WEBHOOK_SECRET,
        stripe_api_base="http://127.0.0.1:1",
    )  # fmt: skip
    at = int(datetime.now(UTC).timestamp())
    event = {"id": "evt_1", "type": "customer.created", "created": at, "data": {"object": {}}}
    body = json.dumps(event)
    header = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
    async with build(settings, {Part.API, Part.WORKER}) as program:
        assert program.worker is not None
        assert {"rail_orders", "payments", "rail_events"} <= set(program.worker.records)
        async with httpx.AsyncClient(base_url=program.url) as client:
            assert (await client.post(PATH, content=body)).status_code == 400
            signed = {"stripe-signature": header}
            assert (await client.post(PATH, content=body, headers=signed)).status_code == 200
        assert await RailEvent.filter(event_id="evt_1").count() == 1


async def test_without_stripe_nobody_listens_there(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        build(settings_of(sqlite_url, tmp_path), {Part.API}) as program,
        httpx.AsyncClient(base_url=program.url) as client,
    ):
        assert (await client.post(PATH)).status_code == 404

"""Twilio's webhook, and the page that stands in for it in development."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from twilio.request_validator import RequestValidator

from api.sms import BODY_BYTES_MAX, EMPTY_TWIML, SmsDoor
from parking.clock import TestClock
from parking.merchants.sms.twilio_inbound import TwilioInbound
from parking.storage.sql import database as sql_database
from tests.parking.merchants.sms.memory import MERCHANT, MemoryOrders, MemoryUnits

BASE, TOKEN, URL = "https://berth.example", "auth-token", "/sms/twilio"
FORM = {
    "MessageSid": "SM0123456789abcdef0123456789abcdef",
    "AccountSid": "AC0123456789abcdef0123456789abcdef",
    "From": MERCHANT,
    "To": "+10000000000",
    "Body": "订单1 今晚7点半 #€",
    "NumSegments": "1",
}


def signed(form: dict[str, str], url: str = BASE + URL, token: str = TOKEN) -> dict[str, str]:
    signature = RequestValidator(token).compute_signature(url, form)
    return {"X-Twilio-Signature": signature, "Host": "10.0.0.7:8000"}


@pytest.fixture
def door(database: str, clock: TestClock) -> SmsDoor:
    assert database
    providers = [TwilioInbound(TOKEN)]
    return SmsDoor(
        list(providers), MemoryUnits(), MemoryOrders(), clock, lambda: BASE, development=True
    )


@pytest.fixture
async def client(door: SmsDoor) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=door.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as made:
        yield made


async def post(client: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    return await client.post(URL, data=form, headers=signed(form))


async def texts(table: str, column: str) -> list[str]:
    return [row[column] for row in await sql_database().fetch(f"SELECT {column} FROM {table}")]


async def counts(door: SmsDoor) -> dict[str, float]:
    return {metric.labels["kind"]: metric.value for metric in door.metrics()}


async def test_a_signed_message_is_kept_handled_and_answered_by_the_outbox(
    client: httpx.AsyncClient, door: SmsDoor
) -> None:
    answer = await post(client, FORM)
    assert (answer.status_code, answer.text) == (200, EMPTY_TWIML)
    assert answer.headers["content-type"].startswith("text/xml")
    assert await texts("sms_message", "text") == [FORM["Body"]]
    assert (await texts("notice", "body"))[0].startswith("Order 1: booked Mall garage")
    assert (await post(client, FORM)).status_code == 200
    assert len(await texts("notice", "body")) == 1
    assert await counts(door) == {"new": 1, "known": 1}


async def test_a_query_and_the_port_may_be_part_of_what_is_signed(
    client: httpx.AsyncClient,
) -> None:
    for url in (f"{BASE}{URL}?a=1", f"{BASE}:443{URL}?a=1"):
        answer = await client.post(f"{URL}?a=1", data=FORM, headers=signed(FORM, url))
        assert answer.status_code == 200


FORGED: list[dict[str, str]] = [
    {},
    {"X-Twilio-Signature": ""},
    signed(FORM, token="another"),
    signed(FORM, f"http://10.0.0.7:8000{URL}"),
    signed({**FORM, "Body": "cancel #1"}),
    {**signed(FORM), "X-Twilio-Webhooks-Signature-Settings": "algorithm=HMAC_MD5"},
]


async def test_a_forged_message_is_refused(client: httpx.AsyncClient, door: SmsDoor) -> None:
    for headers in FORGED:
        assert (await client.post(URL, data=FORM, headers=headers)).status_code == 403, headers
    assert await texts("sms_message", "text") == []
    assert await counts(door) == {"forged": len(FORGED)}


async def test_a_stranger_is_answered_by_nothing_and_counted(
    client: httpx.AsyncClient, door: SmsDoor
) -> None:
    answer = await post(client, {**FORM, "From": "+491709999999"})
    assert (answer.status_code, answer.text) == (200, EMPTY_TWIML)
    assert await texts("sms_message", "text") == await texts("notice", "body") == []
    assert await counts(door) == {"stranger": 1}


async def test_what_is_no_message_is_refused(client: httpx.AsyncClient) -> None:
    without_id = {name: value for name, value in FORM.items() if name != "MessageSid"}
    whatsapp = {**FORM, "From": "whatsapp:+491701234567"}
    for form in (whatsapp, {**FORM, "Body": "x" * 2001}, without_id):
        assert (await post(client, form)).status_code == 400, form


NO_FORMS = [
    (b"x" * (BODY_BYTES_MAX + 1), "application/x-www-form-urlencoded", 413),
    (b"{}", "application/json", 400),
    (b"Body=%ff%fe", "application/x-www-form-urlencoded", 400),
    (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
    (b"Body=1&Body=2", "application/x-www-form-urlencoded", 400),
    (b"&".join(b"a%d=1" % n for n in range(101)), "application/x-www-form-urlencoded", 400),
]


async def test_what_is_no_form_is_refused(client: httpx.AsyncClient) -> None:
    for body, kind, status in NO_FORMS:
        answer = await client.post(URL, content=body, headers={"content-type": kind})
        assert answer.status_code == status, body[:20]


async def test_developers_send_texts_by_hand(client: httpx.AsyncClient) -> None:
    form = {"sender": MERCHANT, "recipient": "+10000000000", "text": "<b>#7</b> 19:30"}
    answer = await client.post("/dev/sms", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert "&lt;b&gt;#7" in answer.text
    assert "Order 7: booked Mall garage" in answer.text
    assert "script" not in answer.headers["content-security-policy"]


async def test_the_page_says_why_a_text_was_not_taken(client: httpx.AsyncClient) -> None:
    form = {"sender": "+491709999999", "recipient": "1", "text": "?"}
    answer = await client.post("/dev/sms", data=form, follow_redirects=True)
    assert "not taken: stranger" in answer.text
    form["sender"] = "nobody"
    assert (await client.post("/dev/sms", data=form)).status_code == 400


async def test_the_page_takes_no_form_of_another_page(client: httpx.AsyncClient) -> None:
    form = {"sender": MERCHANT, "recipient": "1", "text": "?"}
    answer = await client.post("/dev/sms", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_outside_development_there_is_no_page_and_without_providers_nothing(
    clock: TestClock,
) -> None:
    door = SmsDoor([], MemoryUnits(), MemoryOrders(), clock, lambda: BASE, development=False)
    assert door.routes() == []

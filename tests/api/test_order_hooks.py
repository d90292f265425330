"""Orders by signed webhook, over real sockets, on both databases."""

import asyncio
import json
import os
import re
import sys
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import build_app
from api.order_hooks import BODY_BYTES_MAX, PATH, OrderHooks
from berth.ports import Listening
from berth.serving import start_api
from berth.settings import Settings
from parking.accounts.attempts import Limit
from parking.accounts.viewer import Viewer
from parking.clock import TestClock, rfc3339
from parking.merchants.hook_intake import hook_viewer
from parking.merchants.hooks import MadeHook, Signer, create_hook, revoke_hook
from parking.merchants.kinds import OrderState
from parking.merchants.models import MerchantOrder, MerchantOrderEvent
from parking.merchants.orders import take
from parking.merchants.rules import may_manage_units, may_order, may_read_orders
from parking.merchants.units import close_unit
from parking.notices.webhooks.signing import SECRET_PREFIX, signed_headers
from parking.reservations.links import renew_link
from parking.reservations.models import Reservation
from parking.storage.sql import database as sql_database
from tests.support.bays import SEALER
from tests.support.mall import Mall, make_mall

GUIDE = (Path(__file__).parents[2] / "docs" / "merchants.md").read_text()
FEW = Limit("order_hook", 60, timedelta(minutes=5))


@dataclass
class Door:
    """The hooks behind a real server, a client, and a merchant with a hook."""

    mall: Mall
    hooks: OrderHooks
    hook: MadeHook
    client: httpx.AsyncClient
    ids: Any = field(default_factory=lambda: count(1))

    def order(self, **values: Any) -> dict[str, Any]:
        now = self.mall.clock.now()
        least = {
            "orderRef": "7",
            "unit": "Tea room",
            "updatedAt": rfc3339(now),
            "serviceAt": rfc3339(now + timedelta(hours=3)),
            "plate": "S-LI 7",
        }
        return least | values

    async def send(
        self,
        order: Any,
        message: str | None = None,
        *,
        to: MadeHook | None = None,
        by: MadeHook | None = None,
        at: datetime | None = None,
        **headers: str | bytes,
    ) -> httpx.Response:
        body = order if isinstance(order, bytes) else json.dumps(order).encode()
        message, at = message or f"m{next(self.ids)}", at or self.mall.clock.now()
        signed = signed_headers(message, at, body, [key_of(by or self.hook)])
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        told: dict[str, Any] = {**signed, **given}
        address = PATH + (to or self.hook).public_id
        return await self.client.post(address, content=body, headers=told)


def key_of(hook: MadeHook) -> bytes:
    return b64decode(hook.secret.removeprefix(SECRET_PREFIX))


def link_of(reservation_id: int, generation: int) -> str:
    return f"https://berth.example/b/{reservation_id}-{generation}"


@pytest.fixture
async def door(database: str, clock: TestClock) -> AsyncIterator[Door]:
    assert database
    mall = await make_mall(clock, garage=2, lot=1)
    hook = await create_hook(mall.merchant, mall.merchant_id, clock=mall.clock, sealer=SEALER)
    hooks = OrderHooks(mall.desk, SEALER, link_of, FEW)
    wanted = Listening("API", "127.0.0.1", 0, "BERTH_PORT")
    api = await start_api(build_app(None, hooks.routes()), Settings(host="127.0.0.1"), wanted)
    url = f"http://127.0.0.1:{api.port}"
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        yield Door(mall, hooks, hook, client)
    await api.stop()


async def test_an_order_is_booked_moved_and_cancelled_in_the_name_of_the_hook(door: Door) -> None:
    booked = await door.send(door.order())
    assert booked.status_code == 200
    told, reservation = booked.json(), await Reservation.get()
    assert (told["orderRef"], told["state"], told["reason"]) == ("7", "BOOKED", "")
    assert (told["place"], told["space"]) == ("Mall garage", "A-02")
    assert told["link"] == link_of(reservation.id, reservation.link_generation)
    assert told["startsAt"] == rfc3339(door.mall.clock.now() + timedelta(hours=2, minutes=45))
    assert booked.headers["cache-control"] == "no-store"
    door.mall.clock.advance(minutes=1)
    service = rfc3339(door.mall.clock.now() + timedelta(hours=5))
    moved = await door.send(door.order(serviceAt=service, sequence=1))
    assert moved.json()["state"] == "BOOKED"
    older = await door.send(door.order(serviceAt=service, sequence=0, cancelled=True))
    assert older.json() == moved.json()
    await Reservation.all().update(link_generation=2)
    renewed = await door.send(door.order(serviceAt=service, sequence=2, party=3))
    assert (renewed.json()["state"], renewed.json()["link"]) == ("BOOKED", None)
    off = (await door.send(door.order(cancelled=True, sequence=3, serviceAt=None))).json()
    assert (off["state"], off["reasonCode"], off["link"]) == (
        "CANCELLED",
        "CANCELLED_BY_MERCHANT",
        None,
    )
    events = await MerchantOrderEvent.filter(actor__not="system").order_by("id")
    assert {each.actor for each in events} == {f"hook:{door.hook.id}"}
    kinds = [each.kind for each in events]
    assert kinds == ["order_received", "order_changed", "order_changed", "order_cancelled"]
    counts = {metric.labels["kind"]: metric.value for metric in door.hooks.metrics()}
    assert counts == {"taken": 5}


async def test_a_repeat_gets_the_first_answer_and_another_body_is_refused(door: Door) -> None:
    order = door.order()
    first = await door.send(order, "same")
    reservation = await Reservation.get()
    await renew_link(
        Viewer(person_id=reservation.person_id),
        reservation.id,
        clock=door.mall.clock,
        bus=door.mall.bus,
    )
    door.mall.clock.advance(minutes=6)
    await door.send(door.order(cancelled=True))
    again = await door.send(order, "same")
    assert (again.status_code, again.json()) == (200, first.json())  # with the link that is no more
    assert (await MerchantOrder.get()).state is OrderState.CANCELLED
    other = await door.send(order | {"party": 3}, "same")
    assert (other.status_code, other.json()["code"]) == (409, "ID_REUSED")
    at_once = await asyncio.gather(*(door.send(door.order(orderRef="8"), "8") for _ in range(6)))
    assert {(each.status_code, each.text) for each in at_once} == {(200, at_once[0].text)}
    assert await MerchantOrder.filter(order_ref="8").count() == 1


async def test_what_died_before_its_answer_was_kept_is_only_answered(door: Door) -> None:
    order = door.order()
    first = await door.send(order, "m")
    before = await MerchantOrderEvent.all().count()
    dropped = await sql_database().execute("DELETE FROM idempotent_answer WHERE key = 'answer:m'")
    assert dropped == 1
    assert (await door.send(order | {"party": 3}, "m")).status_code == 409
    again = await door.send(order, "m")
    assert (again.status_code, again.json()) == (200, first.json())
    assert await MerchantOrderEvent.all().count() == before


async def test_of_two_bodies_with_one_id_at_once_one_counts(door: Door) -> None:
    bodies = [door.order(party=party) for party in (1, 2)] * 3
    answers = await asyncio.gather(*(door.send(each, "m") for each in bodies))
    by_party = [{each.status_code for each in answers[party::2]} for party in (0, 1)]
    assert sorted(by_party, key=min) == [{200}, {409}]
    assert (await MerchantOrder.get()).party == by_party.index({200}) + 1


async def test_what_is_false_old_or_unknown_is_told_nothing(door: Door) -> None:
    order, now = door.order(), door.mall.clock.now()
    stranger = MadeHook(0, "a" * 26, "whsec_" + "A" * 44)
    early, late = now + timedelta(seconds=301), now - timedelta(seconds=301)
    refused = [
        await door.send(order, by=stranger),
        await door.send(order, at=early),
        await door.send(order, at=late),
        await door.send(order, webhook_signature=""),
        await door.send(order, webhook_signature=b"v1,\xe9 v2,x " + b"v1a, " * 50 + b"v1"),
        await door.send(order, webhook_timestamp="9" * 5000),
        await door.send(order, webhook_timestamp="now"),
        await door.send(order, webhook_id="another"),
        await door.client.post(PATH + door.hook.public_id, json=order),
    ]
    assert {each.status_code for each in refused} == {401}
    assert len({each.text for each in refused}) == 1
    ids = ("a" * 26, door.hook.public_id.upper(), "%00", "x" * 3000, "%C3%A9")
    unknown = [await door.send(order, to=MadeHook(0, each, "")) for each in ids]
    await revoke_hook(door.mall.merchant, door.hook.id, clock=door.mall.clock)
    unknown.append(await door.send(order))
    assert {each.status_code for each in unknown} == {404}
    assert len({each.text for each in unknown}) == 1
    assert await MerchantOrder.all().count() == 0


async def test_two_secrets_count_while_one_replaces_the_other(door: Door) -> None:
    mall, old = door.mall, door.hook
    new = await create_hook(mall.merchant, mall.merchant_id, clock=mall.clock, sealer=SEALER)
    order = door.order()
    for to, by in ((old, new), (new, old), (new, new)):
        assert (await door.send(order, to=to, by=by)).status_code == 200
    both = signed_headers("both", mall.clock.now(), b"{}", [key_of(new), key_of(old)])
    signature = both["webhook-signature"]
    told = await door.send(b"{}", "both", webhook_signature=signature)
    assert told.status_code == 422
    await revoke_hook(mall.merchant, old.id, clock=mall.clock)
    assert (await door.send(order, to=new, by=old)).status_code == 401
    assert (await door.send(order, to=new, by=new)).status_code == 200
    other = await make_other_hook(door)
    assert (await door.send(order, to=new, by=other)).status_code == 401


async def make_other_hook(door: Door) -> MadeHook:
    """A hook of another merchant."""
    mall = door.mall
    organisation_id = mall.garage.organisation_id
    return await create_hook(mall.operator, organisation_id, clock=mall.clock, sealer=SEALER)


async def test_what_cannot_be_taken_is_told_by_its_field(door: Door) -> None:
    bad = await door.send(door.order(party="four", serviceAt="tonight", vip=True), "m")
    fields = [each["field"] for each in bad.json()["errors"]]
    assert (bad.status_code, sorted(fields)) == (422, ["party", "serviceAt", "vip"])
    assert (await door.send(door.order(), "m")).status_code == 200  # mended, under the same id
    for values, wrong in (({"unit": "Bar"}, "unit"), ({"guest": {"phone": "1"}}, "guest.phone")):
        bad = await door.send(door.order(**values))
        assert [each["field"] for each in bad.json()["errors"]] == [wrong]
    for message in ("x" * 101, "a\tb"):
        bad = await door.send(door.order(), message)
        assert [each["field"] for each in bad.json()["errors"]] == ["webhook-id"]
    assert (await door.send(b" " * BODY_BYTES_MAX)).status_code == 422
    assert (await door.send(b" " * (BODY_BYTES_MAX + 1))).status_code == 413
    assert (await door.client.get(PATH + door.hook.public_id)).status_code == 405


async def test_a_unit_is_found_by_its_external_id_or_else_its_only_name(door: Door) -> None:
    mall = door.mall
    bar = await mall.unit(name="Bar", external_id="Tea room")
    assert (await door.send(door.order(unit="Tea room"))).status_code == 200
    assert (await MerchantOrder.get()).unit_id == bar
    assert (await door.send(door.order(unit="Bar"))).status_code == 422
    shut = await mall.unit(name="Kiosk")
    assert (await door.send(door.order(unit="Kiosk", orderRef="8"))).status_code == 200
    await close_unit(mall.merchant, shut, clock=mall.clock)
    off = await door.send(door.order(unit="Kiosk", orderRef="8", cancelled=True))
    assert off.json()["state"] == "CANCELLED"  # what is there goes on
    await mall.unit(name="Kiosk")
    assert (await door.send(door.order(unit="Kiosk", orderRef="9"))).status_code == 200
    await mall.unit(name="Kiosk")
    two = await door.send(door.order(unit="Kiosk", orderRef="9"))
    assert "several" in two.json()["errors"][0]["message"]
    await close_unit(mall.merchant, bar, clock=mall.clock)
    closed = await door.send(door.order(orderRef="10"))
    assert (closed.status_code, closed.json()["code"]) == (409, "UNIT_CLOSED")


async def test_a_hook_has_a_limit_of_its_own_which_strangers_do_not_use_up(door: Door) -> None:
    for _ in range(FEW.count_max + 1):
        assert (await door.send(b"{}", webhook_signature="v1,")).status_code == 401
    for _ in range(FEW.count_max):
        assert (await door.send(b"{}")).status_code == 422
    over = await door.send(b"{}")
    assert (over.status_code, over.headers["retry-after"]) == (429, "300")
    mall = door.mall
    second = await create_hook(mall.merchant, mall.merchant_id, clock=mall.clock, sealer=SEALER)
    assert (await door.send(b"{}", by=second)).status_code == 422
    mall.clock.advance(minutes=5)
    assert (await door.send(b"{}")).status_code == 422


def test_a_hook_may_send_orders_and_nothing_else() -> None:
    viewer = hook_viewer(Signer(3, 7, b""))
    assert viewer.actor == "hook:3"
    assert not viewer.is_anonymous
    assert may_order(viewer, 7)
    assert may_read_orders(viewer, 7)
    assert not may_order(viewer, 8)
    assert not may_manage_units(viewer, 7)


async def test_the_guides_example_books(door: Door) -> None:
    """The one test at the time that it is: the example asks its own machine."""
    door.mall.clock.set(datetime.now(UTC))
    [code] = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    address = f"{door.client.base_url}{PATH}{door.hook.public_id}".replace("//hooks", "/hooks")
    given = {"ORDER_HOOK": address, "ORDER_HOOK_SECRET": door.hook.secret}
    environ = {"PATH": os.environ["PATH"], "no_proxy": "*", **given}
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env=environ, stdout=-1, stderr=-1
    )
    out, err = await ran.communicate()
    assert out.decode().strip() == "BOOKED", err.decode()
    assert (await MerchantOrder.get()).order_ref == "1021"


async def test_a_merchant_has_a_limit_over_all_its_ways(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Limit("order_of_organisation", 1, timedelta(minutes=5))
    monkeypatch.setattr(take, "MESSAGES_PER_ORGANISATION", few)
    await door.mall.take(door.mall.ordered("1"))
    over = await door.send(door.order())
    assert (over.status_code, over.headers["retry-after"]) == (429, "300")
    assert await MerchantOrder.all().count() == 1

"""Units, orders and their stream, as a merchant's order system and its people have them."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from parking.accounts.attempts import Limit
from parking.clock import rfc3339
from parking.merchants.hooks import signers_at
from parking.merchants.orders import take
from parking.notices.webhooks.signing import shown_secret
from parking.reservations.links import LINK_PATH
from parking.storage.sql import database
from tests.schema.merchants_town import PHONE
from tests.schema.town import Town

GUIDE = (Path(__file__).parents[2] / "docs" / "merchants.md").read_text()
LONG = 20.0
"""Seconds that nothing here takes."""
ORDER = """orderRef state source stamp wantsParking serviceAt startsAt endsAt guestPhone plate
  needs { isEv } walkMetres reasonCode place { name } space { number } waitsAt { name }
  events { kind }"""
PLACE = f"""mutation ($input: PlaceMerchantOrderInput!, $key: String!) {{
  it: placeMerchantOrder(input: $input, idempotencyKey: $key) {{ __typename
    ... on MerchantOrderPlaced {{ order {{ id version {ORDER} }} }}
    ... on Refusal {{ code }} ... on InvalidInput {{ field }} }} }}"""
TOO_MANY = """mutation ($input: PlaceMerchantOrderInput!, $key: String!) {
  it: placeMerchantOrder(input: $input, idempotencyKey: $key) {
    ... on TooManyTries { code retryAfterSeconds } } }"""
CANCEL = f"""mutation ($unit: ID!, $ref: String!, $stamp: DateTime!, $key: String!) {{
  it: cancelMerchantOrder(unitId: $unit, orderRef: $ref, stamp: $stamp, idempotencyKey: $key) {{
    ... on MerchantOrderCancelled {{ order {{ {ORDER} }} }} }} }}"""
CREATE = """mutation ($input: CreateMerchantUnitInput!, $key: String!) {
  it: createMerchantUnit(input: $input, idempotencyKey: $key) { __typename
    ... on MerchantUnitCreated { unit { id version leadMinutes payer locale externalId
      places { name } campus { name } } }
    ... on Refusal { code } ... on InvalidInput { field } } }"""
UPDATE = """mutation ($input: UpdateMerchantUnitInput!, $key: String!) {
  it: updateMerchantUnit(input: $input, idempotencyKey: $key) { __typename
    ... on MerchantUnitUpdated { unit { version name externalId raiseMinutes payer } }
    ... on Refusal { code } ... on InvalidInput { field } } }"""
ALLOW = """mutation ($unit: ID!, $number: String!, $key: String!) {
  it: allowMerchantSender(unitId: $unit, number: $number, idempotencyKey: $key) { __typename
    ... on MerchantSenderAllowed { unit { senders { number } } }
    ... on Refusal { code } ... on InvalidInput { field } } }"""
HOOK = """mutation ($id: ID!, $key: String!) {
  it: createMerchantHook(organisationId: $id, idempotencyKey: $key) {
    ... on MerchantHookCreated { secret hook { id publicId } } } }"""
DRAW = """mutation ($id: ID!, $drawn: [PlanConnectorInput!]!, $key: String!) {
  it: setPlanConnectors(campusId: $id, connectors: $drawn, idempotencyKey: $key) { __typename
    ... on PlanConnectorsSet { campus { connectors { kind name level xMetres placeId } } }
    ... on InvalidInput { field } } }"""
DEMAND = """query ($id: ID!, $from: DateTime!, $until: DateTime!, $minutes: Int!) {
  it: merchantDemand(placeId: $id, startsAt: $from, endsAt: $until, slotMinutes: $minutes) {
    booked waiting refused taken spaces } }"""
FOLLOW = """subscription ($id: ID) { it: merchantOrders(organisationId: $id) {
  ... on MerchantOrdersUpdate { kind orders { orderRef state } goneIds } } }"""


LINKS = """query ($ref: String!) { merchantOrders(filter: {orderRef: $ref}) {
  edges { node { link } } } }"""
CONFIRM = """mutation ($t: String!, $key: String!) { it: confirmByLink(token: $t,
  idempotencyKey: $key) { __typename ... on Refusal { code } } }"""


async def call(town: Town, who: str, query: str, key: str = "", **given: Any) -> Any:
    return (await town.ask(who, query, key=key or town.fresh_key(), **given))["it"]


def told(town: Town, ref: str = "B-1", minutes: float = 0, **more: Any) -> dict[str, Any]:
    """A message that is made so many minutes from now, of a service in five hours."""
    now = town.clock.now()
    given = {
        "unitId": town.ids["unit"], "orderRef": ref,
        "stamp": rfc3339(now + timedelta(minutes=minutes)),
        "serviceAt": rfc3339(now + timedelta(hours=5)), "demand": "YES",
        "guest": {"phone": PHONE, "plate": "S-LI 2"},
    }  # fmt: skip
    return {**given, **more}


async def place(town: Town, given: dict[str, Any], who: str = "ordering", key: str = "") -> Any:
    return await call(town, who, PLACE, key, input=given)


async def test_an_order_books_a_space_moves_with_the_newest_message_and_is_cancelled(
    ordering: Town,
) -> None:
    first = told(ordering)
    placed = (await place(ordering, first, key="once"))["order"]
    assert (placed["state"], placed["source"], placed["plate"]) == ("BOOKED", "API", "SLI2")
    assert placed["place"]["name"] == "The garage"
    assert [each["kind"] for each in placed["events"]][:2] == ["RECEIVED", "BOOKED"]
    assert (await place(ordering, first, key="once"))["order"] == placed
    assert (await place(ordering, first))["order"] == placed
    now = ordering.clock.now()
    later = rfc3339(now + timedelta(hours=7))
    moved = (await place(ordering, told(ordering, minutes=1, serviceAt=later)))["order"]
    assert (moved["id"], moved["state"], moved["serviceAt"]) == (placed["id"], "BOOKED", later)
    assert (await place(ordering, first))["order"] == moved
    stamp = rfc3339(now + timedelta(minutes=2))
    ended = await call(
        ordering, "ordering", CANCEL, unit=ordering.ids["unit"], ref="B-1", stamp=stamp
    )
    assert (ended["order"]["state"], ended["order"]["space"]) == ("CANCELLED", None)
    assert ended["order"]["reasonCode"] == "CANCELLED_BY_MERCHANT"


async def test_the_link_that_a_merchant_is_told_pays_nothing_from_its_guests_account(
    ordering: Town,
) -> None:
    """Anybody may send an order for any phone number: what its person has is not theirs to spend.
    The driver's own link pays."""
    seen = {}
    await place(ordering, told(ordering, "B-7"))
    for who in ("merchant", "ordering", "driver"):
        [edge] = (await ordering.ask(who, LINKS, ref="B-7"))["merchantOrders"]["edges"]
        seen[who] = edge["node"]["link"].removeprefix(LINK_PATH)
    assert seen["merchant"] == seen["ordering"] != seen["driver"]
    assert (await call(ordering, "anonymous", CONFIRM, t=seen["merchant"]))["code"] == (
        "NOT_PERMITTED"
    )
    paid = await call(ordering, "anonymous", CONFIRM, t=seen["driver"])
    assert paid == {"__typename": "ConfirmedByLink"}


async def test_an_order_without_parking_and_one_without_room_are_no_refusals(
    ordering: Town,
) -> None:
    taxi = told(ordering, "taxi", demand="NO", guest=None)
    assert (await place(ordering, taxi))["order"]["state"] == "UNWANTED"
    electric = told(ordering, "electric", needs={"isEv": True})
    assert (await place(ordering, electric))["order"]["needs"] == {"isEv": True}
    states = []
    for number in range(2):
        guest = {"phone": f"+49170765432{number}", "plate": f"S-LI 4{number}"}
        states.append((await place(ordering, told(ordering, f"N-{number}", guest=guest)))["order"])
    assert [each["state"] for each in states] == ["BOOKED", "WAITLISTED"]
    assert [each["waitsAt"] for each in states] == [[], [states[0]["place"]]]


UNSOUND: tuple[tuple[dict[str, Any], str], ...] = (
    ({"guest": {"phone": "nobody@example.org"}}, "guest.phone"),
    ({"needs": {"heightMetres": -1.0}}, "needs.heightMetres"),
    ({"party": 0}, "party"),
    ({"orderRef": ""}, "orderRef"),
    ({"minutes": 6}, "stamp"),
)


async def test_what_is_wrong_with_an_order_is_told(ordering: Town) -> None:
    for more, field in UNSOUND:
        refused = await place(ordering, told(ordering, **{"ref": "wrong", **more}))
        assert (refused["__typename"], refused["field"]) == ("InvalidInput", field), more


def new_unit(town: Town, **more: Any) -> dict[str, Any]:
    given = {
        "organisationId": town.ids["tea"], "campusId": town.ids["quay"], "name": "Terrace",
        "placeIds": [town.ids["garage"]], "externalId": "T",
    }  # fmt: skip
    return {**given, **more}


async def test_over_the_limit_one_is_told_when_to_come_again(
    ordering: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Limit("few_orders", 1, timedelta(minutes=5))
    monkeypatch.setattr(take, "MESSAGES_PER_ORGANISATION", few)
    assert (await place(ordering, told(ordering)))["__typename"] == "MerchantOrderPlaced"
    over = await call(ordering, "ordering", TOO_MANY, input=told(ordering, "B-2"))
    assert over == {"code": "TOO_MANY_TRIES", "retryAfterSeconds": 300}


async def test_a_unit_is_made_edited_and_closed(ordering: Town) -> None:
    made = (await call(ordering, "merchant", CREATE, input=new_unit(ordering)))["unit"]
    unit, version = made.pop("id"), made.pop("version")
    assert made == {
        "leadMinutes": 15, "payer": "GUEST", "locale": "en", "externalId": "T",
        "places": [{"name": "The garage"}], "campus": {"name": "quay"},
    }  # fmt: skip
    again = await call(ordering, "merchant", CREATE, input=new_unit(ordering))
    assert again["code"] == "EXTERNAL_ID_TAKEN"
    edit = {"unitId": unit, "version": version, "externalId": None, "payer": "MERCHANT"}
    edited = (await call(ordering, "merchant", UPDATE, input={**edit, "raiseMinutes": 30}))["unit"]
    assert edited == {
        "version": 2, "name": "Terrace", "externalId": None, "raiseMinutes": 30,
        "payer": "MERCHANT",
    }  # fmt: skip
    stale = await call(ordering, "merchant", UPDATE, input=edit)
    assert stale["code"] == "VERSION_CHANGED"
    close = """mutation ($unit: ID!, $key: String!) {
      it: closeMerchantUnit(unitId: $unit, idempotencyKey: $key) {
        ... on MerchantUnitUpdated { unit { state } } } }"""
    closed = await call(ordering, "merchant", close, unit=unit)
    assert closed == {"unit": {"state": "CLOSED"}}
    refused = await place(ordering, told(ordering, unitId=unit))
    assert (refused["__typename"], refused["code"]) == ("Conflict", "UNIT_CLOSED")


async def test_a_unit_says_where_and_of_what_it_is_told(ordering: Town) -> None:
    ask = """mutation ($input: UpdateMerchantUnitInput!, $key: String!) {
      it: updateMerchantUnit(input: $input, idempotencyKey: $key) { __typename
        ... on MerchantUnitUpdated { unit { toldEmail toldPhone toldSteps } }
        ... on InvalidInput { field } } }"""
    edit = {"unitId": ordering.ids["unit"], "version": 1, "toldSteps": "PROBLEMS"}
    contacts = {"toldEmail": "Tea@Shop.example", "toldPhone": "+49 170 5550001"}
    done = await call(ordering, "merchant", ask, input={**edit, **contacts})
    assert done["unit"] == {
        "toldEmail": "tea@shop.example", "toldPhone": "+491705550001", "toldSteps": "PROBLEMS",
    }  # fmt: skip
    none = {**edit, "version": 2, "toldEmail": None, "toldSteps": "ALL"}
    assert (await call(ordering, "merchant", ask, input=none))["unit"]["toldEmail"] is None
    wrong = {**edit, "version": 3, "toldPhone": "tea@shop.example"}
    assert (await call(ordering, "merchant", ask, input=wrong))["field"] == "toldPhone"


async def test_messages_by_sms_are_read_as_they_were_understood(ordering: Town) -> None:
    asked = """query ($id: ID!, $filter: MerchantSmsFilterInput) { it: node(id: $id) {
      ... on Organisation { merchantSms(filter: $filter) { nodes { text result answer
        understood { action orderRef serviceAt problems { field trouble said } }
        unit { name } order { id } } } } } }"""
    found = await ordering.ask("watching", asked, id=ordering.ids["tea"])
    [message] = found["it"]["merchantSms"]["nodes"]
    assert message.pop("answer").startswith("Nothing was done: the time is missing")
    assert message == {
        "text": "order A-1 some day", "result": "UNCLEAR", "unit": {"name": "Counter"},
        "order": None,
        "understood": {
            "action": "BOOK", "orderRef": "A-1", "serviceAt": None,
            "problems": [{"field": "TIME", "trouble": "MISSING", "said": []}],
        },
    }  # fmt: skip
    done = {"unitId": ordering.ids["unit"], "result": "DONE"}
    found = await ordering.ask("watching", asked, id=ordering.ids["tea"], filter=done)
    assert found["it"]["merchantSms"]["nodes"] == []


async def test_malls_and_places_of_others_are_like_none(ordering: Town) -> None:
    nothing = "garbage"
    for campus in (ordering.ids["ridge"], nothing):
        refused = await call(
            ordering, "merchant", CREATE, input=new_unit(ordering, campusId=campus)
        )
        assert refused["field"] == "campusId"
    for other in (ordering.ids["hilltop"], nothing):
        places = [ordering.ids["garage"], other]
        refused = await call(
            ordering, "merchant", CREATE, input=new_unit(ordering, placeIds=places)
        )
        assert refused["field"] == "placeIds.1"
        edit = {"unitId": ordering.ids["unit"], "version": 1, "placeIds": places}
        refused = await call(ordering, "merchant", UPDATE, input=edit)
        assert refused["field"] == "placeIds.1"
        door = {"kind": "ENTRANCE", "name": "East", "xMetres": 1.0, "yMetres": 0.0}
        drawn = [door, {**door, "placeId": other}]
        refused = await call(ordering, "operator", DRAW, id=ordering.ids["quay"], drawn=drawn)
        assert refused["field"] == "connectors.1.placeId"


async def test_who_runs_a_mall_draws_its_ways(ordering: Town) -> None:
    lift = {"kind": "LIFT", "name": "A", "xMetres": 3.0, "yMetres": 4.0}
    drawn = [lift, {**lift, "level": -1, "placeId": ordering.ids["garage"]}]
    made = await call(ordering, "operator", DRAW, id=ordering.ids["quay"], drawn=drawn)
    assert made["campus"]["connectors"] == [
        {"kind": "LIFT", "name": "A", "level": 0, "xMetres": 3.0, "placeId": None},
        {"kind": "LIFT", "name": "A", "level": -1, "xMetres": 3.0,
         "placeId": ordering.ids["garage"]},
    ]  # fmt: skip


async def test_a_number_speaks_for_one_unit(ordering: Town) -> None:
    given = {"unit": ordering.ids["unit"], "number": "+49 170 555 0001"}
    allowed = await call(ordering, "merchant", ALLOW, **given)
    assert "+491705550001" in [each["number"] for each in allowed["unit"]["senders"]]
    theirs = {**given, "unit": ordering.ids["others-unit"]}
    assert (await call(ordering, "stranger", ALLOW, **theirs))["code"] == "NUMBER_TAKEN"
    mail = {**given, "number": "nobody@example.org"}
    assert (await call(ordering, "merchant", ALLOW, **mail))["field"] == "number"


async def test_the_secret_of_a_hook_is_shown_once(ordering: Town) -> None:
    made = await call(ordering, "merchant", HOOK, "once", id=ordering.ids["tea"])
    again = await call(ordering, "merchant", HOOK, "once", id=ordering.ids["tea"])
    assert again == {**made, "secret": None}
    signer, *_ = await signers_at(made["hook"]["publicId"], ordering.services.sealer)
    assert shown_secret(signer.key) == made["secret"]
    for table in ("audit_entry", "idempotent_answer", "merchant_hook"):
        assert made["secret"][6:] not in repr(await database().fetch(f"SELECT * FROM {table}"))


async def test_who_runs_a_place_sees_what_is_asked_of_it(ordering: Town) -> None:
    now = ordering.clock.now()
    asked = {
        "id": ordering.ids["garage"], "from": rfc3339(now + timedelta(hours=2)),
        "until": rfc3339(now + timedelta(hours=4)), "minutes": 60,
    }  # fmt: skip
    slots = (await ordering.ask("operator", DEMAND, **asked))["it"]
    assert [each["booked"] for each in slots] == [1, 1]
    assert [each["taken"] for each in slots] == [1, 1]
    result = await ordering.execute("operator", DEMAND, **{**asked, "minutes": 1})
    assert result.errors[0].extensions["code"] == "INVALID_INPUT"


async def test_a_merchants_orders_are_followed(ordering: Town) -> None:
    results = await ordering.subscribe("watching", FOLLOW, id=ordering.ids["tea"])
    seen = (await asyncio.wait_for(anext(results), LONG)).data["it"]
    assert (seen["kind"], len(seen["orders"])) == ("SNAPSHOT", 1)
    await place(ordering, told(ordering))
    states: list[str] = []
    while "BOOKED" not in states:
        update = (await asyncio.wait_for(anext(results), LONG)).data["it"]
        assert (update["kind"], update["goneIds"]) == ("DELTA", [])
        states += [each["state"] for each in update["orders"] if each["orderRef"] == "B-1"]
    await results.aclose()


async def test_the_operations_of_the_guide_run(ordering: Town) -> None:
    opened, order, cancel, day, orders = re.findall(r"```graphql\n(.*?)```", GUIDE, re.DOTALL)
    unit, now = ordering.ids["unit"], ordering.clock.now()
    made = await ordering.ask("merchant", opened, input=new_unit(ordering), key="g1")
    assert made["createMerchantUnit"]["unit"]["name"] == "Terrace"
    placed = await ordering.ask("ordering", order, order=told(ordering), key="g2")
    assert placed["placeMerchantOrder"]["order"]["state"] == "BOOKED"
    stamp = rfc3339(now + timedelta(minutes=1))
    ended = await ordering.ask("ordering", cancel, unit=unit, ref="B-1", stamp=stamp, key="g3")
    assert ended["cancelMerchantOrder"]["order"]["state"] == "CANCELLED"
    window = {"from": rfc3339(now), "until": rfc3339(now + timedelta(hours=4))}
    found = await ordering.ask("watching", day, unit=unit, **window)
    assert [each["orderRef"] for each in found["merchantOrders"]["nodes"]] == ["A-1"]
    results = await ordering.subscribe("watching", orders, merchant=ordering.ids["tea"])
    seen = (await asyncio.wait_for(anext(results), LONG)).data["merchantOrders"]
    assert [each["state"] for each in seen["orders"]] == ["CANCELLED", "BOOKED"]
    await results.aclose()

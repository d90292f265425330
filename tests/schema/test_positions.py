"""Positions through the schema: a driver, a friend and an attendant, from the record to the end."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from parking.locations.positions.record import NewPosition, record_position
from tests.schema.statements import counted
from tests.schema.town import Town

LIMIT_SECONDS = 30
FACTS = "newest { number kind source floor area bay note coordinates { latitude } accuracyMetres }"
FOLLOW = f"""subscription ($id: ID!, $after: Version) {{ it: sharedPosition(positionId: $id,
  after: $after) {{ __typename ... on SharedPositionUpdate {{ kind isGone versions {{ number }}
  position {{ sharerName placeName timeZone {FACTS} }} }} }} }}"""
QUEUE = """subscription ($id: ID!) { it: refinementQueue(placeId: $id) { __typename
  ... on RefinementQueueUpdate { kind goneIds requests { id state isMine words floor version
  place { name } position { id } } } } }"""
RECORD = f"""mutation ($input: RecordPositionInput!, $key: String!) {{
  it: recordPosition(input: $input, idempotencyKey: $key) {{ __typename
    ... on PositionRecorded {{ position {{ id version state isOwn {FACTS} }} }} }} }}"""
REVISE = f"""mutation ($input: RevisePositionInput!, $key: String!) {{
  it: revisePosition(input: $input, idempotencyKey: $key) {{ __typename
    ... on PositionRevised {{ position {{ version {FACTS} }} }}
    ... on Refusal {{ code }} ... on InvalidInput {{ field }} }} }}"""
ASK = """mutation ($id: ID!, $key: String!) { it: requestRefinement(positionId: $id,
  terminal: ATTENDANT, words: "red", idempotencyKey: $key) { __typename
    ... on RefinementRequested { request { id state } } ... on Refusal { code } } }"""
TAKE = """mutation ($id: ID!, $key: String!) { it: takeRefinement(requestId: $id,
  idempotencyKey: $key) { ... on RefinementChanged { request { state isMine version } } } }"""
ANSWER = """mutation ($input: AnswerRefinementInput!, $key: String!) {
  it: answerRefinement(input: $input, idempotencyKey: $key) { __typename
    ... on RefinementChanged { request { state answer { number } } } ... on Refusal { code } } }"""
END = """mutation ($id: ID!, $key: String!) { it: endPosition(positionId: $id,
  idempotencyKey: $key) { ... on PositionEnded { position { state endedAt } } } }"""


async def do(town: Town, who: str, query: str, **variables: Any) -> dict[str, Any]:
    variables.setdefault("key", town.fresh_key())
    done: dict[str, Any] = (await town.ask(who, query, **variables))["it"]
    return done


async def told(stream: AsyncGenerator[Any, None]) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT_SECONDS):
        result = await anext(stream)
    assert result.errors is None, result.errors
    update: dict[str, Any] = result.data["it"]
    return update


async def test_from_the_record_to_the_end(sharing: Town) -> None:
    garage = sharing.ids["garage"]
    queue = await sharing.subscribe("attendant", QUEUE, id=garage)
    assert len((await told(queue))["requests"]) == 1

    given = {"placeId": garage, "note": "x", "coordinates": {"latitude": 1, "longitude": 2}}
    key = sharing.fresh_key()
    made = await do(sharing, "driver", RECORD, input=given, key=key)
    assert made == await do(sharing, "driver", RECORD, input=given, key=key)
    position = made["position"]
    assert (position["version"], position["state"], position["isOwn"]) == (1, "ACTIVE", True)
    assert position["newest"]["coordinates"] == {"latitude": 1.0}

    follow = await sharing.subscribe("friend", FOLLOW, id=position["id"])
    first = await told(follow)
    assert (first["kind"], first["position"]["sharerName"]) == ("SNAPSHOT", "Dora")
    assert first["position"]["timeZone"] == "Europe/Berlin"

    asked = (await do(sharing, "driver", ASK, id=position["id"]))["request"]
    again = await do(sharing, "driver", ASK, id=position["id"])
    assert (again["__typename"], again["code"]) == ("Conflict", "ALREADY_ASKED")
    [waiting] = (await told(queue))["requests"]
    assert (waiting["id"], waiting["words"], waiting["position"]) == (asked["id"], "red", None)
    assert waiting["place"] == {"name": "The garage"}

    taken = (await do(sharing, "attendant", TAKE, id=asked["id"]))["request"]
    assert (taken["state"], taken["isMine"]) == ("TAKEN", True)
    answer = {"requestId": asked["id"], "version": taken["version"], "floor": "2", "bay": "17"}
    done = await do(sharing, "attendant", ANSWER, input=answer)
    assert done["request"] == {"state": "ANSWERED", "answer": None}
    update = await told(follow)
    while not update["versions"]:
        update = await told(follow)
    newest = update["position"]["newest"]
    assert (newest["source"], newest["floor"], newest["bay"], newest["note"]) == (
        "ATTENDANT", "2", "17", "x",
    )  # fmt: skip
    gone = await told(queue)
    while not gone["goneIds"]:
        gone = await told(queue)
    assert gone["goneIds"] == [asked["id"]]

    ended = await do(sharing, "driver", END, id=position["id"])
    assert ended["position"]["state"] == "ENDED"
    last = await told(follow)
    while not last["isGone"]:
        last = await told(follow)
    assert last["position"] is None


async def test_what_is_given_is_put_over_and_null_takes_away(sharing: Town) -> None:
    spot = sharing.ids["spot"]

    async def revise(**given: Any) -> dict[str, Any]:
        return await do(sharing, "driver", REVISE, input={"positionId": spot, **given})

    refined = (await revise(kind="REFINED", bay="5"))["position"]["newest"]
    assert (refined["floor"], refined["bay"], refined["note"]) == ("Ground", "5", "by the lift")
    corrected = (await revise(kind="CORRECTED", note=None, coordinates=None))["position"]["newest"]
    assert (corrected["bay"], corrected["note"], corrected["coordinates"]) == ("5", "", None)
    moved = (await revise(kind="MOVED", floor="Roof"))["position"]["newest"]
    assert (moved["number"], moved["floor"], moved["bay"]) == (4, "Roof", "")
    refused = await revise(kind="REFINED", floor=None)
    assert (refused["__typename"], refused["field"]) == ("InvalidInput", "floor")
    nothing = await revise(kind="REFINED")
    assert nothing["__typename"] == "InvalidInput"

    follow = await sharing.subscribe("driver", FOLLOW, id=spot, after=2)
    update = await told(follow)
    assert update["kind"] == "DELTA"
    assert [each["number"] for each in update["versions"]] == [3, 4]


LISTS = {
    "friend": "viewer { shownPositions { title sharerName placeName"
    " newest { bay photo { id } } } }",
    "driver": "viewer { positions { nodes { placeName timeZone place { name }"
    " versions { number space { number } } refinements { state answer { number } } } } }",
    "attendant": 'node(id: "%s") { ... on Place { refinementQueue { words place { name } } } }',
}


async def test_statements_do_not_grow_with_what_is_found(sharing: Town) -> None:
    counts: list[list[int]] = []
    for _ in range(2):
        counts.append([])
        for who, selection in LISTS.items():
            query = "{ " + selection.replace("%s", sharing.ids["garage"]) + " }"
            await sharing.ask(who, query)  # the first look of a receiver is written down
            with counted() as statements:
                await sharing.ask(who, query)
            counts[-1].append(len(statements))
        for number in range(5):
            given = {"place_id": sharing.keys["garage"], "floor": str(number)}
            new = NewPosition(given=given)
            driver = sharing.viewers["driver"]
            await record_position(driver, new, clock=sharing.clock, bus=sharing.bus)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 16

"""Vehicles as clients have them: codes shown once, queues, and nothing told of others."""

import re
from typing import Any

import pytest

from parking.accounts.models import IdempotentAnswer, Person
from parking.vehicles.find import enrolment_by_code
from parking.vehicles.models import Enrolment, Vehicle, VehicleProof
from tests.schema.statements import counted
from tests.schema.town import Town

VEHICLE = "{ id country plate name hasCode codeSetAt version removedAt proofs { state } }"
REFUSED = "__typename ... on Refusal { code message } ... on InvalidInput { field }"
ENROL = f"""mutation ($plate: String!, $key: String!) {{
  it: enrolVehicle(country: "de", plate: $plate, name: "Blue", idempotencyKey: $key) {{
    {REFUSED} ... on VehicleEnrolled {{ vehicle {VEHICLE} }} }} }}"""
SET = f"""mutation ($id: ID!, $word: String!, $key: String!) {{
  it: setVehicleCode(vehicleId: $id, word: $word, idempotencyKey: $key) {{
    {REFUSED} ... on VehicleCodeSet {{ vehicleCode vehicle {VEHICLE} }} }} }}"""


async def do(town: Town, who: str, query: str, **variables: Any) -> dict[str, Any]:
    """What a mutation answers."""
    given = {"key": town.fresh_key(), **variables}
    told: dict[str, Any] = (await town.ask(who, query, **given))["it"]
    return told


async def test_a_code_is_shown_once(town: Town) -> None:
    made = (await do(town, "driver", ENROL, plate=" b-mw 1234"))["vehicle"]
    assert (made["country"], made["plate"], made["hasCode"]) == ("DE", "BMW1234", False)
    asked = {"id": made["id"], "word": "Harbour view", "key": "once"}
    told = await do(town, "driver", SET, **asked)
    assert re.fullmatch("Harbour view-[0-9]{4,}", told["vehicleCode"])
    assert told["vehicle"]["hasCode"]
    again = await do(town, "driver", SET, **asked)
    assert (again["vehicleCode"], again["vehicle"]) == (None, told["vehicle"])
    found = await enrolment_by_code(
        told["vehicleCode"], "grant:x", "192.0.2.9", clock=town.clock, sealer=town.services.sealer
    )
    assert found.plate == "BMW1234"


async def test_neither_word_nor_code_is_kept(town: Town) -> None:
    told = await do(town, "driver", SET, id=town.ids["car"], word="Harbour view")
    kept = await IdempotentAnswer.all().values()
    assert kept
    assert not re.search(f"(?i)harbour view|{told['vehicleCode']}", repr(kept))


async def test_a_weak_word_says_what_to_do(town: Town) -> None:
    told = await do(town, "driver", SET, id=town.ids["car"], word="my s-hb 1234")
    assert (told["__typename"], told["field"]) == ("InvalidInput", "word")
    assert "plate" in told["message"]


@pytest.mark.parametrize("plate", ["S-HI 5678", "S-XX 9999"])
async def test_a_known_plate_is_answered_like_an_unknown(town: Town, plate: str) -> None:
    """The first is a stranger's, with a code; the other nobody's."""
    await do(town, "stranger", SET, id=town.ids["others-car"], word="harbour view")
    told = await do(town, "driver", ENROL, plate=plate)
    expected = {
        "country": "DE", "name": "Blue", "hasCode": False, "codeSetAt": None, "version": 1,
        "removedAt": None, "proofs": [], "plate": plate.replace("-", "").replace(" ", ""),
    }  # fmt: skip
    assert told["__typename"] == "VehicleEnrolled"
    assert {**told["vehicle"], "id": None} == {**expected, "id": None}
    same_word = await do(town, "driver", SET, id=told["vehicle"]["id"], word="harbour view")
    assert re.fullmatch("harbour view-[0-9]{4}", same_word["vehicleCode"])


async def test_a_removed_vehicle_is_found_by_its_id_only(town: Town) -> None:
    query = f"""mutation ($id: ID!, $key: String!) {{
      it: removeVehicle(vehicleId: $id, idempotencyKey: $key) {{
        {REFUSED} ... on VehicleRemoved {{ vehicleId }} }} }}"""
    told = await do(town, "driver", query, id=town.ids["car"])
    assert told["vehicleId"] == town.ids["car"]
    seen = "query ($id: ID!) { viewer { vehicles { nodes { id } } } node(id: $id) { ... on Vehicle"
    found = await town.ask("driver", f"{seen} {{ removedAt plate }} }} }}", id=town.ids["car"])
    assert found["viewer"]["vehicles"]["nodes"] == []
    assert found["node"]["plate"] == "SHB1234"
    assert found["node"]["removedAt"] is not None


async def test_an_operators_queue(town: Town) -> None:
    queue = """query ($id: ID!) { node(id: $id) { ... on Organisation {
      vehicleProofs(states: [REQUESTED]) {
        nodes { id plate driverName documentReference } } } } }"""
    told = (await town.ask("operator", queue, id=town.ids["harbour"]))["node"]["vehicleProofs"]
    [asked] = told["nodes"]
    assert asked == {
        "id": town.ids["car-proof"], "plate": "SHB1234", "driverName": "driver",
        "documentReference": "Registration",
    }  # fmt: skip
    decline = f"""mutation ($id: ID!, $key: String!) {{
      it: declineVehicleProofs(proofIds: [$id], reason: "Not legible", idempotencyKey: $key) {{
        {REFUSED} ... on VehicleProofsDecided {{ proofs {{ state decidedAt }} }} }} }}"""
    [decided] = (await do(town, "operator", decline, id=asked["id"]))["proofs"]
    assert decided["state"] == "DECLINED"
    mine = "{ viewer { vehicles { nodes { proofs { state reason organisationName } } } } }"
    [vehicle] = (await town.ask("driver", mine))["viewer"]["vehicles"]["nodes"]
    expected = {"state": "DECLINED", "reason": "Not legible", "organisationName": "harbour company"}
    assert vehicle["proofs"] == [expected]
    told = (await town.ask("operator", queue, id=town.ids["harbour"]))["node"]["vehicleProofs"]
    assert told["nodes"] == []


async def test_pages_and_no_statement_for_each(town: Town) -> None:
    query = """query ($first: Int!, $after: String) { viewer {
      vehicles(first: $first, after: $after) {
        nodes { plate proofs { organisationName } } pageInfo { hasNextPage endCursor } } } }"""
    with counted() as few:
        await town.ask("driver", query, first=50)
    person = await Person.get(id=town.keys["driver"])
    for number in range(9):
        vehicle = await Vehicle.create(
            country="FR", plate=f"X{number}", created_at=town.clock.now()
        )
        mine = await Enrolment.create(
            vehicle_id=vehicle.id, person_id=person.id, created_at=town.clock.now()
        )
        await VehicleProof.create(
            enrolment_id=mine.id, organisation_id=town.keys["hill"], document_reference="D",
            requested_at=town.clock.now(),
        )  # fmt: skip
    with counted() as many:
        first = (await town.ask("driver", query, first=6))["viewer"]["vehicles"]
    assert len(many) == len(few) == 2
    then = {"first": 6, "after": first["pageInfo"]["endCursor"]}
    rest = (await town.ask("driver", query, **then))["viewer"]["vehicles"]
    plates = [each["plate"] for each in first["nodes"] + rest["nodes"]]
    assert plates == ["SHB1234", *(f"X{number}" for number in range(9))]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)

"""Rights by a vehicle's code, without a sign-in: granted, planned, redeemed, taken back."""

from typing import Any

import pytest

from parking.access.models import CommandState, LockCommand
from parking.accounts.attempts import Limit
from parking.devices.models import Device, DeviceHealth, DeviceKind
from parking.occupancy.models import LockState, SpaceState
from parking.reservations.models import Reservation
from parking.rights.models import AssignedRight
from parking.storage.sql import database as db
from parking.vehicles.limits import TRIES_PER_SOURCE
from schema.ids import global_id
from schema.mutations import rights_claims, rights_exits
from tests.schema.rights_town import CARS
from tests.schema.statements import counted
from tests.schema.town import Town

RIGHT = "id state name kind value currency issuerName placeName timeZone validUntil"
CLAIM = f"""mutation ($grant: String!, $vehicle: VehicleProofInput!, $key: String!) {{
  it: claimRight(grantCode: $grant, vehicle: $vehicle, idempotencyKey: $key) {{ __typename
    ... on RightClaimed {{ isNew right {{ {RIGHT} terms {{ validMinutes }} place {{ id }}
      specification {{ id }} grantCode {{ id }} redemptions {{ id }} }} rights {{ id state }} }}
    ... on Refusal {{ code message }} }} }}"""
PLANNED = """plan { spaceNumber cost { amountMinor } saved { amountMinor } due { amountMinor }
  because explanation used { right { id name issuerName } saves { amountMinor } isNew
    paidByIssuer { amountMinor } paidByOperator { amountMinor } }
  unused { right { id } why explanation } }"""
PLAN = f"""mutation ($exit: String!, $vehicle: VehicleProofInput!) {{
  it: planExit(exitCode: $exit, vehicle: $vehicle) {{ __typename
    ... on ExitPlanned {{ {PLANNED} }} ... on Refusal {{ code }} }} }}"""
REDEEM = f"""mutation ($exit: String!, $vehicle: VehicleProofInput!, $key: String!) {{
  it: redeemAtExit(exitCode: $exit, vehicle: $vehicle, idempotencyKey: $key) {{ __typename
    ... on ExitRedeemed {{ {PLANNED} redemptions {{ id state way plate right {{ id name }}
      reservation {{ id }} }} rights {{ id state }} lock }} ... on Refusal {{ code }} }} }}"""
CANCEL = """mutation ($id: ID!, $vehicle: VehicleProofInput, $key: String!) {
  it: cancelRedemption(redemptionId: $id, vehicle: $vehicle, idempotencyKey: $key) { __typename
    ... on RedemptionCancelled { redemption { state right { state } } }
    ... on Refusal { code } } }"""
GATE = f"""mutation ($place: ID!, $plate: String!, $key: String!) {{
  it: redeemAtGate(placeId: $place, plate: $plate, idempotencyKey: $key) {{ __typename
    ... on GateRedeemed {{ {PLANNED} lock }} ... on Refusal {{ code }} }} }}"""
TRANSFER = """mutation ($id: ID!, $to: String!, $vehicle: VehicleProofInput, $key: String!) {
  it: transferRight(rightId: $id, toVehicleCode: $to, vehicle: $vehicle, idempotencyKey: $key) {
    __typename } }"""
OWN_REDEEM = """mutation ($place: ID!, $vehicle: ID!, $key: String!) {
  it: redeemRights(placeId: $place, vehicleId: $vehicle, idempotencyKey: $key) { __typename } }"""
OWN = f"""mutation ($place: ID!, $vehicle: ID!) {{
  it: planRedemption(placeId: $place, vehicleId: $vehicle) {{ __typename
    ... on ExitPlanned {{ {PLANNED} }} ... on Refusal {{ code }} }} }}"""


STATEMENTS_MAX = 5
MORE = 10


async def say(
    town: Town, mutation: str, who: str = "anonymous", key: str = "", **given: Any
) -> dict[str, Any]:
    """What somebody is answered, under a fresh key unless one is given."""
    if "$key" in mutation:
        given["key"] = key or town.fresh_key()
    answer: dict[str, Any] = (await town.ask(who, mutation, **given))["it"]
    return answer


def by_code(town: Town, car: str = "car") -> dict[str, str]:
    """The vehicle's code as a driver types it: in any case, without the dash."""
    return {"code": town.texts[f"vehicle-code-{car}"].upper().replace("-", " ")}


async def used_up(town: Town, code: str = "code") -> None:
    """What the car was granted by the code is of another day."""
    await AssignedRight.filter(grant_code_id=town.keys[code]).update(day="2025-12-31")


async def test_whoever_knows_the_vehicle_code_is_granted_a_right(granting: Town) -> None:
    asked: dict[str, Any] = {"grant": granting.texts["public-code"], "vehicle": by_code(granting)}
    again = await say(granting, CLAIM, **asked)
    assert (again["isNew"], again["right"]["id"]) == (False, granting.ids["right"])
    assert {each["id"] for each in again["rights"]} == {
        granting.ids["right"],
        granting.ids["spare"],
    }
    await used_up(granting)
    first = await say(granting, CLAIM, key="mine", **asked)
    assert (first["__typename"], first["isNew"]) == ("RightClaimed", True)
    right = first["right"]
    assert (right["issuerName"], right["placeName"]) == ("Tea room", "The garage")
    assert (right["kind"], right["value"], right["timeZone"]) == ("MINUTES", 120, "Europe/Berlin")
    # What is the issuer's own, such as how much is left of its quota, a holder does not see.
    assert (right["specification"], right["grantCode"]) == (None, None)
    assert await say(granting, CLAIM, key="mine", **asked) == first
    assert len(first["rights"]) == 3


async def test_idempotency_keys_belong_to_the_vehicle_and_not_to_all_strangers(
    granting: Town,
) -> None:
    await used_up(granting)
    await used_up(granting, "others-code")
    rights = set()
    for prefix, car in CARS.items():
        grant = granting.texts[f"public-{prefix}code"]
        told = await say(granting, CLAIM, grant=grant, vehicle=by_code(granting, car), key="same")
        assert told["isNew"]
        rights.add(told["right"]["id"])
    assert len(rights) == 2
    signed_in = await say(
        granting, CLAIM, "driver", grant=granting.texts["public-code"],
        vehicle={"vehicleId": granting.ids["car"]}, key="same",
    )  # fmt: skip
    # The driver's own keys are others than those by the code.
    assert not signed_in["isNew"]


async def test_wrong_codes_get_one_neutral_answer_and_then_none(granting: Town) -> None:
    wrong, grant = {"code": "no such word-123"}, granting.texts["public-code"]
    neutral = await say(granting, CLAIM, grant=grant, vehicle=wrong)
    assert neutral["code"] == "UNKNOWN_VEHICLE_CODE"
    plain = await say(granting, PLAN, exit=granting.texts["public-exit"], vehicle=wrong)
    assert plain["code"] == "UNKNOWN_VEHICLE_CODE"
    # Where there is no grant code, no vehicle code is tried.
    for _ in range(TRIES_PER_SOURCE.count_max):
        lost = await say(granting, CLAIM, grant="a" * 26, vehicle=wrong)
        assert lost["__typename"] == "GrantCodeUnknown"
    for _ in range(TRIES_PER_SOURCE.count_max - 2):
        again = await say(granting, CLAIM, grant=grant, vehicle=wrong)
        assert again == neutral
    assert (await say(granting, CLAIM, grant=grant, vehicle=wrong))["__typename"] == "TooManyTries"
    assert (await say(granting, CLAIM, grant=grant, vehicle=by_code(granting)))["__typename"] == (
        "TooManyTries"
    )


async def test_whoever_guesses_does_not_choose_the_door(granting: Town) -> None:
    """Else one wrong code at each of many ids would never stand before a shut one."""
    wrong = {"code": "no such word-1"}
    for number in range(3):
        taken = {"id": global_id("Redemption", number)}
        told = await say(granting, CANCEL, **taken, vehicle=wrong)
        assert told["__typename"] == "UnknownVehicleCode"
    subject = "vehicle_code_at_door:%"
    [row] = await db().fetch("SELECT count FROM attempt_window WHERE subject LIKE $1", subject)
    assert row["count"] == 3
    for number in range(3):
        given = {"id": global_id("AssignedRight", number), "to": "no such word-2"}
        told = await say(granting, TRANSFER, **given, vehicle=wrong)
        assert told["__typename"] == "UnknownVehicleCode"
    rows = await db().fetch("SELECT count FROM attempt_window WHERE subject LIKE $1", subject)
    assert [row["count"] for row in rows] == [3, 3]


async def test_gates_and_givers_ask_so_often_and_no_more(
    granting: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights_exits, "GATE_REDEMPTIONS_PER_VIEWER", Limit("at_gate", 1))
    monkeypatch.setattr(rights_claims, "TRANSFERS_PER_VIEWER", Limit("transfers", 1))
    car = {"place": granting.ids["garage"], "plate": "S-HB 1234"}
    gate = [await say(granting, GATE, "gate", **car) for _ in range(2)]
    assert [each["__typename"] for each in gate] == ["NoOpenStay", "TooManyTries"]
    assert (await say(granting, GATE, "operator", **car))["__typename"] == "NoOpenStay"
    right = {"id": granting.ids["right"], "to": "no such word-1"}
    given = [await say(granting, TRANSFER, "driver", **right) for _ in range(2)]
    assert [each["__typename"] for each in given] == ["UnknownVehicleCode", "TooManyTries"]


async def test_a_stay_is_planned_redeemed_and_taken_back_by_the_code(granting: Town) -> None:
    at, car = {"exit": granting.texts["public-exit"]}, by_code(granting)
    plan = (await say(granting, PLAN, **at, vehicle=car))["plan"]
    [used], [unused] = plan["used"], plan["unused"]
    assert plan["cost"] == used["saves"] == used["paidByIssuer"] == {"amountMinor": 480}
    assert (plan["due"], used["paidByOperator"]) == ({"amountMinor": 0}, {"amountMinor": 0})
    assert used["right"] == {
        "id": granting.ids["right"], "name": "Two hours with your tea", "issuerName": "Tea room",
    }  # fmt: skip
    assert unused["right"] == {"id": granting.ids["spare"]}
    done = await say(granting, REDEEM, **at, vehicle=car, key="out")
    [redemption] = done["redemptions"]
    assert (redemption["id"], redemption["plate"]) == (granting.ids["redemption"], "SHB1234")
    assert (redemption["reservation"], done["lock"]) == (None, None)
    assert await say(granting, REDEEM, **at, vehicle=car, key="out") == done
    taken = {"id": redemption["id"]}
    stranger = await say(granting, CANCEL, **taken, vehicle=by_code(granting, "others-car"))
    assert stranger["__typename"] == "NotFound"
    back = await say(granting, CANCEL, **taken, vehicle=car)
    assert back["redemption"] == {"state": "CANCELLED", "right": {"state": "HELD"}}
    fresh = await say(granting, REDEEM, **at, vehicle=car)
    assert (fresh["redemptions"][0]["way"], len(fresh["rights"])) == ("EXIT_CODE", 2)


async def test_redeeming_orders_the_arm_before_the_car_down(granting: Town) -> None:
    lock = await Device.create(
        endpoint="garage-lock", kind=DeviceKind.LOCK, place_id=granting.keys["garage"],
        space_id=granting.keys["garage-1"], created_at=granting.clock.now(),
    )  # fmt: skip
    await DeviceHealth.create(device_id=lock.id)
    await SpaceState.filter(space_id=granting.keys["garage-1"]).update(lock=LockState.RAISED)
    asked: dict[str, Any] = {
        "exit": granting.texts["public-exit"], "vehicle": by_code(granting), "key": "out"
    }  # fmt: skip
    assert (await say(granting, REDEEM, **asked))["lock"] == "QUEUED"
    await LockCommand.all().update(state=CommandState.DONE)
    assert (await say(granting, REDEEM, **asked))["lock"] == "DONE"


async def test_a_stay_elsewhere_and_an_exit_of_nothing_look_as_they_should(granting: Town) -> None:
    car = by_code(granting)
    elsewhere = await say(granting, PLAN, exit=granting.texts["public-others-exit"], vehicle=car)
    assert elsewhere["__typename"] == "NoOpenStay"
    nowhere = await say(granting, PLAN, exit="a" * 26, vehicle=car)
    assert nowhere["__typename"] == "NotFound"


async def test_drivers_plan_and_redeem_for_their_own_vehicles_alone(granting: Town) -> None:
    for vehicle, place, expected in (
        ("car", "garage", "ExitPlanned"),
        ("car", "hilltop", "NoOpenStay"),
        ("others-car", "garage", "NotFound"),
    ):
        asked = {"place": granting.ids[place], "vehicle": granting.ids[vehicle]}
        assert (await say(granting, OWN, "driver", **asked))["__typename"] == expected
        done = await say(granting, OWN_REDEEM, "driver", **asked)
        assert done["__typename"] == expected.replace("ExitPlanned", "ExitRedeemed")
    nothing = {"place": global_id("Place", 999_999), "vehicle": granting.ids["car"]}
    assert (await say(granting, OWN, "driver", **nothing))["__typename"] == "NoOpenStay"
    assert (await say(granting, OWN, "till", **nothing))["__typename"] == "NotPermitted"
    refused = await granting.execute("anonymous", OWN, **nothing)
    assert refused.errors[0].extensions["code"] == "UNAUTHENTICATED"


async def test_a_gate_redeems_by_plate_and_tells_nothing_of_other_rights(granting: Town) -> None:
    await Reservation.filter(id=granting.keys["parked"]).update(plate="SHB1234")
    for who in ("gate", "attendant", "operator"):
        asked = {"place": granting.ids["garage"], "plate": "S-HB 1234"}
        told = await say(granting, GATE, who, **asked)
        assert told["__typename"] == "GateRedeemed", who
        assert [each["right"]["name"] for each in told["plan"]["used"]] == [
            "Two hours with your tea"
        ]
        assert told["plan"]["unused"] == []


async def test_statements_do_not_grow_with_the_rights_that_a_vehicle_holds(granting: Town) -> None:
    query = f"query {{ viewer {{ rights {{ nodes {{ {RIGHT} redemptions {{ id }} }} }} }} }}"
    [right] = await AssignedRight.filter(id=granting.keys["spare"]).values()
    del right["id"]
    for number in range(MORE):
        await AssignedRight.create(**right | {"ordinal": number + 1})
    with counted() as statements:
        told = await granting.ask("driver", query)
    assert len(told["viewer"]["rights"]["nodes"]) == 2 + MORE
    assert len(statements) <= STATEMENTS_MAX < MORE

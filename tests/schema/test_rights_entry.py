"""Entering by a right through the schema: one call, one booking, nothing asked of the driver."""

from parking.reservations.models import Reservation
from parking.rights.kinds import RightKind
from parking.rights.models import AssignedRight
from schema.ids import global_id
from tests.schema.town import Town

ENTER = """mutation ($place: ID!, $car: ID!, $until: DateTime!, $key: String!) {
  it: enterWithRight(placeId: $place, vehicleId: $car, until: $until, idempotencyKey: $key) {
    __typename
    ... on EnteredWithRight {
      reservation { id state price { amountMinor } }
      redemption { state way right { kind state } }
    } } }"""
UNTIL = "2026-01-05T10:00:00Z"


async def test_a_right_lets_its_vehicle_in_once(granting: Town) -> None:
    await AssignedRight.filter(id=granting.keys["spare"]).update(kind=RightKind.ACCESS, value=0)
    given = {"place": granting.ids["garage"], "car": granting.ids["car"], "until": UNTIL}
    nowhere = given | {"place": global_id("Place", 999_999), "key": granting.fresh_key()}
    assert (await granting.ask("driver", ENTER, **nowhere))["it"]["__typename"] == "NoAccessRight"
    long = given | {"until": "2026-01-05T18:00:00Z", "key": granting.fresh_key()}
    await AssignedRight.filter(id=granting.keys["spare"]).update(worth_max_minor=1_000)
    assert (await granting.ask("driver", ENTER, **long))["it"]["__typename"] == "AccessNotCovered"
    before, once = await Reservation.all().count(), given | {"key": granting.fresh_key()}
    told = [(await granting.ask("driver", ENTER, **once))["it"] for _ in range(2)]
    assert told[0] == told[1]
    assert told[0]["reservation"]["state"] == "CONFIRMED"
    assert told[0]["redemption"] == {
        "state": "LIVE", "way": "ACCESS", "right": {"kind": "ACCESS", "state": "REDEEMED"}
    }  # fmt: skip
    assert await Reservation.all().count() == before + 1
    again = given | {"key": granting.fresh_key()}
    assert (await granting.ask("driver", ENTER, **again))["it"]["__typename"] == "NoAccessRight"

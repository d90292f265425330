"""Granting in the database: what is written, counted, told and refused."""

from datetime import timedelta

import orjson
import pytest

from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.errors import InvalidInput
from parking.geo import Position
from parking.rights.codes.manage import revoke_grant_code
from parking.rights.codes.rotating import picture
from parking.rights.codes.tickets import ticket_of
from parking.rights.contracts import end_contract
from parking.rights.kinds import GrantCodeKind, RightKind, RightState
from parking.rights.models import AssignedRight, PlaceRightsRule
from parking.rights.terms import Terms
from parking.settlement.models import Validation
from parking.storage.sql import database
from parking.vehicles.models import Enrolment, VehicleProof
from tests.parking.rights.granting.counter import KEYS, Counter, another_car, car_of
from tests.support.estate import OPENED

DAY = timedelta(days=1)


async def test_a_right_is_written_as_the_specification_says_now(counter: Counter) -> None:
    granted = await counter.scan()
    right, now = await counter.right(granted.right_id), counter.shop.clock.now()
    assert granted.is_new
    assert (right.state, right.kind, right.value) == (RightState.HELD, RightKind.MINUTES, 60)
    assert (right.granted_value, right.commit_minor, right.currency) == (60, 150, "EUR")
    assert (right.valid_from, right.valid_until) == (now, now + DAY)
    assert (right.day, right.ordinal, right.reference) == ("2026-01-05", 0, "")
    assert right.enrolment_id == counter.car.id
    assert right.person_id == counter.shop.driver.person_id
    assert await counter.counts() == (1, 150, 1)


async def test_granting_twice_is_one_right(counter: Counter) -> None:
    first = await counter.scan()
    await revoke_grant_code(
        counter.shop.merchant, counter.code_id, "copied", **counter.shop.with_bus
    )
    again = await counter.scan()
    assert (again.right_id, again.is_new) == (first.right_id, False)
    assert await counter.counts() == (1, 150, 1)


async def test_it_is_audited_and_told_to_driver_issuer_operator_and_place(
    counter: Counter,
) -> None:
    granted = await counter.scan()
    [entry] = await database().fetch("SELECT * FROM audit_entry WHERE verb = 'grant_right'")
    assert (entry["actor"], entry["subject"]) == (
        f"vehicle:{counter.car.id}",
        f"right:{granted.right_id}",
    )
    events = await database().fetch("SELECT topics, body FROM money_event ORDER BY id DESC LIMIT 1")
    shop = counter.shop
    assert orjson.loads(events[0]["topics"]) == [
        f"person:{shop.driver.person_id}:rights", f"organisation:{shop.issuer_id}:rights",
        f"organisation:{shop.operator_id}:rights", f"place:{shop.place_id}:rights",
    ]  # fmt: skip
    told = orjson.loads(events[0]["body"])
    assert (told["right_id"], told["version"]) == (granted.right_id, 1)


async def test_only_the_vehicles_own_driver_is_granted_for_it(counter: Counter) -> None:
    driver = counter.car.person_id
    other = await car_of(counter.shop.driver)
    for viewer in (
        ANONYMOUS,
        Viewer(person_id=driver + 1),
        Viewer(api_key_id=driver),
        Viewer(person_id=driver, link_of=3),
        Viewer(person_id=driver, enrolment_of=other.id),
    ):
        assert await counter.told(viewer=viewer) == "NOT_FOUND"
    assert await counter.told(car=counter.car._replace(removed_at=OPENED)) == "NOT_FOUND"
    assert await counter.told(viewer=counter.shop.driver) == "NEW"


async def test_what_is_no_code_is_unknown(counter: Counter) -> None:
    for scanned in ("", "x" * 26, "a.b.c", "/g/", "ü" * 26, "x" * 26 + ".1.mac"):
        assert await counter.told(scanned) == "GRANT_CODE_UNKNOWN"


async def test_the_reasons_that_the_tables_hold(counter: Counter) -> None:
    """Each fact is read from where it is kept; what follows from it is `test_rules`' table."""
    shop, now = counter.shop, counter.shop.clock.now()
    last = await shop.code(uses_max=1)
    later = await shop.code(valid_from=now + DAY)
    over = await shop.code(valid_until=now + timedelta(minutes=1))
    known = await shop.code(needs_reference=True)
    near = await shop.code(radius_metres=100)
    await counter.scan(last, car=await another_car())
    shop.clock.advance(minutes=1)
    assert await counter.told(last) == "GRANT_CODE_EXHAUSTED"
    assert await counter.told(later) == "GRANT_CODE_NOT_YET_VALID"
    assert await counter.told(over) == "GRANT_CODE_EXPIRED"
    assert await counter.told(known) == "REFERENCE_NEEDED"
    assert await counter.told(near) == "POSITION_NEEDED"
    assert await counter.told(near, position=Position(48.8, 9.18)) == "TOO_FAR"
    assert await counter.told(near, position=Position(48.7705, 9.18)) == "NEW"
    await end_contract(shop.operator, shop.contract_id, "moved", **shop.with_bus)
    assert await counter.told(car=await another_car()) == "CONTRACT_NOT_ACTIVE"


async def test_a_rotating_picture_is_good_for_its_minute_and_its_ticket_for_ten(
    counter: Counter,
) -> None:
    shop = counter.shop
    code = await shop.code(kind=GrantCodeKind.ROTATING)
    name, shown_at = await counter.public_id(code), shop.clock.now()
    fresh, ticket = picture(KEYS[0], name, shown_at), ticket_of(KEYS[0], name, shown_at)
    assert await counter.told(name) == "PICTURE_STALE"
    shop.clock.advance(seconds=60)
    assert await counter.told(fresh) == "PICTURE_STALE"
    assert await counter.told(ticket) == "NEW"
    assert await counter.told(fresh) == "AGAIN"


async def test_a_purchase_grants_once_at_all_codes_of_the_issuer(counter: Counter) -> None:
    first, second = await counter.shop.codes(2, needs_reference=True, label="till")
    assert await counter.told(first, reference="r 17") == "NEW"
    assert await counter.told(first, reference="\uff3217") == "AGAIN"
    other = await another_car()
    assert await counter.told(second, car=other, reference="R17") == "REFERENCE_USED"
    assert await counter.told(second, car=other, reference="R18") == "NEW"
    with pytest.raises(InvalidInput):
        await counter.scan(first, reference="R" * 65)


async def test_an_operator_that_wants_proof_is_given_it_first(counter: Counter) -> None:
    place_id = counter.shop.place_id
    await PlaceRightsRule.create(
        place_id=place_id, per_stay_max=3, needs_proof=True, changed_at=OPENED
    )
    assert await counter.told() == "PROOF_NEEDED"
    for organisation_id, told in (
        (counter.shop.issuer_id, "PROOF_NEEDED"),
        (counter.shop.operator_id, "NEW"),
    ):
        await VehicleProof.create(
            organisation_id=organisation_id, enrolment_id=counter.car.id, state="APPROVED",
            document_reference="a paper", requested_at=OPENED,
        )  # fmt: skip
        assert await counter.told() == told


async def test_a_vehicle_has_so_many_a_day_whichever_code_it_scans(counter: Counter) -> None:
    shop = counter.shop
    made = await shop.specification(
        RightKind.AMOUNT, 100, terms=Terms(per_vehicle_day_max=2, per_stay_max=2)
    )
    codes = await shop.codes(3, specification_id=made)
    assert [await counter.told(code) for code in codes] == ["NEW", "NEW", "DAY_MAXIMUM"]
    assert await counter.told(codes[0]) == "AGAIN"
    shop.clock.advance(days=1)
    assert await counter.told(codes[2]) == "NEW"


async def test_after_a_used_one_the_same_code_grants_the_next(counter: Counter) -> None:
    shop = counter.shop
    made = await shop.specification(RightKind.FREE, terms=Terms(per_vehicle_day_max=2))
    code = await shop.code(specification_id=made)
    first = await counter.scan(code)
    await AssignedRight.filter(id=first.right_id).update(state=RightState.USED)
    second = await counter.scan(code)
    assert (second.is_new, (await counter.right(second.right_id)).ordinal) == (True, 1)


async def test_what_does_not_stack_says_so(counter: Counter) -> None:
    alone = await counter.shop.specification(RightKind.FREE, terms=Terms(stacks=False))
    code = await counter.shop.code(specification_id=alone)
    await counter.scan()
    assert await counter.told(code) == "NOT_STACKABLE"
    assert await counter.told(code, car=await another_car()) == "NEW"


async def test_another_driver_of_the_same_vehicle_has_rights_of_their_own(
    counter: Counter,
) -> None:
    mine = await counter.scan()
    theirs = await counter.scan(car=await car_of(counter.shop.merchant, counter.car.plate))
    assert theirs.is_new
    assert theirs.right_id != mine.right_id


async def test_an_edit_of_the_template_changes_no_right(counter: Counter) -> None:
    granted = await counter.scan()
    await database().execute("UPDATE right_specification SET value = 5")
    assert (await counter.right(granted.right_id)).value == 60
    assert await Validation.all().count() == 0
    assert await Enrolment.all().count() == 1

"""Rights go into a stay, and pay in its settlement: the plan's price is the bill's."""

import pytest

from parking.accounts.viewer import SYSTEM, Viewer
from parking.errors import NotFound
from parking.reservations.models import Reservation
from parking.rights.kinds import RedemptionWay, RightKind
from parking.rights.models import AssignedRight, PlaceRightsRule, Redemption
from parking.rights.redeeming import plan
from parking.rights.redeeming.plan import Plan, plan_redemption
from parking.rights.redeeming.redeem import redeem
from parking.rights.redeeming.refusals import NoOpenStay, NothingToRedeem
from parking.rights.redeeming.why import Because, Why
from parking.rights.terms import Terms
from parking.settlement.kinds import ValidationKind
from parking.settlement.validations import add_validation
from parking.vehicles.models import ProofState, VehicleProof
from tests.parking.rights.redeeming.desk import PLATE, Desk, enrolled
from tests.parking.settlement.till import whole
from tests.support.estate import OPENED
from tests.support.operators import make_organisation
from tests.support.wallets import give_credit, in_wallet

_K = RightKind
KINDS = [
    (_K.MINUTES, 60, 200, 60),
    (_K.MINUTES, 600, 400, 120),
    (_K.AMOUNT, 150, 150, 0),
    (_K.PERCENT, 25, 100, 0),
    (_K.FREE, 0, 400, 0),
]


async def test_the_issuer_pays_and_the_driver_gets_it_back(both: Desk) -> None:
    desk, spent = both, 0
    for kind, value, saved, minutes in KINDS:
        right = await desk.right(kind, value)
        booked = await desk.park()
        planned = await desk.plan()
        told = (planned.cost_minor, planned.due_minor, planned.saves_minor)
        assert told == (400, 400 - saved, saved)
        done = await desk.redeem()
        assert done.plan.due_minor == planned.due_minor
        assert await desk.state(right) == ("REDEEMED", value)
        await desk.leave()
        spent += saved
        found = await desk.till.settlement(booked)
        assert whole(found) == (400, saved, 0, 0, 300, 40, 60, 0, saved)
        assert await desk.used(right) == ("FINISHED", saved, 0, minutes)
        assert (await desk.state(right))[0] == "USED"
        assert await in_wallet(desk.driver) == 2_000 - len(await Redemption.all()) * 400 + spent
    assert (await desk.counts(), await desk.owes()) == ((len(KINDS), 0, spent), spent)
    await desk.audit()


async def test_issuers_operator_and_driver_pay_exactly_what_was_planned(both: Desk) -> None:
    """A merchant's own promise, two issuers of which one has a price, and an overstay."""
    desk = both
    other = await make_organisation("Book shop")
    await give_credit(other)
    priced = await desk.contract(other, price_minor=70)
    minutes = await desk.right(_K.MINUTES, 90)
    percent = await desk.right(_K.PERCENT, 20, contract_id=priced)
    booked = await desk.park(minutes=133)
    await give_credit(bakery := await make_organisation("Bakery"))
    await add_validation(
        SYSTEM, bakery, booked, ValidationKind.AMOUNT, 33, clock=desk.clock, bus=desk.bus
    )
    planned = await desk.plan()
    assert planned.others_minor == 33
    await desk.redeem()
    await desk.leave()
    found = await desk.till.settlement(booked)
    assert found.cost_minor == planned.cost_minor == 600
    payers = (bakery, desk.issuer_id, other, desk.operator_id)
    paid = [await desk.owes(each) for each in payers]
    assert paid == [33, 400, 70, 120 - 70]
    assert found.cost_minor - found.validation_minor == planned.due_minor == 600 - sum(paid)
    assert await desk.used(minutes) == ("FINISHED", 400, 0, 90)
    assert await desk.used(percent) == ("FINISHED", 70, 50, 0)
    assert await in_wallet(desk.driver) == 2_000 - planned.due_minor
    await desk.audit()


async def test_redeeming_again_changes_nothing(desk: Desk) -> None:
    await desk.right(_K.AMOUNT, 100)
    await desk.park()
    first, second = await desk.redeem(), await desk.redeem()
    assert (first.redemption_ids, second.is_changed) == (second.redemption_ids, False)
    assert await Redemption.all().count() == 1
    assert second.plan.saves_minor == 100


async def test_what_was_granted_meanwhile_takes_the_place_of_what_it_makes_needless(
    both: Desk,
) -> None:
    desk = both
    small = await desk.right(_K.AMOUNT, 100)
    booked = await desk.park()
    await desk.redeem()
    free = await desk.right(_K.FREE)
    done = await desk.redeem()
    assert (done.is_changed, await desk.promises(booked)) == (True, [free])
    assert (await desk.state(small), (await desk.used(small))[0]) == (("HELD", 100), "CANCELLED")
    await desk.leave()
    assert (await desk.till.settlement(booked)).validation_minor == 400
    await desk.audit()


async def test_the_best_of_several_is_chosen_and_explained(desk: Desk) -> None:
    await PlaceRightsRule.create(place_id=desk.place_id, per_stay_max=2, changed_at=OPENED)
    few, many = await desk.right(_K.AMOUNT, 60), await desk.right(_K.AMOUNT, 170)
    hour = await desk.right(_K.MINUTES, 60)
    alone = await desk.right(_K.AMOUNT, 190, terms=Terms(stacks=False))
    later = await desk.right(_K.AMOUNT, 50, valid_from=desk.clock.now().replace(hour=20))
    elsewhere = await desk.right(_K.AMOUNT, 40, place_id=999)
    formerly = await desk.right(_K.AMOUNT, 45, operator_id=999)
    foreign = await desk.right(_K.AMOUNT, 30, currency="CHF")
    await desk.park()
    planned = await desk.plan()
    assert _ids(planned) == [many, hour]
    assert (planned.saves_minor, planned.because) == (370, Because.LEAST_TO_PAY)
    assert {each.held.right.id: each.why for each in planned.unused} == {
        few: Why.PLACE_MAXIMUM, alone: Why.NOT_STACKABLE, later: Why.NOT_YET_VALID,
        elsewhere: Why.OTHER_PLACE, formerly: Why.OTHER_PLACE, foreign: Why.OTHER_CURRENCY,
    }  # fmt: skip
    assert all(each.explanation for each in planned.unused)


async def test_a_day_has_its_maximum_for_the_plate_whoever_drives(desk: Desk) -> None:
    """The second driver has proven to speak for the vehicle; the car has had its one today."""
    right = await desk.right(_K.AMOUNT, 100)
    await desk.park()
    await desk.redeem()
    await desk.leave()
    other = await enrolled(desk.till.stage.lease.other)
    await VehicleProof.create(
        enrolment_id=other.id, organisation_id=desk.operator_id, state=ProofState.APPROVED,
        document_reference="registration", requested_at=OPENED,
    )  # fmt: skip
    await desk.right(_K.AMOUNT, 100, car=other)
    await desk.park(space=1)
    with pytest.raises(NothingToRedeem):
        await desk.redeem(car=other)
    planned = await plan_redemption(other, desk.place_id, clock=desk.clock)
    assert [each.why for each in planned.unused] == [Why.DAY_MAXIMUM]
    assert (await desk.state(right))[0] == "USED"


async def test_who_has_only_typed_in_the_plate_learns_nothing_by_the_maximum(desk: Desk) -> None:
    """Neither a stranger that the car was there today, nor does what they use keep its driver's."""
    other = await enrolled(desk.till.stage.lease.other)
    mine, theirs = [await desk.right(_K.AMOUNT, 100, car=car) for car in (desk.car, other)]
    for space, (car, right) in enumerate(((desk.car, mine), (other, theirs))):
        booked = await desk.park(space=space)
        await Reservation.filter(id=booked).update(person_id=car.person_id)
        assert (await desk.redeem(car=car)).is_changed
        assert await desk.promises(booked) == [right]
    again = await desk.right(_K.AMOUNT, 100)
    await desk.park(space=2)
    planned = await desk.plan()
    assert {each.held.right.id: each.why for each in planned.unused} == {
        again: Why.DAY_MAXIMUM, mine: Why.IN_OTHER_STAY,
    }  # fmt: skip


async def test_what_its_issuer_cannot_pay_is_not_used(desk: Desk) -> None:
    await give_credit(desk.issuer_id, 0)
    await desk.right(_K.AMOUNT, 100)
    await desk.park()
    assert [each.why for each in (await desk.plan()).unused] == [Why.NO_CREDIT]
    with pytest.raises(NothingToRedeem):
        await desk.redeem()
    await give_credit(desk.issuer_id, 30)
    assert (await desk.redeem()).plan.saves_minor == 30


async def test_only_while_the_stay_goes_on(desk: Desk) -> None:
    right = await desk.right(_K.FREE)
    with pytest.raises(NoOpenStay):
        await desk.plan()
    booked = await desk.park()
    await desk.till.stage.go()
    with pytest.raises(NoOpenStay):
        await desk.redeem()
    assert await desk.promises(booked) == []
    assert await desk.state(right) == ("HELD", 0)


async def test_a_stay_without_a_plate_is_its_drivers(desk: Desk) -> None:
    await desk.right(_K.FREE)
    booked = await desk.park(plate="")
    done = await desk.redeem()
    assert done.plan.due_minor == 0
    [found] = await Redemption.all()
    assert (found.plate, found.reservation_id) == (PLATE, booked)


async def test_another_car_of_the_driver_is_another_stay(desk: Desk) -> None:
    await desk.right(_K.FREE)
    await desk.park(plate="XX1")
    with pytest.raises(NoOpenStay):
        await desk.redeem()


async def test_a_plate_typed_in_tells_nobody_where_the_car_is(desk: Desk) -> None:
    """Somebody else has enrolled the same plate: no stay for them, unless they prove it."""
    other = await enrolled(desk.till.stage.lease.other)
    right = await desk.right(_K.FREE, car=other)
    booked = await desk.park()
    with pytest.raises(NoOpenStay):
        await plan_redemption(other, desk.place_id, clock=desk.clock)
    with pytest.raises(NoOpenStay):
        await desk.redeem(car=other)
    await VehicleProof.create(
        enrolment_id=other.id, organisation_id=desk.operator_id, state=ProofState.APPROVED,
        document_reference="registration", requested_at=OPENED,
    )  # fmt: skip
    await desk.redeem(car=other)
    assert await desk.promises(booked) == [right]


async def test_each_driver_of_a_car_puts_in_and_takes_out_their_own(both: Desk) -> None:
    """What another driver has put in counts, and stays."""
    desk = both
    await PlaceRightsRule.create(place_id=desk.place_id, per_stay_max=2, changed_at=OPENED)
    other = await enrolled(desk.till.stage.lease.other)
    await VehicleProof.create(
        enrolment_id=other.id, organisation_id=desk.operator_id, state=ProofState.APPROVED,
        document_reference="registration", requested_at=OPENED,
    )  # fmt: skip
    theirs = await desk.right(_K.AMOUNT, 100, car=other)
    mine = [await desk.right(_K.AMOUNT, value) for value in (110, 120)]
    booked = await desk.park()
    await desk.redeem(car=other)
    done = await desk.redeem()
    assert await desk.promises(booked) == [theirs, mine[1]]
    assert (done.plan.others_minor, done.plan.due_minor) == (100, 180)
    assert [each.why for each in done.plan.unused] == [Why.PLACE_MAXIMUM]


async def test_only_for_ones_own_vehicle(desk: Desk) -> None:
    right = await desk.right(_K.FREE)
    await desk.park()
    strangers = [
        desk.till.stage.lease.other, desk.till.stage.lease.operator, Viewer(),
        Viewer(person_id=desk.driver.person_id, link_of=1),
        Viewer(person_id=desk.driver.person_id, enrolment_of=desk.car.id + 1),
    ]  # fmt: skip
    for viewer in strangers:
        with pytest.raises(NotFound):
            await redeem(
                desk.car, desk.place_id, RedemptionWay.DRIVER, viewer=viewer, clock=desk.clock,
                bus=desk.bus,
            )  # fmt: skip
    assert (await desk.state(right))[0] == "HELD"


async def test_a_removed_vehicle_has_no_stay(desk: Desk) -> None:
    await desk.right(_K.FREE)
    await desk.park()
    gone = desk.car._replace(removed_at=desk.clock.now())
    with pytest.raises(NoOpenStay):
        await plan_redemption(gone, desk.place_id, clock=desk.clock)


async def test_no_more_rights_are_tried_than_can_be(desk: Desk) -> None:
    for number in range(13):
        await desk.right(_K.AMOUNT, 10 + number, hours=20 - number)
    await desk.park()
    planned = await desk.plan()
    assert len(planned.chosen) == 3
    assert [each.held.right.value for each in planned.unused if each.why is Why.TOO_MANY_HELD] == [
        10
    ]


async def test_where_pricing_takes_long_fewer_are_tried(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never none: the one that lapses first is priced whatever it takes."""
    for number in range(4):
        await desk.right(_K.MINUTES, 30 + number, hours=20 - number)
    await desk.park()
    assert len((await desk.plan()).chosen) == 2  # each alone takes no started hour off
    monkeypatch.setattr(plan, "PLAN_STEPS_MAX", 1)
    planned = await desk.plan()
    assert [each.why for each in planned.unused].count(Why.TOO_MANY_HELD) == 3


async def test_a_booking_that_has_no_money_in_berth_takes_no_rights(desk: Desk) -> None:
    await desk.right(_K.FREE)
    booked = await desk.park()
    await Reservation.filter(id=booked).update(plate="OTHER")
    with pytest.raises(NoOpenStay):
        await desk.redeem()
    assert await AssignedRight.filter(state="REDEEMED").count() == 0


def _ids(planned: Plan) -> list[int]:
    return sorted(each.held.right.id for each in planned.chosen)

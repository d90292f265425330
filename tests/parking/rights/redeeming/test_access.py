"""A right that lets a vehicle in: the stay is booked by it, and nothing is asked of the driver."""

import json
from datetime import datetime, timedelta

import pytest

from parking.accounts.models import Role
from parking.errors import Conflict, NotFound, Refusal
from parking.rates.models import RateTable
from parking.reservations.models import Reservation, ReservationState
from parking.reservations.refusals import WindowTaken
from parking.rights.kinds import RightKind
from parking.rights.models import Redemption
from parking.rights.redeeming.access import Entered, enter
from parking.rights.redeeming.refusals import AccessNotCovered, NoAccessRight
from parking.settlement.models import EscrowAccount, Validation
from parking.settlement.validations import return_validation
from parking.vehicles.records import EnrolmentRecord
from tests.parking.rights.redeeming.desk import Desk, enrolled
from tests.parking.settlement.till import whole
from tests.support.leasing import HOURLY, make_listing, somebody
from tests.support.wallets import empty_wallet, give_credit, in_wallet


async def let_in(desk: Desk, hours: float = 2, car: EnrolmentRecord | None = None) -> Entered:
    stage = desk.till.stage
    return await enter(
        car or desk.car, desk.place_id, _until(desk, hours), viewer=desk.driver, clock=desk.clock,
        bus=desk.bus, funding=stage.funding,
    )  # fmt: skip


def _until(desk: Desk, hours: float) -> datetime:
    return desk.clock.now() + timedelta(hours=hours)


async def park_in(desk: Desk, minutes: float) -> None:
    await desk.till.stage.come()
    await desk.till.stage.pass_time(minutes=minutes)


async def test_it_books_a_bay_now_and_its_issuer_pays(both: Desk) -> None:
    desk = both
    await empty_wallet(desk.driver)
    right = await desk.right(RightKind.ACCESS)
    entered = await let_in(desk)
    assert await desk.till.stage.state(entered.reservation_id) is ReservationState.CONFIRMED
    pocket = await EscrowAccount.get(reservation_id=entered.reservation_id)
    assert (pocket.secured_minor, (await desk.state(right))[0]) == (0, "REDEEMED")
    await park_in(desk, 110)
    planned = await desk.plan()
    assert (planned.cost_minor, planned.others_minor, planned.due_minor) == (400, 400, 0)
    assert not (await desk.redeem()).is_changed
    await desk.leave()
    found = await desk.till.settlement(entered.reservation_id)
    assert whole(found) == (0, 400, 0, 0, 300, 40, 60, 0, 0)
    assert await desk.used(right) == ("FINISHED", 400, 0, 0)
    assert (await Redemption.get(id=entered.redemption_id)).way == "ACCESS"
    assert ((await desk.state(right))[0], await in_wallet(desk.driver)) == ("USED", 0)
    await desk.audit()


async def test_it_is_not_taken_out_of_the_stay_that_it_let_in(desk: Desk) -> None:
    """Neither by its driver, nor by its issuer, nor for a right that would do as well."""
    right = await desk.right(RightKind.ACCESS)
    entered = await let_in(desk)
    with pytest.raises(Conflict):
        await desk.cancel(entered.redemption_id)
    await park_in(desk, 10)
    with pytest.raises(Conflict, match="on the strength of it"):
        await desk.cancel(entered.redemption_id)
    merchant = await somebody("Mei", {desk.issuer_id: Role.MERCHANT})
    promise = await Validation.get(right_id=right)
    with pytest.raises(Conflict, match="on the strength of it"):
        await return_validation(merchant, promise.id, clock=desk.clock, bus=desk.bus)
    await desk.right(RightKind.FREE, hours=1)
    assert not (await desk.redeem()).is_changed
    assert await desk.promises(entered.reservation_id) == [right]


async def test_overstaying_is_the_drivers_beyond_what_it_is_worth(desk: Desk) -> None:
    await desk.right(RightKind.ACCESS, worth_max_minor=400)
    entered = await let_in(desk)
    await park_in(desk, 170)
    assert (await desk.plan()).due_minor == 200
    await desk.leave()
    found = await desk.till.settlement(entered.reservation_id)
    assert (found.validation_minor, found.topped_up_minor) == (400, 200)
    await desk.audit()


async def test_a_booking_that_was_not_used_leaves_the_right_whole(desk: Desk) -> None:
    right = await desk.right(RightKind.ACCESS)
    entered = await let_in(desk)
    await desk.till.cancel(entered.reservation_id)
    await desk.till.settle()
    await desk.finish()
    assert (await desk.state(right))[0] == "HELD"
    await desk.audit()


async def test_it_is_refused_with_its_reason(desk: Desk) -> None:
    async def refusal(hours: float = 2, car: EnrolmentRecord | None = None) -> type[Refusal]:
        with pytest.raises(Refusal) as raised:
            await let_in(desk, hours, car)
        return type(raised.value)

    await desk.right(RightKind.FREE)
    assert await refusal() is NoAccessRight
    await desk.right(RightKind.ACCESS, worth_max_minor=400)
    assert await refusal(3) is AccessNotCovered
    assert await refusal(24 * 500) is WindowTaken
    assert await refusal(car=await enrolled(desk.till.stage.lease.other)) is NotFound
    await give_credit(desk.issuer_id, 399)
    assert await refusal() is AccessNotCovered
    await give_credit(desk.issuer_id)
    for bay in range(3):
        await desk.till.stage.book(0, 3, space=bay)
    assert await refusal() is WindowTaken
    assert await Redemption.all().count() == 0


async def test_nobody_keeps_more_bays_than_two_by_rights(both: Desk) -> None:
    """Each is given back or not used for nothing, so else a few rights would empty a place."""
    desk = both
    cars = [desk.car, *[await enrolled(desk.driver, f"SAB{n}") for n in range(2)]]
    for car in cars:
        await desk.right(RightKind.ACCESS, car=car)
    entered = [await let_in(desk, car=car) for car in cars[:2]]
    with pytest.raises(Conflict) as refused:
        await let_in(desk, car=cars[2])
    assert refused.value.code == "ACCESS_BOOKINGS_MAX"
    await desk.till.cancel(entered[0].reservation_id)
    await let_in(desk, car=cars[2])


async def test_who_has_only_typed_in_the_plate_is_let_in_as_if_the_car_were_elsewhere(
    desk: Desk,
) -> None:
    """Else a right for the same at a stranger's plate would tell that the car came in today."""
    stranger = desk.till.stage.lease.other
    typed_in = await enrolled(stranger)
    for car in (desk.car, typed_in):
        await desk.right(RightKind.ACCESS, car=car)
    await let_in(desk)
    await enter(
        typed_in, desk.place_id, _until(desk, 2), viewer=stranger, clock=desk.clock, bus=desk.bus,
        funding=desk.till.stage.funding,
    )  # fmt: skip
    assert await Redemption.filter(way="ACCESS").count() == 2


async def test_the_cheapest_offer_is_taken_whoever_was_first(both: Desk) -> None:
    """Else whoever lists a bay there first, at any price, is paid it by the issuers of others; and
    the right would not do where a dearer offer comes before one that it covers."""
    desk = both
    lease = desk.till.stage.lease
    dear = json.dumps(HOURLY).replace("200", "90000")
    await RateTable.filter(organisation_id=lease.lessor_id).update(document=dear)
    cheap = await make_listing(lease.estate, lease.lessor_id)
    await desk.right(RightKind.ACCESS, worth_max_minor=400)
    entered = await let_in(desk)
    booked = await Reservation.get(id=entered.reservation_id)
    assert (booked.listing_id, booked.amount_minor) == (cheap, 400)

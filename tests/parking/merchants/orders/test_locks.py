"""Locks of orders: raised at once or shortly before, and where one fails the order moves on."""

import pytest

from parking.access.hand_out import hand_out
from parking.access.models import CommandCause, LockCommand, LockTarget
from parking.access.replies import refuse_command
from parking.devices.models import DeviceKind
from parking.devices.provision import Provisioned
from parking.merchants.kinds import OrderState
from parking.merchants.models import MerchantOrderEvent
from parking.merchants.orders.locks import LOCK_FAILED, look_at_locks
from parking.merchants.records import OrderRecord
from parking.occupancy.models import LockState, Occupancy
from tests.support.bays import Bays
from tests.support.mall import Mall

LOWERED, RAISED, FAULT = LockState.LOWERED, LockState.RAISED, LockState.FAULT


async def equip(bays: Bays, index: int, lock: LockState = LOWERED) -> Provisioned:
    """A lock and a sensor that sees the bay free."""
    device = await bays.equip(index, DeviceKind.LOCK)
    sensor = await bays.equip(index, DeviceKind.SENSOR)
    await bays.see(Occupancy.FREE, sensor, index)
    await bays.see(lock, device, index)
    return device


@pytest.fixture
async def bays(mall: Mall) -> Bays:
    return Bays(mall.garage, mall.clock, mall.bus)


async def commands(order: OrderRecord) -> list[LockCommand]:
    return await LockCommand.filter(reservation_id=order.reservation_id).order_by("id")


async def fail(mall: Mall, device: Provisioned) -> None:
    """The lock is told to move, and says that it is broken."""
    command = await hand_out(device.device_id, mall.clock, mall.bus)
    assert command is not None
    await refuse_command(command, "fault", mall.clock, mall.bus)


async def look(mall: Mall, order: OrderRecord, **later: float) -> OrderRecord:
    mall.clock.advance(**(later or {"seconds": 10}))
    await look_at_locks(mall.desk)
    return await mall.order(order.id)


async def test_the_arm_is_ordered_up_at_once(mall: Mall, bays: Bays) -> None:
    await equip(bays, 3)
    order = await mall.take(mall.ordered())
    [command] = await commands(order)
    assert (command.space_id, command.target) == (order.space_id, "RAISED")
    assert command.cause is CommandCause.RESERVATION


async def test_or_shortly_before_as_the_unit_prefers(mall: Mall, bays: Bays) -> None:
    await equip(bays, 3)
    unit_id = await mall.unit(raise_minutes=60)
    order = await mall.take(mall.ordered(), unit_id=unit_id)
    await look(mall, order, minutes=100)
    assert await commands(order) == []
    order = await look(mall, order, minutes=5)
    assert len(await commands(order)) == 1
    last = await MerchantOrderEvent.filter(order_id=order.id).order_by("-version").first()
    assert last is not None
    assert last.kind == "order_lock_ordered"


async def test_nothing_rises_under_a_car(mall: Mall, bays: Bays) -> None:
    lock, sensor = await bays.equip(3, DeviceKind.LOCK), await bays.equip(3, DeviceKind.SENSOR)
    await bays.see(LOWERED, lock, 3)
    await bays.see(Occupancy.OCCUPIED, sensor, 3)
    order = await mall.take(mall.ordered())
    assert order.space_id == mall.garage.space_ids[3]
    order = await look(mall, order, minutes=2)
    assert await commands(order) == []
    await bays.see(Occupancy.FREE, sensor, 3)
    order = await look(mall, order, minutes=2)
    assert len(await commands(order)) == 1


async def test_a_bay_with_a_broken_lock_is_passed_over(mall: Mall, bays: Bays) -> None:
    await equip(bays, 3, FAULT)
    assert (await mall.take(mall.ordered())).space_id == mall.garage.space_ids[2]


async def test_a_lock_that_failed_is_not_well_by_being_told_again(mall: Mall, bays: Bays) -> None:
    device = await equip(bays, 3)
    made = await mall.take(mall.ordered())
    await fail(mall, device)
    await bays.order(LockTarget.RAISED, index=3, reservation_id=made.reservation_id)
    assert (await mall.take(mall.ordered("2"))).space_id == mall.garage.space_ids[2]
    assert (await look(mall, made)).space_id == mall.garage.space_ids[1]


async def test_a_lock_that_fails_moves_the_order_to_the_next_nearest(
    mall: Mall, bays: Bays
) -> None:
    first, second = await equip(bays, 3), await equip(bays, 2)
    made = await mall.take(mall.ordered())
    await fail(mall, first)
    order = await look(mall, made)
    assert (order.state, order.reservation_id) == (OrderState.BOOKED, made.reservation_id)
    assert order.space_id == mall.garage.space_ids[2]
    assert (await mall.booking(order)).space_id == order.space_id
    assert order.walk_metres == (made.walk_metres or 0) + 3.0
    order = await look(mall, order)
    assert [each.space_id for each in await commands(order)] == [made.space_id, order.space_id]
    await bays.see(RAISED, second, 2)
    assert (await look(mall, order)).space_id == order.space_id
    assert (await mall.take(mall.ordered("2"))).space_id == mall.garage.space_ids[1]


@pytest.mark.parametrize("later", [{"seconds": 10}, {"minutes": 170}], ids=["soon", "begun"])
async def test_with_no_other_bay_there_the_next_place_has_it(
    mall: Mall, bays: Bays, later: dict[str, float]
) -> None:
    device = await equip(bays, 3)
    made = await mall.take(mall.ordered("0"))
    for number in range(1, 4):
        await mall.take(mall.ordered(str(number)))
    await fail(mall, device)
    order = await look(mall, made, **later)
    assert (order.state, order.space_id) == (OrderState.BOOKED, mall.lot.space_ids[0])
    assert (await mall.booking(made)).state == "CANCELLED"
    assert (await mall.booking(order)).state == "CONFIRMED"


async def test_with_no_bay_anywhere_it_keeps_the_one_it_has(mall: Mall, bays: Bays) -> None:
    device = await equip(bays, 3)
    made = await mall.take(mall.ordered("0"))
    for number in range(1, 6):
        await mall.take(mall.ordered(str(number)))
    await fail(mall, device)
    order = await look(mall, made)
    assert (order.state, order.space_id) == (OrderState.BOOKED, made.space_id)
    assert order.reason_code == LOCK_FAILED
    again = await look(mall, order, minutes=6)
    assert again.version == order.version
    mall.clock.advance(minutes=1)
    await mall.cancel("1")
    order = await look(mall, order, minutes=6)
    assert (order.space_id, order.reason_code) == (mall.garage.space_ids[2], "")

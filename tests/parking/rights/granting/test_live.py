"""Following rights: a driver's own, an issuer's, an operator's; and nobody else's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.errors import NotFound
from parking.geo import Position
from parking.rights.granting.holding import rights_of_enrolment, rights_of_person
from parking.rights.granting.revoke import revoke_right
from parking.rights.kinds import SignalKind
from parking.rights.live import (
    Followed,
    RightsUpdate,
    follow_rights,
    issued_rights,
    own_rights,
)
from parking.vehicles.find import holder_of
from tests.parking.rights.granting.counter import Counter, another_car, car_of

WAIT_SECONDS = 20
FAR = Position(52.5, 13.4)
Next = Callable[[], Awaitable[RightsUpdate]]


@asynccontextmanager
async def following(counter: Counter, viewer: Viewer, which: Followed) -> AsyncIterator[Next]:
    """The stream's next update, when asked for."""
    stream: Any = follow_rights(viewer, which, counter.shop.bus)

    async def update() -> RightsUpdate:
        found: RightsUpdate = await asyncio.wait_for(anext(stream), WAIT_SECONDS)
        return found

    try:
        yield update
    finally:
        await stream.aclose()


def told(update: RightsUpdate) -> Any:
    return update.kind.value, [(each.id, each.state.value) for each in update.rights]


async def test_a_driver_sees_what_is_granted_and_taken_back(counter: Counter) -> None:
    first, shop = await counter.scan(), counter.shop
    async with following(counter, shop.driver, own_rights(shop.driver)) as update:
        assert told(await update()) == ("SNAPSHOT", [(first.right_id, "HELD")])
        await counter.scan(car=await another_car())
        second = await counter.scan(car=await car_of(shop.driver))
        assert told(await update()) == ("DELTA", [(second.right_id, "HELD")])
        await revoke_right(shop.merchant, first.right_id, "copied", **shop.with_bus)
        assert told(await update()) == ("DELTA", [(first.right_id, "REVOKED")])


async def test_who_gave_a_vehicle_code_sees_that_vehicle(counter: Counter) -> None:
    first = await counter.scan()
    other = await car_of(counter.shop.driver)
    second = await counter.scan(car=other)
    mine, holder = counter.shop.driver, holder_of(other)
    assert {each.id for each in await rights_of_person(mine)} == {first.right_id, second.right_id}
    assert [each.id for each in await rights_of_person(holder)] == [second.right_id]
    assert [each.id for each in await rights_of_enrolment(mine, other.id)] == [second.right_id]
    assert await rights_of_enrolment(holder, counter.car.id) == []
    async with following(counter, holder, own_rights(holder)) as update:
        assert told(await update()) == ("SNAPSHOT", [(second.right_id, "HELD")])


@pytest.mark.parametrize("side", ["merchant", "operator"])
async def test_issuer_and_operator_see_grants_and_signals(counter: Counter, side: str) -> None:
    shop = counter.shop
    organisation_id = shop.issuer_id if side == "merchant" else shop.operator_id
    viewer = shop.people[side]
    async with following(counter, viewer, issued_rights(viewer, organisation_id)) as update:
        assert told(await update()) == ("SNAPSHOT", [])
        granted = await counter.scan()
        assert told(await update()) == ("DELTA", [(granted.right_id, "HELD")])
        near = await shop.code(radius_metres=1)
        await counter.told(near)
        assert await counter.told(near, position=FAR) == "TOO_FAR"
        found = await update()
        assert [each.kind for each in found.signals] == [SignalKind.FAR_AWAY]


async def test_nobody_follows_anothers(counter: Counter) -> None:
    shop = counter.shop
    for viewer in (ANONYMOUS, Viewer(api_key_id=1), Viewer(person_id=1, link_of=2)):
        with pytest.raises(NotFound):
            own_rights(viewer)
        assert await rights_of_person(viewer) == []
    for viewer, organisation_id in (
        (shop.driver, shop.issuer_id),
        (shop.merchant, shop.operator_id),
        (shop.attendant, shop.operator_id),
    ):
        with pytest.raises(NotFound):
            issued_rights(viewer, organisation_id)

"""Units, ways, senders and hooks: who may, what is sound, what is shown once."""

from dataclasses import replace
from typing import Any

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.merchants.connectors import NewConnector, connectors_of, set_connectors
from parking.merchants.hooks import create_hook, hooks_of, revoke_hook, signers_at
from parking.merchants.kinds import ConnectorKind, Payer
from parking.merchants.models import MerchantHook
from parking.merchants.new_unit import NewUnit, UnitEdit
from parking.merchants.queries import find_units, places_of_units, units_by_id
from parking.merchants.senders import add_sender, revoke_sender, senders_of, unit_of_sender
from parking.merchants.units import close_unit, create_unit, update_unit
from parking.notices.webhooks.signing import shown_secret
from parking.places.models import Campus
from parking.storage.sql import database
from tests.support.bays import SEALER
from tests.support.leasing import somebody
from tests.support.mall import Mall, ways
from tests.support.operators import api_key

NUMBER = "+491701234567"


async def planner(mall: Mall) -> Viewer:
    campus = await Campus.get(id=mall.campus_id)
    return await somebody("Petra", {campus.organisation_id: Role.OPERATOR})


def sample(mall: Mall, **values: Any) -> NewUnit:
    new = NewUnit(mall.merchant_id, mall.campus_id, "Bar", [mall.lot.place_id])
    return replace(new, **values)


async def test_a_unit_is_made_edited_and_closed(mall: Mall) -> None:
    made = await create_unit(mall.merchant, sample(mall, external_id="b"), clock=mall.clock)
    edit = UnitEdit(made, 1, name=" Bar  two ", place_ids=[mall.lot.place_id, mall.garage.place_id])
    await update_unit(mall.merchant, edit, clock=mall.clock)
    found = (await units_by_id(mall.merchant, [made]))[made]
    assert (found.name, found.version, found.payer) == ("Bar two", 2, Payer.GUEST)
    places = [mall.lot.place_id, mall.garage.place_id]
    assert await places_of_units(database(), [made]) == {made: places}
    with pytest.raises(Conflict):
        await update_unit(mall.merchant, edit, clock=mall.clock)
    for _ in range(2):
        await close_unit(mall.merchant, made, clock=mall.clock)
    with pytest.raises(Conflict):
        await update_unit(mall.merchant, replace(edit, version=3), clock=mall.clock)
    open_ones = await find_units(mall.merchant, mall.merchant_id, limit=9)
    assert [each.id for each in open_ones] == [mall.unit_id]


UNSOUND: tuple[dict[str, Any], ...] = (
    {"place_ids": []},
    {"place_ids": [1, 1]},
    {"place_ids": [10**9]},
    {"campus_id": 10**9},
    {"lead_minutes": -1},
    {"stay_minutes": 0},
    {"raise_minutes": -1},
    {"orders_per_day_max": 0},
    {"x_metres": float("nan")},
    {"name": " "},
    {"locale": "xx"},
    {"told_email": "+8613800138000"},
    {"told_phone": "tea@shop.example"},
)


async def test_what_is_not_sound_is_refused(mall: Mall) -> None:
    for wrong in UNSOUND:
        with pytest.raises(InvalidInput):
            await create_unit(mall.merchant, sample(mall, **wrong), clock=mall.clock)


async def test_one_external_id_is_one_unit(mall: Mall) -> None:
    await create_unit(mall.merchant, sample(mall, external_id="b"), clock=mall.clock)
    with pytest.raises(Conflict):
        await create_unit(mall.merchant, sample(mall, external_id="b"), clock=mall.clock)


async def test_who_may_manage_units(mall: Mall) -> None:
    attendant = await somebody("Anton", {mall.merchant_id: Role.ATTENDANT})
    for viewer in (attendant, api_key(mall.merchant_id, Scope.ORDERS_WRITE)):
        with pytest.raises(NotPermitted):
            await create_unit(viewer, sample(mall), clock=mall.clock)
    for viewer in (mall.stranger, mall.operator):
        with pytest.raises(NotFound):
            await create_unit(viewer, sample(mall), clock=mall.clock)
        with pytest.raises(NotFound):
            await close_unit(viewer, mall.unit_id, clock=mall.clock)
        assert await units_by_id(viewer, [mall.unit_id]) == {}
        assert await find_units(viewer, mall.merchant_id, limit=9) == []


async def test_the_ways_are_drawn_anew_by_who_runs_the_mall(mall: Mall) -> None:
    drawn = await connectors_of(mall.stranger, mall.campus_id)
    assert [each.name for each in drawn] == ["A", "A", "A", "East"]
    with pytest.raises(NotPermitted):
        await set_connectors(mall.merchant, mall.campus_id, [], clock=mall.clock)
    owner = await planner(mall)
    await set_connectors(owner, mall.campus_id, ways(mall.garage.place_id)[:1], clock=mall.clock)
    assert len(await connectors_of(mall.merchant, mall.campus_id)) == 1


LIFT, STAIRS = ConnectorKind.LIFT, ConnectorKind.STAIRS


NO_WAYS = (
    [NewConnector(LIFT, "A", 0, 0), NewConnector(STAIRS, "A", 0, 0, level=1)],
    [NewConnector(LIFT, "A", 0, 0), NewConnector(LIFT, " A ", 1, 1)],
    [NewConnector(LIFT, "", 0, 0)],
    [NewConnector(LIFT, "A", float("inf"), 0)],
    [NewConnector(LIFT, "A", 0, 0, level=10**6)],
    [NewConnector(LIFT, "A", 0, 0, place_id=10**9)],
)


async def test_ways_that_make_no_sense(mall: Mall) -> None:
    owner = await planner(mall)
    for wrong in NO_WAYS:
        with pytest.raises(InvalidInput):
            await set_connectors(owner, mall.campus_id, wrong, clock=mall.clock)
    assert len(await connectors_of(mall.merchant, mall.campus_id)) == 4


async def test_a_number_speaks_for_one_unit_until_it_is_revoked(mall: Mall) -> None:
    sender = await add_sender(mall.merchant, mall.unit_id, "+49 170 1234567", clock=mall.clock)
    found = await unit_of_sender(NUMBER)
    assert found is not None
    assert found.id == mall.unit_id
    other = await mall.unit()
    with pytest.raises(Conflict):
        await add_sender(mall.merchant, other, NUMBER, clock=mall.clock)
    for _ in range(2):
        await revoke_sender(mall.merchant, sender, clock=mall.clock)
    assert await unit_of_sender(NUMBER) is None
    await add_sender(mall.merchant, other, NUMBER, clock=mall.clock)
    assert [each.number for each in await senders_of(mall.merchant, other)] == [NUMBER]
    assert await senders_of(mall.stranger, other) == []
    with pytest.raises(NotFound):
        await revoke_sender(mall.stranger, sender, clock=mall.clock)
    with pytest.raises(InvalidInput):
        await add_sender(mall.merchant, other, "a@example.org", clock=mall.clock)


async def test_a_hooks_secret_is_shown_once_and_kept_sealed(mall: Mall, clock: TestClock) -> None:
    made = await create_hook(mall.merchant, mall.merchant_id, clock=clock, sealer=SEALER)
    assert made.secret not in repr(made)
    [signer] = await signers_at(made.public_id, SEALER)
    assert signer.organisation_id == mall.merchant_id
    assert shown_secret(signer.key) == made.secret
    assert made.secret not in repr(signer)
    assert made.secret[10:20] not in (await MerchantHook.get()).secret
    assert [each.id for each in await hooks_of(mall.merchant, mall.merchant_id)] == [made.id]
    with pytest.raises(NotFound):
        await revoke_hook(mall.stranger, made.id, clock=clock)
    for _ in range(2):
        await revoke_hook(mall.merchant, made.id, clock=clock)
    assert await signers_at(made.public_id, SEALER) == []
    assert await hooks_of(mall.merchant, mall.merchant_id) == []

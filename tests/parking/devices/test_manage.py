"""Rotating, revoking and moving devices."""

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import SYSTEM
from parking.devices.announce import CREDENTIALS_TOPIC, decode_forget
from parking.devices.credentials import claim_contexts, find_credentials, owned_contexts
from parking.devices.manage import move, revoke, rotate
from parking.devices.secrets import Secret
from parking.errors import Conflict, NotFound, NotPermitted
from parking.storage.sql import database
from parking.storage.transactions import transaction
from tests.parking.devices.conftest import House


async def is_live(secret: Secret | None) -> bool:
    assert secret is not None
    return bool(await find_credentials(database(), [(secret.sender_id, "")]))


async def use(house: House, secret: Secret) -> list[int]:
    """The first message of a credential reaches a gateway."""
    found = await find_credentials(database(), [(secret.sender_id, "")])
    ids = [known.credential_id for known in found.values()]
    async with transaction() as sql:
        return await claim_contexts(sql, ids, "gateway", house.clock.now())


async def test_the_old_credential_works_until_the_new_ones_first_use(house: House) -> None:
    made = await house.provision()
    fresh = await rotate(SYSTEM, made.device_id, house.clock, house.bus, house.sealer)
    assert await is_live(made.secret)
    assert await is_live(fresh)
    assert await use(house, fresh) == [made.credential_id]
    assert not await is_live(made.secret)
    assert await is_live(fresh)


async def test_using_the_old_one_revokes_nothing(house: House) -> None:
    made = await house.provision()
    fresh = await rotate(SYSTEM, made.device_id, house.clock, house.bus, house.sealer)
    assert made.secret is not None
    assert await use(house, made.secret) == []
    assert await is_live(fresh)


async def test_a_rotation_that_was_never_used_is_replaced(house: House) -> None:
    made = await house.provision()
    lost = await rotate(SYSTEM, made.device_id, house.clock, house.bus, house.sealer)
    fresh = await rotate(SYSTEM, made.device_id, house.clock, house.bus, house.sealer)
    assert [await is_live(s) for s in (made.secret, lost, fresh)] == [True, False, True]


async def test_revoking_ends_every_credential_and_tells_the_gateways(house: House) -> None:
    made = await house.provision()
    fresh = await rotate(SYSTEM, made.device_id, house.clock, house.bus, house.sealer)
    async with house.bus.subscribe(CREDENTIALS_TOPIC) as messages:
        await revoke(SYSTEM, made.device_id, house.clock, house.bus)
        message = await anext(messages)
    assert message.body is not None
    credential_ids, device_ids = decode_forget(message.body)
    assert (len(credential_ids), device_ids) == (2, [made.device_id])
    assert not await is_live(made.secret)
    assert not await is_live(fresh)


async def test_a_revoked_context_is_owned_by_nobody(house: House) -> None:
    made = await house.provision()
    assert made.secret is not None
    assert made.credential_id is not None
    await use(house, made.secret)
    assert await owned_contexts(database(), [made.credential_id], "gateway") == {1}
    assert await owned_contexts(database(), [made.credential_id], "another") == set()
    await revoke(SYSTEM, made.device_id, house.clock, house.bus)
    assert await owned_contexts(database(), [made.credential_id], "gateway") == set()


async def test_revoking_twice_is_revoking_once(house: House) -> None:
    made = await house.provision()
    await revoke(SYSTEM, made.device_id, house.clock, house.bus)
    await revoke(SYSTEM, made.device_id, house.clock, house.bus)
    with pytest.raises(Conflict, match="revoked"):
        await rotate(SYSTEM, made.device_id, house.clock, house.bus, house.sealer)


async def test_a_device_moves_to_a_space_that_has_none(house: House) -> None:
    made, other = await house.provision(), await house.provision("bay-2", 1)
    space_ids = house.estate.space_ids
    await move(SYSTEM, made.device_id, space_ids[2], house.clock, house.bus)
    row = await database().fetch_one("SELECT space_id FROM device WHERE id = $1", made.device_id)
    assert row == {"space_id": space_ids[2]}
    with pytest.raises(Conflict, match="has the SENSOR"):
        await move(SYSTEM, other.device_id, space_ids[2], house.clock, house.bus)
    with pytest.raises(NotFound):
        await move(SYSTEM, other.device_id, 10_000, house.clock, house.bus)


@pytest.mark.parametrize(
    ("role", "error"), [(Role.ATTENDANT, NotPermitted), (Role.DRIVER, NotFound)]
)
async def test_only_operators_manage_devices(
    house: House, role: Role, error: type[Exception]
) -> None:
    made, viewer = await house.provision(), house.member(role)
    with pytest.raises(error):
        await revoke(viewer, made.device_id, house.clock, house.bus)
    with pytest.raises(error):
        await rotate(viewer, made.device_id, house.clock, house.bus, house.sealer)
    with pytest.raises(error):
        await move(viewer, made.device_id, None, house.clock, house.bus)
    await revoke(house.operator, made.device_id, house.clock, house.bus)

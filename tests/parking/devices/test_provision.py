"""Provisioning: known devices with secrets that are shown once."""

from dataclasses import replace

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.devices.manage import revoke
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision, provision_many
from parking.devices.sealing import Sealer, Unsealable
from parking.devices.secrets import seal_label
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.storage.sql import database
from tests.parking.devices.conftest import House


async def count(table: str) -> int:
    rows = await database().fetch(f"SELECT COUNT(*) AS n FROM {table}")
    return int(rows[0]["n"])


async def test_a_device_gets_a_credential_whose_secret_is_sealed(house: House) -> None:
    made = await house.provision()
    assert made.secret is not None
    row = await database().fetch_one("SELECT * FROM device_credential")
    assert row is not None
    assert row["kid"] == made.secret.sender_id
    assert row["generation"] == 1
    assert made.secret.master_secret not in row["secret_sealed"]
    opened = house.sealer.open(row["secret_sealed"], seal_label(row["kid"], ""))
    assert opened.hex() == made.secret.master_secret
    assert await count("security_state") == await count("device_health") == 1


async def test_a_secret_does_not_show_in_logs(house: House) -> None:
    made = await house.provision()
    assert made.secret is not None
    assert made.secret.master_secret not in repr(made)
    assert made.secret.master_salt not in repr(made)


def test_a_sealed_secret_opens_only_under_its_key_and_label() -> None:
    sealed = Sealer(b"one").seal(b"secret", "credential a/")
    assert Sealer(b"one").open(sealed, "credential a/") == b"secret"
    for key, label in ((b"two", "credential a/"), (b"one", "credential b/")):
        with pytest.raises(Unsealable, match="BERTH_SECRET_KEY"):
            Sealer(key).open(sealed, label)


async def test_thousands_are_provisioned_in_one_go(house: House) -> None:
    drafts = [house.draft(f"bay-{i}", space=None) for i in range(2000)]
    made = await provision_many(SYSTEM, drafts, house.clock, house.sealer)
    assert [m.endpoint for m in made] == [d.endpoint for d in drafts]
    assert len({m.secret.sender_id for m in made if m.secret}) == 2000
    assert await count("device_credential") == await count("security_state") == 2000


async def test_an_unsecured_device_has_no_credential(house: House) -> None:
    draft = replace(house.draft(), is_unsecured=True)
    made = await provision(SYSTEM, draft, house.clock, house.sealer)
    assert made.secret is None
    assert made.credential_id is None
    assert await count("device_credential") == 0


WRONG = [
    ({"endpoint": ""}, InvalidInput),
    ({"endpoint": "a b"}, InvalidInput),
    ({"endpoint": "x" * 65}, InvalidInput),
    ({"lifetime_seconds": 59}, InvalidInput),
    ({"space_id": 10_000}, NotFound),
    ({"place_id": 10_000}, NotFound),
]


@pytest.mark.parametrize(("change", "error"), WRONG)
async def test_wrong_drafts_are_refused(
    house: House, change: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        draft = replace(house.draft(), **change)  # type: ignore[arg-type]
        await provision(SYSTEM, draft, house.clock, house.sealer)
    assert await count("device") == 0


async def test_all_or_none(house: House) -> None:
    drafts = [house.draft("a", 0), house.draft("b", 1), house.draft("c", 1)]
    with pytest.raises(Conflict, match="has the SENSOR b already"):
        await provision_many(SYSTEM, drafts, house.clock, house.sealer)
    with pytest.raises(InvalidInput, match="given twice"):
        await provision_many(SYSTEM, drafts[:1] * 2, house.clock, house.sealer)
    assert await count("device") == 0


async def test_a_space_may_have_a_lock_beside_its_sensor(house: House) -> None:
    await house.provision()
    lock = replace(house.draft("lock"), kind=DeviceKind.LOCK)
    await provision(SYSTEM, lock, house.clock, house.sealer)
    with pytest.raises(Conflict):
        await house.provision("second sensor".replace(" ", "-"))


async def test_an_endpoint_is_taken_until_it_is_revoked(house: House) -> None:
    first = await house.provision()
    with pytest.raises(Conflict, match="exists already"):
        await house.provision(space=1)
    await revoke(SYSTEM, first.device_id, house.clock, house.bus)
    again = await house.provision(space=1)
    assert again.device_id == first.device_id
    rows = await database().fetch("SELECT generation FROM device_credential ORDER BY id")
    assert [row["generation"] for row in rows] == [1, 2]


VIEWERS = [
    ("operator", None),
    ("attendant", NotPermitted),
    ("merchant", NotFound),
    ("nobody", NotFound),
    ("key with devices:write", None),
    ("key with devices:read", NotPermitted),
]


@pytest.mark.parametrize(("who", "error"), VIEWERS)
async def test_who_may_provision(house: House, who: str, error: type[Exception] | None) -> None:
    draft: DeviceDraft = house.draft()
    viewer = viewer_called(house, who)
    if error is None:
        await provision(viewer, draft, house.clock, house.sealer)
        assert await count("audit_entry") == 1
        return
    with pytest.raises(error):
        await provision(viewer, draft, house.clock, house.sealer)


def viewer_called(house: House, who: str) -> Viewer:
    organisation_id = house.estate.organisation_id
    if who.startswith("key with "):
        scopes = frozenset({who.removeprefix("key with ")})
        return Viewer(api_key_id=1, roles={organisation_id: frozenset()}, scopes=scopes)
    return ANONYMOUS if who == "nobody" else house.member(Role(who.upper()))

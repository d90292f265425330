"""`berth token`: an access token for somebody who is in the database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parking.accounts.authenticate import Gate
from parking.accounts.keys import derive_keys
from parking.accounts.models import Role
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import SystemClock
from parking.storage.database import connect, disconnect
from tests.support.running import SECRET, berth, berth_json


async def viewer_of(url: str, token: str) -> Viewer:
    """Whom the API would take the token for."""
    clock = SystemClock()
    await connect(url)
    try:
        gate = Gate(derive_keys(SECRET), clock, Standings(clock))
        return await gate.authenticate(f"Bearer {token}")
    finally:
        await disconnect()


async def test_a_token_for_a_role_is_its_demo_persons(seeded: dict[str, Any]) -> None:
    made = berth_json("token", "attendant", **seeded)
    viewer = await viewer_of(seeded["DATABASE_URL"], made["accessToken"])
    assert {role for roles in viewer.roles.values() for role in roles} == {Role.ATTENDANT}
    assert made["address"] == "attendant@berth.example"


async def test_a_token_for_an_address_works_as_long_as_asked(
    sqlite_seeded: dict[str, Any],
) -> None:
    token = berth("token", "Driver@Berth.example", "--hours", "2", **sqlite_seeded).stdout.strip()
    viewer = await viewer_of(sqlite_seeded["DATABASE_URL"], token)
    assert viewer.valid_until is not None
    left = viewer.valid_until - datetime.now(UTC)
    assert timedelta(minutes=118) < left <= timedelta(hours=2)


@pytest.mark.parametrize(
    ("who", "status", "told"),
    [
        ("operator", 1, "run `berth seed`"),
        ("nobody@berth.example", 1, "nobody with the address nobody@berth.example"),
        ("king", 2, "neither an e-mail address nor a phone number"),
    ],
)
def test_there_is_none_for_somebody_who_is_not_there(
    sqlite_settings: dict[str, Any], who: str, status: int, told: str
) -> None:
    assert told in berth("token", who, status=status, **sqlite_settings).stderr

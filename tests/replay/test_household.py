"""The processes of a booked replay: real ones, killed, told of the time, and missed."""

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from berth.replay.household import APART, PORTS, WHOLE, own_port, roles_of
from berth.replay.member import HouseholdGone, Member, Role
from berth.settings import Settings
from berth.together import comes_true
from tests.support.running import SECRET, environment

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
LATER = TEN + timedelta(hours=1)
WAIT_SECONDS_MAX = 120


def member_on(url: str, folder: Path) -> Member:
    return Member(
        Role.WORKER, environment(DATABASE_URL=url, SECRET_KEY=SECRET, DATA_DIR=folder), TEN
    )


async def test_one_that_is_killed_is_told_again_and_one_that_ends_by_itself_is_missed(
    sqlite_url: str, tmp_path: Path
) -> None:
    """It is told while it is there again but not ready."""
    member = member_on(sqlite_url, tmp_path)
    await member.start()
    before = member.pid
    killing = asyncio.create_task(member.kill())

    async def is_another() -> bool:
        return member.pid != before

    assert await comes_true(is_another, WAIT_SECONDS_MAX)
    await member.tell(LATER, work=True)
    await killing
    assert member.kills == 1
    os.kill(member.pid, signal.SIGKILL)
    with pytest.raises(HouseholdGone, match="the worker ended by itself"):
        await member.tell(LATER, work=False)
    await member.end()


async def test_one_that_cannot_start_is_missed(tmp_path: Path) -> None:
    member = member_on(f"sqlite://{tmp_path / 'nothing.db'}", tmp_path)
    with pytest.raises(HouseholdGone, match="the worker did not start"):
        await member.start()
    await member.end()


@pytest.mark.parametrize(
    ("database_url", "redis_url", "roles"),
    [
        (None, None, WHOLE),
        (None, "redis://x", WHOLE),
        ("sqlite://x.db", "redis://x", WHOLE),
        ("postgres://x/y", None, WHOLE),
        ("postgres://x/y", "redis://x", APART),
    ],
)
def test_processes_are_apart_where_they_can_hear_of_each_other(
    database_url: str | None, redis_url: str | None, roles: tuple[Role, ...]
) -> None:
    settings = Settings(database_url=database_url, redis_url=redis_url, secret_key=SECRET)
    assert roles_of(settings) == roles


def test_a_port_of_its_own_is_free_and_no_other_gets_it_by_chance() -> None:
    for is_udp in (False, True):
        port = own_port("127.0.0.1", is_udp=is_udp)
        assert port in PORTS

"""When the database is away, or one report spoils a group."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest

from parking.clock import TestClock
from parking.occupancy.intake import Delivery, StateFact
from parking.occupancy.models import Axis, Occupancy
from parking.storage.database import connect, disconnect
from tests.coap_gateway.rig import Rig, rigged
from tests.support.servers import PostgresServer


async def test_a_poisoned_report_does_not_sink_its_group(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = await rig.device(), await rig.device(space=1)
    await asyncio.gather(good.report(False), bad.report(False))
    contexts = rig.gateway.server._contexts._by_credential
    credential = contexts[bad.provisioned.credential_id or 0][0].material.credential
    fact = StateFact(Axis.OCCUPANCY, "GONE FISHING", datetime.now(UTC))
    outcome: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    poison = Delivery(credential, 1, 99, [fact], rig.clock.now())
    rig.gateway._intake.submit(poison, outcome.set_result)
    replies = await asyncio.gather(good.report(True), bad.report(True))
    assert [reply.dotted for reply in replies] == ["2.04", "2.04"]
    assert isinstance(await outcome, ValueError)
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED


async def test_reports_are_5_03_while_postgres_is_away_and_taken_afterwards(
    postgres_server: PostgresServer, postgres_url: str, clock: TestClock
) -> None:
    async with connected(postgres_url), rigged(clock) as rig:
        sensor = await rig.device()
        await sensor.report(False)
        name = postgres_url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
        await lock_out(postgres_server, name, "false")
        reply = await sensor.report(True)
        assert (reply.dotted, reply.max_age) == ("5.03", 10)
        assert rig.refused("not_durable") == 1
        await lock_out(postgres_server, name, "true")
        assert (await sensor.report(True)).dotted == "2.04"
        assert (await rig.state()).occupancy is Occupancy.OCCUPIED


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[None]:
    await connect(url)
    try:
        yield
    finally:
        await disconnect()


async def lock_out(server: PostgresServer, name: str, allowed: str) -> None:
    """Let nobody into the database and end who is in it, or let everybody in again."""
    admin = await asyncpg.connect(host=str(server.folder), user="berth", database="postgres")
    await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}")
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
    )
    await admin.close()


async def test_too_many_waiting_reports_are_5_03(rig: Rig) -> None:
    sensor = await rig.device()
    await sensor.report(False)
    rig.gateway._intake._gathering._waiting_max = 0
    reply = await sensor.report(True)
    assert (reply.dotted, reply.max_age, rig.refused("busy")) == ("5.03", 2, 1)
    assert (await rig.state()).occupancy is Occupancy.FREE


async def test_reports_at_work_are_committed_and_answered_when_the_gateway_closes(
    rig: Rig,
) -> None:
    sensor = await rig.device()
    await sensor.report(False)
    waiting = asyncio.ensure_future(sensor.report(True))
    async with asyncio.timeout(5):
        while not rig.gateway.counters()["reports_waiting"]:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0)
    await rig.gateway.close()
    assert (await waiting).dotted == "2.04"
    assert (await rig.state()).occupancy is Occupancy.OCCUPIED

"""The program put together: parts, order, and what is left when a start fails."""

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.graphql.limits import REVALIDATE_SECONDS
from berth.identity import token_of
from berth.parts import Part
from berth.ports import PortUnavailable
from berth.settings import Settings
from berth.wiring import build
from parking.accounts.addresses import parse_address
from parking.accounts.authenticate import Gate
from parking.accounts.people import find_or_make_person
from parking.accounts.sign_ins import start_sign_in
from parking.accounts.sign_out import sign_out
from parking.accounts.standings import Standings
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.storage.migrate import DatabaseNotMigrated
from parking.storage.transactions import transaction
from schema.execution import Unauthenticated
from tests.support.running import SECRET, taken_port


def settings_of(url: str, folder: Path, **more: Any) -> Settings:
    values = {"host": "127.0.0.1", "port": 0, "coap_port": 0, "shutdown_seconds": 1.0, **more}
    return Settings(database_url=url, secret_key=SECRET, data_dir=folder, **values)


async def test_all_parts_run_and_stop_leaving_no_task(database_url: str, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with build(settings_of(database_url, tmp_path)) as program:
        assert program.api is not None
        assert program.gateway is not None
        assert program.worker is not None
        async with httpx.AsyncClient(base_url=program.url) as client:
            assert (await client.get("/readyz")).json()["ready"] is True
    assert asyncio.all_tasks() == before


async def test_only_the_parts_asked_for_run(sqlite_url: str, tmp_path: Path) -> None:
    async with build(settings_of(sqlite_url, tmp_path), {Part.GATEWAY}) as program:
        assert (program.api, program.worker) == (None, None)
        assert program.gateway is not None


@pytest.mark.parametrize(
    ("kind", "setting"), [(socket.SOCK_STREAM, "port"), (socket.SOCK_DGRAM, "coap_port")]
)
async def test_a_start_that_fails_stops_what_was_started(
    kind: int, setting: str, sqlite_url: str, tmp_path: Path
) -> None:
    before = asyncio.all_tasks()
    with taken_port(kind) as port:
        settings = settings_of(sqlite_url, tmp_path, **{setting: port})
        with pytest.raises(PortUnavailable):
            await build(settings).__aenter__()
    assert asyncio.all_tasks() == before
    async with build(settings_of(sqlite_url, tmp_path)):
        pass


async def test_a_database_that_was_not_migrated_is_not_served(tmp_path: Path) -> None:
    program = build(settings_of(f"sqlite://{tmp_path / 'new.db'}", tmp_path))
    with pytest.raises(DatabaseNotMigrated, match="run `berth migrate` first"):
        await program.__aenter__()


async def test_the_clock_and_the_bus_can_be_put_in(
    sqlite_url: str, tmp_path: Path, clock: TestClock
) -> None:
    """A token of the test's time is good, and ends when that time has come."""
    bus, settings = InProcessBus(), settings_of(sqlite_url, tmp_path)
    async with build(settings, {Part.API}, clock=clock, bus=bus) as program:
        async with transaction() as sql:
            address = parse_address("me@berth.example")
            person = await find_or_make_person(sql, address, "en", clock.now())
        signed_in = await start_sign_in(person.id, clock=clock, keys=program.keys)
        headers = {"authorization": f"Bearer {signed_in.access_token}"}
        async with httpx.AsyncClient(base_url=program.url, headers=headers) as client:
            query = {"query": "{ viewer { person { email } } }"}
            first = (await client.post("/graphql", json=query)).json()
            assert first["data"]["viewer"]["person"]["email"] == "me@berth.example"
            clock.advance(hours=1)
            assert (await client.post("/graphql", json=query)).status_code == 401


async def test_who_signs_out_elsewhere_is_not_told_anything_more_here(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Long before the next look at all who are connected, and with no bus between the two."""
    async with build(settings_of(sqlite_url, tmp_path), {Part.API}) as program:
        async with transaction() as sql:
            address = parse_address("me@berth.example")
            person = await find_or_make_person(sql, address, "en", program.clock.now())
        signed_in = await start_sign_in(person.id, clock=program.clock, keys=program.keys)
        gate = Gate(program.keys, program.clock, Standings(program.clock))
        me = await gate.authenticate(signed_in.access_token)
        token = f"Bearer {signed_in.access_token}"
        headers = {"accept": "text/event-stream", "authorization": token}
        live = {"query": "subscription { sharedPositions { __typename } }"}
        client = httpx.AsyncClient(base_url=program.url, headers=headers, timeout=20.0)
        async with client, client.stream("POST", "/graphql", json=live) as response:
            lines = response.aiter_lines()
            while "SharedPositionsUpdate" not in await anext(lines):
                pass
            await sign_out(me, clock=program.clock, standings=Standings(program.clock))
            async with asyncio.timeout(REVALIDATE_SECONDS - 5):
                rest = [line async for line in lines]
    assert any("UNAUTHENTICATED" in line for line in rest)
    assert "event: complete" in rest


async def test_limits_that_are_set_are_those_that_hold(sqlite_url: str, tmp_path: Path) -> None:
    settings = settings_of(sqlite_url, tmp_path, sockets_per_source_max=1)
    async with build(settings, {Part.API}) as program:
        assert program.graphql is not None
        assert program.graphql.service.limits.sockets_per_source_max == 1
        assert program.graphql.service.presence.admit("192.0.2.1")
        assert not program.graphql.service.presence.admit("192.0.2.1")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"development": True}, ""),
        ({"development": True, "host": "0.0.0.0"}, "DEVELOPMENT is on"),
        ({"development": False}, "BERTH_SMTP_URL is not set: sign-in codes are written"),
        ({"development": False, "smtp_url": "smtp://mail.example/me@berth.example"}, ""),
    ],
)
async def test_what_is_not_for_others_is_said_aloud(
    values: Any, told: str, sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    build(settings_of(sqlite_url, tmp_path, **values)).app()
    assert told in caplog.text
    assert bool(told) is bool(caplog.text)


@pytest.mark.parametrize(
    ("headers", "payload", "token"),
    [
        ({}, None, None),
        ({b"authorization": b"Bearer a"}, None, "Bearer a"),
        ({}, {"Authorization": "Bearer b"}, "Bearer b"),
        ({}, {"token": "c"}, "c"),
        ({b"authorization": b"Bearer a"}, {"authorization": "Bearer b"}, "Bearer b"),
        ({b"authorization": b"Bearer a"}, {"other": 1}, "Bearer a"),
    ],
)
def test_where_a_token_is_looked_for(headers: Any, payload: Any, token: str | None) -> None:
    assert token_of(headers, payload) == token


def test_a_token_that_is_no_text_is_refused() -> None:
    with pytest.raises(Unauthenticated, match="has to be a string"):
        token_of({}, {"authorization": ["a"]})

"""A platform of its own in the time of the trace: API, gateway and the worker's jobs, on a clock
that is moved from one thing that happens to the next. In this process, or (`household`) in others
that can be killed."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from berth.commands.migrate import migrate_database
from berth.console import Steps
from berth.opening import opened
from berth.parts import Part
from berth.replay.household import WHOLE, Household, roles_of
from berth.replay.living import jobs_of, names_of
from berth.settings import Settings
from berth.wiring import Program, build
from berth.worker import Worker
from parking.accounts.addresses import Address
from parking.accounts.members import add_role
from parking.accounts.models import Role
from parking.accounts.organisations import create_organisation
from parking.accounts.people import find_or_make_person
from parking.accounts.sign_ins import start_sign_in
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.errors import BerthError
from parking.settlement.rails.port import Rail
from parking.storage.sql import database
from parking.storage.transactions import transaction

TOKEN_LIFETIME = timedelta(days=400)
SOURCE_RATE = 100_000
"""Reports a second that the gateway takes: all devices have the address of this machine."""


class WorldNotEmpty(BerthError):
    """The database that was named holds places already."""

    code = "WORLD_NOT_EMPTY"


@dataclass(frozen=True, slots=True)
class World:
    """The running platform. `clock` is its only time; `program` only lends its keys and settings
    where a `household` is the platform."""

    program: Program
    clock: TestClock
    worker: Worker
    household: Household | None = None

    @property
    def api(self) -> str:
        """Where it answers."""
        running = self.program.api
        port = self.household.api if self.household else running.port if running else 0
        return f"http://127.0.0.1:{port}"

    @property
    def gateway(self) -> tuple[str, int]:
        """Where devices report."""
        running = self.program.gateway
        port = self.household.gateway if self.household else running.port if running else 0
        return ("127.0.0.1", port)

    async def move(self, at: datetime) -> None:
        """It is `at` now."""
        self.clock.set(at)
        if self.household is not None:
            await self.household.move(at)

    async def work(self) -> None:
        """Every job of the worker, once."""
        if self.household is not None:
            await self.household.work(self.clock.now())
            return
        for name in names_of(self.worker):
            await self.worker.run_once(name)

    async def person(self, email: str) -> tuple[int, str]:
        """A person with that address: id and access token."""
        async with transaction() as sql:
            profile = await find_or_make_person(
                sql, Address("email", email), "en", self.clock.now()
            )
            signed_in = await start_sign_in(
                profile.id, clock=self.clock, keys=self.program.keys,
                access_lifetime=TOKEN_LIFETIME,
            )  # fmt: skip
        return profile.id, signed_in.access_token

    async def organisation(self, name: str, operator_id: int) -> int:
        """An organisation with its OPERATOR."""
        standings = self.program.standings
        made = await create_organisation(SYSTEM, name, clock=self.clock, standings=standings)
        await add_role(
            SYSTEM, made.id, operator_id, Role.OPERATOR, clock=self.clock, standings=standings
        )
        return made.id


@asynccontextmanager
async def world(
    settings: Settings,
    begins_at: datetime,
    told: Steps,
    *,
    is_mortal: bool = False,
    rails: dict[str, Rail] | None = None,
) -> AsyncIterator[World]:
    """The platform, from `begins_at` on; on the database of the settings where they name one, which
    must hold nothing yet, else on one of its own that is thrown away. `is_mortal`: in a process of
    its own; on PostgreSQL with Redis always, and API, gateway and worker each in one. In
    development, where wallets are filled from nowhere. `rails` instead of those of the settings,
    for a platform in this process.

    Raises `WorldNotEmpty`, and what migrating and starting raise.
    """
    with tempfile.TemporaryDirectory(prefix="berth-booked-") as folder:
        own = replace(
            settings, data_dir=Path(folder), host="127.0.0.1", port=0, coap_host="127.0.0.1",
            coap_port=0, coap_source_rate=SOURCE_RATE, development=True,
        )  # fmt: skip
        await migrate_database(own, told)
        clock = TestClock(begins_at)
        program = build(own, {Part.API, Part.GATEWAY}, clock=clock, rails=rails)
        worker = jobs_of(program)
        if is_mortal or roles_of(own) != WHOLE:
            household = Household(own, begins_at)
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(opened(own))
                stack.push_async_callback(program.bus.close)
                await _require_empty()
                stack.push_async_callback(household.end)
                await household.start()
                yield World(program, clock, worker, household)
        else:
            async with program:
                await _require_empty()
                yield World(program, clock, worker)


async def _require_empty() -> None:
    if await database().fetch("SELECT id FROM place LIMIT 1"):
        raise WorldNotEmpty(
            "the database holds places already, and a booked replay lives in the time of its trace;"
            " name an empty one, or none for one that is thrown away"
        )

"""A running Berth and a real browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from berth.parts import Part
from berth.settings import Settings
from berth.wiring import Program, build
from parking.accounts.models import Membership, Person, Role
from parking.clock import SystemClock
from parking.occupancy.models import Axis
from parking.occupancy.record import Report, record
from parking.places.models import Space, Subplace, SubplaceKind
from parking.storage.database import connect, disconnect
from tests.support.estate import OPENED, Estate, make_estate
from tests.support.programs import chromium

EXPECT_MS = 20_000
"""How long a page may take to show what is expected; the machine may be busy."""
expect.set_options(timeout=EXPECT_MS)

OPERATOR = "operator@harbour.example"
SECRET = "a secret key of a test, long enough for everything"
# Chromium's own calls to the outside are off: they can only fail in a closed network.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update",
             "--disable-sync"]  # fmt: skip


@dataclass
class House:
    """A garage with two levels and a Berth that serves it; the sensors are the tests'."""

    settings: Settings
    estate: Estate
    program: Program | None = None
    sequence: int = 0
    spaces: list[Space] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"http://127.0.0.1:{self.settings.port}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Program]:
        """The API runs meanwhile."""
        async with build(self.settings, frozenset({Part.API})) as program:
            self.program = program
            yield program
        self.program = None

    async def say(self, number: str, value: str) -> None:
        """A sensor reports; while the API is away, to the database alone."""
        bus = self.program.bus if self.program else build(self.settings, frozenset()).bus
        self.sequence += 1
        clock = SystemClock()
        space = await Space.get(place_id=self.estate.place_id, number=number)
        now = clock.now()
        report = Report(
            space.id, self.estate.place_id, Axis.OCCUPANCY, value, now, now, space.id, 1,
            self.sequence,
        )  # fmt: skip
        await record([report], clock, bus)


async def furnish(estate: Estate) -> None:
    """Two levels, four bays in a row on the upper one, the rest below; somebody operates it."""
    levels = [
        await Subplace.create(
            place_id=estate.place_id, kind=SubplaceKind.FLOOR_OR_LEVEL, name=name, level=level
        )
        for name, level in (("Ground", 0), ("Cellar", -1))
    ]
    for index, space_id in enumerate(estate.space_ids):
        upper = index < 4
        await Space.filter(id=space_id).update(
            subplace_id=levels[0 if upper else 1].id, x_metres=3.0 * (index % 4), y_metres=0.0
        )
    person = await Person.create(name="Ada", email=OPERATOR, created_at=OPENED)
    await Membership.create(
        person_id=person.id, organisation_id=estate.organisation_id, role=Role.OPERATOR,
        created_at=OPENED,
    )  # fmt: skip


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path, unused_port: int) -> House:
    """The garage, nobody serving it yet; the database is connected while somebody does."""
    await connect(sqlite_url)
    estate = await make_estate(spaces=6)
    await furnish(estate)
    await disconnect()
    settings = Settings(
        database_url=sqlite_url, secret_key=SECRET, data_dir=tmp_path, port=unused_port,
        development=True,
    )  # fmt: skip
    return House(settings, estate)


@pytest.fixture
async def open_house(house: House) -> AsyncIterator[House]:
    """The garage, served."""
    async with house.serving():
        yield house


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on now: one server must come back where the first was."""
    from tests.support.running import free_port

    return free_port()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the run."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield launched
        await launched.close()


@asynccontextmanager
async def window(browser: Browser, **options: Any) -> AsyncIterator[Page]:
    """A fresh window that fails the test for any error of a page's script or policy."""
    context = await browser.new_context(**({"locale": "en-GB"} | options))
    page = await context.new_page()
    page.set_default_timeout(EXPECT_MS)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if "Content Security" in m.text else None)
    yield page
    await context.close()
    assert problems == []


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A desktop window, English, light."""
    async with window(browser, viewport={"width": 1280, "height": 900}) as opened:
        yield opened

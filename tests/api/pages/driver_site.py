"""The pages of a driver with a vehicle code, and somebody who looks at them without scripts."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette

from api.pages.asking import Asking
from api.pages.driver import DriverPage
from api.pages.exit import ExitPages
from api.pages.grant import GrantPages
from parking.accounts.keys import Keys, derive_keys
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.events.bus import Bus
from parking.notices.inbox import LogAndInboxChannel
from parking.settlement.funding import EscrowFunding
from parking.vehicles.enrol import enrol
from parking.vehicles.set_code import set_code
from schema.context import Services, context_factory
from schema.schema import make_schema
from tests.support.bearing import bearers_of, bearing

SECRET = "a secret of the tests, long enough"
SCHEMA = make_schema()
SEALER = Sealer(SECRET.encode())
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass
class DriverSite:
    """A phone at the counter or at the exit."""

    browser: httpx.AsyncClient
    clock: Clock
    keys: Keys
    headers: dict[str, str] = field(default_factory=dict)

    def signed_in(self, name: str) -> "DriverSite":
        """The same with somebody's token on every request, as the page's script sends it."""
        return DriverSite(self.browser, self.clock, self.keys, bearing(name))

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """A page."""
        return await self.browser.get(path, headers={**self.headers, **headers})

    async def post(self, page: httpx.Response, below: str = "", **fields: str) -> httpx.Response:
        """Send the form of `page` that leads to an address ending in `below`, with its own hidden
        fields and these."""
        forms = re.findall(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', page.text, re.DOTALL)
        main = [each for each in forms if f'{below}?lang={_language(page)}"' in f'{each[0]}"']
        assert main, f"there is no form {below!r}"
        action, inside = main[0]
        data = {**dict(HIDDEN.findall(inside)), **fields}
        return await self.browser.post(action, data=data, headers=self.headers)


def _language(page: httpx.Response) -> str:
    return "zh" if '<html lang="zh-Hans">' in page.text else "en"


@asynccontextmanager
async def driver_site(
    clock: Clock, bus: Bus, people: dict[str, Viewer]
) -> AsyncIterator[DriverSite]:
    """The pages over HTTP; the database is connected."""
    keys = derive_keys(SECRET)
    services = Services(
        clock, bus, keys, LogAndInboxChannel(clock), Standings(clock), SEALER,
        funding=EscrowFunding(),
    )  # fmt: skip
    page = DriverPage(Asking(SCHEMA, context_factory(services)), bearers_of(people))
    routes = [*GrantPages(page).routes(), *ExitPages(page, clock).routes()]
    transport: Any = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://berth.test", follow_redirects=True
    ) as browser:
        yield DriverSite(browser, clock, keys)


async def vehicle_with_code(
    who: Viewer, plate: str, clock: Clock, word: str = "morning tea"
) -> tuple[int, str]:
    """A vehicle of a driver: its id, and its vehicle code."""
    made = await enrol(who, "DE", plate, "", clock=clock)
    return made, await code_of(who, made, clock, word)


async def code_of(who: Viewer, vehicle_id: int, clock: Clock, word: str = "morning tea") -> str:
    """A new vehicle code."""
    return await set_code(who, vehicle_id, word, clock=clock, sealer=SEALER)

"""The pages of shared positions, and somebody who looks at them without scripts."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette

from api.pages.asking import Asking
from api.pages.fetching import FetchingPages
from api.pages.invitation import InvitationPages
from api.pages.position_link import PositionLinkPages
from parking.accounts.keys import derive_keys
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.events.bus import Bus
from parking.notices.inbox import LogAndInboxChannel
from parking.settlement.funding import EscrowFunding
from schema.context import Services, context_factory
from schema.schema import make_schema
from tests.support.bearing import bearers_of, bearing
from tests.support.people import SECRET

SCHEMA = make_schema()
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
SECRETIVE = {
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "x-content-type-options": "nosniff",
}


@dataclass
class FindingSite:
    """A phone to which an address was sent."""

    browser: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    def signed_in(self, name: str) -> "FindingSite":
        """The same with somebody's token on every request, as the page's script sends it."""
        return FindingSite(self.browser, bearing(name))

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """A page."""
        return await self.browser.get(path, headers={**self.headers, **headers})

    async def post(self, page: httpx.Response, below: str = "", **fields: str) -> httpx.Response:
        """Send the form in the body of `page` that leads to an address ending in `below`, with its
        own hidden fields and these."""
        main = page.text.partition("<main")[2]
        forms = re.findall(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', main, re.DOTALL)
        [(action, inside), *_] = [
            each for each in forms if each[0].partition("?")[0].endswith(below)
        ]
        data = {**dict(HIDDEN.findall(inside)), **fields}
        return await self.browser.post(action, data=data, headers=self.headers)

    async def other_language(self, page: httpx.Response) -> httpx.Response:
        """The same page in the other language, as the switch in its head asks for it."""
        head = page.text.partition("<main")[0]
        if found := re.search(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', head, re.DOTALL):
            return await self.browser.post(found[1], data=dict(HIDDEN.findall(found[2])))
        found = re.search(r'<a href="([^"]*)" lang', head)
        assert found is not None
        return await self.browser.get(found[1])


@asynccontextmanager
async def finding_site(
    clock: Clock, bus: Bus, people: Mapping[str, Viewer], sealer: Sealer | None = None
) -> AsyncIterator[FindingSite]:
    """The pages over HTTP; the database is connected."""
    services = Services(
        clock, bus, derive_keys(SECRET), LogAndInboxChannel(clock), Standings(clock),
        sealer or Sealer(SECRET.encode()), funding=EscrowFunding(),
    )  # fmt: skip
    asking, bearers = Asking(SCHEMA, context_factory(services)), bearers_of(people)
    routes = [
        *PositionLinkPages(asking, clock).routes(),
        *InvitationPages(asking, bearers).routes(),
        *FetchingPages(asking, bearers, clock).routes(),
    ]
    transport: Any = httpx.ASGITransport(Starlette(routes=routes), client=("198.51.100.7", 1))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://berth.test", follow_redirects=True
    ) as browser:
        yield FindingSite(browser)


def is_secretive(page: httpx.Response) -> bool:
    """Whether the page is kept nowhere, indexed nowhere, told to nobody, and loads nothing from
    elsewhere."""
    told = {name: page.headers.get(name) for name in SECRETIVE}
    policy = page.headers["content-security-policy"]
    is_own = not re.findall(r'(?:src|href|action)="(?:https?:)?//', page.text)
    return told == SECRETIVE and "default-src 'none'" in policy and is_own

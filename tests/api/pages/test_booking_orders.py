"""The booking's page of a merchant's guest, over HTTP: the way, the arrival, paying, forgetting."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette

from api.pages.asking import Asking
from api.pages.booking import BookingPages
from parking.accounts.keys import derive_keys
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.merchants.kinds import Payer
from parking.merchants.orders.due import run_orders
from parking.merchants.orders.ordered import Guest
from parking.merchants.records import OrderRecord
from parking.notices.inbox import LogAndInboxChannel
from parking.reservations.links import link_token
from parking.reservations.models import Reservation
from parking.settlement.funding import EscrowFunding
from parking.storage.database import connect, disconnect
from schema.context import Services, context_factory
from schema.schema import make_schema
from tests.support.mall import Mall, make_mall
from tests.support.wallets import fill_wallet

SECRET = "a secret of the tests, long enough"
SCHEMA = make_schema()
PHONE = "+491701234567"


@dataclass
class Site:
    """The pages of the mall's bookings."""

    browser: httpx.AsyncClient
    mall: Mall

    async def booked(self, locale: str = "en", payer: Payer = Payer.MERCHANT) -> OrderRecord:
        """An order in three hours, parked from a quarter of an hour before."""
        unit_id = await self.mall.unit(payer=payer)
        guest = Guest("Li Wei", PHONE, "S-LI 7", locale)
        return await self.mall.take(self.mall.ordered("7", guest=guest), unit_id=unit_id)

    def path(self, order: OrderRecord, *, is_lent: bool = False) -> str:
        """Of the booking's page."""
        assert order.reservation_id is not None
        key = derive_keys(SECRET).links[0]
        return f"/b/{link_token(key, order.reservation_id, 1, is_lent=is_lent)}"

    async def see(self, order: OrderRecord, asked: str = "", **headers: str) -> str:
        """The page as text."""
        return (await self.browser.get(self.path(order) + asked, headers=headers)).text

    async def press(self, order: OrderRecord, action: str) -> str:
        """Send the page's form; the page that comes of it."""
        form = re.search(rf'<form[^>]*action="([^"]*/{action}\?[^"]*)".*?</form>',
                         await self.see(order), re.DOTALL)  # fmt: skip
        assert form is not None, f"there is no form {action}"
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
        return (await self.browser.post(form[1], data=hidden)).text


@pytest.fixture
async def site(sqlite_url: str, clock: TestClock) -> AsyncIterator[Site]:
    """On one database: what the pages ask is the schema's, which is tested on both."""
    await connect(sqlite_url)
    mall = await make_mall(clock)
    services = Services(
        clock, mall.bus, derive_keys(SECRET), LogAndInboxChannel(clock), Standings(clock),
        Sealer(SECRET.encode()), funding=EscrowFunding(),
    )  # fmt: skip
    pages = BookingPages(Asking(SCHEMA, context_factory(services)), clock)
    transport = httpx.ASGITransport(Starlette(routes=pages.routes()))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://berth.test", follow_redirects=True
    ) as browser:
        yield Site(browser, mall)
    await disconnect()


async def test_it_shows_whose_guest_one_is_and_the_way(site: Site) -> None:
    page = await site.see(await site.booked())
    for told in ("Tea house · Order 7", "2 people", "On foot to Tea room: 43 m",
                 "Walk 3 m to lift A.", "Take lift A to level 1.", "Walk 40 m to Tea room.",
                 "Mall garage, level -1", "Tea house pays for the parking"):  # fmt: skip
        assert told in page


async def test_it_speaks_the_guests_language_unless_another_is_chosen(site: Site) -> None:
    order = await site.booked("zh")
    assert "您的路线" not in await site.see(order)
    assert "乘电梯 A 到 1 层。" in await site.see(order, **{"accept-language": "en"})
    assert "Take lift A" in await site.see(order, "?lang=en")


async def test_without_a_language_of_the_guest_it_speaks_the_browsers(site: Site) -> None:
    order = await site.booked("")
    assert "乘电梯 A" in await site.see(order, **{"accept-language": "zh-CN"})
    assert "Take lift A" in await site.see(order, **{"accept-language": "en-GB"})


async def test_it_says_what_to_do_early_in_time_late_and_too_late(site: Site) -> None:
    order, clock = await site.booked(), site.mall.clock
    page = await site.see(order)
    assert "From Mon 5 Jan 2026 09:45 you can say here" in page
    assert "/arrive?" not in page
    clock.advance(hours=1)
    page = await site.press(order, "arrive")
    assert "Your bay opens from 11:30: press again then." in page
    assert "Tea room knows since Mon 5 Jan 2026 10:00" in page
    clock.advance(hours=1, minutes=50)
    assert "You are late. The bay is kept for you until Mon 5 Jan 2026 12:15" in (
        await site.see(order)
    )
    assert "Welcome. Drive in." in await site.press(order, "arrive")
    await Reservation.filter(id=order.reservation_id).update(state="NO_SHOW")
    page = await site.see(order)
    assert "Nobody came by Mon 5 Jan 2026 12:15" in page
    assert "/arrive?" not in page


async def test_a_guest_who_pays_confirms_here(site: Site) -> None:
    order = await site.booked(payer=Payer.GUEST)
    assert "Confirm it before Mon 5 Jan 2026 11:30" in await site.see(order)
    page = await site.press(order, "confirm")
    assert "Your wallet lacks" in page
    assert "/wallet?amount=" in page
    await fill_wallet(Viewer(person_id=order.person_id))
    page = await site.press(order, "confirm")
    assert "Confirmed. The bay is yours." in page
    assert "/confirm?" not in page
    assert "pays for the parking" not in page


async def test_the_merchants_link_shows_no_way_to_spend_the_guests_money(site: Site) -> None:
    order = await site.booked(payer=Payer.GUEST)
    page = (await site.browser.get(site.path(order, is_lent=True))).text
    assert "by the link in their own message" in page
    for action in ("confirm", "extend", "cancel"):
        assert f"/{action}?" not in page
    assert "/confirm?" in await site.see(order)


async def test_after_the_visit_the_guest_is_forgotten_when_they_ask(site: Site) -> None:
    order = await site.booked()
    assert "/erase?" not in await site.see(order)
    await Reservation.filter(id=order.reservation_id).update(state="COMPLETED")
    await run_orders(site.mall.desk)
    assert "Li Wei" in await site.see(order)
    page = await site.press(order, "erase")
    assert "are erased." in page
    assert "Li Wei" not in page
    assert "/erase?" not in page

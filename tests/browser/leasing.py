"""Something booked in the house of the browser's tests."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from playwright.async_api import Page

from parking.accounts.models import Membership, Organisation, Role
from parking.accounts.viewer import Viewer
from parking.clock import SystemClock
from parking.devices.models import Device, DeviceKind
from parking.listings.models import BookingMode
from parking.reservations.confirm import confirm
from parking.reservations.links import link_token
from parking.reservations.quote import Request
from parking.reservations.reserve import reserve_space
from parking.settlement.funding import EscrowFunding
from parking.windows import Window
from tests.browser.conftest import House
from tests.support.estate import OPENED
from tests.support.leasing import make_listing, somebody
from tests.support.wallets import fill_wallet

CLOCK = SystemClock()


@dataclass(frozen=True)
class Booked:
    """A booking that has begun, its driver, the lessor, and the page's address."""

    reservation_id: int
    driver: Viewer
    owner: Viewer
    lessor_id: int
    listing_id: int
    url: str


async def offered(house: House, **terms: Any) -> tuple[int, int, Viewer]:
    """A listing of all bays of the served house: its id, its lessor's, and who acts for them."""
    lessor = await Organisation.create(name="Quay owners", created_at=OPENED)
    listing = await make_listing(house.estate, lessor.id, **terms)
    owner = await somebody("Olga", {lessor.id: Role.OWNER})
    assert owner.person_id is not None
    await Membership.create(
        person_id=owner.person_id, organisation_id=lessor.id, role=Role.OWNER, created_at=OPENED
    )
    return listing, lessor.id, owner


async def book(house: House, space: int = 0, *, ahead: float = 0, is_asked: bool = False) -> Booked:
    """A booking of two hours of a bay with a reader, in the served house: confirmed, or asked for
    where the owner has to answer."""
    assert house.program is not None
    bus = house.program.bus
    mode = BookingMode.ASK if is_asked else BookingMode.INSTANT
    listing, lessor, owner = await offered(house, mode=mode)
    driver = await somebody("Dora")
    start = CLOCK.now().replace(second=0, microsecond=0) + timedelta(hours=ahead)
    space_id = house.estate.space_ids[space]
    request = Request(listing, space_id, Window(start, start + timedelta(hours=2)), "S-AB 12")
    made = await reserve_space(driver, request, clock=CLOCK, bus=bus)
    if not is_asked:
        await fill_wallet(driver)
        await confirm(driver, made, clock=CLOCK, bus=bus, funding=EscrowFunding())
    await Device.create(
        endpoint=f"reader-{space}", kind=DeviceKind.READER, place_id=house.estate.place_id,
        space_id=space_id, created_at=OPENED,
    )  # fmt: skip
    token = link_token(house.program.keys.links[0], made, 1)
    return Booked(made, driver, owner, lessor, listing, f"{house.url}/b/{token}")


async def sign_in(page: Page, house: House, address: str, path: str) -> None:
    """Sign in by a code, and come to the page at `path`."""
    await page.goto(f"{house.url}/signin?next={path}")
    await page.locator("input[name=address]").fill(address)
    await page.keyboard.press("Enter")
    await page.locator("input[name=code]").wait_for()
    inbox = await (await page.request.get(f"{house.url}/dev/inbox.json?to={address}")).text()
    found = re.search(r"\b\d{6}\b", inbox)
    assert found is not None
    await page.locator("input[name=code]").fill(found.group())
    await page.keyboard.press("Enter")

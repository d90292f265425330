"""A shop with a printed code, and a driver with a vehicle code, in the house of the browser's
tests."""

from dataclasses import dataclass
from typing import Any

from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.rights.codes.exit_codes import create_exit_code
from parking.rights.codes.manage import revoke_grant_codes
from parking.rights.models import ExitCode, GrantCode
from parking.sessions.override import start_session
from parking.vehicles.enrol import enrol
from parking.vehicles.set_code import set_code
from tests.browser.conftest import House
from tests.browser.leasing import CLOCK, Booked, book
from tests.support.issuing import Issuing, make_issuing
from tests.support.wallets import give_credit

PLATE = "S-AB 12"
"""As `book` books for."""


@dataclass(frozen=True)
class Shop:
    """The tea room gives an hour off, twice a stay."""

    house: House
    issuing: Issuing
    grant_code_id: int
    exit_url: str

    async def url(self, code_id: int | None = None) -> str:
        """Where a code leads: the printed one's, unless said."""
        code = await GrantCode.get(id=code_id or self.grant_code_id)
        return f"{self.house.url}/g/{code.public_id}"

    async def near(self) -> str:
        """Where a code leads that works only near the place."""
        return await self.url(await self.issuing.code(radius_metres=300))

    async def withdrawn(self) -> str:
        """Where a code leads that was revoked."""
        code = await self.issuing.code()
        await revoke_grant_codes(self.issuing.merchant, [code], "lost", **self.issuing.with_bus)
        return await self.url(code)

    async def vehicle(self, who: Viewer, plate: str = PLATE, word: str = "morning tea") -> str:
        """A vehicle of a driver; its vehicle code."""
        assert self.house.program is not None
        made = await enrol(who, "DE", plate, "", clock=CLOCK)
        return await set_code(who, made, word, clock=CLOCK, sealer=self.house.program.sealer)

    async def parked(self) -> tuple[Booked, str]:
        """A driver whose car stands in its booked bay; and the vehicle code."""
        assert self.house.program is not None
        booked = await book(self.house)
        staff, bus = self.issuing.operator, self.house.program.bus
        await start_session(staff, booked.reservation_id, clock=CLOCK, bus=bus)
        return booked, await self.vehicle(booked.driver)


async def open_shop(house: House, **terms: Any) -> Shop:
    """In the served house."""
    assert house.program is not None
    shop = await make_issuing(TestClock(CLOCK.now()), house.estate, per_stay_max=2, **terms)
    await give_credit(shop.issuer_id)
    made = await create_exit_code(shop.operator, house.estate.place_id, "North", clock=CLOCK)
    path = f"/x/{(await ExitCode.get(id=made)).public_id}"
    return Shop(house, shop, await shop.code(), house.url + path)

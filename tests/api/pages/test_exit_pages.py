"""The exit's page over HTTP, without a single script: price, rights, use, undo."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from parking.access.models import CommandState, LockCommand
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.occupancy.models import LockState, SpaceState
from parking.rights.codes.exit_codes import create_exit_code, revoke_exit_code
from parking.rights.kinds import RightKind
from parking.rights.models import ExitCode
from parking.rights.terms import Terms
from parking.storage.database import connect, disconnect
from schema.ids import global_id
from tests.api.pages.driver_site import DriverSite, code_of, driver_site
from tests.parking.rights.redeeming.desk import Desk, make_desk
from tests.parking.sessions.stage import Stage
from tests.parking.settlement.till import make_till
from tests.support.bays import Bays
from tests.support.leasing import make_lease
from tests.support.wallets import fill_wallet, in_wallet


@dataclass
class Exit:
    """The page behind the code at an exit, and a driver who has parked there."""

    site: DriverSite
    desk: Desk
    code: str
    path: str

    async def plan(self, **headers: str) -> str:
        """What the page says to the driver's vehicle code."""
        page = await self.site.get(self.path, **headers)
        return (await self.site.post(page, self.path, code=self.code)).text


@pytest.fixture
async def at_exit(sqlite_url: str, clock: TestClock) -> AsyncIterator[Exit]:
    """On one database: what the pages ask is the schema's, which is tested on both."""
    await connect(sqlite_url)
    lease = await make_lease()
    desk = await make_desk(await make_till(Stage(lease, clock)))
    await fill_wallet(lease.driver, 2_000)
    code = await code_of(lease.driver, desk.car.id, clock)
    made = await create_exit_code(lease.operator, desk.place_id, "North", clock=clock)
    path = f"/x/{(await ExitCode.get(id=made)).public_id}"
    async with driver_site(clock, desk.bus, lease.everybody) as site:
        yield Exit(site, desk, code, path)
    await disconnect()


async def test_it_asks_for_the_vehicle_code_and_nothing_else(at_exit: Exit) -> None:
    page = await at_exit.site.get(at_exit.path)
    assert "Harbour garage" in page.text
    assert page.text.count('type="text"') == 1
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_the_price_is_shown_with_what_lowers_it_and_why(at_exit: Exit) -> None:
    await at_exit.desk.right(RightKind.MINUTES, 60)
    late = await at_exit.desk.right(RightKind.AMOUNT, 100, terms=Terms(stacks=False))
    await at_exit.desk.park(minutes=90)
    told = await at_exit.plan()
    for words in ("A-01", "SAB123", "Parked since", "Price now", "€4.00", "1 h of parking free",
                  "-€2.00", "Tea room", "Left to pay", "€2.00",
                  "Of all combinations that are allowed this leaves least to pay.",
                  "does not go together with those used"):  # fmt: skip
        assert words in told, words
    assert await at_exit.desk.state(late) == ("HELD", 100)


async def test_looking_uses_nothing(at_exit: Exit) -> None:
    right = await at_exit.desk.right(RightKind.MINUTES, 60)
    booked = await at_exit.desk.park()
    await at_exit.plan()
    assert await at_exit.desk.promises(booked) == []
    assert await at_exit.desk.state(right) == ("HELD", 60)


async def test_one_touch_uses_them_and_the_stay_costs_less(at_exit: Exit) -> None:
    desk, site = at_exit.desk, at_exit.site
    right = await desk.right(RightKind.MINUTES, 60)
    booked = await desk.park(minutes=90)
    planned = await site.post(await site.get(at_exit.path), at_exit.path, code=at_exit.code)
    done = await site.post(planned, "/use")
    assert "Used. Have a good drive." in done.text
    assert "Nothing stands in your way." in done.text
    assert await desk.promises(booked) == [right]
    await desk.leave()
    assert await in_wallet(desk.driver) == 2_000 - 200
    assert (await desk.state(right))[0] == "USED"
    await desk.audit()


async def test_sent_twice_it_is_used_once(at_exit: Exit) -> None:
    desk, site = at_exit.desk, at_exit.site
    right = await desk.right(RightKind.MINUTES, 60)
    booked = await desk.park()
    planned = await site.post(await site.get(at_exit.path), at_exit.path, code=at_exit.code)
    for _ in range(2):
        assert "Used. Have a good drive." in (await site.post(planned, "/use")).text
    assert await desk.promises(booked) == [right]


async def test_it_can_be_undone_before_one_leaves(at_exit: Exit) -> None:
    desk, site = at_exit.desk, at_exit.site
    right = await desk.right(RightKind.MINUTES, 60)
    await desk.park()
    planned = await site.post(await site.get(at_exit.path), at_exit.path, code=at_exit.code)
    undone = await site.post(await site.post(planned, "/use"), "/cancel")
    assert "Undone." in undone.text
    assert "Use and leave" in undone.text
    assert await desk.state(right) == ("HELD", 60)


async def test_what_is_used_already_is_not_offered_again(at_exit: Exit) -> None:
    desk, site = at_exit.desk, at_exit.site
    await desk.right(RightKind.MINUTES, 60)
    await desk.park()
    planned = await site.post(await site.get(at_exit.path), at_exit.path, code=at_exit.code)
    await site.post(planned, "/use")
    told = await at_exit.plan()
    assert "in this stay already" in told
    assert "Use and leave" not in told


async def test_without_rights_one_is_told_to_drive_out(at_exit: Exit) -> None:
    await at_exit.desk.park()
    told = await at_exit.plan()
    assert "You can simply drive out." in told
    assert "/use" not in told


async def test_a_raised_lock_goes_down_and_is_followed(at_exit: Exit) -> None:
    desk, site = at_exit.desk, at_exit.site
    await desk.right(RightKind.FREE)
    await desk.park()
    space_id = desk.till.stage.lease.space_id
    await Bays(desk.till.stage.lease.estate, desk.clock, desk.bus).equip(0, DeviceKind.LOCK)
    await SpaceState.filter(space_id=space_id).update(lock=LockState.RAISED)
    planned = await site.post(await site.get(at_exit.path), at_exit.path, code=at_exit.code)
    done = await site.post(planned, "/use")
    assert "The lock of bay A-01 goes down." in done.text
    assert 'data-renew-seconds="10"' in done.text
    await LockCommand.filter(space_id=space_id).update(state=CommandState.DONE)
    looked = await site.post(done, "/use")
    assert "The lock of bay A-01 lies flat." in looked.text
    assert "data-renew-seconds" not in looked.text


async def test_a_vehicle_that_is_not_there_is_told_so(at_exit: Exit) -> None:
    told = await at_exit.plan()
    assert "This vehicle is not parked here at the moment" in told
    assert 'name="code"' in told


async def test_a_wrong_code_is_told_at_its_field(at_exit: Exit) -> None:
    page = await at_exit.site.get(at_exit.path)
    wrong = await at_exit.site.post(page, at_exit.path, code="evening tea 1234")
    assert '<a href="#code">There is no such vehicle code.' in wrong.text


async def test_a_signed_in_driver_names_the_vehicle(at_exit: Exit) -> None:
    desk, site = at_exit.desk, at_exit.site.signed_in("driver")
    right = await desk.right(RightKind.MINUTES, 60)
    booked = await desk.park()
    vehicle = global_id("Vehicle", desk.car.id)
    planned = await site.post(await site.get(at_exit.path), at_exit.path, vehicle=vehicle)
    assert "Used." in (await site.post(planned, "/use")).text
    assert await desk.promises(booked) == [right]


async def test_the_steps_can_be_read_in_the_other_language(at_exit: Exit) -> None:
    site = at_exit.site
    await at_exit.desk.right(RightKind.PERCENT, 50)
    await at_exit.desk.park()
    page = await site.get(at_exit.path, **{"accept-language": "zh"})
    planned = await site.post(page, at_exit.path, code=at_exit.code)
    assert "停车费减免 50 %" in planned.text
    done = await site.post(planned, "/use")
    [(action, inside)] = re.findall(
        r'<nav>\s*<form method="post" action="([^"]*)">(.*?)</form>', done.text, re.DOTALL
    )
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', inside))
    assert "Used." in (await site.browser.post(action, data=fields)).text


async def test_a_code_that_is_none_or_was_revoked_is_a_page_that_says_so(at_exit: Exit) -> None:
    operator, clock = at_exit.desk.till.stage.lease.operator, at_exit.desk.clock
    await revoke_exit_code(operator, (await ExitCode.all().get()).id, clock=clock)
    for path in (at_exit.path, f"/x/{'y' * 26}", f"/x/{'y' * 300}"):
        page = await at_exit.site.get(path)
        assert page.status_code == 404
        assert "No such code" in page.text


async def test_the_address_of_a_form_leads_to_the_page(at_exit: Exit) -> None:
    page = await at_exit.site.get(f"{at_exit.path}/use")
    assert page.status_code == 200
    assert page.url.path == at_exit.path

"""The verification page over HTTP, without a single script."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import pytest

from api.pages.exit_texts import TEXTS as EXIT_TEXTS
from api.pages.grant import position_of
from api.pages.grant_texts import TEXTS
from parking.clock import TestClock
from parking.places.models import Place
from parking.rights.codes.manage import revoke_grant_codes
from parking.rights.codes.rotating import picture
from parking.rights.codes.state import CodeState
from parking.rights.codes.tickets import TICKET_LIFE
from parking.rights.kinds import GrantCodeKind, RightKind
from parking.rights.limits import ROTATION
from parking.rights.models import AssignedRight, GrantCode
from parking.rights.redeeming.why import Because
from parking.rights.redeeming.why import Why as WhyUnused
from parking.rights.refusals import Why
from parking.rights.terms import DayWindow, Terms
from parking.storage.database import connect, disconnect
from schema.ids import global_id
from tests.api.pages.driver_site import DriverSite, driver_site, vehicle_with_code
from tests.support.issuing import Issuing, make_issuing


@dataclass
class Counter:
    """The tea room's code, a driver with a vehicle code, and the page."""

    site: DriverSite
    shop: Issuing
    vehicle_id: int
    code: str

    async def path(self, code_id: int) -> str:
        """Where a code leads."""
        return f"/g/{(await GrantCode.get(id=code_id)).public_id}"

    async def printed(self, **more: Any) -> str:
        """The path of one more printed code."""
        return await self.path(await self.shop.code(**more))


@pytest.fixture
async def counter(sqlite_url: str, clock: TestClock) -> AsyncIterator[Counter]:
    """On one database: what the pages ask is the schema's, which is tested on both."""
    await connect(sqlite_url)
    shop = await make_issuing(clock, per_stay_max=2)
    vehicle_id, code = await vehicle_with_code(shop.driver, "B-TE 123", clock)
    async with driver_site(clock, shop.bus, shop.people) as site:
        yield Counter(site, shop, vehicle_id, code)
    await disconnect()


@pytest.mark.parametrize("texts", [TEXTS, EXIT_TEXTS])
def test_both_languages_say_the_same(texts: dict[str, dict[str, str]]) -> None:
    english, chinese = texts["en"], texts["zh"]
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        wanted = set(re.findall(r"\{(\w+)\}", text))
        assert set(re.findall(r"\{(\w+)\}", chinese[key])) == wanted, key


@pytest.mark.parametrize("why", Why)
def test_every_refusal_of_a_code_has_words(why: Why) -> None:
    assert why.value in TEXTS["zh"]


def test_every_state_and_reason_has_words() -> None:
    states = {f"GRANT_CODE_{each.value}" for each in CodeState} - {"GRANT_CODE_ACTIVE"}
    reasons = {f"why_{each.value}" for each in WhyUnused}
    because = {f"because_{each.value}" for each in Because}
    assert states <= TEXTS["zh"].keys()
    assert reasons | because <= EXIT_TEXTS["zh"].keys()


async def test_it_says_what_is_given_by_whom_and_for_where(counter: Counter) -> None:
    page = await counter.site.get(await counter.printed())
    for told in ("1 h of parking free", "Tea room", "Harbour garage", "Use it within 24 h."):
        assert told in page.text
    assert page.text.count('type="text"') == 1


async def test_a_vehicle_is_granted_the_right_and_told_what_it_holds(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed())
    done = await counter.site.post(form, code=counter.code)
    assert done.status_code == 200
    for told in ("Your vehicle has it now", "Until Tue 6 Jan 2026 09:00", "When you leave",
                 "What this vehicle holds"):  # fmt: skip
        assert told in done.text
    right = await AssignedRight.all().get()
    assert right.enrolment_id == counter.vehicle_id


async def test_a_code_is_read_forgivingly(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed())
    typed = f"  {counter.code.upper().replace(' ', '-')} "
    assert "has it now" in (await counter.site.post(form, code=typed)).text


async def test_twice_is_one_right_and_says_so(counter: Counter) -> None:
    path = await counter.printed()
    form = await counter.site.get(path)
    await counter.site.post(form, code=counter.code)
    assert "has it now" in (await counter.site.post(form, code=counter.code)).text
    again = await counter.site.post(await counter.site.get(path), code=counter.code)
    assert "has it already" in again.text
    assert await AssignedRight.all().count() == 1


async def test_the_answer_can_be_read_in_the_other_language(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed())
    done = await counter.site.post(form, code=counter.code)
    [(action, inside)] = re.findall(
        r'<nav>\s*<form method="post" action="([^"]*)">(.*?)</form>', done.text, re.DOTALL
    )
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', inside))
    switched = await counter.site.browser.post(action, data=fields)
    assert "您的车辆已获得" in switched.text
    assert '<html lang="zh-Hans">' in switched.text
    assert await AssignedRight.all().count() == 1


async def test_a_wrong_code_is_told_at_the_field_and_in_a_summary(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed())
    page = await counter.site.post(form, code="evening tea 1234")
    assert page.status_code == 409
    assert 'role="alert" id="problem" tabindex="-1" autofocus' in page.text
    assert '<a href="#code">There is no such vehicle code.' in page.text
    assert 'aria-describedby="code-hint code-problem" aria-invalid="true"' in page.text
    assert "<title>Error: 1 h of parking free" in page.text
    assert 'value="evening tea 1234"' in page.text


async def test_an_empty_code_is_no_try(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed())
    for _ in range(12):
        page = await counter.site.post(form, code="  ")
        assert "Type your vehicle code." in page.text
    assert "has it now" in (await counter.site.post(form, code=counter.code)).text


async def test_who_guesses_is_slowed_down_and_told_until_when(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed())
    for number in range(10):
        await counter.site.post(form, code=f"morning tea {number:04}")
    page = await counter.site.post(form, code=counter.code)
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert "Try again after" in page.text


async def test_a_code_that_never_was_is_a_page_that_says_so(counter: Counter) -> None:
    for path in (f"/g/{'x' * 26}", "/g/1", f"/g/{'y' * 500}"):
        page = await counter.site.get(path)
        assert page.status_code == 404
        assert "No such code" in page.text
        posted = await counter.site.browser.post(path, data={"code": counter.code})
        assert posted.status_code == 404


async def test_a_code_that_grants_nothing_says_why_and_asks_for_nothing(counter: Counter) -> None:
    shop, later = counter.shop, counter.shop.clock.now() + timedelta(hours=2)
    revoked = await shop.code()
    await revoke_grant_codes(shop.merchant, [revoked], "lost", **shop.with_bus)
    for path, why in (
        (await counter.path(revoked), "This code was withdrawn."),
        (await counter.printed(valid_from=later), "It is valid from Mon 5 Jan 2026 11:00."),
    ):
        page = await counter.site.get(path)
        assert why in page.text
        assert 'name="code"' not in page.text


async def test_when_it_is_given_is_told_in_the_words_of_the_place(counter: Counter) -> None:
    shop = counter.shop
    terms = Terms(
        weekdays=(1, 2, 3, 4, 5), windows=(DayWindow(time(11, 30), time(14, 30)),),
        delay_minutes=30, valid_minutes=120, stacks=False, is_transferable=True,
    )  # fmt: skip
    made = await shop.specification(RightKind.PERCENT, 50, worth_max_minor=500, terms=terms)
    page = await counter.site.get(await counter.printed(specification_id=made))
    for told in ("50 % off parking (worth up to €5.00)", "Given on Mon–Fri", "Given 11:30–14:30",
                 "It can be used from 30 min after you get it.", "Use it within 2 h.",
                 "cannot be used together", "give it to another vehicle"):  # fmt: skip
        assert told in page.text
    refused = await counter.site.post(page, code=counter.code)
    assert "It is not given at this time of day." in refused.text


async def test_a_picture_is_followed_as_long_as_a_slow_typist_needs(counter: Counter) -> None:
    shop, clock = counter.shop, counter.shop.clock
    made = await shop.code(kind=GrantCodeKind.ROTATING)
    public_id = (await GrantCode.get(id=made)).public_id
    shown = f"/g/{picture(counter.site.keys.pictures[0], public_id, clock.now())}"
    form = await counter.site.get(shown)
    clock.advance(minutes=5)
    wrong = await counter.site.post(form, code="evening tea 1234")
    clock.advance(seconds=(TICKET_LIFE - timedelta(minutes=5, seconds=1)).total_seconds())
    assert "has it now" in (await counter.site.post(wrong, code=counter.code)).text
    clock.advance(seconds=1)
    assert "Scan the screen again." in (await counter.site.get(str(wrong.url))).text


async def test_an_old_picture_asks_for_the_present_one(counter: Counter) -> None:
    shop, clock = counter.shop, counter.shop.clock
    public_id = (await GrantCode.get(id=await shop.code(kind=GrantCodeKind.ROTATING))).public_id
    shown = f"/g/{picture(counter.site.keys.pictures[0], public_id, clock.now())}"
    clock.advance(seconds=3 * ROTATION.total_seconds())
    for path in (shown, f"/g/{public_id}"):
        page = await counter.site.get(path)
        assert "Scan the screen again." in page.text
        assert "1 h of parking free" in page.text
        assert 'name="code"' not in page.text


async def test_a_purchase_is_asked_for_and_told_at_its_field(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed(needs_reference=True))
    assert 'name="reference"' in form.text
    page = await counter.site.post(form, code=counter.code, reference=" ")
    assert '<a href="#reference">Type the number on your receipt.' in page.text
    assert "has it now" in (await counter.site.post(page, code=counter.code, reference="R 7")).text


async def test_a_code_near_its_place_wants_to_know_where_one_is(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed(radius_metres=300))
    assert "<noscript>" in form.text
    without = await counter.site.post(form, code=counter.code)
    assert "Allow this page to know your position" in without.text
    far = {"latitude": "52.5", "longitude": "13.4"}
    assert "too far" in (await counter.site.post(form, code=counter.code, **far)).text
    near = {"latitude": "48.7701", "longitude": "9.1801"}
    assert "has it now" in (await counter.site.post(form, code=counter.code, **near)).text


@pytest.mark.parametrize(
    "form",
    [
        {}, {"latitude": "1"}, {"latitude": "nan", "longitude": "1"},
        {"latitude": "91", "longitude": "0"}, {"latitude": "x", "longitude": "y"},
    ],
)  # fmt: skip
def test_a_position_that_is_none_is_none(form: dict[str, str]) -> None:
    assert position_of(form) is None


async def test_a_signed_in_driver_names_the_vehicle(counter: Counter) -> None:
    path = await counter.printed()
    vehicle = global_id("Vehicle", counter.vehicle_id)
    site = counter.site.signed_in("driver")
    done = await site.post(await site.get(path), vehicle=vehicle)
    assert "has it now" in done.text
    other = counter.site.signed_in("merchant")
    assert "has it" not in (await other.post(await other.get(path), vehicle=vehicle)).text


async def test_a_token_that_is_not_good_is_told(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed())
    page = await counter.site.signed_in("stranger").post(form, vehicle="x")
    assert page.status_code == 401
    assert "You are not signed in any more." in page.text


async def test_the_page_is_kept_nowhere_and_told_to_nobody(counter: Counter) -> None:
    form = await counter.site.get(await counter.printed())
    done = await counter.site.post(form, code=counter.code)
    for page in (form, done, await counter.site.get("/g/none")):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert not re.findall(r'(?:src|href|action)="https?:', page.text)


async def test_it_speaks_the_readers_language(counter: Counter) -> None:
    path = await counter.printed()
    chinese = {"accept-language": "zh-CN,en;q=0.5"}
    assert "免费停车 1 小时" in (await counter.site.get(path, **chinese)).text
    assert "1 h of parking free" in (await counter.site.get(f"{path}?lang=en", **chinese)).text


async def test_what_others_wrote_is_text_and_never_markup(counter: Counter) -> None:
    await Place.filter(id=counter.shop.place_id).update(name="<img src=x onerror=alert(1)>")
    form = await counter.site.get(await counter.printed())
    page = await counter.site.post(form, code='"><script>alert(1)</script>')
    assert "<img src=x" not in page.text
    assert "<script>alert" not in page.text


async def test_looking_changes_nothing(counter: Counter) -> None:
    path = await counter.printed()
    for _ in range(3):
        await counter.site.get(path)
    assert await AssignedRight.all().count() == 0
    assert (await GrantCode.all().get()).uses == 0


async def test_a_form_that_is_none_is_refused(counter: Counter) -> None:
    path = await counter.printed()
    page = await counter.site.browser.post(path, data={"code": "k" * 5_000})
    assert page.status_code == 409
    assert "not this page&#39;s form" in page.text or "not this page’s form" in page.text

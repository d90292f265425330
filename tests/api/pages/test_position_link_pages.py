"""A secure link's page over HTTP: what it shows, to whom nothing, and what it costs to look."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.pages.fetching_texts import TEXTS as FETCHING_TEXTS
from api.pages.invitation_texts import TEXTS as INVITATION_TEXTS
from api.pages.position_link_texts import TEXTS
from parking.accounts.models import Person
from parking.clock import TestClock
from parking.locations.kinds import VersionKind, VersionSource
from parking.locations.limits import OPENINGS_PER_SOURCE_MAX, PASSCODE_TRIES_MAX
from parking.locations.models import PositionAccess, PositionLink, PositionPhoto
from parking.merchants.connectors import NewConnector, set_connectors
from parking.merchants.kinds import ConnectorKind
from parking.places.models import Campus, Place
from parking.reservations.models import Reservation, ReservationState
from parking.storage.database import connect, disconnect
from tests.api.pages.finding_site import FindingSite, finding_site, is_secretive
from tests.support.estate import OPENED
from tests.support.parked import LATITUDE, LONGITUDE, make_parked
from tests.support.sharing import Sharing

PLATE, PHONE = "S-DORA 77", "+4917655512345"
AGENT = "Mozilla/5.0 (iPhone) Mobile Safari"


@dataclass
class Door:
    """A parked car, whose driver makes links, and a phone that opens them."""

    site: FindingSite
    sharing: Sharing
    position_id: int

    async def link(self, **wished: object) -> tuple[int, str]:
        """A link, and the path of its page."""
        made, token = await self.sharing.link(self.position_id, **wished)
        return made, f"/p/{token}"

    async def shown(self, path: str, **fields: str) -> httpx.Response:
        """What the button gives."""
        return await self.site.post(await self.site.get(path), **fields)

    async def views(self, link_id: int) -> int:
        """How many are counted."""
        return (await PositionLink.get(id=link_id)).views


@pytest.fixture
async def door(sqlite_url: str, clock: TestClock) -> AsyncIterator[Door]:
    """On one database: what the pages ask is the schema's, which is tested on both."""
    await connect(sqlite_url)
    parked = await make_parked(clock)
    booking = await parked.book(0, state=ReservationState.ACTIVE)
    await Reservation.filter(id=booking.id).update(plate=PLATE)
    await Person.filter(id=parked.driver.person_id).update(phone=PHONE)
    position_id = await parked.record(booking)
    await parked.revise(position_id, VersionKind.REFINED, note="behind <b>the pillar</b>")
    async with finding_site(clock, parked.bus, parked.everybody) as site:
        yield Door(site, Sharing(parked), position_id)
    await disconnect()


@pytest.mark.parametrize("texts", [TEXTS, INVITATION_TEXTS, FETCHING_TEXTS])
def test_both_languages_say_the_same(texts: dict[str, dict[str, str]]) -> None:
    english, chinese = texts["en"], texts["zh"]
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        wanted = set(re.findall(r"\{(\w+)\}", text))
        assert set(re.findall(r"\{(\w+)\}", chinese[key])) == wanted, key


@pytest.mark.parametrize("source", VersionSource)
def test_whoever_said_it_has_words(source: VersionSource) -> None:
    assert f"known_{source.value}" in TEXTS["zh"]


async def test_the_address_alone_shows_and_counts_nothing(door: Door) -> None:
    made, path = await door.link(views_max=1, passcode="2718")
    wrong = f"/p/{'x' * 28}"
    plain = re.compile(r'value="[^"]*"')  # the key of the form is another each time
    seen = [await door.site.get(each) for each in (path, path, wrong)]
    covers = {plain.sub("", each.text).replace(wrong, path) for each in seen}
    assert len(covers) == 1
    assert "Somebody shows you where their car stands" in covers.pop()
    head = await door.site.browser.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert await door.views(made) == 0
    assert await PositionAccess.all().count() == 0


async def test_the_button_shows_where_the_car_stands(door: Door) -> None:
    made, path = await door.link()
    page = await door.shown(path)
    assert page.status_code == 200
    for told in ("Bay A-01", "Blue", "Level 1", "Harbour garage", "behind &lt;b&gt;the pillar",
                 f"{LATITUDE:.6f}, {LONGITUDE:.6f}", f"geo:{LATITUDE:.6f},{LONGITUDE:.6f}?q=",
                 "from whoever shows it to you", "Local time of the place (Europe/Berlin)",
                 "There, go to Level 1.", "Look for bay A-01."):  # fmt: skip
        assert told in page.text, told
    assert page.text.count('class="mine"') == 1
    assert page.text.count('class="bay"') == 1  # the other one of that level
    assert await door.views(made) == 1


async def test_a_form_that_is_sent_again_is_one_look(door: Door) -> None:
    made, path = await door.link(views_max=1)
    form = await door.site.get(path)
    first, again = await door.site.post(form), await door.site.post(form)
    assert "Bay A-01" in again.text
    chinese = await door.site.other_language(first)
    assert "车辆停在这里" in chinese.text
    assert await door.views(made) == 1
    assert (await door.shown(path)).status_code == 404


async def test_what_is_known_later_takes_another_look(door: Door) -> None:
    made, path = await door.link()
    page = await door.shown(path)
    await door.sharing.parked.revise(door.position_id, VersionKind.MOVED, bay="Z-9")
    assert "Bay Z-9" in (await door.site.post(page)).text  # the button "look again"
    assert await door.views(made) == 2


async def test_nothing_of_the_person_is_on_any_page(door: Door) -> None:
    _, path = await door.link(label="for Fred", passcode="2718")
    pages = [
        await door.site.get(path), await door.shown(path), await door.shown(path, passcode="0000"),
        await door.shown(path, passcode="2718"),
    ]  # fmt: skip
    for page in [*pages, await door.site.other_language(pages[-1])]:
        for secret in (PLATE, "DORA", PHONE, PHONE[3:], "Dora", "for Fred", "2718"):
            assert secret not in page.text, secret


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text("ABCDEFGHJKLMNPRTXYZ", min_size=8, max_size=12), st.integers(10**9, 10**10))
async def test_whatever_the_person_is_called_is_not_told(
    door: Door, name: str, number: int
) -> None:
    parked, phone = door.sharing.parked, f"+49{number}"
    await Person.filter(id=parked.driver.person_id).update(name=name, phone=phone)
    _, path = await door.link(label=name)
    page = await door.shown(path)
    assert "Bay A-01" in page.text
    assert name not in page.text
    assert phone not in page.text
    await PositionLink.all().update(
        revoked_at=door.sharing.clock.now()
    )  # there is a limit of links


async def test_every_answer_is_kept_and_told_nowhere(door: Door) -> None:
    _, path = await door.link(passcode="2718")
    pages = [
        await door.site.get(path), await door.shown(path), await door.shown(path, passcode="1"),
        await door.shown(path, passcode="2718"), await door.shown(f"/p/{'x' * 28}"),
    ]  # fmt: skip
    assert [each.status_code for each in pages] == [200, 200, 409, 200, 404]
    for page in pages:
        assert is_secretive(page)
        assert '<meta name="robots" content="noindex' in page.text
        assert '<meta name="referrer" content="no-referrer">' in page.text


async def test_false_revoked_expired_used_up_and_over_are_one_page(door: Door) -> None:
    sharing, parked = door.sharing, door.sharing.parked
    revoked, revoked_path = await door.link()
    used_up, used_up_path = await door.link(views_max=1)
    _, expired_path = await door.link(expires_at=sharing.clock.now() + timedelta(hours=1))
    other = await parked.parked(1)
    _, token = await sharing.link(other)
    await sharing.close(revoked)
    await door.shown(used_up_path)
    await parked.end(other)
    sharing.clock.advance(hours=1)
    paths = [f"/p/{'x' * 28}", "/p/x", revoked_path, used_up_path, expired_path, f"/p/{token}"]
    pages = [await door.shown(path) for path in paths]
    assert {page.status_code for page in pages} == {404}
    plain = {page.text.replace(path, "") for page, path in zip(pages, paths, strict=True)}
    assert len(plain) == 1
    assert "Ask whoever sent it to you for a new one." in plain.pop().replace("\n", " ")
    assert await door.views(used_up) == 1


async def test_a_passcode_is_asked_for_when_it_is_needed(door: Door) -> None:
    made, path = await door.link(passcode="2718")
    asked = await door.shown(path)
    assert (asked.status_code, 'name="passcode"' in asked.text) == (200, True)
    assert 'role="alert"' not in asked.text
    empty = await door.site.post(asked, passcode=" ")
    assert '<a href="#passcode">Type the passcode.' in empty.text
    wrong = await door.site.post(asked, passcode="0000")
    assert wrong.status_code == 409
    assert f"everybody who has this link: {PASSCODE_TRIES_MAX - 1}." in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    shown = await door.site.post(wrong, passcode="27 18")
    assert "Bay A-01" in shown.text
    chinese = await door.site.other_language(shown)
    assert "口令" in chinese.text
    assert "车辆停在这里" in (await door.site.post(chinese, passcode="2718")).text
    assert await door.views(made) == 1


async def test_too_many_wrong_passcodes_close_the_link_and_say_so(door: Door) -> None:
    _, path = await door.link(passcode="2718")
    asked = await door.shown(path)
    for _ in range(PASSCODE_TRIES_MAX - 1):
        await door.site.post(asked, passcode="0000")
    last = await door.site.post(asked, passcode="0000")
    assert "The passcode was wrong too often." in last.text
    assert (await door.site.post(asked, passcode="2718")).status_code == 404


async def test_who_tries_addresses_is_slowed_down(door: Door) -> None:
    _, path = await door.link()
    form = await door.site.get(path)
    for number in range(OPENINGS_PER_SOURCE_MAX):
        await door.site.browser.post(f"/p/{number:028}", data={"shown": "k"})
    page = await door.site.post(form)
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert "Try again after" in page.text
    door.sharing.clock.advance(minutes=6)
    assert "Bay A-01" in (await door.site.post(form)).text


async def test_the_log_has_a_coarse_word_of_the_device(door: Door) -> None:
    _, path = await door.link()
    await door.site.browser.post(path, data={"shown": "k"}, headers={"user-agent": AGENT})
    assert (await PositionAccess.get()).device == "phone, Safari"


async def test_the_photo_is_shown_if_the_link_shows_it(door: Door) -> None:
    now, driver = door.sharing.clock.now(), door.sharing.parked.driver.person_id
    photo = await PositionPhoto.create(
        position_id=door.position_id, key="a.jpg", bytes=1, width_pixels=1, height_pixels=1,
        created_by=driver, created_at=now,
    )  # fmt: skip
    await door.sharing.parked.revise(door.position_id, VersionKind.REFINED, photo_id=photo.id)
    for shows in (True, False):
        _, path = await door.link(shows_photo=shows, shows_note=shows)
        page = (await door.shown(path)).text
        assert ('<img src="/positions/photos/' in page) is shows
        assert ("the pillar" in page) is shows


async def test_without_scripts_it_does_not_stay(door: Door) -> None:
    now = door.sharing.clock.now()
    for lasts, seconds in ((timedelta(days=30), 300), (timedelta(seconds=90), 90)):
        _, path = await door.link(expires_at=now + lasts)
        page = await door.shown(path)
        assert f'<meta http-equiv="refresh" content="{seconds};url={path}?lang=en">' in page.text
        assert f'data-seconds="{int(lasts.total_seconds())}"' in page.text


async def test_it_speaks_the_readers_language(door: Door) -> None:
    _, path = await door.link()
    chinese = {"accept-language": "zh-CN,en;q=0.5"}
    assert "有人向您分享了" in (await door.site.get(path, **chinese)).text
    assert "Somebody shows you" in (await door.site.get(f"{path}?lang=en", **chinese)).text


async def test_the_walk_from_the_nearest_door_is_told(door: Door) -> None:
    parked = door.sharing.parked
    place = parked.estate.place_id
    mall = await Campus.create(
        organisation_id=parked.estate.organisation_id, name="Mall", created_at=OPENED
    )
    await Place.filter(id=place).update(campus_id=mall.id)
    ways = [
        NewConnector(ConnectorKind.ENTRANCE, "Harbour Street", 0.0, 9.0, place_id=place),
        NewConnector(ConnectorKind.LIFT, "A", 4.0, 9.0, place_id=place),
        NewConnector(ConnectorKind.LIFT, "A", 4.0, 0.0, level=1, place_id=place),
    ]
    await set_connectors(parked.operator, mall.id, ways, clock=parked.clock)
    _, path = await door.link()
    page = (await door.shown(path)).text
    for told in ("Go in at Harbour Street.", "Walk 4 m to lift A.", "Take lift A to level Level 1.",
                 "m to bay A-01."):  # fmt: skip
        assert told in page, told
    assert page.count("<figure>") == 2
    assert "Look for bay" not in page


@pytest.mark.parametrize("body", [b"", b"\xff\xfe=1", b"shown=" + b"k" * 5_000])
async def test_a_form_that_is_none_is_no_fault(door: Door, body: bytes) -> None:
    _, path = await door.link()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    page = await door.site.browser.post(path, content=body, headers=kind)
    assert page.status_code in {200, 409}
    assert is_secretive(page)


@pytest.mark.parametrize(
    "path", ["/p/%00", "/p/%F0%9F%9A%97", f"/p/{'y' * 5_000}", "/p/%22%3E%3Cb"]
)
async def test_an_address_that_is_none_is_no_fault(door: Door, path: str) -> None:
    assert (await door.site.get(path)).status_code == 200
    page = await door.site.browser.post(path, data={"shown": "k"})
    assert page.status_code == 404
    assert "<b" not in page.text.partition("<body")[2].replace("<button", "")

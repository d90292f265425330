"""An invitation's page over HTTP: what it tells, and how it is answered."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from api.pages.invitation import reach_of
from parking.accounts.models import Person
from parking.clock import TestClock, rfc3339
from parking.errors import InvalidInput
from parking.locations.kinds import BindingScope, BindingState, InvitationWay
from parking.storage.database import connect, disconnect
from schema.ids import global_id
from tests.api.pages.finding_site import FindingSite, finding_site, is_secretive
from tests.support.parked import make_parked
from tests.support.sharing import Sharing

PHONE = "+4917655512345"


@dataclass
class Post:
    """A parked car, whose driver invites, and the phone of whoever got the invitation."""

    site: FindingSite
    sharing: Sharing
    position_id: int

    async def asked(self, *how: object, **more: object) -> tuple[int, str]:
        """An invitation of the driver's (or `who`), and where its page is."""
        made, token = await self.sharing.ask(*how, **more)  # type: ignore[arg-type]
        return made, f"/i/{token}"

    async def state(self, binding_id: int) -> BindingState:
        """Where it stands."""
        return (await self.sharing.binding(binding_id)).state


@pytest.fixture
async def post(sqlite_url: str, clock: TestClock) -> AsyncIterator[Post]:
    """On one database: what the pages ask is the schema's, which is tested on both."""
    await connect(sqlite_url)
    parked = await make_parked(clock)
    position_id = await parked.parked()
    async with finding_site(clock, parked.bus, parked.everybody) as site:
        yield Post(site, Sharing(parked), position_id)
    await disconnect()


async def test_it_says_who_asks_for_what_and_how_long(post: Post) -> None:
    until = post.sharing.clock.now() + timedelta(days=3)
    for asked, told in (
        (await post.asked(BindingScope.UNTIL, None, until), f'datetime="{rfc3339(until)}"'),
        (await post.asked(BindingScope.ALWAYS), "until one of you ends it."),
        (await post.asked(BindingScope.ONE_STAY, post.position_id), "as long as it stands there."),
    ):
        page = await post.site.get(asked[1])
        assert "Dora would like to show you where a car stands" in page.text
        assert told in page.text
        assert "A-01" not in page.text
        assert f'href="/signin?next={asked[1].replace("/", "%2F")}&amp;lang=en"' in page.text


async def test_it_is_accepted_by_who_has_signed_in_once(post: Post) -> None:
    made, path = await post.asked()
    page = await post.site.get(path)
    refused = await post.site.post(page, "/accept")
    assert (refused.status_code, "Sign in first." in refused.text) == (401, True)
    done = await post.site.signed_in("friend").post(page, "/accept", name="Dora H.")
    assert "You see where the cars stand that Dora H. shows you" in done.text
    assert 'href="/positions"' in done.text
    assert await post.state(made) is BindingState.ACTIVE
    assert (await post.site.get(path)).status_code == 404
    late = await post.site.signed_in("other").post(page, "/accept")
    assert (late.status_code, "cannot be answered any more" in late.text) == (404, True)


async def test_it_is_declined(post: Post) -> None:
    made, path = await post.asked()
    page = await post.site.signed_in("friend").post(await post.site.get(path), "/decline")
    assert "this invitation is worth nothing any more" in page.text
    assert await post.state(made) is BindingState.DECLINED


async def test_ones_own_is_for_others(post: Post) -> None:
    made, path = await post.asked()
    page = await post.site.signed_in("driver").post(await post.site.get(path), "/accept")
    assert (page.status_code, "This is your own invitation" in page.text) == (409, True)
    assert await post.state(made) is BindingState.REQUESTED


async def test_one_by_phone_is_for_that_number_alone(post: Post) -> None:
    made, path = await post.asked(way=InvitationWay.PHONE, phone=PHONE)
    form = await post.site.get(path)
    assert "Only who has signed in with the number" in form.text
    assert PHONE not in form.text
    friend = post.site.signed_in("friend")
    assert "It was sent to another phone number." in (await friend.post(form, "/accept")).text
    await Person.filter(id=post.sharing.parked.friend.person_id).update(phone=PHONE)
    assert "Agreed" in (await friend.post(form, "/accept")).text
    assert await post.state(made) is BindingState.ACTIVE


async def test_a_sharer_who_is_asked_chooses_how_far(post: Post) -> None:
    friend = post.sharing.parked.friend
    asks = {"who": friend, "own_name": "Fred"}
    made, path = await post.asked(BindingScope.ONE_STAY, **asks)
    page = await post.site.get(path)
    assert "Fred would like to see where your car stands" in page.text
    sharer = post.site.signed_in("driver")
    empty = await sharer.post(page, "/accept", scope="ONE_STAY")
    assert '<a href="#position">Choose which car.' in empty.text
    vague = await sharer.post(page, "/accept", scope="UNTIL", until="soon")
    assert '<a href="#until">Say until when' in vague.text
    position = global_id("ParkingPosition", post.position_id)
    done = await sharer.post(page, "/accept", scope="ONE_STAY", position=position)
    assert "Fred sees where you let them." in done.text
    binding = await post.sharing.binding(made)
    assert (binding.state, binding.position_id) == (BindingState.ACTIVE, post.position_id)


@pytest.mark.parametrize(
    ("form", "reach"),
    [
        ({}, None),
        ({"scope": "X"}, None),
        ({"scope": "ALWAYS", "position": "p", "until": "u"},
         {"scope": "ALWAYS", "positionId": None, "until": None}),
        ({"scope": "UNTIL", "until": "2026-02-01T00:00:00Z"},
         {"scope": "UNTIL", "positionId": None, "until": "2026-02-01T00:00:00Z"}),
    ],
)  # fmt: skip
def test_how_far_is_read_from_the_form(form: dict[str, str], reach: object) -> None:
    assert reach_of(form) == reach


@pytest.mark.parametrize("until", ["", "soon", "2026-02-01T00:00"])
def test_a_time_without_a_zone_is_none(until: str) -> None:
    with pytest.raises(InvalidInput):
        reach_of({"scope": "UNTIL", "until": until})


async def test_what_cannot_be_answered_is_one_page(post: Post) -> None:
    revoked, revoked_path = await post.asked()
    await post.sharing.revoke(post.sharing.parked.driver, revoked)
    _, late_path = await post.asked()
    post.sharing.clock.advance(days=8)
    pages = [await post.site.get(each) for each in (revoked_path, late_path, "/i/x", "/i/%00")]
    assert {each.status_code for each in pages} == {404}
    assert len({each.text for each in pages}) == 1


async def test_every_answer_is_kept_and_told_nowhere(post: Post) -> None:
    _, path = await post.asked(BindingScope.ONE_STAY, who=post.sharing.parked.friend)
    page = await post.site.get(path)
    sharer = post.site.signed_in("driver")
    refused = await sharer.post(page, "/accept", scope="ONE_STAY")
    done = await sharer.post(page, "/decline")
    for each in (page, refused, done, await post.site.get("/i/x")):
        assert is_secretive(each)


async def test_it_speaks_both_languages_and_runs_nothing(post: Post) -> None:
    _, path = await post.asked(own_name="Dora <b>")
    page = await post.site.other_language(await post.site.get(path))
    assert "Dora &lt;b&gt; 想向您分享车辆的停放位置" in page.text

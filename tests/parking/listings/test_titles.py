"""Proof of title: asked for by the lessor, decided by the operator of the place."""

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.listings.manage import activate_listing
from parking.listings.models import Listing, ListingState, Title, TitleState
from parking.listings.queries import TitleFilter, find_titles, titles_of_spaces, visible_titles
from parking.listings.titles import (
    approve_titles,
    decline_titles,
    request_titles,
    revoke_titles,
)
from parking.storage.sql import database
from tests.parking.listings.offers import Quay, make_quay
from tests.support.estate import make_estate
from tests.support.operators import api_key, member

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def quay(database: str, clock: TestClock) -> Quay:
    return await make_quay(clock)


async def request(quay: Quay, spaces: list[int] | None = None) -> list[int]:
    return await request_titles(
        quay.owner, quay.lessor_id, quay.spaces if spaces is None else spaces, "Deed 7/2026",
        clock=quay.clock,
    )  # fmt: skip


async def states() -> list[str]:
    return [title.state.value for title in await Title.all().order_by("id")]


async def test_a_title_is_asked_for_and_approved(quay: Quay) -> None:
    made = await request(quay)
    waiting = await find_titles(quay.operator, TitleFilter(states=[TitleState.REQUESTED]), limit=9)
    assert [title.id for title in waiting] == made
    assert (waiting[0].document_reference, waiting[0].organisation_name) == (
        "Deed 7/2026",
        "Quay owners",
    )
    quay.clock.advance(hours=1)
    await approve_titles(quay.operator, made, clock=quay.clock)
    title = (await visible_titles(quay.owner, made))[made[0]]
    assert (title.state, title.decided_by, title.decided_at) == ("APPROVED", 3, quay.clock.now())


async def test_what_is_asked_for_twice_is_one_title(quay: Quay) -> None:
    first = await request(quay, quay.spaces[:2])
    await approve_titles(quay.operator, first[:1], clock=quay.clock)
    assert (await request(quay))[:2] == first
    assert await states() == ["APPROVED", "REQUESTED", "REQUESTED"]


async def test_a_declined_title_tells_why_and_can_be_asked_for_anew(quay: Quay) -> None:
    made = await request(quay, quay.spaces[:1])
    await decline_titles(quay.operator, made, "  the deed is   not yours ", clock=quay.clock)
    told = (await visible_titles(quay.owner, made))[made[0]]
    assert (told.state, told.reason) == ("DECLINED", "the deed is not yours")
    again = await request(quay, quay.spaces[:1])
    assert again != made
    of_space = await titles_of_spaces(quay.owner, quay.spaces)
    assert [title.id for title in of_space[quay.spaces[0]]] == [*again, *made]
    with pytest.raises(InvalidInput):
        await decline_titles(quay.operator, again, " ", clock=quay.clock)


async def test_a_decision_is_made_once(quay: Quay) -> None:
    made = await request(quay)
    await decline_titles(quay.operator, made[:1], "no", clock=quay.clock)
    with pytest.raises(Conflict) as caught:
        await approve_titles(quay.operator, made, clock=quay.clock)
    assert caught.value.code == "WRONG_STATE"
    assert await states() == ["DECLINED", "REQUESTED", "REQUESTED"]
    await approve_titles(quay.operator, made[1:], clock=quay.clock)
    await approve_titles(quay.operator, made[1:], clock=quay.clock)
    with pytest.raises(Conflict):
        await decline_titles(quay.operator, made[1:], "too late", clock=quay.clock)


async def test_only_the_operator_decides_and_strangers_find_nothing(quay: Quay) -> None:
    made = await request(quay)
    with pytest.raises(NotPermitted):
        await approve_titles(quay.owner, made, clock=quay.clock)
    guard = member(quay.estate.organisation_id, Role.ATTENDANT)
    with pytest.raises(NotPermitted):
        await decline_titles(guard, made, "no", clock=quay.clock)
    for viewer in (quay.driver, member(999, Role.OPERATOR)):
        with pytest.raises(NotFound):
            await approve_titles(viewer, made, clock=quay.clock)
        assert await visible_titles(viewer, made) == {}
        assert await find_titles(viewer, limit=9) == []
        assert await titles_of_spaces(viewer, quay.spaces) == {}
    with pytest.raises(NotFound):
        await approve_titles(quay.operator, [*made, 999_999], clock=quay.clock)
    assert set(await states()) == {"REQUESTED"}
    key = api_key(quay.estate.organisation_id, Scope.PLACES_WRITE)
    await approve_titles(key, made, clock=quay.clock)


async def test_only_those_who_act_for_the_lessor_ask(quay: Quay) -> None:
    clerk = member(quay.lessor_id, Role.DRIVER)
    with pytest.raises(NotPermitted):
        await request_titles(clerk, quay.lessor_id, quay.spaces, "Deed", clock=quay.clock)
    with pytest.raises(NotFound):
        await request_titles(quay.driver, quay.lessor_id, quay.spaces, "Deed", clock=quay.clock)
    for spaces in ([], [999_999]):
        with pytest.raises((InvalidInput, NotFound)):
            await request(quay, spaces)
    secret = await make_estate(name="Yard", is_public=False)
    with pytest.raises(NotFound):
        await request(quay, secret.space_ids)


async def test_who_runs_the_place_needs_no_title(quay: Quay) -> None:
    own = quay.estate.organisation_id
    with pytest.raises(Conflict) as caught:
        await request_titles(quay.operator, own, quay.spaces, "Deed", clock=quay.clock)
    assert caught.value.code == "TITLE_NOT_NEEDED"


async def active(quay: Quay, spaces: list[int]) -> int:
    listing_id = await quay.draft(space_ids=spaces)
    await activate_listing(quay.owner, listing_id, clock=quay.clock)
    return listing_id


@pytest.mark.parametrize("who", ["operator", "owner"])
async def test_revoking_pauses_what_needs_the_title(quay: Quay, who: str) -> None:
    made = await request(quay)
    await approve_titles(quay.operator, made, clock=quay.clock)
    hit, missed = await active(quay, quay.spaces[:2]), await active(quay, quay.spaces[2:])
    viewer: Viewer = getattr(quay, who)
    await revoke_titles(viewer, made[:1], "sold", clock=quay.clock)
    assert (await Listing.get(id=hit)).state is ListingState.PAUSED
    assert (await Listing.get(id=missed)).state is ListingState.ACTIVE
    with pytest.raises(Conflict) as caught:
        await activate_listing(quay.owner, hit, clock=quay.clock)
    assert caught.value.code == "TITLE_MISSING"


async def test_each_step_is_in_the_audit_trail(quay: Quay) -> None:
    made = await request(quay)
    await approve_titles(quay.operator, made, clock=quay.clock)
    await revoke_titles(quay.operator, made, "sold", clock=quay.clock)
    rows = await database().fetch(
        "SELECT verb, actor, organisation_id FROM audit_entry ORDER BY id"
    )
    operator = quay.estate.organisation_id
    assert [tuple(row.values()) for row in rows] == [
        ("request_titles", "person:2", quay.lessor_id),
        ("title_approved", "person:3", operator),
        ("title_revoked", "person:3", operator),
    ]


async def test_lists_go_on_after_an_id_and_can_be_narrowed(quay: Quay) -> None:
    made = await request(quay)
    first = await find_titles(quay.owner, limit=2)
    rest = await find_titles(quay.owner, limit=2, after=first[-1].id)
    assert [title.id for title in [*first, *rest]] == made
    here = TitleFilter(organisation_id=quay.lessor_id, place_id=quay.estate.place_id)
    assert len(await find_titles(quay.owner, here, limit=9)) == 3
    assert await find_titles(quay.owner, TitleFilter(place_id=999), limit=9) == []

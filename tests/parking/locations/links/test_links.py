"""Secure links: what they show, how often, and when they end (CLAIMS E8, E13, E14, E16)."""

from datetime import timedelta
from typing import Any

import pytest

from parking.accounts.viewer import ANONYMOUS
from parking.errors import Conflict, InvalidInput, NotFound, TooManyTries, Unauthenticated
from parking.ids import token_hash
from parking.locations.kinds import LinkOutcome, VersionKind
from parking.locations.limits import LINK_LASTS, LINKS_LIVE_MAX, PASSCODE_TRIES_MAX
from parking.locations.links import make
from parking.locations.links import open as door
from parking.locations.links.device_words import device_words
from parking.locations.links.live import LinkState, follow_link
from parking.locations.links.log import accesses_of_position, log_look
from parking.locations.links.make import NewLink, make_link
from parking.locations.links.queries import link_token, links_by_id, links_of_position
from parking.locations.links.rules import PasscodeNeeded, WrongPasscode
from parking.locations.models import PositionLink
from parking.notices.models import Notice
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import database
from tests.support.sharing import Sharing

PASSCODE = "271828"


async def test_a_link_shows_where_the_car_is_and_nothing_else(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    await sharing.parked.revise(car, VersionKind.REFINED, note="behind the pillar")
    link, token = await sharing.link(car, label="Fred")
    seen = await sharing.open(token)
    assert seen.place is not None
    assert seen.space is not None
    assert (seen.version.floor, seen.version.bay, seen.version.note) == (
        "Level 1", "A-01", "behind the pillar",
    )  # fmt: skip
    assert [bay.number for bay in seen.bays] == ["A-01", "A-03"]
    assert (await sharing.linked(link)).views == 1
    await sharing.parked.revise(car, VersionKind.MOVED, floor="Roof")
    assert (await sharing.open(token)).version.floor == "Roof"


async def test_note_and_photo_are_shown_as_the_maker_lets(sharing: Sharing) -> None:
    car = await sharing.parked.record(note="the key is under the mat", floor="2")
    _, token = await sharing.link(car, shows_note=False, shows_photo=False)
    seen = await sharing.open(token)
    assert (seen.version.note, seen.version.photo_id, seen.place, list(seen.bays)) == (
        "", None, None, [],
    )  # fmt: skip


async def test_only_hashes_are_kept(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    made, token = await sharing.link(car, passcode=PASSCODE)
    row = await PositionLink.get(id=made)
    assert row.token_hash == token_hash(token)
    assert len(token) == 28
    assert PASSCODE not in row.passcode_hash
    assert token not in repr(row.__dict__)
    assert await link_token(sharing.parked.friend, made, sharing.keys.links) is None
    assert await link_token(sharing.parked.driver, made, [b"another secret"]) is None


async def test_what_does_not_work_looks_like_nothing(sharing: Sharing) -> None:
    car, other = await sharing.parked.parked(0), await sharing.parked.parked(1)
    used, revoked, late = [await sharing.link(car, views_max=1) for _ in range(3)]
    over = await sharing.link(other)
    await sharing.open(used[1])
    await sharing.close(revoked[0])
    expires = (await sharing.linked(late[0])).expires_at
    assert expires == sharing.clock.now() + LINK_LASTS
    said = set()
    for token in (used[1], revoked[1], "a" * 28, "", "x" * 100_000, "é" * 28):
        with pytest.raises(NotFound) as refused:
            await sharing.open(token)
        said.add(str(refused.value))
    await Reservation.all().update(state=ReservationState.COMPLETED)
    with pytest.raises(NotFound) as refused:
        await sharing.open(over[1])
    said.add(str(refused.value))
    sharing.clock.set(expires)
    with pytest.raises(NotFound) as refused:
        await sharing.open(late[1])
    assert said == {str(refused.value)}


async def test_the_end_of_the_stay_closes_its_links(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    made, token = await sharing.link(car)
    await sharing.parked.end(car)
    assert (await sharing.linked(made)).revoked_reason == "ENDED"
    with pytest.raises(NotFound):
        await sharing.open(token)
    with pytest.raises(Conflict):
        await sharing.link(car)


async def test_a_passcode_is_asked_for_and_counted(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    made, token = await sharing.link(car, passcode=" 2718-28 ")
    with pytest.raises(PasscodeNeeded):
        await sharing.open(token)
    with pytest.raises(WrongPasscode) as refused:
        await sharing.open(token, "000000")
    assert refused.value.tries_left == PASSCODE_TRIES_MAX - 1
    assert (await sharing.open(token, "２７１８ ２８")).link.id == made
    link = await sharing.linked(made)
    assert (link.wrong_tries, link.views, link.has_passcode) == (1, 1, True)


async def test_after_the_last_wrong_passcode_it_is_closed_for_good(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "tries_left", lambda wrong: max(0, 2 - wrong))
    car = await sharing.parked.parked()
    made, token = await sharing.link(car, passcode=PASSCODE)
    for _ in range(2):
        with pytest.raises(WrongPasscode):
            await sharing.open(token, "000000")
    with pytest.raises(NotFound):
        await sharing.open(token, PASSCODE)
    assert (await sharing.linked(made)).revoked_reason == "TOO_MANY_TRIES"
    assert await Notice.filter(topic="POSITION_LINK_CLOSED").count() == 1


async def test_guessing_is_limited_by_source(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = door.OPENINGS_PER_SOURCE
    monkeypatch.setattr(door, "OPENINGS_PER_SOURCE", type(few)(few.name, 3, few.window))
    car = await sharing.parked.parked()
    _, token = await sharing.link(car)
    for number in range(3):
        with pytest.raises(NotFound):
            await sharing.knock(f"{number:028}", source=f"2001:db8::{number:x}")
    with pytest.raises(TooManyTries):
        await sharing.knock(token, source="2001:db8::ffff")
    await sharing.knock(token)  # from elsewhere


async def test_wrong_passcodes_are_limited_by_source_right_ones_not(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = door.PASSCODES_PER_SOURCE
    monkeypatch.setattr(door, "PASSCODES_PER_SOURCE", type(few)(few.name, 2, few.window))
    car = await sharing.parked.parked()
    tokens = [(await sharing.link(car, passcode=PASSCODE))[1] for _ in range(2)]
    for _ in range(3):
        await sharing.knock(tokens[0], PASSCODE)
    for token in tokens:
        with pytest.raises(WrongPasscode):
            await sharing.knock(token, "0000")
    with pytest.raises(TooManyTries):
        await sharing.knock(tokens[0], PASSCODE)
    await sharing.knock(tokens[0], PASSCODE, source="203.0.113.9")


async def test_what_cannot_be_wished(sharing: Sharing) -> None:
    car, now = await sharing.parked.parked(), sharing.clock.now()
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("passcode", {"passcode": "123"}),
        ("passcode", {"passcode": "1" * 13}),
        ("passcode", {"passcode": "abcd"}),
        ("views_max", {"views_max": 0}),
        ("views_max", {"views_max": 1_001}),
        ("expires_at", {"expires_at": now}),
        ("expires_at", {"expires_at": now + timedelta(days=91)}),
        ("label", {"label": "x" * 101}),
    ]
    for field, wish in wrong:
        with pytest.raises(InvalidInput) as refused:
            await sharing.link(car, **wish)
        assert refused.value.field == field, wish


async def test_links_are_their_makers(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    made, _ = await sharing.link(car)
    for name, viewer in sharing.parked.everybody.items():
        is_own = name == "driver"
        assert set(await links_by_id(viewer, [made])) == ({made} if is_own else set())
        assert (await links_of_position(viewer, car) is not None) == is_own
        assert (await accesses_of_position(viewer, car) is not None) == is_own
        if not is_own:
            with pytest.raises(NotFound):
                await make.revoke_link(viewer, made, clock=sharing.clock, bus=sharing.bus)
            with pytest.raises(NotFound):
                await make_link(
                    viewer, NewLink(position_id=car), clock=sharing.clock, bus=sharing.bus,
                    keys=sharing.keys.links, sealer=sharing.sealer,
                )  # fmt: skip
    with pytest.raises(Unauthenticated):
        await make.revoke_link(ANONYMOUS, made, clock=sharing.clock, bus=sharing.bus)


async def test_so_many_work_at_a_time(sharing: Sharing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "LINKS_LIVE_MAX", 2)
    assert LINKS_LIVE_MAX > 2
    car = await sharing.parked.parked()
    first, _ = await sharing.link(car)
    await sharing.link(car)
    with pytest.raises(Conflict):
        await sharing.link(car)
    await sharing.close(first)
    await sharing.link(car)


async def test_the_sharer_sees_who_looked(sharing: Sharing) -> None:
    car, clock = await sharing.parked.parked(), sharing.clock
    made, token = await sharing.link(car, passcode=PASSCODE)
    with pytest.raises(WrongPasscode):
        await sharing.open(token, "0000")
    await sharing.open(token, PASSCODE)
    await sharing.close(made)
    for _ in range(2):
        with pytest.raises(NotFound):
            await sharing.open(token, PASSCODE)
    binding = await sharing.bound()
    for _ in range(2):
        await log_look(database(), car, binding, 1, clock.now())
    clock.advance(minutes=61)
    await log_look(database(), car, binding, 1, clock.now())
    log = await accesses_of_position(sharing.parked.driver, car)
    assert log is not None
    assert [(each.outcome, each.link_id, each.binding_id) for each in reversed(log)] == [
        (LinkOutcome.WRONG_PASSCODE, made, None),
        (LinkOutcome.SHOWN, made, None),
        (LinkOutcome.CLOSED, made, None),
        (LinkOutcome.SHOWN, None, binding),
        (LinkOutcome.SHOWN, None, binding),
    ]
    assert {each.device for each in log} == {"phone, Safari", ""}


async def test_an_open_page_learns_only_that_it_is_closed(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    made, token = await sharing.link(car, views_max=1)
    await sharing.open(token)
    told = follow_link(token, clock=sharing.clock, bus=sharing.bus)
    assert await anext(told) is LinkState.OPEN  # used up, but this page is good
    await sharing.parked.revise(car, VersionKind.MOVED, floor="Roof")
    await sharing.close(made)
    assert [each async for each in told] == [LinkState.CLOSED]
    with pytest.raises(NotFound):
        await anext(follow_link(token, clock=sharing.clock, bus=sharing.bus))


async def test_an_open_page_hears_of_the_end_by_time_and_by_stay(sharing: Sharing) -> None:
    car, clock = await sharing.parked.parked(), sharing.clock
    _, short = await sharing.link(car, expires_at=clock.now() + timedelta(hours=1))
    _, long = await sharing.link(car)
    streams = [follow_link(each, clock=clock, bus=sharing.bus) for each in (short, long)]
    for told in streams:
        assert await anext(told) is LinkState.OPEN
    clock.advance(hours=1)
    assert [each async for each in streams[0]] == [LinkState.CLOSED]
    await sharing.parked.end(car)
    assert [each async for each in streams[1]] == [LinkState.CLOSED]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1",
         "phone, Safari"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/120 Mobile Safari/537.36",
         "phone, Chrome"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile MicroMessenger/8.0", "phone, WeChat"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 Edg/120", "computer, Edge"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Firefox/120.0", "computer, Firefox"),
        ("<script>alert(1)</script> my phone is +86138", ""),
    ],
)  # fmt: skip
def test_devices_are_told_by_coarse_words(user_agent: str, words: str) -> None:
    assert device_words(user_agent) == words

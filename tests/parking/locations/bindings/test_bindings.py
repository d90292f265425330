"""Bindings of a sharer and a receiver: asked for, agreed to, taken back (CLAIMS E1, E10)."""

from datetime import timedelta
from typing import Any

import pytest

from parking.access.models import DelegationPayer, DelegationState, ExitDelegation
from parking.accounts.models import Person
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.errors import InvalidInput, NotFound, NotPermitted, TooManyTries, Unauthenticated
from parking.locations.bindings import record
from parking.locations.bindings.answer import open_invitation
from parking.locations.bindings.lapse import lapse_bindings
from parking.locations.bindings.queries import (
    bindings_by_id,
    bindings_of_position,
    find_bindings,
    invitation_token,
)
from parking.locations.bindings.record import TooManyBindings
from parking.locations.bindings.revoke import rename_binding, revoke_binding
from parking.locations.bindings.rules import (
    AlreadyBound,
    NotYourNumber,
    NotYourself,
    standing,
)
from parking.locations.fetching.delegate import delegate_exit
from parking.locations.fetching.wish import ExitWish
from parking.locations.kinds import BindingScope, BindingSide, BindingState, InvitationWay
from parking.locations.limits import INVITATION_LASTS, INVITED_PHONE_MAX
from parking.locations.models import PositionBinding
from parking.notices.models import Notice
from parking.reservations.models import Reservation, ReservationState
from tests.support.people import make_person
from tests.support.sharing import BASE, Sharing

PHONE = "+8613800138000"


async def test_who_agrees_sees_the_car(sharing: Sharing) -> None:
    car, friend = await sharing.parked.parked(), sharing.parked.friend
    made, token = await sharing.ask(their_name="Fred")
    assert await sharing.receivers(car) == []
    assert await sharing.accept(token, name="Dora M") == made
    assert await sharing.receivers(car) == [friend.person_id]
    binding = await sharing.binding(made)
    assert (binding.state, binding.sharer_name, binding.receiver_name) == (
        BindingState.ACTIVE, "Dora M", "Fred",
    )  # fmt: skip


async def test_an_invitation_is_answered_once(sharing: Sharing) -> None:
    made, token = await sharing.ask()
    opened = await open_invitation(token, clock=sharing.clock)
    assert (opened.id, opened.sharer_name) == (made, "Dora")
    await sharing.accept(token)
    with pytest.raises(NotFound):
        await sharing.accept(token, sharing.parked.other)
    with pytest.raises(NotFound):
        await open_invitation(token, clock=sharing.clock)
    assert await invitation_token(sharing.parked.driver, made, sharing.keys.links) is None


async def test_declined_revoked_expired_and_false_ones_look_the_same(sharing: Sharing) -> None:
    _, declined = await sharing.ask()
    made = await sharing.decline(declined)
    assert (await sharing.binding(made)).ended_by == "RECEIVER"
    taken, revoked = await sharing.ask()
    await sharing.revoke(sharing.parked.driver, taken)
    late, expired = await sharing.ask()
    sharing.clock.advance(seconds=INVITATION_LASTS.total_seconds())
    said = set()
    for token in (declined, revoked, expired, "a" * 28, "", "x" * 100_000, "é" * 28):
        with pytest.raises(NotFound) as refused:
            await sharing.accept(token)
        said.add(str(refused.value))
    assert len(said) == 1
    assert standing(await sharing.binding(late), sharing.clock.now()) is BindingState.EXPIRED


async def test_one_stay_is_that_stay_alone(sharing: Sharing) -> None:
    first, second = await sharing.parked.parked(0), await sharing.parked.parked(1)
    friend = sharing.parked.friend.person_id
    made = await sharing.bound(BindingScope.ONE_STAY, first)
    assert (await sharing.receivers(first), await sharing.receivers(second)) == ([friend], [])
    await sharing.parked.end(first)
    assert (await sharing.binding(made)).state is BindingState.EXPIRED
    assert (await PositionBinding.get(id=made)).ended_by == "SYSTEM"


async def test_with_its_booking_a_stay_is_over_before_it_is_written(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    made = await sharing.bound(BindingScope.ONE_STAY, car)
    _, token = await sharing.ask(BindingScope.ONE_STAY, car)
    await Reservation.all().update(state=ReservationState.COMPLETED)
    assert (await sharing.binding(made)).state is BindingState.EXPIRED
    with pytest.raises(NotFound):
        await sharing.accept(token, sharing.parked.other)


async def test_until_a_date(sharing: Sharing) -> None:
    car, until = await sharing.parked.parked(), sharing.clock.now() + timedelta(days=2)
    made = await sharing.bound(BindingScope.UNTIL, None, until)
    sharing.clock.set(until - timedelta(microseconds=1))
    assert await sharing.receivers(car) == [sharing.parked.friend.person_id]
    sharing.clock.set(until)
    assert await sharing.receivers(car) == []
    # The row still says ACTIVE: it is in nobody's way.
    assert (await PositionBinding.get(id=made)).state is BindingState.ACTIVE
    again = await sharing.bound()
    assert again != made
    assert (await PositionBinding.get(id=made)).state is BindingState.EXPIRED


async def test_a_worker_writes_down_what_time_has_ended(sharing: Sharing) -> None:
    until = sharing.clock.now() + timedelta(days=1)
    held = await sharing.bound(BindingScope.UNTIL, None, until)
    asked, _ = await sharing.ask()
    stays = await sharing.bound(who=sharing.parked.other)
    assert await lapse_bindings(sharing.clock, sharing.bus) == 0
    sharing.clock.advance(days=8)
    assert await lapse_bindings(sharing.clock, sharing.bus) == 2
    assert await lapse_bindings(sharing.clock, sharing.bus) == 0
    states = {row.id: row.state for row in await PositionBinding.all()}
    assert states == {
        held: BindingState.EXPIRED, asked: BindingState.EXPIRED, stays: BindingState.ACTIVE,
    }  # fmt: skip


@pytest.mark.parametrize("by", ["driver", "friend"])
async def test_either_side_takes_it_back_at_once(sharing: Sharing, by: str) -> None:
    car = await sharing.parked.parked()
    made = await sharing.bound()
    topics = [f"position:{car}", f"person:{sharing.parked.friend.person_id}:positions"]
    async with sharing.bus.subscribe(*topics) as told:
        await sharing.revoke(sharing.parked.everybody[by], made)
        assert {(await anext(told)).topic for _ in range(3)} == set(topics)
    assert await sharing.receivers(car) == []
    row = await PositionBinding.get(id=made)
    assert (row.state, row.ended_by) == (
        BindingState.REVOKED, "SHARER" if by == "driver" else "RECEIVER",
    )  # fmt: skip
    await sharing.revoke(sharing.parked.driver, made)  # again: nothing changes
    assert (await PositionBinding.get(id=made)).version == row.version
    told_gone = await Notice.filter(topic="POSITION_ENDED").count()
    assert told_gone == (1 if by == "driver" else 0)


async def test_nobody_else_knows_of_a_binding(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    made = await sharing.bound()
    people = sharing.parked.everybody
    for name, viewer in people.items():
        is_side = name in ("driver", "friend")
        assert set(await bindings_by_id(viewer, [made])) == ({made} if is_side else set())
        assert len(await find_bindings(viewer, limit=9)) == is_side
        shown = await bindings_of_position(viewer, car, sharing.clock.now())
        assert len(shown) == (name == "driver")
        if not is_side:
            with pytest.raises(NotFound):
                await sharing.revoke(viewer, made)
    found = await find_bindings(people["driver"], side=BindingSide.RECEIVER, limit=9)
    assert found == []


async def test_by_phone_only_who_has_that_number_answers(sharing: Sharing) -> None:
    way: dict[str, Any] = {
        "way": InvitationWay.PHONE,
        "phone": " +86 138-0013-8000 ",
        "locale": "zh-CN",
    }
    made, token = await sharing.ask(**way)
    sms = await Notice.get(topic="POSITION_INVITED")
    assert (sms.recipient, sms.locale) == (PHONE, "zh")
    assert f"{BASE}/i/{token}" in sms.body
    with pytest.raises(NotYourNumber):
        await sharing.accept(token)
    with pytest.raises(NotYourNumber):
        await sharing.decline(token)
    await Person.filter(id=sharing.parked.friend.person_id).update(phone=PHONE)
    await sharing.accept(token)
    assert (await sharing.binding(made)).phone == ""


async def test_a_phone_is_invited_so_often_a_day(sharing: Sharing) -> None:
    way: dict[str, Any] = {"way": InvitationWay.PHONE, "phone": PHONE}
    for _ in range(INVITED_PHONE_MAX):
        await sharing.ask(**way)
    with pytest.raises(TooManyTries):
        await sharing.ask(**way)
    await sharing.ask(way=InvitationWay.PHONE, phone="+8613800138001")
    sharing.clock.advance(days=1)
    await sharing.ask(**way)


async def test_nobody_binds_themselves(sharing: Sharing) -> None:
    driver = sharing.parked.driver
    _, token = await sharing.ask()
    with pytest.raises(NotYourself):
        await sharing.accept(token, driver)
    await Person.filter(id=driver.person_id).update(phone=PHONE)
    with pytest.raises(NotYourself):
        await sharing.ask(way=InvitationWay.PHONE, phone=PHONE)


async def test_a_pair_has_one_binding_for_all_and_one_for_each_stay(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    await sharing.bound()
    until = sharing.clock.now() + timedelta(days=1)
    for asked in ((BindingScope.ALWAYS,), (BindingScope.UNTIL, None, until)):
        _, token = await sharing.ask(*asked)
        with pytest.raises(AlreadyBound):
            await sharing.accept(token)
    await sharing.bound(BindingScope.ONE_STAY, car)
    _, token = await sharing.ask(BindingScope.ONE_STAY, car)
    with pytest.raises(AlreadyBound):
        await sharing.accept(token)
    assert len(await sharing.receivers(car)) == 2  # the stay's, and that for all


async def test_a_receiver_asks_and_the_sharer_says_how_far(sharing: Sharing) -> None:
    parked, friend = sharing.parked, sharing.parked.friend
    car = await parked.parked()
    made, token = await sharing.ask(BindingScope.ONE_STAY, who=friend, own_name="Fred")
    with pytest.raises(InvalidInput):  # which stay?
        await sharing.accept(token, parked.driver)
    with pytest.raises(NotFound):
        await sharing.accept(token, parked.other, reach=(BindingScope.ONE_STAY, car))
    await sharing.accept(token, parked.driver, reach=(BindingScope.ONE_STAY, car))
    assert await sharing.receivers(car) == [friend.person_id]
    binding = await sharing.binding(made)
    assert (binding.sharer_id, binding.receiver_name) == (parked.driver.person_id, "Fred")


async def test_who_is_invited_does_not_say_how_far(sharing: Sharing) -> None:
    car = await sharing.parked.parked()
    _, token = await sharing.ask(BindingScope.ONE_STAY, car)
    with pytest.raises(InvalidInput):
        await sharing.accept(token, reach=(BindingScope.ALWAYS,))


async def test_what_cannot_be_asked(sharing: Sharing) -> None:
    past = sharing.clock.now()
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("position_id", {"scope": BindingScope.ONE_STAY}),
        ("until", {"scope": BindingScope.UNTIL}),
        ("until", {"scope": BindingScope.ALWAYS, "until": past}),
        ("until", {"scope": BindingScope.UNTIL, "until": past}),
        ("own_name", {"own_name": " "}),
        ("own_name", {"own_name": "see evil.example"}),
        ("own_name", {"own_name": "see evil\u3002example"}),
        ("own_name", {"own_name": "Your bank: call +49 (711) 22"}),
        ("own_name", {"own_name": "a" * 61}),
        ("their_name", {"their_name": "//evil"}),
        ("phone", {"way": InvitationWay.PHONE}),
        ("phone", {"phone": PHONE}),
        ("phone", {"way": InvitationWay.PHONE, "phone": "fred@example.org"}),
    ]
    for field, wish in wrong:
        with pytest.raises(InvalidInput) as refused:
            await sharing.ask(**wish)
        assert refused.value.field == field, wish


async def test_it_needs_a_person_who_signed_in(sharing: Sharing) -> None:
    holder = Viewer(person_id=sharing.parked.friend.person_id, link_of=1)
    key = Viewer(api_key_id=1)
    made, token = await sharing.ask()
    refused = ((ANONYMOUS, Unauthenticated), (holder, NotPermitted), (key, NotPermitted))
    for viewer, refusal in refused:
        with pytest.raises(refusal):
            await sharing.accept(token, viewer)
        with pytest.raises(refusal):
            await sharing.revoke(viewer, made)
        with pytest.raises(refusal):
            await sharing.ask(who=viewer)
    assert await find_bindings(holder, limit=9) == []


async def test_so_many_at_a_time(sharing: Sharing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "BINDINGS_LIVE_MAX", 2)
    made, token = await sharing.ask()
    await sharing.bound(who=sharing.parked.other)
    with pytest.raises(TooManyBindings):
        await sharing.ask()
    await sharing.revoke(sharing.parked.driver, made)
    _, token = await sharing.ask()
    third = await make_person("Third")
    await sharing.accept(token, third)


async def test_one_calls_the_other_as_one_likes(sharing: Sharing) -> None:
    made = await sharing.bound()
    for viewer, name in ((sharing.parked.friend, "Boss"), (sharing.parked.driver, "Freddy")):
        await rename_binding(viewer, made, name, clock=sharing.clock, bus=sharing.bus)
    binding = await sharing.binding(made)
    assert (binding.sharer_name, binding.receiver_name) == ("Boss", "Freddy")
    with pytest.raises(NotFound):
        await rename_binding(sharing.parked.other, made, "X", clock=sharing.clock, bus=sharing.bus)


async def test_with_the_binding_the_right_to_fetch_the_car_ends(sharing: Sharing) -> None:
    parked, clock = sharing.parked, sharing.clock
    booked = await parked.book(state=ReservationState.ACTIVE)
    await parked.record(booked)
    until = clock.now() + timedelta(hours=1)
    made = [
        await sharing.bound(),
        await sharing.bound(BindingScope.UNTIL, None, until, who=parked.other),
    ]
    for binding_id, end in zip(
        made, (DelegationState.REVOKED, DelegationState.EXPIRED), strict=True
    ):
        wish = ExitWish(
            reservation_id=booked.id, payer=DelegationPayer.OWNER, label="Fred",
            valid_until=clock.now() + timedelta(hours=2), binding_id=binding_id,
        )  # fmt: skip
        given = await delegate_exit(
            parked.driver,
            wish,
            clock=clock,
            bus=sharing.bus,
            keys=sharing.keys.links,
            base_url=BASE,
        )
        if end is DelegationState.REVOKED:
            await sharing.revoke(parked.driver, binding_id)
        else:
            clock.set(until)
            await lapse_bindings(clock, sharing.bus)
        assert (await ExitDelegation.get(id=given)).state is end


@pytest.mark.parametrize("by_sharer", [True, False])
async def test_with_it_the_sharer_may_close_the_links(sharing: Sharing, by_sharer: bool) -> None:
    car, other = await sharing.parked.parked(0), await sharing.parked.parked(1)
    made = await sharing.bound(BindingScope.ONE_STAY, car)
    (link, token), (_, others) = await sharing.link(car), await sharing.link(other)
    who = sharing.parked.driver if by_sharer else sharing.parked.friend
    await revoke_binding(who, made, closes_links=True, clock=sharing.clock, bus=sharing.bus)
    assert ((await sharing.linked(link)).revoked_at is not None) is by_sharer
    await sharing.open(others)
    if by_sharer:
        with pytest.raises(NotFound):
            await sharing.open(token)

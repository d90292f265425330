"""Who gives a right to fetch a car, to whom, and who hears of it."""

from datetime import timedelta
from typing import Any

import pytest

from parking.access.models import DelegationPayer, DelegationState
from parking.accounts.models import Person
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unauthenticated
from parking.locations.fetching.delegate import AlreadyDelegated, delegate_exit
from parking.locations.fetching.notices import tell_exits
from parking.locations.fetching.queries import (
    delegation_by_token,
    delegations_of_reservations,
    delegations_seen,
    own_delegations,
    token_of,
)
from parking.locations.fetching.revoke import revoke_exit
from parking.locations.fetching.wish import ExitWish, checked_wish
from parking.locations.kinds import BindingScope, BindingSide, BindingState, InvitationWay
from parking.locations.models import PositionBinding
from parking.locations.tokens import TOKEN_CHARACTERS
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import database
from tests.support.fetching import BASE_URL, KEYS, Fetching

PHONE = "+491701234567"


async def notices(topic: str) -> list[dict[str, Any]]:
    return await database().fetch(
        "SELECT channel, recipient, person_id, body FROM notice WHERE topic = $1 ORDER BY id", topic
    )


async def test_the_driver_gives_it_and_the_address_is_found_again(fetching: Fetching) -> None:
    made = await fetching.delegate()
    token = await fetching.token(made)
    assert len(token) == TOKEN_CHARACTERS
    right = await delegation_by_token(token, fetching.clock.now())
    assert (right.id, right.state, right.label) == (made, DelegationState.ACTIVE, "Freda")
    rows = await database().fetch("SELECT token_hash FROM exit_delegation")
    assert token not in str(rows)
    assert await token_of(fetching.friend, made, KEYS, fetching.clock.now()) is None
    for false in (token[:-1], "a" * TOKEN_CHARACTERS, "", "é" * TOKEN_CHARACTERS):
        with pytest.raises(NotFound):
            await delegation_by_token(false, fetching.clock.now())


async def test_only_its_driver_gives_it(fetching: Fetching) -> None:
    given = {"keys": KEYS, "base_url": BASE_URL, **fetching.both}
    stand_in = Viewer(person_id=fetching.owner.person_id, link_of=fetching.reservation_id)
    for who, refusal in (
        (fetching.friend, NotFound), (fetching.lease.operator, NotPermitted),
        (stand_in, NotPermitted), (Viewer(api_key_id=1), NotPermitted),
        (ANONYMOUS, Unauthenticated),
    ):  # fmt: skip
        with pytest.raises(refusal):
            await delegate_exit(who, fetching.wish(), **given)
    with pytest.raises(NotFound):
        await fetching.delegate(fetching.wish(reservation_id=9_999))


@pytest.mark.parametrize(
    "values",
    [
        {"valid_until": timedelta(0)},
        {"valid_until": timedelta(days=91)},
        {"label": "x" * 101},
        {"amount_max_minor": 100},
        {"payer": DelegationPayer.FETCHER},
        {"payer": DelegationPayer.FETCHER, "amount_max_minor": 0},
        {"phone": "mail@example.org"},
        {"phone": PHONE, "binding_id": 1},
    ],
)
def test_what_cannot_be_is_refused(clock: TestClock, values: dict[str, Any]) -> None:
    now = clock.now()
    lasts = values.get("valid_until", timedelta(days=1))
    given: dict[str, Any] = {"reservation_id": 1, "payer": DelegationPayer.OWNER} | values
    with pytest.raises(InvalidInput):
        checked_wish(ExitWish(**(given | {"valid_until": now + lasts})), now)


@pytest.mark.parametrize("state", [ReservationState.COMPLETED, ReservationState.PENDING_PAYMENT])
async def test_a_booking_that_is_not_under_way_has_none(
    fetching: Fetching, state: ReservationState
) -> None:
    await Reservation.filter(id=fetching.reservation_id).update(state=state)
    with pytest.raises(Conflict) as refusal:
        await fetching.delegate()
    assert refusal.value.code == "WRONG_STATE"


async def test_there_is_one_at_a_time(fetching: Fetching) -> None:
    first = await fetching.delegate()
    with pytest.raises(AlreadyDelegated):
        await fetching.delegate()
    await revoke_exit(fetching.owner, first, **fetching.both)
    second = await fetching.delegate()
    fetching.clock.advance(days=1)
    assert await fetching.state(second) is DelegationState.EXPIRED


async def test_one_that_has_expired_makes_room(fetching: Fetching) -> None:
    now = fetching.clock.now()
    first = await fetching.delegate(fetching.wish(valid_until=now + timedelta(minutes=5)))
    fetching.clock.advance(minutes=5)
    second = await fetching.delegate()
    assert await fetching.state(first) is DelegationState.EXPIRED
    assert await fetching.state(second) is DelegationState.ACTIVE
    assert await fetching.token(first) != await fetching.token(second)


async def test_a_phone_gets_the_address_and_is_not_kept(fetching: Fetching) -> None:
    made = await fetching.delegate(fetching.wish(phone=PHONE, locale="zh"))
    [notice] = await notices("EXIT_DELEGATED")
    assert (notice["channel"], notice["recipient"]) == ("SMS", PHONE)
    assert f"{BASE_URL}/f/{await fetching.token(made)}" in notice["body"]
    assert "代取" in notice["body"]
    rows = await database().fetch("SELECT * FROM exit_delegation")
    assert PHONE not in str(rows)


async def bind(fetching: Fetching, **values: Any) -> int:
    now = fetching.clock.now()
    given = {
        "sharer_id": fetching.owner.person_id, "receiver_id": fetching.friend.person_id,
        "state": BindingState.ACTIVE, "scope": BindingScope.ALWAYS, "asked_by": BindingSide.SHARER,
        "way": InvitationWay.LINK, "asked_at": now, "answer_until": now, "answered_at": now,
    }  # fmt: skip
    made = await PositionBinding.create(**(given | values))
    return int(made.id)


async def position(fetching: Fetching) -> None:
    now = fetching.clock.now()
    await database().execute(
        "INSERT INTO parking_position (person_id, reservation_id, created_at, changed_at)"
        " VALUES ($1, $2, $3, $3)",
        fetching.owner.person_id,
        fetching.reservation_id,
        now,
    )


async def test_a_bound_receiver_is_told_and_sees_it(fetching: Fetching) -> None:
    await position(fetching)
    binding = await bind(fetching)
    made = await fetching.delegate(fetching.wish(binding_id=binding))
    [notice] = await notices("EXIT_DELEGATED")
    assert notice["person_id"] == fetching.friend.person_id
    for who in (fetching.friend, fetching.owner):
        assert list(await delegations_seen(who, [made], fetching.clock.now())) == [made]
        assert [each.id for each in await own_delegations(who, fetching.clock.now())] == [made]
    for who in (fetching.lease.operator, fetching.lease.attendant, ANONYMOUS):
        assert await delegations_seen(who, [made], fetching.clock.now()) == {}
        assert await own_delegations(who, fetching.clock.now()) == []
    for who, seen in ((fetching.owner, [made]), (fetching.friend, [])):
        booked = [fetching.reservation_id]
        found = await delegations_of_reservations(who, booked, fetching.clock.now())
        assert [each.id for each in found.get(fetching.reservation_id, [])] == seen


async def test_it_lasts_no_longer_than_its_binding_whoever_writes_that_down(
    fetching: Fetching,
) -> None:
    await position(fetching)
    until = fetching.clock.now() + timedelta(hours=2)
    binding = await bind(fetching, scope=BindingScope.UNTIL, until=until)
    made = await fetching.delegate(fetching.wish(binding_id=binding))
    assert (await fetching.right(made)).valid_until == until
    fetching.clock.set(until)
    assert await fetching.state(made) is DelegationState.EXPIRED


@pytest.mark.parametrize(
    "values", [{"state": BindingState.REVOKED}, {"sharer_id": None}, {"position_id": 9_999}]
)
async def test_a_binding_has_to_show_this_car(fetching: Fetching, values: dict[str, Any]) -> None:
    await position(fetching)
    if "sharer_id" in values:
        values = {"sharer_id": fetching.lease.other.person_id}
    if "position_id" in values:
        values |= {"scope": BindingScope.ONE_STAY}
    with pytest.raises(NotFound):
        await fetching.delegate(fetching.wish(binding_id=await bind(fetching, **values)))


async def test_the_owner_hears_of_bay_and_gate_once_each(fetching: Fetching) -> None:
    await Person.filter(id=fetching.owner.person_id).update(locale="en")
    made = await fetching.delegate()
    await fetching.park()
    await tell_exits(**fetching.both)
    for reader, topic in ((fetching.bay, "EXIT_OPENED"), (fetching.gate, "EXIT_USED")):
        await fetching.try_at(reader, made)
        fetching.clock.advance(seconds=5)
        assert await tell_exits(**fetching.both) == 1
        assert await tell_exits(**fetching.both) == 0
        [notice] = await notices(topic)
        assert notice["person_id"] == fetching.owner.person_id
        assert "Freda" in notice["body"]


async def test_who_was_to_fetch_it_hears_that_it_was_taken_back(fetching: Fetching) -> None:
    await position(fetching)
    made = await fetching.delegate(fetching.wish(binding_id=await bind(fetching)))
    await revoke_exit(fetching.owner, made, **fetching.both)
    [notice] = await notices("EXIT_REVOKED")
    assert notice["person_id"] == fetching.friend.person_id
    with pytest.raises(Conflict) as refusal:
        await revoke_exit(fetching.owner, made, **fetching.both)
    assert refusal.value.code == "WRONG_STATE"


async def test_strangers_take_nothing_back_and_who_fetches_hands_it_back(
    fetching: Fetching,
) -> None:
    await position(fetching)
    binding = await bind(fetching)
    made = await fetching.delegate(fetching.wish(binding_id=binding))
    with pytest.raises(NotFound):
        await revoke_exit(fetching.lease.operator, made, **fetching.both)
    await fetching.park()
    await fetching.try_at(fetching.bay, made)
    with pytest.raises(Conflict) as refusal:
        await revoke_exit(fetching.friend, made, **fetching.both)
    assert refusal.value.code == "OPENED"
    await revoke_exit(fetching.owner, made, **fetching.both)
    again = await fetching.delegate(fetching.wish(binding_id=binding))
    await revoke_exit(fetching.friend, again, **fetching.both)
    assert await fetching.state(again) is DelegationState.REVOKED

"""One invitation, many who open it at once: it is one person's."""

import asyncio
from collections import Counter

import pytest

from parking.accounts.viewer import Viewer
from parking.errors import Refusal
from parking.locations.bindings import answer
from parking.locations.bindings.record import change_binding
from parking.locations.bindings.rows import binding_row
from parking.locations.kinds import BindingState
from parking.locations.models import PositionBinding
from parking.locations.records import BindingRecord
from parking.storage.sql import Sql
from tests.support.people import make_person
from tests.support.sharing import Sharing

FRIENDS = 12


async def tried(sharing: Sharing, token: str, who: Viewer) -> str:
    """What came of it."""
    try:
        await sharing.accept(token, who)
    except Refusal as refusal:
        return refusal.code
    return "accepted"


async def test_many_accept_one_link_at_once(sharing: Sharing) -> None:
    friends = [await make_person(f"F{number}") for number in range(FRIENDS)]
    made, token = await sharing.ask()
    told = Counter(await asyncio.gather(*(tried(sharing, token, each) for each in friends)))
    assert told == {"accepted": 1, "NOT_FOUND": FRIENDS - 1}
    row = await PositionBinding.get(id=made)
    assert (row.state, row.version) == (BindingState.ACTIVE, 2)


async def test_without_the_lock_the_version_keeps_the_second_out(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both decide on what they read before either wrote. The lock is what tells the
    second why; without it only the row's version is in their way, and without that the invitation
    is two people's."""
    made, token = await sharing.ask()
    asked = await sharing.binding(made)

    async def stale(*_: object) -> BindingRecord:
        return asked

    async def whatever_it_was(sql: Sql, binding: BindingRecord, **columns: object) -> None:
        now = await binding_row(sql, binding.id)
        assert now is not None
        await change_binding(sql, now, **columns)

    other = sharing.parked.other
    monkeypatch.setattr(answer, "locked_binding", stale)
    monkeypatch.setattr(answer, "_by_token", stale)
    assert await tried(sharing, token, sharing.parked.friend) == "accepted"
    assert await tried(sharing, token, other) == "BINDING_CHANGED"
    monkeypatch.setattr(answer, "change_binding", whatever_it_was)
    assert await tried(sharing, token, other) == "accepted"
    assert (await sharing.binding(made)).receiver_id == other.person_id


async def test_two_invitations_of_a_pair_accepted_at_once(sharing: Sharing) -> None:
    tokens = [(await sharing.ask())[1] for _ in range(4)]
    friend = sharing.parked.friend
    told = Counter(await asyncio.gather(*(tried(sharing, each, friend) for each in tokens)))
    assert told == {"accepted": 1, "ALREADY_BOUND": 3}


async def test_without_a_look_the_database_keeps_the_second_out(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the look at what there is left out, the index says no."""

    async def unbound(*_: object) -> None:
        return None

    monkeypatch.setattr(answer, "_require_unbound", unbound)
    await sharing.bound()
    _, token = await sharing.ask()
    assert await tried(sharing, token, sharing.parked.friend) == "ALREADY_BOUND"
    assert await PositionBinding.filter(state="ACTIVE").count() == 1

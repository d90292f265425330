"""One link, many who open it at once: no view too many, and no guess more than it bears."""

import asyncio
from collections import Counter

import pytest
from tortoise.exceptions import IntegrityError

from parking.errors import Refusal
from parking.locations.links import open as door
from parking.locations.models import PositionAccess
from parking.locations.records import LinkRecord
from tests.support.sharing import Sharing

VIEWS = 3
CLIENTS = 20


async def viewed(sharing: Sharing, link_id: int) -> str:
    """What came of one view."""
    try:
        await door.count_view(link_id, "", clock=sharing.clock, bus=sharing.bus)
    except Refusal as refusal:
        return refusal.code
    except IntegrityError:
        return "by guard"
    return "shown"


async def test_many_open_a_link_at_once(sharing: Sharing) -> None:
    made, _ = await sharing.link(await sharing.parked.parked(), views_max=VIEWS)
    told = Counter(await asyncio.gather(*(viewed(sharing, made) for _ in range(CLIENTS))))
    assert told == {"shown": VIEWS, "NOT_FOUND": CLIENTS - VIEWS}
    assert await PositionAccess.filter(link_id=made, outcome="SHOWN").count() == VIEWS


async def test_without_the_lock_the_database_counts(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: all decide on what they read before anybody wrote."""
    made, _ = await sharing.link(await sharing.parked.parked(), views_max=VIEWS)
    fresh = await sharing.linked(made)

    async def stale(*_: object) -> LinkRecord:
        return fresh

    monkeypatch.setattr(door, "locked_link", stale)
    told = Counter([await viewed(sharing, made) for _ in range(VIEWS + 2)])
    assert told == {"shown": VIEWS, "by guard": 2}


async def guessed(sharing: Sharing, token: str, number: int) -> str:
    """What came of one guess, each from another network."""
    try:
        await sharing.knock(token, f"{number:06}", source=f"203.0.{number}.1")
    except Refusal as refusal:
        return refusal.code
    return "let in"


async def test_many_guess_at_once(sharing: Sharing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "tries_left", lambda wrong: max(0, VIEWS - wrong))
    made, token = await sharing.link(await sharing.parked.parked(), passcode="271828")
    told = Counter(await asyncio.gather(*(guessed(sharing, token, n) for n in range(CLIENTS))))
    assert told == {"WRONG_PASSCODE": VIEWS, "NOT_FOUND": CLIENTS - VIEWS}
    assert (await sharing.linked(made)).wrong_tries == VIEWS


async def test_without_the_lock_a_guess_too_many_gets_in(
    sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: who decides on an old row is let in by the right guess, though the link was
    closed meanwhile."""
    monkeypatch.setattr(door, "tries_left", lambda wrong: max(0, 1 - wrong))
    made, token = await sharing.link(await sharing.parked.parked(), passcode="000007")
    fresh = await sharing.linked(made)
    assert await guessed(sharing, token, 1) == "WRONG_PASSCODE"
    assert await guessed(sharing, token, 7) == "NOT_FOUND"

    async def stale(*_: object) -> LinkRecord:
        return fresh

    monkeypatch.setattr(door, "locked_link", stale)
    assert await guessed(sharing, token, 7) == "let in"

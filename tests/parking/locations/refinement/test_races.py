"""Two at once: attendants who answer, and an answer while the car drives away. With controls."""

import asyncio
from collections.abc import Awaitable

import pytest

from parking.errors import Refusal
from parking.locations.kinds import PositionState, RefinementState
from parking.locations.models import PositionVersion
from parking.locations.refinement import answer
from tests.support.parked import Parked

BOUTS = 6


async def told(act: Awaitable[None]) -> str:
    try:
        await act
    except Refusal as refusal:
        return refusal.code
    return "OK"


async def both_answer(parked: Parked) -> tuple[list[str], int]:
    """What two attendants are told who have seen the same, and how many versions there are."""
    position = await parked.record(place_id=parked.estate.place_id)
    asked = await parked.ask(position)
    seen = (await parked.question(asked)).version
    found = await asyncio.gather(
        told(parked.answer(asked, parked.attendant, seen, floor="Level 1")),
        told(parked.answer(asked, parked.second, seen, floor="Level 2")),
    )
    versions = await PositionVersion.filter(position_id=position).count()
    await parked.end(position)
    return sorted(found), versions


async def test_of_two_attendants_at_once_one_is_told_to_look_again(parked: Parked) -> None:
    for _ in range(BOUTS):
        assert await both_answer(parked) == (["CHANGED_MEANWHILE", "OK"], 2)


async def test_control_without_the_version_both_answer(
    parked: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "_require_seen", lambda *_: None)
    assert await both_answer(parked) == (["OK", "OK"], 3)


async def leaves_while_answered(parked: Parked) -> tuple[str, int, RefinementState]:
    """What the attendant is told, how many versions there are, and where the question stands."""
    position = await parked.record(place_id=parked.estate.place_id)
    asked = await parked.ask(position)
    found, _ = await asyncio.gather(
        told(parked.answer(asked, floor="Level 1")), parked.end(position)
    )
    assert (await parked.position(position)).state is PositionState.ENDED
    versions = await PositionVersion.filter(position_id=position).count()
    return found, versions, (await parked.question(asked)).state


async def test_an_answer_and_the_end_at_once(parked: Parked) -> None:
    for _ in range(BOUTS):
        assert await leaves_while_answered(parked) in (
            ("OK", 2, RefinementState.ANSWERED),
            ("POSITION_ENDED", 1, RefinementState.CANCELLED),
        )


async def test_control_without_looking_a_car_that_is_gone_gets_a_version(
    parked: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def current(*_: object) -> None:
        pass

    monkeypatch.setattr(answer, "require_current", current)
    monkeypatch.setattr(answer, "next_question_state", lambda *_: RefinementState.ANSWERED)
    position = await parked.record(place_id=parked.estate.place_id)
    asked = await parked.ask(position)
    await parked.end(position)
    await parked.answer(asked, floor="Level 1")
    assert (await parked.position(position)).version == 2

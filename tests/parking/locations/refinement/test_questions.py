"""Asking terminals, and their answers: late, wrong and out of order."""

from dataclasses import replace
from typing import Any

import pytest

from parking.accounts.viewer import SYSTEM, Viewer
from parking.errors import Conflict, InvalidInput, NotFound, TooManyTries
from parking.locations.kinds import (
    RefinementState,
    Terminal,
    VersionKind,
    VersionSource,
)
from parking.locations.models import PositionVersion, RefinementRequest
from parking.locations.refinement import ask
from parking.locations.refinement.answer import (
    fail_refinement,
    hand_back_refinement,
    take_refinement,
)
from parking.locations.refinement.ask import withdraw_refinement
from parking.locations.refinement.queries import questions_by_id
from parking.locations.rules import QUESTIONS, RefinementStep, next_question_state
from parking.places.models import Place, Space
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import database
from tests.support.parked import Parked

ATTENDANT, MAP_SERVICE, SPACE_RECORD = Terminal
OPEN, TAKEN, ANSWERED = RefinementState.OPEN, RefinementState.TAKEN, RefinementState.ANSWERED
FAILED, CANCELLED = RefinementState.FAILED, RefinementState.CANCELLED
Step = RefinementStep


@pytest.mark.parametrize("step", RefinementStep)
@pytest.mark.parametrize("state", RefinementState)
def test_from_which_state_each_step_leads_where(step: Step, state: RefinementState) -> None:
    wanted = {
        (Step.TAKE, OPEN): TAKEN,
        (Step.HAND_BACK, TAKEN): OPEN,
        (Step.ANSWER, OPEN): ANSWERED,
        (Step.ANSWER, TAKEN): ANSWERED,
        (Step.ANSWER, ANSWERED): ANSWERED,
        (Step.FAIL, OPEN): FAILED,
        (Step.FAIL, TAKEN): FAILED,
        (Step.CANCEL, OPEN): CANCELLED,
        (Step.CANCEL, TAKEN): CANCELLED,
    }.get((step, state))
    assert QUESTIONS[step].get(state) is wanted
    if wanted is None:
        with pytest.raises(Conflict):
            next_question_state(step, state)


async def test_an_attendant_takes_and_answers(parked: Parked) -> None:
    position = await parked.record(place_id=parked.estate.place_id, note="red")
    asked = await parked.ask(position, words="It is red")
    await take(parked, asked)
    question = await parked.question(asked)
    assert (question.state, question.taken_by) == (TAKEN, parked.attendant.person_id)
    parked.clock.advance(minutes=3)
    await parked.answer(asked, floor="Level 2", area="Blue")
    version, question = await parked.newest(position), await parked.question(asked)
    assert (version.kind, version.source, version.refinement_id) == (
        VersionKind.REFINED, VersionSource.ATTENDANT, asked,
    )  # fmt: skip
    assert (version.floor, version.area, version.note) == ("Level 2", "Blue", "red")
    assert (version.actor, version.at) == (parked.attendant.actor, parked.clock.now())
    assert (question.state, question.answer_number, question.answered_by) == (
        ANSWERED, 2, parked.attendant.person_id,
    )  # fmt: skip
    rows = await database().fetch("SELECT verb, subject FROM audit_entry ORDER BY id")
    assert [(row["verb"], row["subject"]) for row in rows] == [
        ("take_refinement", f"refinement:{asked}"), ("answer_refinement", f"refinement:{asked}"),
    ]  # fmt: skip


async def test_an_answer_after_an_answer_is_a_correction(parked: Parked) -> None:
    position = await parked.parked()
    asked = await parked.ask(position)
    await parked.answer(asked, floor="Level 2")
    await parked.answer(asked, viewer=parked.second, space_id=parked.bays.space(2))
    version = await parked.newest(position)
    assert (version.kind, version.number) == (VersionKind.CORRECTED, 3)
    assert (version.floor, version.area, version.bay) == ("Level 1", "Blue", "A-03")
    assert (await parked.question(asked)).answer_number == 3
    rows = await PositionVersion.filter(position_id=position).order_by("number")
    assert [row.floor for row in rows] == ["Level 1", "Level 2", "Level 1"]


async def test_who_has_not_seen_the_newest_looks_again(parked: Parked) -> None:
    asked = await parked.ask(await parked.parked())
    seen = (await parked.question(asked)).version
    await parked.answer(asked, floor="Level 2")
    with pytest.raises(Conflict) as refused:
        await parked.answer(asked, viewer=parked.second, version=seen, floor="Level 3")
    assert refused.value.code == "CHANGED_MEANWHILE"


async def test_an_answer_about_where_the_car_was_is_refused(parked: Parked) -> None:
    position = await parked.parked()
    asked = await parked.ask(position)
    await parked.revise(position, VersionKind.MOVED, place_id=parked.estate.place_id, floor="L9")
    assert (await parked.question(asked)).state is CANCELLED
    with pytest.raises(Conflict) as refused:
        await parked.answer(asked, floor="Level 2")
    assert refused.value.code == "CAR_MOVED"
    assert (await parked.newest(position)).floor == "L9"
    again = await parked.ask(position)
    await parked.answer(again, bay="7")
    assert (await parked.newest(position)).bay == "7"


async def test_a_late_correction_of_an_answer_never_overwrites_a_move(parked: Parked) -> None:
    position = await parked.parked()
    asked = await parked.ask(position)
    await parked.answer(asked, floor="Level 2")
    await parked.revise(position, VersionKind.MOVED, floor="L9")
    with pytest.raises(Conflict) as refused:
        await parked.answer(asked, floor="Level 3")
    assert refused.value.code == "CAR_MOVED"
    assert (await parked.newest(position)).floor == "L9"


async def test_in_another_place_nobody_of_the_former_one_answers(parked: Parked) -> None:
    position = await parked.record(place_id=parked.estate.place_id, floor="Level 1")
    asked = await parked.ask(position)
    await parked.answer(asked, bay="1")
    [other] = await Place.exclude(id=parked.estate.place_id)
    waiting = await parked.ask(position)
    await parked.revise(position, VersionKind.CORRECTED, place_id=other.id)
    assert (await parked.question(waiting)).state is CANCELLED
    for question in (asked, waiting):
        with pytest.raises(Conflict) as refused:
            await parked.answer(question, floor="Level 2")
        assert refused.value.code == "CAR_MOVED"
    assert await questions_by_id(parked.attendant, [asked, waiting]) == {}


async def test_what_the_sharer_corrected_meanwhile_is_kept(parked: Parked) -> None:
    position = await parked.record(place_id=parked.estate.place_id, floor="Level 1", bay="1")
    asked = await parked.ask(position)
    await parked.revise(position, VersionKind.CORRECTED, floor="Level 2")
    await parked.answer(asked, area="Blue")
    version = await parked.newest(position)
    assert (version.floor, version.area, version.bay) == ("Level 2", "Blue", "1")


async def test_once_the_stay_is_over_nothing_is_answered(parked: Parked) -> None:
    position = await parked.parked()
    asked = await parked.ask(position)
    reservation_id = (await parked.position(position)).reservation_id
    await Reservation.filter(id=reservation_id).update(state=ReservationState.COMPLETED)
    for act in (parked.answer(asked, floor="Level 2"), take(parked, asked)):
        with pytest.raises(Conflict) as refused:
            await act
        assert refused.value.code == "POSITION_ENDED"
    await parked.end(position)
    assert (await parked.question(asked)).state is CANCELLED


async def test_only_the_staff_of_the_place(parked: Parked) -> None:
    position = await parked.parked()
    asked = await parked.ask(position)
    await parked.bind()
    organisation = parked.estate.organisation_id
    key = Viewer(
        api_key_id=1, roles={organisation: frozenset()}, scopes=frozenset({"places:write"})
    )
    for viewer in (parked.driver, parked.friend, parked.other, parked.elsewhere, key, SYSTEM):
        for act in (
            parked.answer(asked, viewer=viewer, floor="x"),
            take(parked, asked, viewer),
            fail_refinement(viewer, asked, "no", clock=parked.clock, bus=parked.bus),
        ):
            with pytest.raises(NotFound):
                await act
    await parked.answer(asked, viewer=parked.operator, floor="Level 2")


async def test_what_one_has_taken_another_leaves(parked: Parked) -> None:
    asked = await parked.ask(await parked.parked())
    await take(parked, asked)
    for act in (
        parked.answer(asked, viewer=parked.second, floor="x"),
        take(parked, asked, parked.second),
        hand_back(parked, asked, parked.second),
    ):
        with pytest.raises(Conflict) as refused:
            await act
        assert refused.value.code == "TAKEN_BY_ANOTHER"
    await hand_back(parked, asked, parked.operator)
    assert (await parked.question(asked)).taken_by is None
    await take(parked, asked, parked.second)
    await parked.answer(asked, viewer=parked.second, floor="x")


async def test_an_attendant_who_does_not_find_it_says_why(parked: Parked) -> None:
    asked = await parked.ask(await parked.parked())
    await fail_refinement(
        parked.attendant, asked, "No red car here", clock=parked.clock, bus=parked.bus
    )
    question = await parked.question(asked)
    assert (question.state, question.reason) == (FAILED, "No red car here")
    with pytest.raises(Conflict) as refused:
        await parked.answer(asked, floor="x")
    assert refused.value.code == "WRONG_STATE"


async def test_an_answer_says_where(parked: Parked) -> None:
    asked = await parked.ask(await parked.parked())
    useless: list[dict[str, Any]] = [{}, {"note": "here"}, {"floor": " "}]
    for given in useless:
        with pytest.raises(InvalidInput):
            await parked.answer(asked, **given)
    [other] = await Space.exclude(place_id=parked.estate.place_id)
    with pytest.raises(InvalidInput) as refused:
        await parked.answer(asked, space_id=other.id)
    assert refused.value.field == "spaceId"


async def test_the_bays_own_record_answers_at_once(parked: Parked) -> None:
    position = await parked.parked()
    await Space.filter(id=parked.bays.space()).update(number="A-01 new")
    question = await parked.question(await parked.ask(position, SPACE_RECORD))
    version = await parked.newest(position)
    assert (question.state, question.answer_number, question.due_at) == (ANSWERED, 2, None)
    assert (version.source, version.bay) == (VersionSource.SPACE_RECORD, "A-01 new")


async def test_what_a_terminal_needs(parked: Parked) -> None:
    nowhere = await parked.record(floor="1")
    here = await parked.record(place_id=parked.estate.place_id)
    for position, terminal, code in (
        (nowhere, ATTENDANT, "NO_PLACE"),
        (here, SPACE_RECORD, "NO_SPACE"),
        (here, MAP_SERVICE, "NO_COORDINATES"),
    ):
        with pytest.raises(Conflict) as refused:
            await parked.ask(position, terminal)
        assert refused.value.code == code


async def test_one_question_to_each_terminal_and_so_many_in_all(
    parked: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = await parked.parked()
    first = await parked.ask(position)
    await parked.ask(position, MAP_SERVICE)
    with pytest.raises(Conflict) as refused:
        await parked.ask(position)
    assert refused.value.code == "ALREADY_ASKED"
    await withdraw(parked, first)
    monkeypatch.setattr(ask, "REFINEMENTS_MAX", 3)
    await parked.ask(position)
    await withdraw(parked, (await RefinementRequest.all().order_by("-id").first()).id)  # type: ignore[union-attr]
    with pytest.raises(Conflict) as refused:
        await parked.ask(position)
    assert refused.value.code == "TOO_MANY_QUESTIONS"


async def test_nobody_floods_the_queues(parked: Parked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask, "ASKED_PER_DAY", replace(ask.ASKED_PER_DAY, count_max=2))
    for index in range(2):
        position = await parked.parked(index)
        await parked.ask(position)
        await parked.end(position)
    position = await parked.parked(2)
    with pytest.raises(TooManyTries):
        await parked.ask(position)
    await parked.ask(position, SPACE_RECORD)  # costs nobody anything
    parked.clock.advance(days=1)
    await parked.ask(position)


async def test_only_the_sharer_asks_and_withdraws(parked: Parked) -> None:
    position = await parked.parked()
    asked = await parked.ask(position)
    await parked.bind()
    for viewer in (parked.friend, parked.other, parked.attendant, parked.operator):
        with pytest.raises(NotFound):
            await ask.ask_refinement(
                viewer, position, ATTENDANT, clock=parked.clock, bus=parked.bus
            )
        with pytest.raises(NotFound):
            await withdraw_refinement(viewer, asked, clock=parked.clock, bus=parked.bus)
    await withdraw(parked, asked)
    with pytest.raises(Conflict):
        await withdraw(parked, asked)


async def test_in_a_private_place_too(parked: Parked) -> None:
    position = await parked.parked()
    await Place.filter(id=parked.estate.place_id).update(is_public=False)
    asked = await parked.ask(position)
    await parked.answer(asked, floor="Level 2")
    assert (await parked.newest(position)).floor == "Level 2"


async def take(parked: Parked, question_id: int, viewer: Viewer | None = None) -> None:
    who = viewer or parked.attendant
    await take_refinement(who, question_id, clock=parked.clock, bus=parked.bus)


async def hand_back(parked: Parked, question_id: int, viewer: Viewer) -> None:
    await hand_back_refinement(viewer, question_id, clock=parked.clock, bus=parked.bus)


async def withdraw(parked: Parked, question_id: int) -> None:
    await withdraw_refinement(parked.driver, question_id, clock=parked.clock, bus=parked.bus)

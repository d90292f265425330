"""Same key, same input: one effect, the same answer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from parking.accounts.idempotency import (
    ANSWER_KEPT,
    idempotent,
    input_hash,
    kept_answer,
    prune_answers,
)
from parking.accounts.models import IdempotentAnswer, Organisation
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, KeyReused, Unauthenticated
from parking.storage.transactions import transaction

pytestmark = pytest.mark.usefixtures("database")

ADA, BOB = Viewer(person_id=1), Viewer(person_id=2)
INPUT = {"name": "Harbour"}


class Maker:
    """A verb that makes an organisation, in a transaction of its own, and counts its runs."""

    def __init__(self, clock: TestClock) -> None:
        self.clock = clock
        self.runs = 0

    async def __call__(self) -> dict[str, Any]:
        self.runs += 1
        async with transaction():
            made = await Organisation.create(name="Harbour", created_at=self.clock.now())
        return {"id": made.id, "at": self.clock.now()}

    async def call(self, viewer: Viewer = ADA, key: str = "k", **input: Any) -> dict[str, Any]:
        return await idempotent(viewer, key, "make", input or INPUT, self, clock=self.clock)


@pytest.fixture
def make(clock: TestClock) -> Maker:
    return Maker(clock)


async def test_a_repeat_gets_the_same_answer_and_has_no_effect(make: Maker) -> None:
    first = await make.call()
    assert first["at"] == "2026-01-05T08:00:00Z"
    make.clock.advance(seconds=60)
    assert await make.call() == first
    assert (make.runs, await Organisation.all().count()) == (1, 1)


async def test_what_was_answered_can_be_asked_for_beforehand(make: Maker) -> None:
    assert await kept_answer(ADA, "k", "make", INPUT) is None
    first = await make.call()
    assert await kept_answer(ADA, "k", "make", INPUT) == first
    assert await kept_answer(BOB, "k", "make", INPUT) is None
    with pytest.raises(KeyReused):
        await kept_answer(ADA, "k", "make", {"name": "Elsewhere"})
    with pytest.raises(Unauthenticated):
        await kept_answer(ANONYMOUS, "k", "make", INPUT)


async def test_another_input_or_verb_is_refused(make: Maker) -> None:
    await make.call()
    with pytest.raises(KeyReused):
        await make.call(name="Elsewhere")
    with pytest.raises(KeyReused):
        await idempotent(ADA, "k", "break", INPUT, make, clock=make.clock)
    assert make.runs == 1


async def test_keys_belong_to_their_viewer(make: Maker) -> None:
    assert await make.call(ADA) != await make.call(BOB)


async def test_a_refusal_is_not_kept_and_leaves_nothing(make: Maker) -> None:
    async def refused() -> dict[str, Any]:
        await make()
        raise Conflict("not now")

    with pytest.raises(Conflict):
        await idempotent(ADA, "k", "make", INPUT, refused, clock=make.clock)
    assert (await Organisation.all().count(), await IdempotentAnswer.all().count()) == (0, 0)
    assert await make.call()


@pytest.mark.parametrize("key", ["", "x" * 129, "a\nb"])
async def test_a_key_is_printable_and_short(make: Maker, key: str) -> None:
    with pytest.raises(InvalidInput):
        await make.call(key=key)


async def test_the_anonymous_have_no_keys(make: Maker) -> None:
    with pytest.raises(Unauthenticated):
        await make.call(ANONYMOUS)


async def test_of_many_at_once_one_works_and_all_get_its_answer(make: Maker) -> None:
    answers = await asyncio.gather(*(make.call() for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert (make.runs, await Organisation.all().count()) == (1, 1)


async def test_those_who_waited_for_a_refusal_try_themselves(make: Maker) -> None:
    async def fails_first() -> dict[str, Any]:
        answer = await make()
        if make.runs == 1:
            raise Conflict("not now")
        return answer

    calls = (idempotent(ADA, "k", "make", INPUT, fails_first, clock=make.clock) for _ in range(3))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(answer, Conflict) for answer in answers].count(True) == 1
    assert await Organisation.all().count() == 1


async def test_control_looking_the_key_up_first_runs_twice(make: Maker) -> None:
    """The same race with the guard left out: look for an answer, then work, then keep it."""
    both_have_looked = asyncio.Barrier(2)

    async def without_guard() -> None:
        found = await IdempotentAnswer.get_or_none(key="k")
        await both_have_looked.wait()
        if found is None:
            await make()

    await asyncio.gather(without_guard(), without_guard())
    assert (make.runs, await Organisation.all().count()) == (2, 2)


async def test_old_answers_are_forgotten(make: Maker) -> None:
    await make.call()
    make.clock.advance(seconds=ANSWER_KEPT.total_seconds())
    assert await prune_answers(make.clock.now()) == 0
    make.clock.advance(seconds=1)
    assert await prune_answers(make.clock.now()) == 1


async def test_equal_inputs_have_equal_digests_whatever_their_order() -> None:
    at = TestClock().now()
    one, other = {"a": 1, "b": {"x": at, "y": [1]}}, {"b": {"y": [1], "x": at}, "a": 1}
    assert input_hash(one) == input_hash(other)
    assert input_hash(one) != input_hash(other | {"b": {"x": at + timedelta(1), "y": [1]}})

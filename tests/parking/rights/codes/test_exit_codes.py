"""Exit codes: they name the place that is left, until they are taken down."""

import pytest

from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS
from parking.clock import TestClock
from parking.errors import Conflict, NotFound, NotPermitted
from parking.places.models import Place
from parking.rights.codes import exit_codes
from parking.rights.codes.exit_codes import (
    create_exit_code,
    revoke_exit_code,
    scanned_exit_code,
)
from parking.rights.codes.offers import exit_offer
from parking.rights.models import ExitCode
from tests.support.issuing import Issuing, make_issuing
from tests.support.operators import api_key


@pytest.fixture
async def issuing(database: str, clock: TestClock) -> Issuing:
    del database
    return await make_issuing(clock)


async def create(issuing: Issuing, label: str = "") -> ExitCode:
    made = await create_exit_code(issuing.operator, issuing.place_id, label, clock=issuing.clock)
    return await ExitCode.get(id=made)


async def test_scanned_or_typed_it_names_its_place(issuing: Issuing) -> None:
    made = await create(issuing, "Gate  west")
    assert made.label == "Gate west"
    for text in (made.public_id, f"https://berth.example/x/{made.public_id.upper()} "):
        assert (await scanned_exit_code(text)).place_id == issuing.place_id
        sign = await exit_offer(text)
        assert sign is not None
        assert (sign.place_id, sign.name) == (issuing.place_id, "Harbour garage")


async def test_taken_down_it_is_like_one_that_never_was(issuing: Issuing) -> None:
    made, second = await create(issuing), await create(issuing)
    for _ in range(2):
        await revoke_exit_code(issuing.operator, made.id, clock=issuing.clock)
    messages = []
    for text in (made.public_id, "x" * 26, "", "x" * 9_999, "\0", "x\ud800", "ä" * 26):
        assert await exit_offer(text) is None
        with pytest.raises(NotFound) as refused:
            await scanned_exit_code(text)
        messages.append(refused.value.message)
    assert len(set(messages)) == 1
    await Place.filter(id=issuing.place_id).update(retired_at=issuing.clock.now())
    assert await exit_offer(second.public_id) is None


async def test_only_who_runs_the_place_makes_and_revokes(issuing: Issuing) -> None:
    made = await create(issuing)
    for viewer, why in (
        (issuing.merchant, NotFound), (issuing.driver, NotFound), (ANONYMOUS, NotFound),
        (api_key(issuing.operator_id, Scope.RIGHTS_WRITE), NotPermitted),
    ):  # fmt: skip
        with pytest.raises(NotPermitted):
            await create_exit_code(viewer, issuing.place_id, clock=issuing.clock)
        with pytest.raises(why):
            await revoke_exit_code(viewer, made.id, clock=issuing.clock)
    with pytest.raises(NotFound):
        await create_exit_code(issuing.operator, 999, clock=issuing.clock)


async def test_a_place_has_so_many(issuing: Issuing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exit_codes, "PER_PLACE_MAX", 2)
    first = await create(issuing)
    await create(issuing)
    with pytest.raises(Conflict) as refused:
        await create(issuing)
    assert refused.value.code == "TOO_MANY_EXIT_CODES"
    await revoke_exit_code(issuing.operator, first.id, clock=issuing.clock)
    await create(issuing)

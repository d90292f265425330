"""A correction is a further transfer; never more is taken back than was moved."""

from datetime import datetime
from typing import Any

import pytest

from parking.ledger.accounts import Account
from parking.ledger.correct import correct
from parking.ledger.records import TransferRecord
from parking.ledger.refusals import (
    ExceedsOriginal,
    InsufficientFunds,
    NotPosted,
    TransferDiffers,
    TransferMissing,
)
from parking.ledger.transfers import post, transfer
from parking.storage.transactions import transaction
from tests.parking.ledger.books import (
    ALICE,
    AT,
    BOB,
    LATER,
    LESSOR,
    POCKET,
    between,
    count,
    fund,
    move,
    movement,
    of,
    reserve,
)

SPLIT = {POCKET: -100, LESSOR: 70, ALICE: 30}


@pytest.fixture(autouse=True)
async def _split(database: str) -> None:
    """A pocket of 100 was split: 70 to the lessor, 30 to Alice."""
    await fund(POCKET, 100)
    async with transaction() as sql:
        await transfer(sql, movement("split", SPLIT, subject="reservation:7"), AT)


async def corrected(
    public_id: str = "fix", entries: dict[Account, int] | None = None, **more: Any
) -> TransferRecord:
    asked: dict[str, Any] = {"original": "split", "at": LATER, "reason": "wrong rate", **more}
    at: datetime = asked.pop("at")
    original, reason = asked.pop("original"), asked.pop("reason")
    async with transaction() as sql:
        return await correct(sql, original, public_id, at, reason, entries, **asked)


async def left() -> list[int]:
    return [(await of(account)).posted_minor for account in (POCKET, LESSOR, ALICE)]


async def test_the_whole_is_taken_back_with_reason_and_link() -> None:
    made = await corrected(actor="person:9")
    assert await left() == [100, 0, 0]
    assert (made.code, made.reason, made.subject) == ("correction", "wrong rate", "reservation:7")
    assert (made.actor, made.corrects_id is not None) == ("person:9", True)
    assert await count("ledger_transfer") == 3, "the first stays as it was"


async def test_parts_are_taken_back_until_nothing_is_left() -> None:
    await corrected("fix:1", between(LESSOR, POCKET, 40))
    with pytest.raises(ExceedsOriginal, match="30 minor units"):
        await corrected("fix:2", between(LESSOR, POCKET, 31))
    await corrected("fix:2", between(LESSOR, POCKET, 30))
    with pytest.raises(ExceedsOriginal):
        await corrected("fix:3")
    assert await left() == [70, 0, 30]


async def test_the_same_correction_again_moves_nothing() -> None:
    first = await corrected()
    assert await corrected(at=AT) == first
    with pytest.raises(TransferDiffers):
        await corrected(reason="another")
    assert await left() == [100, 0, 0]


async def test_what_was_spent_cannot_be_taken_back() -> None:
    await move("spent", ALICE, BOB, 1)
    with pytest.raises(InsufficientFunds):
        await corrected()


async def test_what_was_posted_can_be_corrected_what_is_pending_is_voided() -> None:
    await reserve("hold", ALICE, BOB, 30)
    with pytest.raises(NotPosted):
        await corrected(original="hold")
    async with transaction() as sql:
        await post(sql, "hold", "post", AT)
    await corrected(original="post")
    assert (await of(ALICE)).posted_minor == 30


async def test_what_is_not_there_and_what_has_no_reason() -> None:
    with pytest.raises(TransferMissing):
        await corrected(original=999)
    with pytest.raises(ValueError, match="says why"):
        await corrected(reason=" ")

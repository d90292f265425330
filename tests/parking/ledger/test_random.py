"""Random transfers in three currencies: each ends as a simple model says, the books stay right."""

import pytest

from parking.ledger.verify import verify
from parking.storage.snapshots import snapshot
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from tests.support.ledger_machine import Machine

STEPS = {"sqlite": 3_000, "postgres": 1_000}
SEED = 12

MUST_HAPPEN = {
    "transfer OK",
    "transfer INSUFFICIENT_FUNDS",
    "transfer ABOVE_LIMIT",
    "hold OK",
    "hold INSUFFICIENT_FUNDS",
    "post OK",
    "post ALREADY_POSTED",
    "post ALREADY_VOIDED",
    "post PENDING_EXPIRED",
    "post EXCEEDS_PENDING",
    "void OK",
    "void ALREADY_POSTED",
    "void ALREADY_VOIDED",
    "void PENDING_EXPIRED",
    "correct OK",
    "correct EXCEEDS_ORIGINAL",
    "again OK",
    "again TRANSFER_DIFFERS",
}


async def test_each_ends_as_the_model_says_and_the_books_are_right(database: str) -> None:
    machine = Machine(SEED)
    await machine.run(STEPS[db().dialect], batch=50)
    assert set(machine.ended) >= MUST_HAPPEN
    async with transaction() as sql:
        await machine.compare(sql, is_tracked=False)
    async with snapshot() as sql:
        assert await verify(sql, machine.now) == []


@pytest.mark.usefixtures("database")
async def test_control_a_model_that_is_one_unit_off_is_told() -> None:
    machine = Machine(SEED)
    await machine.run(100, batch=50)
    machine.model.posted[next(iter(machine.model.posted))] += 1
    with pytest.raises(AssertionError):
        async with transaction() as sql:
            await machine.compare(sql, is_tracked=False)

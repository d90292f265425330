"""Two hundred at the last unit of quota, budget, uses or a purchase, and two hundred times the same
driver: never oversold, never doubled, on both databases.

The locks make it smooth and let each be told why; the database's guards make it true.
"""

import asyncio
from collections import Counter as Tally
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from parking.clock import TestClock
from parking.errors import Refusal
from parking.rights.checks import verify_rights
from parking.rights.granting import facts as known
from parking.rights.granting import grant
from parking.rights.granting.expire import expire_rights
from parking.rights.granting.revoke import revoke_right
from parking.rights.models import AssignedRight, GrantCode, RightsContract
from parking.storage.database import connect, disconnect
from parking.storage.sql import Sql
from parking.storage.sql import database as db
from parking.vehicles.records import SELECT_ENROLMENTS, EnrolmentRecord, enrolment_record
from tests.parking.rights.granting.counter import Counter, make_counter
from tests.support.estate import OPENED
from tests.support.issuing import make_issuing

CLIENTS = 200
MEETING_SECONDS_MAX = 60
PRICE = 150

_numbers = count(1)

LAST: dict[str, tuple[str, dict[str, int]]] = {
    "quota": ("QUOTA_EXHAUSTED", {"quota": 1}),
    "budget": ("BUDGET_EXHAUSTED", {"budget_minor": 2 * PRICE - 1, "price_minor": PRICE}),
    "uses": ("GRANT_CODE_EXHAUSTED", {"uses_max": 1}),
    "purchase": ("REFERENCE_USED", {}),
}
"""What those who come too late are told, and what is left."""


async def last_unit(counter: Counter, kind: str) -> None:
    """A code and a contract with one unit left of something."""
    shop, left = counter.shop, LAST[kind][1]
    terms = {name: left[name] for name in ("quota", "budget_minor", "price_minor") if name in left}
    contract = await shop.contract(**terms)
    counter.code_id = await shop.code(
        contract_id=contract, uses_max=left.get("uses_max"), needs_reference=kind == "purchase"
    )


async def cars(how_many: int) -> list[EnrolmentRecord]:
    """Of as many drivers."""
    numbers = [next(_numbers) for _ in range(how_many)]
    plates = [f"RACE{number}" for number in numbers]
    await db().execute_many(
        "INSERT INTO vehicle (country, plate, created_at) VALUES ('DE', $1, $2)",
        [(plate, OPENED) for plate in plates],
    )
    await db().execute_many(
        "INSERT INTO enrolment (person_id, created_at, vehicle_id)"
        " SELECT $1, $2, id FROM vehicle WHERE plate = $3",
        [(10_000 + number, OPENED, plate) for number, plate in zip(numbers, plates, strict=True)],
    )
    rows = await db().fetch(f"{SELECT_ENROLMENTS} WHERE v.plate {db().any_of('$1')}", plates)
    return [enrolment_record(row) for row in rows]


async def told(counter: Counter, drivers: list[EnrolmentRecord]) -> Tally[str]:
    """All at once; how often each end came, and whether a look under the lock told it or a guard of
    the database."""
    scanned = await counter.public_id()

    async def one(car: EnrolmentRecord) -> str:
        try:
            granted = await counter.scan(scanned, car, reference="R17")
        except Refusal as refusal:
            is_guards = isinstance(refusal.__cause__, IntegrityError)
            return f"{refusal.code} by guard" if is_guards else refusal.code
        return "NEW" if granted.is_new else "AGAIN"

    return Tally(await asyncio.gather(*map(one, drivers)))


async def granted(counter: Counter) -> tuple[int, int, int]:
    """Rights of the code, what its contract says was granted, and what it says of its uses."""
    code = await GrantCode.get(id=counter.code_id)
    contract = await RightsContract.get(id=code.contract_id)
    rights = await AssignedRight.filter(grant_code_id=code.id).count()
    return rights, contract.granted, code.uses


@pytest.fixture
async def arena(database: str, clock: TestClock) -> Counter:
    """A tea room whose codes everybody scans."""
    del database
    return await make_counter(await make_issuing(clock))


@pytest.mark.parametrize("kind", LAST)
async def test_the_last_unit_is_granted_once(arena: Counter, kind: str) -> None:
    await last_unit(arena, kind)
    ended = await told(arena, await cars(CLIENTS))
    assert ended == {"NEW": 1, LAST[kind][0]: CLIENTS - 1}
    assert await granted(arena) == (1, 1, 1)
    assert await verify_rights(db()) == []


async def test_two_hundred_scans_of_one_vehicle_are_one_right(arena: Counter) -> None:
    assert await told(arena, [arena.car] * CLIENTS) == {"NEW": 1, "AGAIN": CLIENTS - 1}
    assert await granted(arena) == (1, 1, 1)


async def test_what_ends_at_the_same_time_comes_back_once(arena: Counter) -> None:
    """Four workers let rights lapse while their issuer revokes them and others want them."""
    many, shop = 20, arena.shop
    contract = await shop.contract(quota=many, budget_minor=many * PRICE, price_minor=PRICE)
    arena.code_id = await shop.code(contract_id=contract, uses_max=many)
    assert await told(arena, await cars(many)) == {"NEW": many}
    ids = [each.id for each in await AssignedRight.filter(grant_code_id=arena.code_id)]
    shop.clock.advance(days=1)

    async def revoke(right_id: int) -> int:
        try:
            await revoke_right(shop.merchant, right_id, "copied", **shop.with_bus)
        except Refusal:
            return 0
        return 1

    lapsing = [expire_rights(shop.clock, shop.bus) for _ in range(4)]
    ends, again = await asyncio.gather(
        asyncio.gather(*lapsing, *map(revoke, ids)), told(arena, await cars(many))
    )
    assert sum(ends) == many
    assert again["NEW"] + again["GRANT_CODE_EXHAUSTED"] + again["QUOTA_EXHAUSTED"] == many
    assert await granted(arena) == (many + again["NEW"], again["NEW"], again["NEW"])
    assert await verify_rights(db()) == []


@pytest.fixture
async def unlocked(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Counter]:
    """Two have looked before either writes, because nobody locks.

    PostgreSQL only: a SQLite transaction is alone even without a row lock.
    """
    await connect(postgres_url)
    counter = await make_counter(await make_issuing(clock))
    both, look = asyncio.Barrier(2), known.grant_facts

    async def no_lock(_sql: Sql, _ids: Any) -> None:
        """Nothing."""

    async def look_and_wait(*args: Any) -> Any:
        found = await look(*args)
        await asyncio.wait_for(both.wait(), MEETING_SECONDS_MAX)
        return found

    for name in ("lock_rights_contracts", "lock_grant_codes", "lock_enrolments"):
        monkeypatch.setattr(known, name, no_lock)
    monkeypatch.setattr(grant, "grant_facts", look_and_wait)
    yield counter
    await disconnect()


GUARDS = {
    "quota": "ALTER TABLE rights_contract DROP CONSTRAINT rights_contract_quota",
    "budget": "ALTER TABLE rights_contract DROP CONSTRAINT rights_contract_budget",
    "uses": "ALTER TABLE grant_code DROP CONSTRAINT grant_code_uses",
    "purchase": "DROP INDEX assigned_right_reference",
}


async def test_without_the_locks_the_database_says_no_and_without_both_it_is_oversold(
    unlocked: Counter,
) -> None:
    """The control."""
    for kind, (code, _) in LAST.items():
        await last_unit(unlocked, kind)
        assert await told(unlocked, await cars(2)) == {"NEW": 1, f"{code} by guard": 1}
        assert await granted(unlocked) == (1, 1, 1)
    for kind, guard in GUARDS.items():
        await db().execute(guard)
        await last_unit(unlocked, kind)
        await AssignedRight.all().update(reference="")
        assert await told(unlocked, await cars(2)) == {"NEW": 2}, kind
        assert await granted(unlocked) == (2, 2, 2)


async def test_control_of_one_vehicle_twice(unlocked: Counter) -> None:
    twice = [unlocked.car] * 2
    assert await told(unlocked, twice) == {"NEW": 1, "ALREADY_GRANTED_TODAY by guard": 1}
    await db().execute("ALTER TABLE assigned_right DROP CONSTRAINT assigned_right_once")
    unlocked.code_id = await unlocked.shop.code()
    unlocked.shop.clock.advance(days=1)
    assert await told(unlocked, twice) == {"NEW": 2}
    assert await granted(unlocked) == (2, 3, 2)

"""Setting, changing and deleting vehicle codes."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.errors import InvalidInput, NotPermitted, TooManyTries
from parking.storage.database import connect, disconnect
from parking.storage.sql import database as db
from parking.storage.transactions import retried
from parking.vehicles import set_code as verb
from parking.vehicles.enrol import enrol, remove
from parking.vehicles.find import code_hash, find_by_hash, holder_of
from parking.vehicles.limits import CODES_PER_PERSON, DIGITS_MAX, DIGITS_MIN, DRAWS_PER_LENGTH
from parking.vehicles.models import Enrolment
from parking.vehicles.queries import enrolment_by_id
from parking.vehicles.set_code import delete_code, drawn_digits, set_code
from tests.parking.vehicles.drivers import SEALER, make_coded, make_driver


async def known(code: str) -> int | None:
    """Whose code it is."""
    found = await find_by_hash(code_hash(SEALER, code))
    return found and found.id


async def choose_at_once(count: int, clock: TestClock) -> dict[int, str]:
    """So many drivers of one vehicle set the same word; the code of each enrolment."""
    drivers = [await make_driver() for _ in range(count)]
    enrolled = [await enrol(each, "DE", "B-A 1", "", clock=clock) for each in drivers]

    async def choose(number: int) -> str:
        asked = (drivers[number], enrolled[number], "harbour view")
        return await retried(lambda: set_code(*asked, clock=clock, sealer=SEALER))

    codes = await asyncio.gather(*map(choose, range(count)))
    return dict(zip(enrolled, codes, strict=True))


async def test_a_code_is_the_drivers_word_and_digits(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock, " Harbour  view ")
    assert re.fullmatch(rf"Harbour view-[0-9]{{{DIGITS_MIN}}}", coded.code)
    assert await known(coded.code) == coded.enrolment_id
    mine = await enrolment_by_id(coded.driver, coded.enrolment_id)
    assert (mine.has_code, mine.code_set_at, mine.version) == (True, clock.now(), 2)


async def test_only_a_keyed_hash_is_stored(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock)
    rows = await db().fetch("SELECT * FROM enrolment") + await db().fetch(
        "SELECT * FROM audit_entry"
    )
    assert "harbour" not in repr(rows).lower()
    other = Sealer(b"another installation's secret, long enough")
    assert await find_by_hash(code_hash(other, coded.code)) is None


async def test_a_changed_code_is_the_only_one(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock)
    clock.advance(days=3)
    new = await set_code(
        coded.driver, coded.enrolment_id, "evening tide", clock=clock, sealer=SEALER
    )
    assert await known(new) == coded.enrolment_id
    assert await known(coded.code) is None
    mine = await enrolment_by_id(coded.driver, coded.enrolment_id)
    assert mine.code_set_at == clock.now()


async def test_a_deleted_code_is_nobodys(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock)
    for _ in range(2):
        await delete_code(coded.driver, coded.enrolment_id, clock=clock)
    assert await known(coded.code) is None
    mine = await enrolment_by_id(coded.driver, coded.enrolment_id)
    assert (mine.has_code, mine.version) == (False, 3)


async def test_a_code_ends_with_its_vehicle(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock)
    await remove(coded.driver, coded.enrolment_id, clock=clock)
    assert await known(coded.code) is None


async def test_the_same_word_gives_everybody_a_code_of_their_own(
    clock: TestClock, database: str
) -> None:
    codes = Counter([(await make_coded(clock)).code for _ in range(12)])
    assert len(codes) == 12


async def test_what_is_taken_is_drawn_again_and_nobody_is_told(
    clock: TestClock, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draws() -> Iterator[str]:
        yield from ("0001", "0001", "0002", "0003")

    monkeypatch.setattr(verb, "drawn_digits", draws)
    codes = [(await make_coded(clock, plate=f"B-A {n}")).code for n in (1, 2, 3)]
    assert codes == [f"harbour view-000{n}" for n in (1, 2, 3)]
    with pytest.raises(InvalidInput, match="choose another"):
        await make_coded(clock, plate="B-A 4")
    coded = await Enrolment.exclude(code_hash=None).count()
    assert (coded, await Enrolment.all().count()) == (3, 4)


async def test_of_two_who_draw_the_same_at_once_one_draws_again(
    clock: TestClock, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "drawn_digits", lambda: iter(("0001", "0002", "0003", "0004")))
    chosen = await choose_at_once(4, clock)
    assert sorted(chosen.values()) == [f"harbour view-000{n}" for n in (1, 2, 3, 4)]
    assert [await known(code) for code in chosen.values()] == list(chosen)


async def test_control_without_the_unique_key_a_code_is_two_drivers(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verb, "drawn_digits", lambda: iter(("0001", "0002")))
    await connect(postgres_url)
    try:
        await db().execute("ALTER TABLE enrolment DROP CONSTRAINT enrolment_code_hash_key")
        chosen = await choose_at_once(2, clock)
    finally:
        await disconnect()
    assert list(chosen.values()) == ["harbour view-0001"] * 2


def test_digits_grow_only_after_many_draws() -> None:
    lengths = Counter(map(len, drawn_digits()))
    assert lengths == dict.fromkeys(range(DIGITS_MIN, DIGITS_MAX + 1), DRAWS_PER_LENGTH)


async def test_a_weak_word_is_refused_and_the_old_code_stays(
    clock: TestClock, database: str
) -> None:
    coded = await make_coded(clock)
    for word in ("123456", "b-mw 1234", "aaaaaaa"):
        with pytest.raises(InvalidInput):
            await set_code(coded.driver, coded.enrolment_id, word, clock=clock, sealer=SEALER)
    assert await known(coded.code) == coded.enrolment_id


async def test_whoever_has_the_code_cannot_change_it(clock: TestClock, database: str) -> None:
    coded = await make_coded(clock)
    holder = holder_of(await enrolment_by_id(coded.driver, coded.enrolment_id))
    for attempt in (
        set_code(holder, coded.enrolment_id, "evening tide", clock=clock, sealer=SEALER),
        delete_code(holder, coded.enrolment_id, clock=clock),
        remove(holder, coded.enrolment_id, clock=clock),
        enrol(holder, "DE", "B-A 1", "", clock=clock),
    ):
        with pytest.raises(NotPermitted):
            await attempt


async def test_codes_are_set_so_often_a_day(clock: TestClock, database: str) -> None:
    driver = await make_driver()
    mine = await enrol(driver, "DE", "B-A 1", "", clock=clock)
    for _ in range(CODES_PER_PERSON.count_max):
        await set_code(driver, mine, "harbour view", clock=clock, sealer=SEALER)
    with pytest.raises(TooManyTries):
        await set_code(driver, mine, "harbour view", clock=clock, sealer=SEALER)
    clock.advance(days=1)
    await set_code(driver, mine, "harbour view", clock=clock, sealer=SEALER)

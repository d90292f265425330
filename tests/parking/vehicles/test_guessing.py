"""The proof against guessing: of all who try at once, so many reach the check, and no more."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from parking.clock import TestClock
from parking.errors import Refusal
from parking.vehicles import find
from parking.vehicles.limits import TRIES_ALL, TRIES_PER_DOOR, TRIES_PER_SITE, TRIES_PER_SOURCE
from parking.vehicles.records import EnrolmentRecord
from tests.parking.vehicles.drivers import SEALER, make_coded

AT_ONCE = 25
MANY = 1_000
SOURCES = [f"10.{n // 250}.{n % 250}.1" for n in range(MANY // 2)]
SOURCES += [f"2001:db8:{n:x}::1" for n in range(MANY // 2)]
"""Addresses in as many networks, IPv4 and IPv6."""


class Guessers:
    """Many who try codes at once, and how many of them reached the check."""

    def __init__(self, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> None:
        self._clock, self.reached, self.told = clock, 0, Counter[str]()
        check = find.find_by_hash

        async def counted(hashed: str) -> EnrolmentRecord | None:
            self.reached += 1
            return await check(hashed)

        monkeypatch.setattr(find, "find_by_hash", counted)

    async def guess(self, tries: Sequence[tuple[str, str]], code: str | None = None) -> int:
        """Try at these doors from these sources; how many reached the check."""
        before, line = self.reached, iter(enumerate(tries))

        async def one_after_another() -> None:
            for number, (door, source) in line:
                await self._try(code or f"a guess {number:04}", door, source)

        await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
        return self.reached - before

    async def _try(self, code: str, door: str, source: str) -> None:
        try:
            await find.enrolment_by_code(code, door, source, clock=self._clock, sealer=SEALER)
            self.told["found"] += 1
        except Refusal as refusal:
            self.told[refusal.code] += 1


@pytest.fixture
def guessers(database: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> Guessers:
    return Guessers(clock, monkeypatch)


async def test_from_one_source(guessers: Guessers) -> None:
    tries = [(f"grant:{n}", "192.0.2.7") for n in range(100)]
    assert await guessers.guess(tries) == TRIES_PER_SOURCE.count_max
    one_subscriber = [(f"grant:{n}", f"2001:db8:77:1::{n:x}") for n in range(100)]
    assert await guessers.guess(one_subscriber) == TRIES_PER_SOURCE.count_max


@pytest.mark.parametrize("network", ["198.51.100.{}", "2001:db8:5:{:x}::1"])
async def test_from_many_sources_of_one_network(guessers: Guessers, network: str) -> None:
    """Who has all of it does not use up what all together may try."""
    sources = [network.format(n) for n in range(60)]
    tries = [(f"grant:{n}", source) for n, source in enumerate(sources * 3)]
    assert await guessers.guess(tries) == TRIES_PER_SITE.count_max
    assert await guessers.guess([("grant:abc", "192.0.2.7")]) == 1


async def test_control_without_the_networks_limit_one_of_them_shuts_out_everybody(
    guessers: Guessers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "source_site", lambda source: source)
    tries = [(f"grant:{n}", f"2001:db8:5:{n % 60:x}::1") for n in range(600)]
    assert await guessers.guess(tries) == TRIES_ALL.count_max
    assert await guessers.guess([("grant:abc", "192.0.2.7")]) == 0


async def test_from_many_sources_at_one_door(guessers: Guessers) -> None:
    tries = [("grant:abc", source) for source in SOURCES[::5]]
    assert await guessers.guess(tries) == TRIES_PER_DOOR.count_max


async def test_from_many_sources_at_many_doors(guessers: Guessers, clock: TestClock) -> None:
    tries = [(f"grant:{n}", source) for n, source in enumerate(SOURCES)]
    assert await guessers.guess(tries) == TRIES_ALL.count_max
    assert guessers.told == {
        "UNKNOWN_VEHICLE_CODE": TRIES_ALL.count_max,
        "TOO_MANY_TRIES": MANY - TRIES_ALL.count_max,
    }
    clock.advance(minutes=59)
    assert await guessers.guess(tries[:20]) == 0
    clock.advance(minutes=1)
    assert await guessers.guess(tries[:20]) == 20


async def test_at_the_turn_of_an_hour(guessers: Guessers, clock: TestClock) -> None:
    """Less than twice as many in sixty minutes, and no more than the number an hour on and on."""
    tries, limit = [("grant:abc", "192.0.2.7")] * 30, TRIES_PER_SOURCE.count_max
    assert await guessers.guess(tries[:1]) == 1
    clock.advance(minutes=59)
    assert await guessers.guess(tries) == limit - 1
    clock.advance(minutes=1)
    assert await guessers.guess(tries) == limit
    for _ in range(59):
        clock.advance(minutes=1)
        assert await guessers.guess(tries[:1]) == 0


async def test_drivers_with_their_own_codes_are_no_guessers(
    guessers: Guessers, clock: TestClock
) -> None:
    coded = await make_coded(clock)
    # Each is counted until it proves good: more at once than a source may fail are asked to wait.
    tries = [("grant:abc", source) for source in SOURCES[:100]]
    assert await guessers.guess(tries, coded.code) == 100
    assert guessers.told == {"found": 100}
    assert await guessers.guess([("grant:abc", SOURCES[-1])] * 100) == TRIES_PER_SOURCE.count_max


async def test_control_without_the_guard_every_guess_reaches_the_check(
    guessers: Guessers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def counts_nothing(*_: Any) -> None:
        """The guard is off."""

    monkeypatch.setattr(find, "take_attempt", counts_nothing)
    tries = [("grant:abc", "192.0.2.7")] * 100
    assert await guessers.guess(tries) == 100

"""Which process is killed when follows from the seed, and strikes where it is at work."""

from datetime import UTC, datetime, timedelta
from itertools import groupby

from berth.replay.declared import Visit
from berth.replay.expected import Act, Moment, moments
from berth.replay.household import APART, WHOLE
from berth.replay.killing import WITHIN_SECONDS, killings
from berth.replay.member import Role

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
VISITS = [
    Visit(number, f"{number % 7}", TEN + number * HOUR, TEN + (number + 2) * HOUR,
          TEN + (number + 1) * HOUR)
    for number in range(1, 40)
]  # fmt: skip
SCRIPT = moments(VISITS)


def is_at_reader(moment: Moment) -> bool:
    return moment.act is Act.ARRIVE and moment.visit.space in "024"


def test_each_process_is_killed_at_least_once() -> None:
    for seed in range(50):
        found = killings(SCRIPT, APART, 3, seed, is_at_reader)
        assert sorted(each.role for each in found.values()) == sorted(APART)


def test_the_seed_says_it_all() -> None:
    first, again, other = (killings(SCRIPT, APART, 20, seed, is_at_reader) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 20


def test_a_process_is_struck_where_it_is_at_work() -> None:
    """The worker works at the last moment of each second only."""
    lasts = {list(each)[-1] for _, each in groupby(SCRIPT, key=lambda each: (each.at, each.act))}
    found = killings(SCRIPT, APART, 60, 1, is_at_reader)
    for moment, (role, after_seconds) in found.items():
        assert 0 <= after_seconds <= WITHIN_SECONDS[role]
        match role:
            case Role.API:
                assert moment.act in (Act.BOOK, Act.ARRIVE)
            case Role.GATEWAY:
                assert moment.act in (Act.ARRIVE, Act.LEAVE)
            case Role.WORKER:
                assert moment in lasts
    assert {role for role, _ in found.values()} == set(APART)


def test_no_gateway_is_killed_while_somebody_stands_before_a_reader() -> None:
    for roles, mortal in ((WHOLE, Role.PLATFORM), (APART, Role.GATEWAY)):
        found = killings(SCRIPT, roles, 100, 1, is_at_reader)
        struck = [moment for moment, killing in found.items() if killing.role is mortal]
        assert struck
        assert not any(is_at_reader(each) for each in struck)


def test_there_are_no_more_kills_than_moments() -> None:
    few = SCRIPT[:4]
    assert len(killings(few, WHOLE, 100, 1, lambda _: False)) == 4
    assert len(killings(few, APART, 100, 1, lambda _: False)) <= 4

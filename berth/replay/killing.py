"""Which process of the platform is killed when. Pure: the same seed, the same deaths."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from random import Random
from typing import NamedTuple

from berth.replay.expected import Act, Moment
from berth.replay.household import WHOLE
from berth.replay.member import Role

WITHIN_SECONDS = {Role.PLATFORM: 0.1, Role.API: 0.05, Role.GATEWAY: 0.015, Role.WORKER: 0.03}
"""Into a moment: half as long again as what is done takes. Some kills hit its beginning, some its
end, some nothing."""


class Killing(NamedTuple):
    """The process is killed so long after the moment, or its part in it, has begun."""

    role: Role
    after_seconds: float


def killings(
    script: Sequence[Moment],
    roles: Sequence[Role],
    kills: int,
    seed: int,
    is_at_reader: Callable[[Moment], bool],
) -> Mapping[Moment, Killing]:
    """At which moments which process is killed: each role in turn at least once, then any.

    The API where somebody asks it, the gateway where a device reports, the worker where it works,
    a platform of one process anywhere. Not the gateway while somebody stands before a reader: it
    would decide alone and open by its own wire.
    """
    chance = Random(seed)  # noqa: S311 - when to kill is no secret
    if tuple(roles) == WHOLE:
        apt = [each for each in script if not is_at_reader(each)]
        chosen = chance.sample(apt, min(kills, len(apt)))
        return {each: _killing(Role.PLATFORM, chance) for each in chosen}
    found: dict[Moment, Killing] = {}
    apt_of = {
        Role.API: [each for each in script if each.act in (Act.BOOK, Act.ARRIVE)],
        Role.GATEWAY: [
            each
            for each in script
            if each.act in (Act.ARRIVE, Act.LEAVE) and not is_at_reader(each)
        ],
        Role.WORKER: [list(each)[-1] for _, each in groupby(script, key=lambda m: (m.at, m.act))],
    }
    for number in range(kills):
        role = roles[number] if number < len(roles) else chance.choice(roles)
        free = [each for each in apt_of[role] if each not in found]
        if free:
            found[chance.choice(free)] = _killing(role, chance)
    return found


def _killing(role: Role, chance: Random) -> Killing:
    return Killing(role, chance.uniform(0, WITHIN_SECONDS[role]))

"""How far a replay has come: what the platform holds already, and what is left to send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from berth.replay.story import Story, Timeline, Turn
from parking.clock import Clock
from parking.errors import BerthError
from parking.occupancy.history import space_timeline
from parking.occupancy.models import Occupancy

AHEAD = timedelta(days=1)


class OtherHistory(BerthError):
    """The place's history is not the beginning of what is to be replayed."""

    code = "OTHER_HISTORY"


@dataclass(frozen=True, slots=True)
class Move:
    """A space becomes occupied or free at an instant of the trace."""

    space: str
    at: datetime
    is_occupied: bool


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a sensor sees when it starts: as of `at`, and since when."""

    is_occupied: bool
    at: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left to send: how each sensor begins, then all moves in order of time.

    `changes` is by how many changes the platform will be further, the first states included.
    """

    beginnings: Mapping[str, Beginning]
    moves: list[Move]
    changes: int


async def read_timelines(
    story: Story, space_ids: Mapping[str, int], clock: Clock
) -> dict[str, Timeline]:
    """What the platform has of each space of the story, from its earliest instant until now."""
    until = clock.now() + AHEAD
    found: dict[str, Timeline] = {}
    for space in story.timelines:
        if space in space_ids:
            intervals = await space_timeline(space_ids[space], story.earliest, until)
            found[space] = [Turn(each.at, each.occupancy) for each in intervals]
        else:
            found[space] = []
    return found


def rest_of(story: Story, found: Mapping[str, Timeline], place: str) -> Rest:
    """What the platform does not hold yet. Raises `OtherHistory` where it holds something else."""
    beginnings, moves, changes = {}, [], 0
    for space, truth in story.timelines.items():
        done = len(found[space])
        if list(found[space]) != list(truth[:done]):
            raise OtherHistory(
                f"the place {place!r} has other history than this trace (space {space}); "
                "replay into another one with --place, or with --fresh into a new one"
            )
        beginnings[space] = _beginning(truth, done, story)
        left = truth[max(1, done) :]
        moves += [Move(space, turn.at, turn.occupancy is Occupancy.OCCUPIED) for turn in left]
        changes += len(truth) - done
    moves.sort(key=lambda move: (move.at, move.space))
    return Rest(beginnings, moves, changes)


def _beginning(truth: Timeline, done: int, story: Story) -> Beginning:
    turn = truth[max(0, done - 1)]
    at = max(turn.at, story.window.starts_at)
    return Beginning(turn.occupancy is Occupancy.OCCUPIED, at, turn.at)

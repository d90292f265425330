"""Who sees what of one car at each moment of its stay, on both databases: the matrix of issue 7.

`driver` is the sharer; `always`, `stay` and `until` are friends by the scope that was agreed;
`stayed` was shown another car only; `link` is whoever has the secure link; `desk` is the attendant.
"""

from datetime import timedelta

import pytest

from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import NotFound
from parking.locations.kinds import BindingScope, VersionKind
from parking.locations.positions.follow import follow_positions
from parking.locations.positions.queries import (
    newest_versions,
    own_positions,
    seen_positions,
    shown_positions,
    versions_of,
)
from parking.locations.refinement.queries import questions_by_id, queue_of
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import database as db
from tests.support.leasing import somebody
from tests.support.parked import Parked, make_parked
from tests.support.sharing import Sharing

EVERYBODY = ("driver", "always", "stay", "until", "stayed", "stranger", "desk", "link")


class Story:
    """One stay, and who is looking on."""

    def __init__(self, parked: Parked, friends: dict[str, Viewer]) -> None:
        self.parked = parked
        self.sharing = Sharing(parked)
        self.viewers = {"driver": parked.driver, "desk": parked.attendant, **friends}
        self.position = self.asked = self.always = self.link = 0
        self.token = ""

    async def seen_by(self) -> set[str]:
        """Who sees where the car is, by every way of asking that there is."""
        now, found = self.parked.clock.now(), set[str]()
        for name, viewer in self.viewers.items():
            ways = [
                self.position in await read(viewer, [self.position], now)
                for read in (seen_positions, newest_versions, versions_of)
            ]
            shown = {each.position.id for each in await shown_positions(viewer, now)}
            own = {each.position.id for each in await own_positions(viewer, limit=10)}
            ways.append(self.position in shown | own)
            assert len(set(ways)) == 1, f"{name}: {ways}"
            found |= {name} if ways[0] else set()
        return found | ({"link"} if await self._opens() else set())

    async def _opens(self) -> bool:
        try:
            await self.sharing.open(self.token)
        except NotFound:
            return False
        return True

    async def asked_of(self) -> set[str]:
        """Who sees the question to the attendants: in the queue, or still by its id."""
        place, found = self.parked.estate.place_id, set[str]()
        for name, viewer in self.viewers.items():
            if await queue_of(viewer, place):
                found.add(f"{name} waits")
            if await questions_by_id(viewer, [self.asked]):
                found.add(name)
        return found


@pytest.fixture
async def story(database: str, clock: TestClock) -> Story:
    del database
    parked = await make_parked(clock)
    friends = {name: await somebody(name) for name in ("always", "stay", "until", "stayed")}
    friends["stranger"] = parked.other
    return Story(parked, friends)


async def test_who_sees_what_at_each_moment(story: Story) -> None:
    parked, sharing, viewers = story.parked, story.sharing, story.viewers
    other = await parked.record(floor="elsewhere")
    story.position = position = await parked.parked()
    assert await story.seen_by() == {"driver"}

    _, token = await sharing.ask()
    assert await story.seen_by() == {"driver"}, "nobody has agreed yet"
    story.always = await sharing.accept(token, viewers["always"])
    seen = {"driver", "always"}
    assert await story.seen_by() == seen

    await sharing.bound(BindingScope.ONE_STAY, position, who=viewers["stay"])
    await sharing.bound(BindingScope.ONE_STAY, other, who=viewers["stayed"])
    until = parked.clock.now() + timedelta(hours=1)
    await sharing.bound(BindingScope.UNTIL, None, until, who=viewers["until"])
    story.link, story.token = await sharing.link(position)
    seen |= {"stay", "until", "link"}
    assert await story.seen_by() == seen

    assert await story.asked_of() == set()
    story.asked = await parked.ask(position)
    assert await story.asked_of() == {"driver", "desk", "desk waits"}
    assert await story.seen_by() == seen, "who is asked sees the question, not the position"

    parked.clock.advance(hours=1)
    seen -= {"until"}
    assert await story.seen_by() == seen, "a right ends at its instant, whatever a job does"

    await parked.answer(story.asked, floor="Level 2")
    assert await story.asked_of() == {"driver", "desk"}
    assert await story.seen_by() == seen
    await parked.revise(position, VersionKind.MOVED, place_id=parked.estate.place_id, bay="9")
    assert await story.asked_of() == {"driver"}
    assert await story.seen_by() == seen

    await sharing.revoke(viewers["always"], story.always)
    seen -= {"always"}
    assert await story.seen_by() == seen
    await sharing.close(story.link)
    story.link, story.token = await sharing.link(position)
    assert await story.seen_by() == seen

    story.asked = await parked.ask(position)
    await over(parked, position)
    assert await story.seen_by() == {"driver"}, "it ends with the stay, before any job has run"
    assert await story.asked_of() == {"driver"}
    await follow_positions(parked.clock, parked.bus)
    assert await story.seen_by() == {"driver"}
    assert await story.asked_of() == {"driver"}
    await is_kept(position)


async def over(parked: Parked, position: int) -> None:
    reservation_id = (await parked.position(position)).reservation_id
    await Reservation.filter(id=reservation_id).update(state=ReservationState.COMPLETED)


async def is_kept(position: int) -> None:
    """Its versions are the sharer's, until they are erased."""
    rows = await db().fetch(
        "SELECT number FROM position_version WHERE position_id = $1 ORDER BY number", position
    )
    assert [row["number"] for row in rows] == [1, 2, 3]

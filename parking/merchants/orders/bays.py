"""Bays that may be given to a guest, in the order of the walk from the unit (CLAIMS D6, D12)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import hypot, inf
from typing import Any, NamedTuple

from parking.merchants.connectors import link
from parking.merchants.queries import links_of
from parking.merchants.records import Needs, UnitRecord
from parking.merchants.walking import Link, Spot, Walks, walks_from
from parking.reservations.replacement import LEVEL_METRES
from parking.storage.sql import Sql

_BAYS = """
SELECT s.id AS space_id, s.place_id, s.number, s.x_metres, s.y_metres, s.is_ev, s.is_accessible,
       COALESCE(u.level, 0) AS level
  FROM space s LEFT JOIN subplace u ON u.id = s.subplace_id WHERE
"""
WAYS_KEPT_MAX = 32
SPOTS_KEPT_MAX = 10_000
"""So many ways from units are kept, and of each so many walks."""
HARMLESS = ("OCCUPIED", "SPACE_NOT_FREE", "MOVED")
"""Failures of a command that say nothing against the lock."""
# Of commands the last that came to an end counts: a lock that failed is not well again because it
# was told once more, or every order until its answer would be sent there.
_LOCKS = """
SELECT d.space_id, (st.lock IN ('OBSTRUCTED', 'FORCED', 'FAULT')
        OR EXISTS (SELECT 1 FROM alarm a WHERE a.space_id = d.space_id AND a.cleared_at IS NULL
                      AND a.kind IN ('FORCED', 'OBSTRUCTED', 'LOCK_SILENT'))
        OR EXISTS (SELECT 1 FROM lock_command c
                    WHERE c.id = (SELECT MAX(x.id) FROM lock_command x
                                   WHERE x.space_id = d.space_id AND x.finished_at IS NOT NULL)
                      AND (c.state = 'EXPIRED' OR (c.state = 'FAILED' AND c.failure NOT IN {fine}))
                      AND (st.lock_since IS NULL OR st.lock_since <= c.finished_at))) AS fails
  FROM device d JOIN space_state st ON st.space_id = d.space_id
 WHERE d.kind = 'LOCK' AND d.revoked_at IS NULL AND d.space_id {any}
"""


class WalkedBay(NamedTuple):
    """A bay as it stands to a unit. `metres` None: no way leads there, so it comes last; `guess` is
    how far it seems then. `is_broken`: its lock cannot be relied on (CLAIMS D15). `has_lock` and
    `is_broken` are read each time, all else is the plan's."""

    space_id: int
    place_id: int
    number: str
    is_ev: bool
    is_accessible: bool
    metres: float | None
    guess: float
    has_lock: bool = False
    is_broken: bool = False


class Ways(NamedTuple):
    """How one walks from a unit; `plans` are the places that have a plan of their own, `known` the
    walks that were worked out."""

    walks: Walks
    plans: frozenset[int]
    known: dict[Spot, float | None]

    def spot(self, place_id: int, level: int, x_metres: float, y_metres: float) -> Spot:
        """A bay's position; a place without a door of its own is drawn on the mall's plan."""
        return Spot(place_id if place_id in self.plans else None, level, x_metres, y_metres)

    def metres_to(self, spot: Spot) -> float | None:
        """The shortest walk to a spot; None where no way leads there."""
        if spot not in self.known:
            if len(self.known) >= SPOTS_KEPT_MAX:
                self.known.clear()
            self.known[spot] = self.walks.metres_to(spot)
        return self.known[spot]


async def ways_of(sql: Sql, unit: UnitRecord, needs: Needs) -> Ways:
    """The ways from a unit; without steps for who needs an accessible bay."""
    links = tuple(link(each) for each in await links_of(sql, unit.campus_id))
    start = Spot(None, unit.level, unit.x_metres, unit.y_metres)
    return _ways(start, links, needs.is_accessible)


@lru_cache(maxsize=WAYS_KEPT_MAX)
def _ways(start: Spot, links: tuple[Link, ...], is_step_free: bool) -> Ways:
    """Kept by all that they depend on: a mall with many doors takes long to work out, and a plan
    that is drawn anew is another one."""
    plans = frozenset(each.spot.plan for each in links if each.spot.plan is not None)
    return Ways(walks_from(start, links, is_step_free=is_step_free), plans, {})


class Plan:
    """The bays as they stand to a unit. Walks are worked out before anything is locked, because
    they take long and a plan seldom changes; whose lock fails is read each time."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._known: dict[int, WalkedBay] = {}

    async def learn(self, sql: Sql, place_ids: Sequence[int]) -> None:
        """Work out the walks to all bays of these places."""
        condition = f"s.retired_at IS NULL AND s.place_id {sql.any_of('$1')}"
        await self._read(sql, condition, place_ids)

    async def bays(self, sql: Sql, space_ids: Sequence[int]) -> list[WalkedBay]:
        """These bays, with how far it is to each."""
        unknown = [each for each in space_ids if each not in self._known]
        if unknown:
            await self._read(sql, f"s.id {sql.any_of('$1')}", unknown)
        locks = await _locks(sql, space_ids)
        return [
            self._known[each]._replace(has_lock=each in locks, is_broken=locks.get(each, False))
            for each in space_ids
            if each in self._known
        ]

    async def _read(self, sql: Sql, condition: str, ids: Sequence[int]) -> None:
        for row in await sql.fetch(_BAYS + condition, list(ids)):
            self._known[row["space_id"]] = _walked(self._ways, row)


async def broken_locks(sql: Sql, space_ids: Sequence[int]) -> set[int]:
    """Of these bays those whose lock fails: it says so, an alarm does, or it did not do what it was
    told last. A bay without a lock has none that fails."""
    locks = await _locks(sql, space_ids)
    return {space_id for space_id, fails in locks.items() if fails}


async def _locks(sql: Sql, space_ids: Sequence[int]) -> dict[int, bool]:
    """Of these bays those that have a lock, and whether it fails; any of several does."""
    rows = await sql.fetch(_LOCKS.format(any=sql.any_of("$1"), fine=HARMLESS), list(space_ids))
    found: dict[int, bool] = {}
    for row in rows:
        found[row["space_id"]] = found.get(row["space_id"], False) or bool(row["fails"])
    return found


def nearest_first(bays: Iterable[WalkedBay], needs: Needs) -> list[WalkedBay]:
    """In the order in which they are tried: nearest on foot; a bay with more than is needed (for
    disabled drivers, with a charger) is the last to be given away, and a broken lock behind it."""
    return sorted(bays, key=lambda bay: rank(bay, needs))


def rank(bay: WalkedBay, needs: Needs) -> tuple[Any, ...]:
    """The lower, the earlier it is tried; no two bays have the same."""
    return (
        bay.is_broken,
        bay.is_accessible and not needs.is_accessible,
        bay.is_ev and not needs.is_ev,
        inf if bay.metres is None else bay.metres,
        bay.guess,
        bay.space_id,
    )


def _walked(ways: Ways, row: Mapping[str, Any]) -> WalkedBay:
    spot = ways.spot(row["place_id"], row["level"], row["x_metres"], row["y_metres"])
    start = ways.walks.start
    across = hypot(spot.x_metres - start.x_metres, spot.y_metres - start.y_metres)
    return WalkedBay(
        space_id=row["space_id"],
        place_id=row["place_id"],
        number=row["number"],
        is_ev=bool(row["is_ev"]),
        is_accessible=bool(row["is_accessible"]),
        metres=ways.metres_to(spot),
        guess=abs(spot.level - start.level) * LEVEL_METRES + across,
    )

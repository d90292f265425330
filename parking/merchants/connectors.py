"""The doors, lifts, stairs and ramps of a mall and its places, by which one walks (CLAIMS D12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from parking.accounts.audit import record_audit
from parking.accounts.rules import acts_in
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.merchants.kinds import ConnectorKind
from parking.merchants.new_unit import checked_metres
from parking.merchants.queries import links_of
from parking.merchants.records import ConnectorRecord
from parking.merchants.rules import may_plan
from parking.merchants.walking import Link, Spot
from parking.places.queries import campuses_by_id
from parking.places.rules import LEVEL_MAX, checked_text
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

NAME_CHARACTERS_MAX = 60
CONNECTORS_MAX = 500
"""So many positions of doors, lifts, stairs and ramps a mall has, on all plans and levels."""

_Key = tuple[int | None, str, int]


@dataclass(frozen=True, slots=True)
class NewConnector:
    """A position on a level (metres) of the mall's plan, or of a place's (`place_id`). Those of one
    kind and name are one thing: give each level and plan at which one can step out of it."""

    kind: ConnectorKind
    name: str
    x_metres: float
    y_metres: float
    level: int = 0
    place_id: int | None = None


async def set_connectors(
    viewer: Viewer, campus_id: int, connectors: Sequence[NewConnector], *, clock: Clock
) -> None:
    """Draw a mall's ways anew: these replace all that were there. For who runs the mall.

    Raises NotFound, NotPermitted, and InvalidInput, also for a place that is not of the mall, two
    positions of one thing on one level, and a name that is of two kinds.
    """
    organisation_id = await _planned_campus(viewer, campus_id)
    sound = _checked(connectors)
    at = clock.now()

    async def once() -> None:
        async with transaction() as sql:
            await _require_places(sql, campus_id, sound)
            await sql.execute("DELETE FROM plan_connector WHERE campus_id = $1", campus_id)
            await sql.execute_many(
                "INSERT INTO plan_connector (campus_id, place_id, kind, name, level, x_metres,"
                " y_metres) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                [
                    (campus_id, e.place_id, e.kind.value, e.name, e.level, e.x_metres, e.y_metres)
                    for e in sound
                ],
            )
            detail = {"positions": len(sound)}
            subject = f"campus:{campus_id}"
            await record_audit(sql, viewer, "set_connectors", subject, organisation_id, detail, at)

    await retried(once)


async def connectors_of(viewer: Viewer, campus_id: int) -> list[ConnectorRecord]:
    """A mall's ways, for whoever sees the mall. Raises NotFound."""
    if campus_id not in await campuses_by_id(viewer, [campus_id]):
        raise NotFound("there is no such campus")
    return await links_of(database(), campus_id)


def link(connector: ConnectorRecord) -> Link:
    """As the walk has it."""
    spot = Spot(connector.place_id, connector.level, connector.x_metres, connector.y_metres)
    return Link(connector.kind, connector.name, spot)


async def _planned_campus(viewer: Viewer, campus_id: int) -> int:
    campus = (await campuses_by_id(viewer, [campus_id])).get(campus_id)
    if campus is None:
        raise NotFound("there is no such campus")
    if not may_plan(viewer, campus.organisation_id):
        is_known = acts_in(viewer, campus.organisation_id)
        who = "its organisation" if is_known else "the organisation that runs it"
        raise NotPermitted(f"only an OPERATOR of {who} may draw the ways of a campus")
    return campus.organisation_id


def _checked(connectors: Sequence[NewConnector]) -> list[NewConnector]:
    if len(connectors) > CONNECTORS_MAX:
        message = f"{len(connectors)} positions are given; at most {CONNECTORS_MAX} fit"
        raise InvalidInput("connectors", message)
    kinds: dict[str, ConnectorKind] = {}
    seen: set[_Key] = set()
    found = []
    for index, each in enumerate(connectors):
        field = f"connectors.{index}"
        sound = _one(field, each)
        if kinds.setdefault(sound.name, sound.kind) is not sound.kind:
            message = f"{sound.name!r} is a {kinds[sound.name]} already; give it another name"
            raise InvalidInput(f"{field}.name", message)
        key = (sound.place_id, sound.name, sound.level)
        if key in seen:
            message = f"{sound.name!r} has a position on this level already; give it once"
            raise InvalidInput(field, message)
        seen.add(key)
        found.append(sound)
    return found


def _one(field: str, given: NewConnector) -> NewConnector:
    checked_metres(f"{field}.x_metres", given.x_metres)
    checked_metres(f"{field}.y_metres", given.y_metres)
    if abs(given.level) > LEVEL_MAX:
        raise InvalidInput(f"{field}.level", f"it is {given.level}; at most {LEVEL_MAX} levels")
    name = checked_text(f"{field}.name", given.name, NAME_CHARACTERS_MAX)
    return NewConnector(
        given.kind, name, given.x_metres, given.y_metres, given.level, given.place_id
    )


async def _require_places(sql: Sql, campus_id: int, connectors: Sequence[NewConnector]) -> None:
    rows = await sql.fetch("SELECT id FROM place WHERE campus_id = $1", campus_id)
    known = {row["id"] for row in rows} | {None}
    for index, each in enumerate(connectors):
        if each.place_id not in known:
            message = "there is no such place in the campus"
            raise InvalidInput(f"connectors.{index}.place_id", message)

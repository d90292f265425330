"""Building one demo place from its drawing, through the domain's own verbs."""

from dataclasses import dataclass

from berth.demo.places import DemoPlace
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.events.bus import Bus
from parking.places.create import create_campus, create_place, create_spaces, create_subplace
from parking.places.importing.drafts import SpaceDraft
from parking.places.models import PlaceKind
from parking.places.new import NewCampus, NewPlace, NewSpace, NewSubplace
from parking.storage.sql import database
from parking.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class BuiltPlace:
    """A demo place in the database: its id, and its spaces' ids by number."""

    place_id: int
    space_ids: dict[str, int]


async def build_place(demo: DemoPlace, organisation_id: int, clock: Clock, bus: Bus) -> BuiltPlace:
    """Make the place with everything in it, or find the one that was made before."""
    place_id = await _existing(organisation_id, demo.draft.external_id)
    if place_id is None:
        async with transaction():
            place_id = await _make(demo, organisation_id, clock, bus)
    rows = await database().fetch(
        "SELECT id, number FROM space WHERE place_id = $1 AND retired_at IS NULL", place_id
    )
    return BuiltPlace(place_id, {row["number"]: row["id"] for row in rows})


async def _existing(organisation_id: int, external_id: str | None) -> int | None:
    row = await database().fetch_one(
        "SELECT id FROM place WHERE organisation_id = $1 AND external_id = $2",
        organisation_id,
        external_id,
    )
    return None if row is None else int(row["id"])


async def _make(demo: DemoPlace, organisation_id: int, clock: Clock, bus: Bus) -> int:
    draft, campus_id = demo.draft, None
    if demo.campus is not None:
        campus_id = await _campus(organisation_id, demo.campus, clock)
    new = NewPlace(
        organisation_id=organisation_id,
        name=draft.name,
        kind=draft.kind or PlaceKind.LOT,
        time_zone=draft.time_zone or "UTC",
        currency=draft.currency or "EUR",
        address=draft.address or "",
        latitude=draft.latitude,
        longitude=draft.longitude,
        campus_id=campus_id,
        is_public=demo.is_public,
        external_id=draft.external_id,
    )
    place_id = await create_place(SYSTEM, new, clock=clock)
    subplaces: dict[str | None, int | None] = {None: None}
    for each in draft.subplaces:
        parent = subplaces[each.parent]
        made = NewSubplace(place_id, each.name, each.kind, parent, each.level, each.position)
        subplaces[each.name] = await create_subplace(SYSTEM, made, clock=clock, bus=bus)
    spaces = [_new_space(space, subplaces[space.subplace]) for space in draft.spaces]
    await create_spaces(SYSTEM, place_id, spaces, clock=clock, bus=bus)
    return place_id


async def _campus(organisation_id: int, name: str, clock: Clock) -> int:
    """The estate, which the first of its places makes."""
    row = await database().fetch_one(
        "SELECT id FROM campus WHERE organisation_id = $1 AND name = $2", organisation_id, name
    )
    if row is not None:
        return int(row["id"])
    return await create_campus(SYSTEM, NewCampus(organisation_id, name), clock=clock)


def _new_space(draft: SpaceDraft, subplace_id: int | None) -> NewSpace:
    return NewSpace(
        number=draft.number,
        subplace_id=subplace_id,
        external_id=draft.external_id,
        x_metres=draft.x or 0.0,
        y_metres=draft.y or 0.0,
        width_metres=draft.width or 2.5,
        length_metres=draft.length or 5.0,
        rotation_degrees=draft.rotation or 0.0,
        latitude=draft.latitude,
        longitude=draft.longitude,
        is_ev=bool(draft.is_ev),
        is_accessible=bool(draft.is_accessible),
        height_max_metres=draft.height_max,
    )

"""From a subscription's arguments to its live source, or to the refusal that is all it gives.

Arguments have GraphQL names. A source depends on the viewer only through what the domain's rules
look at, so it serves everybody of the same `visibility`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from parking import errors
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.device_views import DeviceFilter, devices_of_place, require_devices_seen
from parking.devices.health import decode_health, health_topic
from parking.occupancy.change import place_topic
from parking.occupancy.space_views import space_views_by_id
from parking.occupancy.state import decode_update
from parking.places.queries import places_by_id
from parking.places.search import PlaceFilter, find_places
from schema.context import services_of, viewer_of
from schema.devices import DeviceHealth, health_of
from schema.execution import Context, Gap, Only, Stream
from schema.geo import box_of_edges
from schema.ids import wanted_key
from schema.refusals import as_data
from schema.streams import BusFeed, Items, ItemStream, PlaceStream
from schema.updates import (
    AreaOccupancyUpdate,
    DeviceHealthUpdate,
    PlaceChange,
    SpaceChange,
    SpaceStatusUpdate,
    change_of,
    place_change_of,
    place_change_of_update,
)

AREA_PLACES_MAX: Final = 500
STATUS_SPACES_MAX: Final = 100
HEALTH_DEVICES_MAX: Final = 5_000
NOWHERE: Final = place_topic(0)
"""A topic on which nothing is ever published: for an area without places."""


@dataclass(slots=True)
class Seen:
    """Which of a stream's objects its viewers may see, as of the last time it was asked.

    It is asked whenever a place itself was changed: a place that becomes private is then told of
    no more.
    """

    keys: set[int]
    ask: Callable[[], Awaitable[set[int]]]

    async def some(self) -> bool:
        """Ask again; whether anything is left to see."""
        self.keys = await self.ask()
        return bool(self.keys)

    async def some_or_none(self) -> bool:
        """Ask again; an area is there though nothing in it can be seen."""
        await self.some()
        return True


async def place_source(arguments: Mapping[str, Any], context: Context) -> Stream | Only:
    """`placeOccupancy(placeId)`."""
    viewer, services = viewer_of(context), services_of(context)
    key = wanted_key(arguments["placeId"], "Place")
    may_see = partial(_sees_place, viewer, key)
    if not await may_see():
        return Only(as_data(errors.NotFound("There is no such place.")))
    return await PlaceStream.open(key, services.bus, may_see, services.clock)


async def area_source(arguments: Mapping[str, Any], context: Context) -> Stream | Only:
    """`areaOccupancy(bbox)`: the places that lie in the area when the subscription begins."""
    viewer, services = viewer_of(context), services_of(context)
    try:
        wanted = PlaceFilter(bbox=box_of_edges(**arguments["bbox"]))
        found = await find_places(viewer, wanted, limit=AREA_PLACES_MAX + 1)
        keys = _at_most([hit.place.id for hit in found], AREA_PLACES_MAX, "bbox", "places")
    except errors.InvalidInput as refusal:
        return Only(as_data(refusal))
    seen = Seen(set(keys), partial(_visible_places, viewer, keys))
    items = Items(
        read=partial(_read_area, viewer, keys, services.clock),
        pick=partial(_pick_place, seen),
        key=lambda item: item.key,
        tell=lambda kind, places: AreaOccupancyUpdate(kind=kind, places=places),
        may_see=seen.some_or_none,
    )
    topics = [place_topic(key) for key in keys] or [NOWHERE]
    return ItemStream(items, await BusFeed.open(services.bus, topics))


async def spaces_source(arguments: Mapping[str, Any], context: Context) -> Stream | Only:
    """`spaceStatus(spaceIds)`."""
    viewer, services = viewer_of(context), services_of(context)
    ids = [wanted_key(text, "Space") for text in dict.fromkeys(arguments["spaceIds"])]
    try:
        keys = _at_most(ids, STATUS_SPACES_MAX, "spaceIds", "spaces")
    except errors.InvalidInput as refusal:
        return Only(as_data(refusal))
    found = await space_views_by_id(viewer, keys)
    if not keys or len(found) < len(keys):
        return Only(as_data(errors.NotFound("At least one of these spaces does not exist.")))
    seen = Seen(set(keys), partial(_visible_spaces, viewer, keys))
    items = Items(
        read=partial(_read_spaces, viewer, keys),
        pick=partial(_pick_spaces, seen),
        key=lambda item: item.key,
        tell=lambda kind, spaces: SpaceStatusUpdate(kind=kind, spaces=spaces),
        may_see=seen.some,
    )
    topics = sorted({place_topic(view.space.place_id) for view in found.values()})
    return ItemStream(items, await BusFeed.open(services.bus, topics))


async def health_source(arguments: Mapping[str, Any], context: Context) -> Stream | Only:
    """`deviceHealth(placeId)`."""
    viewer, services = viewer_of(context), services_of(context)
    place_id = arguments["placeId"]
    key = wanted_key(place_id, "Place")
    try:
        await require_devices_seen(viewer, key)
    except errors.NotFound as refusal:
        return Only(as_data(refusal))
    items = Items(
        read=partial(_read_health, viewer, key),
        pick=_pick_health,
        key=lambda item: item.device_id,
        tell=lambda kind, devices: DeviceHealthUpdate(
            kind=kind, place_id=place_id, devices=devices
        ),
        may_see=partial(_sees_devices, viewer, key),
    )
    return ItemStream(items, await BusFeed.open(services.bus, [health_topic(key)]))


def _at_most(keys: list[int], count_max: int, field: str, things: str) -> list[int]:
    if len(keys) > count_max:
        raise errors.InvalidInput(
            field, f"That is more than {count_max} {things}; ask for fewer at a time."
        )
    return keys


async def _sees_place(viewer: Viewer, key: int) -> bool:
    return key in await places_by_id(viewer, [key])


async def _visible_places(viewer: Viewer, keys: Sequence[int]) -> set[int]:
    return set(await places_by_id(viewer, keys))


async def _visible_spaces(viewer: Viewer, keys: Sequence[int]) -> set[int]:
    return set(await space_views_by_id(viewer, keys))


async def _sees_devices(viewer: Viewer, key: int) -> bool:
    try:
        await require_devices_seen(viewer, key)
    except errors.NotFound:
        return False
    return True


async def _read_area(viewer: Viewer, keys: Sequence[int], clock: Clock) -> list[PlaceChange]:
    at = clock.now()
    found = await places_by_id(viewer, keys)
    return [place_change_of(found[key], at) for key in keys if key in found]


def _pick_place(seen: Seen, body: bytes) -> Sequence[PlaceChange] | Gap:
    update = decode_update(body)
    if update.is_inventory:
        return Gap.GAP
    return [place_change_of_update(update)] if update.place_id in seen.keys else []


async def _read_spaces(viewer: Viewer, keys: Sequence[int]) -> list[SpaceChange]:
    found = await space_views_by_id(viewer, keys)
    return [change_of(found[key].state) for key in keys if key in found]


def _pick_spaces(seen: Seen, body: bytes) -> Sequence[SpaceChange] | Gap:
    update = decode_update(body)
    if update.is_inventory:
        return Gap.GAP
    return [change_of(space) for space in update.spaces if space.space_id in seen.keys]


async def _read_health(viewer: Viewer, key: int) -> list[DeviceHealth]:
    found = await devices_of_place(viewer, key, DeviceFilter(), limit=HEALTH_DEVICES_MAX)
    return [health_of(view.health) for view in found]


def _pick_health(body: bytes) -> Sequence[DeviceHealth] | Gap:
    return [health_of(health) for health in decode_health(body)]

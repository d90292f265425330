"""Which version an answer depends on: tags of root fields, and the reader of their versions."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from parking.occupancy.live import place_versions
from parking.places.queries import place_ids_of_spaces
from schema.ids import key_of

PLACE: Final = "place:"
SPACE: Final = "space:"
NO_VERSION = -1


def place_tags(arguments: Mapping[str, Any]) -> Sequence[str] | None:
    """The tags of `place(id)`; None for an id that is no place's."""
    key = key_of(arguments["id"], "Place")
    return None if key is None else (f"{PLACE}{key}",)


def space_tags(arguments: Mapping[str, Any]) -> Sequence[str] | None:
    """The tags of `space(id)`; None for an id that is no space's."""
    key = key_of(arguments["id"], "Space")
    return None if key is None else (f"{SPACE}{key}",)


class PlaceVersions:
    """`schema.execution.VersionReader`: a place's version, and for a space that of its place."""

    async def versions(self, tags: Sequence[str]) -> Sequence[int]:
        """The committed versions in the order of `tags`; -1 for what does not exist."""
        spaces = [int(tag.removeprefix(SPACE)) for tag in tags if tag.startswith(SPACE)]
        homes = await place_ids_of_spaces(spaces) if spaces else {}
        keys = [_place_key(tag, homes) for tag in tags]
        found = await place_versions(sorted({key for key in keys if key is not None}))
        return [NO_VERSION if key is None else found.get(key, NO_VERSION) for key in keys]


def _place_key(tag: str, homes: Mapping[int, int]) -> int | None:
    if tag.startswith(PLACE):
        return int(tag.removeprefix(PLACE))
    return homes.get(int(tag.removeprefix(SPACE)))

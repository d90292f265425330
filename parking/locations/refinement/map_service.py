"""The port to a map service: where in the place does a phone's fix lie?"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class MapQuestion(NamedTuple):
    """What a map service is told: nothing of whose car it is. WGS 84 degrees, metres; texts may be
    empty."""

    place_id: int
    place_name: str
    place_external_id: str
    latitude: float
    longitude: float
    accuracy_metres: float | None
    floor: str
    area: str
    bay: str


class MapServiceUnavailable(Exception):
    """No answer now; asking again later may help. Its text is for the sharer."""


class MapServiceRefused(Exception):
    """There is no answer to this question. Its text is for the sharer."""


class MapService(Protocol):
    """Says more of where a fix lies."""

    async def locate(self, question: MapQuestion) -> Mapping[str, Any]:
        """Some of floor, area, bay, space_id, latitude, longitude and accuracy_metres, at least one
        of them. Raises `MapServiceUnavailable` and `MapServiceRefused`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

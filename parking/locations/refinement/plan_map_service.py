"""The embedded map service: the place's own plan, by the coordinates of its bays.

It says only what all bays within the phone's accuracy have in common: a floor, an area, or, where
one bay alone is near enough, the bay. What cannot be told apart is not guessed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from parking.accounts.viewer import SYSTEM
from parking.geo import Position, distance_metres
from parking.locations.limits import NEAREST_METRES_MAX, PHONE_ACCURACY_METRES
from parking.locations.positions.facts import Facts
from parking.locations.positions.spaces import said_of
from parking.locations.refinement.map_service import MapQuestion, MapServiceRefused
from parking.places.queries import spaces_by_place, subplaces_by_place


class PlanMapService:
    """Nearest bays of the place's own plan."""

    async def locate(self, question: MapQuestion) -> Mapping[str, Any]:
        """What the plan says of the fix."""
        place_id = question.place_id
        subplaces = (await subplaces_by_place(SYSTEM, [place_id]))[place_id]
        spaces = (await spaces_by_place(SYSTEM, [place_id]))[place_id]
        return located(question, [said_of(each, subplaces) for each in spaces])

    async def close(self) -> None:
        """Nothing is held."""


def located(question: MapQuestion, bays: Sequence[Facts]) -> Mapping[str, Any]:
    """What the bays near a fix have in common. Raises `MapServiceRefused`."""
    near = _near(question, [each for each in bays if _is_on(question.floor, each)])
    said = {
        name: getattr(near[0], name)
        for name in ("floor", "area")
        if getattr(near[0], name) and len({getattr(each, name) for each in near}) == 1
    }
    if len(near) == 1:
        said |= {"space_id": near[0].space_id, "bay": near[0].bay}
    if not said:
        raise MapServiceRefused(
            "the plan has bays on several floors there, and none that alone is near enough"
        )
    return said


def _is_on(floor: str, bay: Facts) -> bool:
    return not floor or bay.floor.casefold() == floor.casefold()


def _near(question: MapQuestion, bays: Sequence[Facts]) -> list[Facts]:
    """The bays within the phone's accuracy, or the nearest, the nearest first."""
    here = Position(question.latitude, question.longitude)
    far = sorted(
        (
            (distance_metres(here, Position(bay.latitude, bay.longitude)), bay.space_id or 0, bay)
            for bay in bays
            if bay.latitude is not None and bay.longitude is not None
        ),
        key=lambda each: each[:2],
    )
    if not far:
        raise MapServiceRefused("the plan of the place has no bays with coordinates there")
    nearest = far[0][0]
    if nearest > NEAREST_METRES_MAX:
        raise MapServiceRefused(
            f"the nearest bay of the plan is {nearest:.0f} metres away; the car is somewhere else"
        )
    accuracy = question.accuracy_metres
    within = max(nearest, PHONE_ACCURACY_METRES if accuracy is None else accuracy)
    return [bay for metres, _, bay in far if metres <= within]

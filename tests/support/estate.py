"""Small estates for tests: an organisation with a place of some spaces."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from parking.accounts.models import Organisation
from parking.occupancy.models import SpaceState
from parking.places.models import Place, PlaceKind, Space

OPENED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Estate:
    """Ids of what was made."""

    organisation_id: int
    place_id: int
    space_ids: list[int]


async def make_estate(spaces: int = 3, name: str = "Harbour garage", **place: Any) -> Estate:
    """An organisation with one open, public place and so many spaces of unknown state."""
    organisation = await Organisation.create(name=f"{name} company", created_at=OPENED)
    values: dict[str, Any] = {
        "kind": PlaceKind.GARAGE, "time_zone": "Europe/Berlin", "currency": "EUR",
        "unknown_count": spaces, "created_at": OPENED, "latitude": 48.77, "longitude": 9.18,
    }  # fmt: skip
    made = await Place.create(organisation_id=organisation.id, name=name, **(values | place))
    ids = []
    for index in range(spaces):
        space = await Space.create(place_id=made.id, number=f"A-{index + 1:02}")
        await SpaceState.create(space_id=space.id, place_id=made.id)
        ids.append(space.id)
    return Estate(organisation.id, made.id, ids)

"""A place for others: FIWARE entities and GeoJSON. Pure; times come in as aware datetimes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.clock import rfc3339
from parking.places.models import PlaceKind

FIWARE_STATUS: Mapping[str, str] = {
    "AVAILABLE": "free",
    "RESERVED": "closed",
    "OCCUPIED": "occupied",
    "CLOSED": "closed",
    "UNKNOWN": "unknown",
}
"""ParkingSpot.status has four words (smart-data-models, dataModel.Parking). A reserved space is one
that a driver who comes by cannot have: `closed`."""

CONTEXT = (
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
    "https://raw.githubusercontent.com/smart-data-models/dataModel.Parking/master/context.jsonld",
)
OFF_STREET_CATEGORY: Mapping[PlaceKind, tuple[str, ...]] = {
    PlaceKind.GARAGE: ("parkingGarage",),
    PlaceKind.LOT: ("parkingLot",),
    PlaceKind.PRIVATE_DRIVE: ("parkingLot", "private"),
}


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What an export says of a place. Positions are degrees; counts may be unknown (None)."""

    place_id: int
    name: str
    kind: PlaceKind
    time_zone: str
    currency: str
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    external_id: str | None = None
    total: int | None = None
    available: int | None = None
    occupied: int | None = None


@dataclass(frozen=True, slots=True)
class SpaceFacts:
    """What an export says of a space: plan in metres, `status` as Berth derives it."""

    space_id: int
    number: str
    status: str = "UNKNOWN"
    observed_at: datetime | None = None
    external_id: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    x: float = 0.0
    y: float = 0.0
    width: float = 2.5
    length: float = 5.0
    rotation: float = 0.0
    is_ev: bool = False
    is_accessible: bool = False
    height_max: float | None = None
    level: str = ""


def fiware_status(status: str) -> str:
    """The ParkingSpot status word for a Berth status; raises KeyError for what is none."""
    return FIWARE_STATUS[status]


def fiware_entities(place: PlaceFacts, spaces: Iterable[SpaceFacts]) -> list[dict[str, Any]]:
    """The place and its spaces as NGSI-LD entities in key-values form; the site first."""
    site_id = _urn(_site_type(place), place.external_id or f"berth:place:{place.place_id}")
    site = _site(place, site_id)
    return [site, *(_spot(space, site_id, place) for space in spaces)]


def geojson(place: PlaceFacts, spaces: Iterable[SpaceFacts]) -> dict[str, Any]:
    """The place and its spaces as a FeatureCollection (RFC 7946) that `read_geojson` reads back.

    A space without coordinates has a null geometry and its plan in the properties.
    """
    features = [_place_feature(place), *(_space_feature(space, place) for space in spaces)]
    return {"type": "FeatureCollection", "features": features}


def _site_type(place: PlaceFacts) -> str:
    return "OnStreetParking" if place.kind is PlaceKind.ON_STREET else "OffStreetParking"


def _urn(kind: str, identity: str) -> str:
    return f"urn:ngsi-ld:{kind}:{identity}"


def _site(place: PlaceFacts, site_id: str) -> dict[str, Any]:
    return _said(
        {
            "id": site_id,
            "type": _site_type(place),
            "name": place.name,
            "category": list(OFF_STREET_CATEGORY.get(place.kind, ())),
            "location": _point(place.latitude, place.longitude),
            "address": {"streetAddress": place.address} if place.address else None,
            "totalSpotNumber": place.total,
            "availableSpotNumber": place.available,
            "occupiedSpotNumber": place.occupied,
            "priceCurrency": place.currency,
            "@context": list(CONTEXT),
        }
    )


def _spot(space: SpaceFacts, site_id: str, place: PlaceFacts) -> dict[str, Any]:
    identity = space.external_id or f"berth:space:{space.space_id}"
    street = "onStreet" if place.kind is PlaceKind.ON_STREET else "offStreet"
    return _said(
        {
            "id": _urn("ParkingSpot", identity),
            "type": "ParkingSpot",
            "name": space.number,
            "status": fiware_status(space.status),
            "category": [street],
            "refParkingSite": site_id,
            "location": _point(space.latitude, space.longitude),
            "width": space.width,
            "length": space.length,
            "observationDateTime": rfc3339(space.observed_at) if space.observed_at else None,
            "@context": list(CONTEXT),
        }
    )


def _place_feature(place: PlaceFacts) -> dict[str, Any]:
    properties = {
        "place": place.name,
        "place_id": place.external_id,
        "place_kind": place.kind.value,
        "time_zone": place.time_zone,
        "currency": place.currency,
        "address": place.address or None,
    }
    return _feature(_point(place.latitude, place.longitude), properties)


def _space_feature(space: SpaceFacts, place: PlaceFacts) -> dict[str, Any]:
    properties = {
        "place": None if place.external_id else place.name,
        "place_id": place.external_id,
        "number": space.number,
        "space_id": space.external_id,
        "level": space.level or None,
        "x": space.x,
        "y": space.y,
        "width": space.width,
        "length": space.length,
        "rotation": space.rotation,
        "ev": space.is_ev,
        "accessible": space.is_accessible,
        "max_height": space.height_max,
        "status": space.status,
    }
    return _feature(_point(space.latitude, space.longitude), properties)


def _feature(geometry: dict[str, Any] | None, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": _said(properties)}


def _point(latitude: float | None, longitude: float | None) -> dict[str, Any] | None:
    if latitude is None or longitude is None:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known."""
    return {name: value for name, value in values.items() if value is not None}

"""FIWARE smart data models (dataModel.Parking): sites become places, groups areas, spots spaces."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from parking.clock import as_utc
from parking.places.importing.codes import Code
from parking.places.importing.drafts import (
    Defaults,
    OccupancyHint,
    PlaceDraft,
    SpaceDraft,
    SubplaceDraft,
    Unlisted,
    Where,
)
from parking.places.importing.fiware_entity import entities, short_id, words
from parking.places.importing.geojson_geometry import read_shape
from parking.places.importing.limits import LABEL_CHARACTERS_MAX, SPACES_MAX
from parking.places.importing.problems import Problems, refuse_beyond
from parking.places.importing.rows import read_space
from parking.places.importing.values import Row
from parking.places.models import PlaceKind, SubplaceKind
from parking.places.rules import (
    ADDRESS_CHARACTERS_MAX,
    EXTERNAL_ID_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
)

GARAGE_WORDS = frozenset(
    {"parkingGarage", "underground", "multiLevel", "multiStorey", "automatedParkingGarage"}
)
ACCESSIBLE_WORDS = frozenset({"forDisabled", "onlyDisabled"})
ELECTRIC_WORDS = frozenset({"forElectricalCharging", "onlyElectricalCharging"})
IS_OCCUPIED = {"free": False, "occupied": True}


class FiwareReader:
    """Reads one document; entities may come in any order and refer to ones that are not there."""

    def __init__(self, defaults: Defaults, problems: Problems) -> None:
        self.defaults = defaults
        self.problems = problems
        self.hints: list[OccupancyHint] = []
        self._sites: dict[str, PlaceDraft] = {}
        self._groups: dict[str, tuple[str | None, SubplaceDraft, Mapping[str, Any]]] = {}
        self._spaces: dict[str, list[SpaceDraft]] = {}

    def read(self, document: Any) -> list[PlaceDraft]:
        """The places of the document; bad entities go to the problems by their path."""
        found = list(entities(document))
        refuse_beyond(len(found), Where())
        for entity, where in found:
            if entity["type"] in ("OnStreetParking", "OffStreetParking"):
                self._take_site(entity, where)
            elif entity["type"] == "ParkingGroup":
                self._take_group(entity, where)
        for entity, where in found:
            if entity["type"] == "ParkingSpot":
                self._take_spot(entity, where)
        for site_id, _, _ in self._groups.values():
            if site_id is not None:
                self._sites.setdefault(site_id, _implied(site_id))
        return [
            replace(site, spaces=tuple(self._spaces.get(site_id, ())))
            for site_id, site in self._sites.items()
        ]

    def _take_site(self, entity: dict[str, Any], where: Where) -> None:
        row = Row(entity, where, self.problems)
        site_id = short_id(row.text("id", EXTERNAL_ID_CHARACTERS_MAX))
        name = row.text("name", NAME_CHARACTERS_MAX)
        shape = read_shape(row.raw("location"), row)
        total = row.number("totalSpotNumber", 0, SPACES_MAX)
        row.values["address"] = _address(entity.get("address"))
        address = row.text("address", ADDRESS_CHARACTERS_MAX)
        if site_id is None and not row.is_spoiled:
            row.refuse("id", Code.VALUE_MISSING, "the entity has no id")
        if row.is_spoiled or site_id is None:
            return
        self._sites[site_id] = PlaceDraft(
            name=name or site_id,
            where=where,
            external_id=site_id,
            kind=_kind(entity),
            currency=row.text("priceCurrency", NAME_CHARACTERS_MAX),
            address=address,
            latitude=shape.centre[1] if shape else None,
            longitude=shape.centre[0] if shape else None,
            assumed=frozenset() if name else frozenset({"name"}),
            outline=shape.ring if shape else (),
            unlisted=(Unlisted(int(total)),) if total else (),
        )

    def _take_group(self, entity: dict[str, Any], where: Where) -> None:
        row = Row(entity, where, self.problems)
        group_id = short_id(row.text("id", EXTERNAL_ID_CHARACTERS_MAX))
        site_id = short_id(row.text("refParkingSite", EXTERNAL_ID_CHARACTERS_MAX))
        if group_id is None and not row.is_spoiled:
            row.refuse("id", Code.VALUE_MISSING, "the entity has no id")
        if row.is_spoiled or group_id is None:
            return
        is_floor = "completeFloor" in words(entity.get("category"))
        kind = SubplaceKind.FLOOR_OR_LEVEL if is_floor else SubplaceKind.IDENTIFIED_AREA
        name = str(entity.get("name") or group_id)[-LABEL_CHARACTERS_MAX:].strip()
        self._groups[group_id] = (site_id, SubplaceDraft(name, kind), entity)

    def _take_spot(self, entity: dict[str, Any], where: Where) -> None:
        row = Row(entity, where, self.problems)
        spot_id = short_id(row.text("id", EXTERNAL_ID_CHARACTERS_MAX))
        group = self._groups.get(short_id(row.raw("refParkingGroup")) or "")
        site_id = short_id(row.raw("refParkingSite")) or (group[0] if group else None)
        site_id = site_id or self.defaults.place_name
        if site_id is None or len(site_id) > EXTERNAL_ID_CHARACTERS_MAX:
            message = "the spot names no parking site; give refParkingSite or name a place"
            row.refuse("refParkingSite", Code.PLACE_MISSING, message)
            return
        space = self._spot_space(row, entity, spot_id, group)
        if space is None:
            return
        self._sites.setdefault(site_id, _implied(site_id))
        self._spaces.setdefault(site_id, []).append(space)
        if spot_id is not None and entity.get("status") is not None:
            self.hints.append(_hint(entity, spot_id, where))

    def _spot_space(
        self,
        row: Row,
        entity: dict[str, Any],
        spot_id: str | None,
        group: tuple[str | None, SubplaceDraft, Mapping[str, Any]] | None,
    ) -> SpaceDraft | None:
        shape = read_shape(row.raw("location"), row)
        marks = words(entity.get("category")) | words((group[2] if group else {}).get("category"))
        sensors = entity.get("refDevice")
        label = group[1].name if group else ""
        is_floor = group is not None and group[1].kind is SubplaceKind.FLOOR_OR_LEVEL
        row.values = {
            "number": entity.get("name") or (spot_id or "").rpartition(":")[2],
            "space_id": spot_id,
            "level" if is_floor else "area": label,
            "width": entity.get("width"),
            "length": entity.get("length"),
            "longitude": shape.centre[0] if shape else None,
            "latitude": shape.centre[1] if shape else None,
            "accessible": True if marks & ACCESSIBLE_WORDS else None,
            "ev": True if marks & ELECTRIC_WORDS else None,
            "sensor": short_id(sensors[0] if isinstance(sensors, list) and sensors else sensors),
        }
        return read_space(row)


def _implied(site_id: str) -> PlaceDraft:
    return PlaceDraft(
        site_id[:NAME_CHARACTERS_MAX], external_id=site_id, assumed=frozenset({"name"})
    )


def _kind(entity: Mapping[str, Any]) -> PlaceKind | None:
    if entity["type"] == "OnStreetParking":
        return PlaceKind.ON_STREET
    marks = words(entity.get("category")) | words(entity.get("layout"))
    return PlaceKind.GARAGE if marks & GARAGE_WORDS else None


def _address(address: Any) -> str | None:
    if isinstance(address, str):
        return address
    if not isinstance(address, Mapping):
        return None
    parts = ("streetAddress", "postalCode", "addressLocality", "addressCountry")
    return ", ".join(str(address[part]) for part in parts if isinstance(address.get(part), str))


def _hint(entity: Mapping[str, Any], spot_id: str, where: Where) -> OccupancyHint:
    observed_at = None
    for name in ("occupancyModified", "observationDateTime", "dateModified"):
        observed_at = observed_at or _instant(entity.get(name))
    status = str(entity.get("status")).strip().casefold()
    return OccupancyHint(spot_id, IS_OCCUPIED.get(status), observed_at, where)


def _instant(value: Any) -> datetime | None:
    """The instant of an aware RFC 3339 text; anything else says nothing."""
    try:
        return as_utc(datetime.fromisoformat(value)) if isinstance(value, str) else None
    except ValueError:
        return None

"""One DATEX II parking record as a place."""

from collections.abc import Iterator

from parking.places.importing.codes import Code
from parking.places.importing.drafts import PlaceDraft, SpaceDraft, Unlisted, Where
from parking.places.importing.limits import LABEL_CHARACTERS_MAX, SPACES_MAX
from parking.places.importing.problems import Problems
from parking.places.importing.rows import read_space
from parking.places.importing.values import Row
from parking.places.importing.xml_source import Element
from parking.places.models import PlaceKind
from parking.places.rules import (
    ADDRESS_CHARACTERS_MAX,
    EXTERNAL_ID_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
)

GARAGE_LAYOUTS = frozenset(
    {"multiStorey", "underground", "automatedParkingGarage", "covered", "multiLevel", "nested"}
)
ADDRESS_PARTS = frozenset(
    {"street", "streetName", "houseNumber", "postcode", "postalCode", "zipCode", "city", "value"}
)


def read_record(record: Element, where: Where, problems: Problems) -> PlaceDraft | None:
    """The place of a record; None when the record itself is bad, which is then reported."""
    row = Row(_place_values(record), where, problems)
    external_id = row.text("id", EXTERNAL_ID_CHARACTERS_MAX)
    name = row.text("name", NAME_CHARACTERS_MAX)
    address = row.text("address", ADDRESS_CHARACTERS_MAX)
    latitude, longitude = row.position("latitude", "longitude")
    total = row.number("parkingNumberOfSpaces", 0, SPACES_MAX)
    currency = row.text("currency", NAME_CHARACTERS_MAX)
    if external_id is None and not row.is_spoiled:
        row.refuse("id", Code.VALUE_MISSING, "the record has no id")
    if row.is_spoiled or external_id is None:
        return None
    listed = record.all("parkingSpace")
    spaces = tuple(_spaces(listed, where, problems))
    if not listed and total == 1:
        spaces = tuple(_single_space(record, row, external_id))
    return PlaceDraft(
        name=name or external_id,
        where=where,
        external_id=external_id,
        kind=_kind(record),
        currency=currency,
        address=address,
        latitude=latitude,
        longitude=longitude,
        spaces=spaces,
        assumed=frozenset() if name else frozenset({"name"}),
        unlisted=() if listed or spaces else tuple(_unlisted(record, int(total or 0))),
    )


def _place_values(record: Element) -> dict[str, str | None]:
    latitude, longitude = _coordinates(record.find("parkingLocation") or record)
    return {
        "id": record.attributes.get("id"),
        "name": _multilingual(record.find("parkingName")),
        "address": _address(record),
        "latitude": latitude,
        "longitude": longitude,
        "parkingNumberOfSpaces": record.value("parkingNumberOfSpaces"),
        "currency": _currency(record),
    }


def _multilingual(element: Element | None) -> str:
    """The first value of a multilingual string, or the bare text."""
    if element is None:
        return ""
    value = element.first("value")
    return value.text if value is not None else element.text


def _coordinates(element: Element) -> tuple[str | None, str | None]:
    """(latitude, longitude) texts of the first point below, or the mean of the first ring."""
    for point in element.walk():
        if point.name in ("pointCoordinates", "coordinatesForDisplay"):
            return point.value("latitude"), point.value("longitude")
    ring = element.first("posList")
    if ring is None:
        return None, None
    numbers = ring.text.split()
    pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
    try:  # GML in DATEX II has the latitude first (EPSG 4326)
        latitudes, longitudes = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    except ValueError:
        return ring.text[:40], ring.text[:40]
    if not pairs:
        return None, None
    return (
        str((min(latitudes) + max(latitudes)) / 2),
        str((min(longitudes) + max(longitudes)) / 2),
    )


def _address(record: Element) -> str:
    for name in ("parkingSiteAddress", "siteAddress", "address"):
        address = record.find(name)
        if address is not None:
            parts = [part.text for part in address.walk() if part.name in ADDRESS_PARTS]
            return ", ".join(dict.fromkeys(part for part in parts if part))
    return ""


def _currency(record: Element) -> str:
    for name in ("applicableCurrency", "currency"):
        found = record.first(name)
        if found is not None:
            return found.text.upper()
    return ""


def _kind(record: Element) -> PlaceKind | None:
    if record.value("urbanParkingSiteType") == "onStreetParking":
        return PlaceKind.ON_STREET
    layouts = {layout.text for layout in record.all("parkingLayout")}
    return PlaceKind.GARAGE if layouts & GARAGE_LAYOUTS else None


def _is_for(element: Element, user: str) -> bool | None:
    """True when `user` is among the users it is assigned to, None when nothing is said of them."""
    users = [found.text for found in element.walk() if found.name == "applicableForUser"]
    return True if user in users else None


def _has_charger(element: Element) -> bool | None:
    kinds = {"equipmentType", "equipmentOrServiceFacilityType"}
    found = {each.text for each in element.walk() if each.name in kinds}
    return True if "electricChargingStation" in found else None


def _single_space(record: Element, row: Row, external_id: str) -> Iterator[SpaceDraft]:
    values = {
        "number": "1",
        "space_id": external_id,
        "latitude": row.values.get("latitude"),
        "longitude": row.values.get("longitude"),
        "accessible": _is_for(record, "disabled"),
        "ev": _has_charger(record),
    }
    space = read_space(Row(values, row.where, row.problems))
    if space is not None:
        yield space


def _spaces(listed: list[Element], where: Where, problems: Problems) -> Iterator[SpaceDraft]:
    """Spaces as an indexed wrapper around the space proper (both versions), or bare."""
    for wrapper in listed:
        inner = wrapper.find("parkingSpace") or wrapper
        index = wrapper.attributes.get("parkingSpaceIndex") or inner.attributes.get("id")
        latitude, longitude = _coordinates(inner)
        values = {
            "number": _multilingual(inner.find("parkingName")) or index,
            "space_id": inner.attributes.get("id"),
            "level": inner.value("floor") or None,
            "latitude": latitude,
            "longitude": longitude,
            "accessible": _is_for(inner, "disabled"),
            "ev": _has_charger(inner),
            "width": _dimension(inner, "width"),
            "length": _dimension(inner, "length"),
        }
        space = read_space(Row(values, Where(wrapper.line, where.path), problems))
        if space is not None:
            yield space


def _dimension(space: Element, name: str) -> str | None:
    """Width or length of a space: `parkingSpaceDimension` or whatever dimension it has."""
    found = next((each for each in space.walk() if each.name.endswith("imension")), None)
    return (found.value(name) or None) if found is not None else None


def _unlisted(record: Element, total: int) -> Iterator[Unlisted]:
    """The groups of spaces that the record counts, and what its total has beyond them."""
    counted = 0
    for wrapper in record.all("groupOfParkingSpaces"):
        group = wrapper.find("groupOfParkingSpaces") or wrapper
        size = group.value("parkingNumberOfSpaces")
        count = min(int(size), SPACES_MAX) if size.isdecimal() else 0
        counted += count
        label = _multilingual(group.find("parkingName"))[:LABEL_CHARACTERS_MAX].strip()
        if count:
            yield Unlisted(count, label, _has_charger(group), _is_for(group, "disabled"))
    if total > counted:
        yield Unlisted(total - counted)

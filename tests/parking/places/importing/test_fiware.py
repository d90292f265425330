"""FIWARE smart data models in every notation."""

import json
from typing import Any

import pytest

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, Drafts, Format
from parking.places.importing.fiware_entity import short_id
from parking.places.importing.read import read_drafts
from parking.places.models import PlaceKind, SubplaceKind
from tests.support.shared_data import shared_data

MADRID = Defaults(time_zone="Europe/Madrid", currency="EUR")
SITE = {
    "id": "site:1",
    "type": "OffStreetParking",
    "name": "Trindade",
    "category": ["underground", "public"],
    "location": {"type": "Point", "coordinates": [-8.6096, 41.1507]},
    "address": {"streetAddress": "Rua Um", "addressLocality": "Porto"},
    "totalSpotNumber": 4,
}
GROUP = {
    "id": "group:1",
    "type": "ParkingGroup",
    "refParkingSite": "site:1",
    "category": ["onlyDisabled", "completeFloor"],
    "name": "-2",
}
SPOT = {
    "id": "spot:3",
    "type": "ParkingSpot",
    "name": "A-13",
    "location": {"type": "Point", "coordinates": [-8.6095, 41.1506]},
    "status": "free",
    "category": ["offStreet"],
    "refParkingSite": "site:1",
    "refParkingGroup": "group:1",
    "refDevice": ["device:9"],
    "width": 2.2,
}


def key_values(entity: dict[str, Any]) -> dict[str, Any]:
    return entity


def normalized(entity: dict[str, Any]) -> dict[str, Any]:
    """NGSI v2: everything but id and type is an attribute."""
    return {
        name: value
        if name in ("id", "type")
        else {"type": "geo:json" if name == "location" else "Text", "value": value, "metadata": {}}
        for name, value in entity.items()
    }


def json_ld(entity: dict[str, Any]) -> dict[str, Any]:
    """NGSI-LD normalized: URN ids, Property, GeoProperty, Relationship."""
    urn = f"urn:ngsi-ld:{entity['type']}:{entity['id']}"
    flat: dict[str, Any] = {"@context": ["x"], "id": urn, "type": entity["type"]}
    for name, value in entity.items():
        if name in ("id", "type"):
            continue
        if name.startswith("ref") and isinstance(value, str):
            flat[name] = {"type": "Relationship", "object": f"urn:ngsi-ld:Ref:{value}"}
        else:
            kind = "GeoProperty" if name == "location" else "Property"
            flat[name] = {"type": kind, "value": value}
    return flat


def read(document: Any, defaults: Defaults = MADRID) -> Drafts:
    return read_drafts(json.dumps(document).encode(), None, defaults)


@pytest.mark.parametrize("notation", [key_values, normalized, json_ld])
def test_site_group_and_spot_join_in_every_notation(notation: Any) -> None:
    drafts = read([notation(SPOT), notation(GROUP), notation(SITE)])
    [place] = drafts.places
    [space] = place.spaces
    assert (drafts.format, drafts.problems) == (Format.FIWARE, ())
    assert (place.name, place.external_id, place.kind) == ("Trindade", "site:1", PlaceKind.GARAGE)
    assert (place.address, place.latitude) == ("Rua Um, Porto", 41.1507)
    assert (space.number, space.external_id, space.width) == ("A-13", "spot:3", 2.2)
    assert (space.is_accessible, space.sensor_id, space.level) == (True, "device:9", "-2")
    [floor] = place.subplaces
    assert (floor.kind, floor.level) == (SubplaceKind.FLOOR_OR_LEVEL, -2)
    assert [(h.external_id, h.is_occupied) for h in drafts.hints] == [("spot:3", False)]


def test_a_graph_is_read_like_a_list() -> None:
    drafts = read({"@context": [], "@graph": [SITE, SPOT]})
    assert (len(drafts.places), drafts.space_count) == (1, 1)


def test_a_site_that_only_counts_is_numbered() -> None:
    drafts = read(SITE)
    assert [space.number for space in drafts.places[0].spaces] == ["1", "2", "3", "4"]
    assert [p.code for p in drafts.problems] == [Code.SPACES_NUMBERED]


def test_totals_together_cannot_exceed_the_limit_of_spaces() -> None:
    sites = [SITE | {"id": f"s{i}", "totalSpotNumber": 49_000} for i in range(1_000)]
    [problem] = read(sites).errors
    assert problem.code is Code.TOO_MANY_SPACES


def test_a_spot_of_an_absent_site_implies_the_place() -> None:
    [place] = read(SPOT).places
    assert (place.external_id, "name" in place.assumed, len(place.spaces)) == ("site:1", True, 1)


def test_a_spot_without_site_needs_a_named_place() -> None:
    alone = {k: v for k, v in SPOT.items() if not k.startswith("refParking")}
    [problem] = read([SITE | {"totalSpotNumber": 0}, alone]).problems
    assert (problem.path, problem.code) == ("[1]", Code.PLACE_MISSING)
    named = read(alone, Defaults("Europe/Madrid", "EUR", place_name="Daoiz"))
    assert [(p.name, len(p.spaces)) for p in named.places] == [("Daoiz", 1)]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        (
            {"location": {"type": "Point", "coordinates": [-500, 4]}},
            "geometry",
            "COORDINATES_OUT_OF_RANGE",
        ),
        ({"name": 7, "width": "wide"}, "width", "NOT_A_NUMBER"),
        ({"name": "x" * 41}, "number", "TEXT_TOO_LONG"),
        ({"width": 0.01}, "width", "OUT_OF_RANGE"),
    ],
)
def test_bad_spots_are_named_by_path(change: dict[str, Any], field: str, code: str) -> None:
    drafts = read([SITE, SPOT | change])
    assert [(p.path, p.field, p.code) for p in drafts.errors] == [("[1]", field, code)]


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ("urn:ngsi-ld:ParkingSpot:santander:daoiz:3", "santander:daoiz:3"),
        ("santander:daoiz:3", "santander:daoiz:3"),
        ("", None),
        (17, None),
        (None, None),
    ],
)
def test_ids_agree_in_all_notations(given: object, short: str | None) -> None:
    assert short_id(given) == short


@pytest.mark.parametrize(
    "kind", ["OffStreetParking", "OnStreetParking", "ParkingGroup", "ParkingSpot"]
)
@pytest.mark.parametrize("suffix", ["example.json", "example-normalized.json", "example.jsonld"])
def test_the_published_examples_are_read(kind: str, suffix: str) -> None:
    source = shared_data(f"fiware/{kind}.{suffix}").read_bytes()
    drafts = read_drafts(source, None, MADRID)
    assert (drafts.format, drafts.errors, len(drafts.places)) == (Format.FIWARE, (), 1)
    [place] = drafts.places
    assert place.external_id in {
        "porto-ParkingLot-23889", "santander:daoiz_velarde_1_5", "daoiz-velarde-1-5",
    }  # fmt: skip

"""What others get of a place."""

import json
from datetime import UTC, datetime

import pytest

from parking.occupancy.models import SpaceStatus
from parking.places.exporting import (
    PlaceFacts,
    SpaceFacts,
    fiware_entities,
    fiware_status,
    geojson,
)
from parking.places.importing.read import read_drafts
from parking.places.models import PlaceKind

PLACE = PlaceFacts(
    7, "Harbour", PlaceKind.GARAGE, "Europe/Berlin", "EUR", 53.54, 9.98, "Quay 1", "h-1",
    total=2, available=1, occupied=1,
)  # fmt: skip
SPACES = (
    SpaceFacts(
        1, "A-1", "AVAILABLE", datetime(2026, 1, 5, 8, tzinfo=UTC), "s-1", 53.5401, 9.9801,
        x=1.25, y=2.5, width=2.3, length=4.9, rotation=90.0, is_ev=True, height_max=2.1, level="-1",
    ),
    SpaceFacts(2, "A-2", "OCCUPIED"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("AVAILABLE", "free"),
        ("RESERVED", "closed"),
        ("OCCUPIED", "occupied"),
        ("CLOSED", "closed"),
        ("UNKNOWN", "unknown"),
    ],
)
def test_every_status_has_its_fiware_word(status: str, word: str) -> None:
    assert fiware_status(status) == word


def test_no_status_is_without_a_fiware_word() -> None:
    assert {fiware_status(status) for status in SpaceStatus} == {
        "free", "occupied", "closed", "unknown",
    }  # fmt: skip


def test_fiware_entities_refer_to_their_site() -> None:
    site, first, second = fiware_entities(PLACE, SPACES)
    assert site["id"] == "urn:ngsi-ld:OffStreetParking:h-1"
    assert (site["totalSpotNumber"], site["category"]) == (2, ["parkingGarage"])
    assert (first["status"], second["status"]) == ("free", "occupied")
    assert {first["refParkingSite"], second["refParkingSite"]} == {site["id"]}
    assert first["observationDateTime"] == "2026-01-05T08:00:00Z"
    assert "location" not in second


def test_what_is_exported_as_fiware_can_be_imported_again() -> None:
    source = json.dumps(fiware_entities(PLACE, SPACES)).encode()
    drafts = read_drafts(source, None)
    assert [p.code for p in drafts.errors] == ["TIME_ZONE_MISSING"]  # FIWARE has no word for it


def test_what_is_exported_as_geojson_comes_back_the_same() -> None:
    drafts = read_drafts(json.dumps(geojson(PLACE, SPACES)).encode())
    [place] = drafts.places
    first, second = place.spaces
    assert (drafts.problems, place.name, place.external_id) == ((), "Harbour", "h-1")
    assert (place.kind, place.time_zone, place.currency) == ("GARAGE", "Europe/Berlin", "EUR")
    assert (first.number, first.x, first.y, first.rotation) == ("A-1", 1.25, 2.5, 90.0)
    assert (first.is_ev, first.height_max, first.level) == (True, 2.1, "-1")
    assert (second.number, second.latitude, second.external_id) == ("A-2", None, None)

"""GeoJSON: outlines of places, points and polygons of spaces."""

import json
from typing import Any

import pytest

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, Drafts, Format, Plan
from parking.places.importing.geometry import Projection
from parking.places.importing.read import read_drafts

BERLIN = Defaults(time_zone="Europe/Berlin", currency="EUR", place_name="Lot")
EARTH_METRES_A_DEGREE = 111_195.08


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def point(longitude: Any, latitude: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def read(*features: Any, indent: int | None = None, **members: Any) -> Drafts:
    document = {"type": "FeatureCollection", "features": list(features)} | members
    return read_drafts(json.dumps(document, indent=indent).encode(), None, BERLIN)


def square(longitude: float, latitude: float, side: float) -> dict[str, Any]:
    ends = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    ring = [[longitude + x, latitude + y] for x, y in ends]
    return {"type": "Polygon", "coordinates": [ring]}


def test_an_outline_and_points_make_a_place_with_spaces() -> None:
    outline = feature(square(9.0, 48.0, 0.002), name="Market", place_id="m", time_zone="UTC")
    drafts = read(
        outline,
        feature(point(9.0005, 48.0005), number="1", place_id="m"),
        feature(point(9.0006, 48.0005), number=2, place_id="m", ev=True),
    )
    [place] = drafts.places
    assert (drafts.format, drafts.problems) == (Format.GEOJSON, ())
    assert (place.name, place.time_zone, place.currency) == ("Market", "UTC", "EUR")
    assert (place.latitude, place.longitude) == pytest.approx((48.001, 9.001))
    assert [(s.number, s.is_ev, s.spot and s.spot.plan) for s in place.spaces] == [
        ("1", None, Plan.PROJECTED),
        ("2", True, Plan.PROJECTED),
    ]
    assert len(place.outline) == 4


def test_a_polygon_draws_its_bay() -> None:
    """A rectangle 2.5 m by 5 m, turned by 30 degrees, comes back as such."""
    from math import cos, radians, sin

    corners = [(-1.25, -2.5), (1.25, -2.5), (1.25, 2.5), (-1.25, 2.5), (-1.25, -2.5)]
    ring = []
    for x, y in corners:
        turned_x = x * cos(radians(30)) - y * sin(radians(30))
        turned_y = x * sin(radians(30)) + y * cos(radians(30))
        longitude = 9 + turned_x / (EARTH_METRES_A_DEGREE * cos(radians(48)))
        ring.append([longitude, 48 - turned_y / EARTH_METRES_A_DEGREE])
    drafts = read(feature({"type": "Polygon", "coordinates": [ring]}, number="1"))
    space = drafts.places[0].spaces[0]
    assert (space.width, space.length) == pytest.approx((2.5, 5.0), abs=0.02)
    assert space.rotation == pytest.approx(30, abs=0.5)
    assert (space.longitude, space.latitude) == pytest.approx((9, 48))


def test_members_of_the_collection_count_for_all_of_it() -> None:
    drafts = read(
        feature(point(9, 48), number="1"), name="Quay", time_zone="Asia/Tokyo", currency="jpy"
    )
    [place] = drafts.places
    assert (place.name, place.time_zone, place.currency) == ("Quay", "Asia/Tokyo", "JPY")


BAD = {
    "line": (
        feature({"type": "LineString", "coordinates": []}, number="1"),
        "GEOMETRY_UNSUPPORTED",
    ),
    "swapped": (feature(point(48, 99), number="1"), "COORDINATES_OUT_OF_RANGE"),
    "text": (feature(point("9", 48), number="1"), "NOT_A_NUMBER"),
    "true": (feature(point(True, 48), number="1"), "NOT_A_NUMBER"),
    "short": (feature({"type": "Point", "coordinates": [9]}, number="1"), "COORDINATES_INCOMPLETE"),
    "ring": (
        feature({"type": "Polygon", "coordinates": [[[9, 48], [9, 48]]]}, number="1"),
        "GEOMETRY_UNSUPPORTED",
    ),
    "vertices": (
        feature({"type": "Polygon", "coordinates": [[[9, 48]] * 2002]}, number="1"),
        "TOO_MANY_VERTICES",
    ),
    "nameless": (feature(point(9, 48)), "VALUE_MISSING"),
    "object": (feature(point(9, 48), number={"a": 1}), "NOT_TEXT"),
    "scalar": (17, "STRUCTURE_UNEXPECTED"),
    "not a feature": ({"type": "Point", "coordinates": [9, 48]}, "STRUCTURE_UNEXPECTED"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_feature_is_named_by_path(name: str) -> None:
    bad, code = BAD[name]
    drafts = read(feature(point(9, 48), number="ok"), bad)
    assert [(p.path, p.code) for p in drafts.problems] == [("features[1]", code)]
    assert drafts.space_count == 1


def test_a_bad_feature_is_named_by_line() -> None:
    good = feature(point(9, 48), number='a, "b" [{')
    drafts = read(good, feature(point(999, 48), number="2"), indent=1)
    text = json.dumps({"type": "FeatureCollection", "features": [good, 0]}, indent=1)
    line = text[: text.index(" 0")].count("\n") + 1
    assert [problem.line for problem in drafts.problems] == [line]


def test_features_must_be_a_list() -> None:
    source = b'{"type": "FeatureCollection", "features": {"a": 1}}'
    [problem] = read_drafts(source, None, BERLIN).problems
    assert problem.code is Code.STRUCTURE_UNEXPECTED


@pytest.mark.parametrize("source", [b"{", b'{"a": 01}', b"[" * 5000, b'{"a": NaN}', b'{"a"}'])
def test_what_is_not_json_says_where(source: bytes) -> None:
    [problem] = read_drafts(source, None, BERLIN).problems
    assert (problem.code, problem.line) == (Code.JSON_MALFORMED, 1)


@pytest.mark.parametrize("source", [b"[]", b"{}", b'[{"a": 1}]', b'{"type": ["x"]}', b"[[]]"])
def test_json_of_another_kind_is_not_guessed(source: bytes) -> None:
    [problem] = read_drafts(source, None, BERLIN).problems
    assert problem.code is Code.FORMAT_UNKNOWN


@pytest.mark.parametrize("file_format", list(Format))
@pytest.mark.parametrize("source", [b"[]", b"{}", b"17", b'"x"', b"null", b"<a/>", b"a,b\n1,2\n"])
def test_a_named_format_never_fails_on_something_else(file_format: Format, source: bytes) -> None:
    drafts = read_drafts(source, file_format, BERLIN)
    assert drafts.places == ()
    assert drafts.errors


def test_the_projection_is_right_across_the_antimeridian() -> None:
    x, y = Projection(0, 179.9999).metres(-179.9999, 0)
    assert (x, y) == pytest.approx((0.0002 * EARTH_METRES_A_DEGREE, 0), abs=0.01)


def test_a_place_on_the_antimeridian_has_its_position_there() -> None:
    drafts = read(feature(point(179.9999, 0), number="1"), feature(point(-179.9999, 0), number="2"))
    [place] = drafts.places
    assert abs(place.longitude or 0) == pytest.approx(180, abs=0.001)
    assert all(space.spot and abs(space.spot.x) < 15 for space in place.spaces)

"""Whatever bytes come, reading ends with drafts and problems, never with an exception."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parking.places.importing.drafts import Defaults, Drafts, Format
from parking.places.importing.read import read_drafts

BERLIN = Defaults(time_zone="Europe/Berlin", currency="EUR", place_name="G")
SAMPLES: dict[Format, bytes] = {
    Format.CSV: b'place;number;x;y;level;ev\n"Garage ""A""";A-1;1,5;2;-1;yes\nG;A-2;;;;no\n',
    Format.GEOJSON: json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": 7,
                    "properties": {"number": "1", "level": "-1", "ev": True},
                    "geometry": {"type": "Polygon", "coordinates": [[[9, 48], [9, 49]] * 3]},
                }
            ],
        }
    ).encode(),
    Format.DATEX: b"""<t xmlns:x="u"><x:parkingRecord id="P1" x:type="x:UrbanParkingSite">
<x:parkingName><x:value>A</x:value></x:parkingName><x:parkingNumberOfSpaces>2</x:parkingNumberOfSpaces>
<x:parkingSpace parkingSpaceIndex="1"/></x:parkingRecord></t>""",
    Format.FIWARE: json.dumps(
        [
            {"id": "s", "type": "OffStreetParking", "name": {"type": "Text", "value": "S"}},
            {"id": "p", "type": "ParkingSpot", "refParkingSite": "s", "status": "free",
             "location": {"type": "Point", "coordinates": [9.0, 48.0]}, "refDevice": ["d"]},
            {"id": "g", "type": "ParkingGroup", "refParkingSite": "s", "category": ["x"]},
        ]
    ).encode(),
    Format.SENSADE: json.dumps(
        [{"id": "l", "name": "L", "zip": 1, "parkingSpaces": [{"id": "i", "number": "1"}]}]
    ).encode(),
}  # fmt: skip
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def is_sound(drafts: Drafts) -> bool:
    """What every reading promises of its result."""
    for place in drafts.places:
        numbers = [space.number for space in place.spaces]
        assert len(numbers) == len(set(numbers))
        assert all(space.spot is not None for space in place.spaces)
        assert place.name
        assert place.time_zone
        assert place.currency
    return bool(drafts.places or drafts.hints or drafts.problems)


@pytest.mark.parametrize("file_format", [None, *Format])
@settings(max_examples=50, deadline=None)
@given(source=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_any_bytes(file_format: Format | None, source: bytes) -> None:
    assert is_sound(read_drafts(source, file_format, BERLIN))


@pytest.mark.parametrize("file_format", list(Format))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_sample_with_bytes_changed(file_format: Format, data: st.DataObject) -> None:
    sample = bytearray(SAMPLES[file_format])
    for _ in range(data.draw(st.integers(1, 4))):
        sample[data.draw(st.integers(0, len(sample) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(sample)))
    for source in (bytes(sample), bytes(sample[:cut])):
        assert is_sound(read_drafts(source, file_format, BERLIN))
        assert is_sound(read_drafts(source, None, BERLIN))


@pytest.mark.parametrize("file_format", [Format.GEOJSON, Format.FIWARE, Format.SENSADE])
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_sample_with_a_value_replaced_by_junk(file_format: Format, data: st.DataObject) -> None:
    document = json.loads(SAMPLES[file_format])
    holder, key = data.draw(st.sampled_from(list(slots(document))))
    holder[key] = data.draw(junk)
    source = json.dumps(document, allow_nan=False, default=str) if finite(document) else "[NaN]"
    assert is_sound(read_drafts(source.encode("utf-8", "replace"), file_format, BERLIN))


def finite(document: Any) -> bool:
    """Whether JSON can say it."""
    try:
        json.dumps(document, allow_nan=False)
    except ValueError:
        return False
    return True


def slots(value: Any) -> Any:
    """(container, key) of every value in a document."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from slots(inner)

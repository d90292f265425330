"""Occupancy over time, of places and of spaces."""

import pytest

from tests.schema.town import Town

HISTORY = """query ($id: ID!, $from: DateTime!, $minutes: Int!) { node(id: $id) {
  ... on Place { occupancyHistory(startsAt: $from, bucketMinutes: $minutes) { ...all } }
  ... on Space { occupancyHistory(startsAt: $from, bucketMinutes: $minutes) { ...all } } } }
fragment all on OccupancyHistory { startsAt endsAt bucketMinutes buckets {
  startsAt endsAt freeSeconds occupiedSeconds unknownSeconds utilisation arrivals } }"""


@pytest.mark.parametrize(("thing", "unknown"), [("garage", 2), ("garage-1", 0)])
async def test_buckets_say_how_long_spaces_were_what(town: Town, thing: str, unknown: int) -> None:
    began = town.clock.now().isoformat()
    await town.report("garage-1", "FREE", 1)
    town.clock.advance(minutes=15)
    await town.report("garage-1", "OCCUPIED", 2)
    town.clock.advance(minutes=15)
    asked = {"id": town.ids[thing], "from": began, "minutes": 30}
    history = (await town.ask("driver", HISTORY, **asked))["node"]["occupancyHistory"]
    assert history["endsAt"] == "2026-01-05T08:30:00Z"
    (bucket,) = history["buckets"]
    told = [bucket[f"{word}Seconds"] for word in ("free", "occupied", "unknown")]
    assert told == [900, 900, 1800 * unknown]
    assert (bucket["utilisation"], bucket["arrivals"]) == (0.5, 1)


@pytest.mark.parametrize(
    ("began", "minutes", "field"),
    [
        ("2026-01-05T07:00:00Z", 0, "bucketMinutes"),
        ("2026-01-01T00:00:00Z", 1, "bucketMinutes"),
        ("2020-01-01T00:00:00Z", 60, "endsAt"),
        ("2027-01-01T00:00:00Z", 60, "endsAt"),
    ],
)
async def test_a_span_out_of_bounds_is_an_error_that_names_the_argument(
    town: Town, began: str, minutes: int, field: str
) -> None:
    asked = {"id": town.ids["garage"], "from": began, "minutes": minutes}
    (error,) = (await town.execute("driver", HISTORY, **asked)).errors
    assert error.extensions == {"code": "INVALID_INPUT", "field": field}

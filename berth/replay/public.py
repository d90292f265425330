"""What the public API says of a place: the state of its spaces, and its history in buckets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from berth.replay.listener import Seen, seen_of
from berth.replay.talking import ApiRefuses, Talk
from parking.clock import rfc3339

PAGE = 500
BUCKET = timedelta(hours=1)
SPAN = timedelta(hours=900)
"""The API gives at most 1,000 buckets at a time."""

STATE = """query State($place: ID!, $first: Int!, $after: String) {
  place(id: $place) {
    version
    spaces(first: $first, after: $after) {
      nodes { number status occupancy { value since } }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""

HISTORY = """query History($place: ID!, $from: DateTime!, $until: DateTime!, $minutes: Int!) {
  place(id: $place) {
    occupancyHistory(startsAt: $from, endsAt: $until, bucketMinutes: $minutes) {
      buckets { startsAt occupiedSeconds arrivals }
    }
  }
}"""


@dataclass(frozen=True, slots=True)
class PublicState:
    """A place as the API shows it."""

    version: int
    spaces: dict[str, Seen]


@dataclass(frozen=True, slots=True)
class PublicBucket:
    """An hour from `starts_at` on, summed over the spaces."""

    starts_at: datetime
    occupied_seconds: float
    arrivals: int


async def read_state(talk: Talk, place: str) -> PublicState:
    """The state of all spaces. Raises `ApiAway`, `ApiRefuses`."""
    spaces: dict[str, Seen] = {}
    after = None
    while True:
        variables = {"place": place, "first": PAGE, "after": after}
        found = _of(await talk.query(STATE, variables))
        for node in found["spaces"]["nodes"]:
            occupancy = node["occupancy"]
            flat = {"occupancy": occupancy["value"], "since": occupancy["since"]}
            spaces[node["number"]] = seen_of({**node, **flat})
        page = found["spaces"]["pageInfo"]
        if not page["hasNextPage"]:
            return PublicState(found["version"], spaces)
        after = page["endCursor"]


async def read_buckets(
    talk: Talk, place: str, starts_at: datetime, ends_at: datetime
) -> list[PublicBucket]:
    """Hourly buckets of [starts_at, ends_at). Raises `ApiAway`, `ApiRefuses`."""
    buckets: list[PublicBucket] = []
    for start, end in pieces(starts_at, ends_at):
        variables = {
            "place": place,
            "from": rfc3339(start),
            "until": rfc3339(end),
            "minutes": BUCKET // timedelta(minutes=1),
        }
        found = _of(await talk.query(HISTORY, variables))
        buckets += [_bucket(raw) for raw in found["occupancyHistory"]["buckets"]]
    return buckets


def pieces(starts_at: datetime, ends_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The window in parts that the API gives at once."""
    while starts_at < ends_at:
        end = min(starts_at + SPAN, ends_at)
        yield starts_at, end
        starts_at = end


def _of(data: dict[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] | None = data["place"]
    if place is None:
        raise ApiRefuses("the API does not know the place: is it on the same database?")
    return place


def _bucket(raw: dict[str, Any]) -> PublicBucket:
    at = datetime.fromisoformat(raw["startsAt"])
    return PublicBucket(at, raw["occupiedSeconds"], raw["arrivals"])

"""Occupancy: counts, and history in buckets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.occupancy.history import Bucket
from parking.occupancy.rules import Counts
from parking.places.records import PlaceRecord

BUCKET_MINUTES_DEFAULT = 15
HISTORY_COST = 20
"""A history reads many rows for the few objects that it returns."""


@strawberry.type(description="How many spaces of a place have each status.")
class SpaceCounts:
    """`parking.occupancy.rules.Counts`."""

    total: int = strawberry.field(description="All spaces in use: the sum of the others.")
    available: int = strawberry.field(description="With status AVAILABLE.")
    reserved: int = strawberry.field(description="With status RESERVED.")
    occupied: int = strawberry.field(description="With status OCCUPIED.")
    closed: int = strawberry.field(description="With status CLOSED.")
    unknown: int = strawberry.field(description="With status UNKNOWN.")


def counts_of(counts: Counts) -> SpaceCounts:
    """The domain's counts as the schema's type."""
    return SpaceCounts(
        total=counts.total,
        available=counts.available,
        reserved=counts.reserved,
        occupied=counts.occupied,
        closed=counts.closed,
        unknown=counts.unknown,
    )


def counts_of_place(place: PlaceRecord) -> SpaceCounts:
    """The counts on a place's record."""
    return counts_of(
        Counts(
            available=place.available_count,
            reserved=place.reserved_count,
            occupied=place.occupied_count,
            closed=place.closed_count,
            unknown=place.unknown_count,
        )
    )


@strawberry.type(
    description="What happened in one bucket of time, summed over the spaces. The three durations"
    " add up to the bucket's length times the number of spaces, less what lies in the future."
)
class OccupancyBucket:
    """`parking.occupancy.history.Bucket`."""

    starts_at: datetime = strawberry.field(description="Beginning of the bucket.")
    ends_at: datetime = strawberry.field(description="End of the bucket; not part of it.")
    free_seconds: float = strawberry.field(description="Seconds free.")
    occupied_seconds: float = strawberry.field(description="Seconds occupied.")
    unknown_seconds: float = strawberry.field(description="Seconds unknown.")
    utilisation: float | None = strawberry.field(
        description="Occupied share of the time known, 0 to 1; null when nothing is known."
    )
    arrivals: int = strawberry.field(description="How many times a space became occupied.")


@strawberry.type(description="Occupancy over time.")
class OccupancyHistory:
    """Buckets from `starts_at` to `ends_at`."""

    starts_at: datetime = strawberry.field(description="Beginning of the first bucket.")
    ends_at: datetime = strawberry.field(description="End of the last bucket; not part of it.")
    bucket_minutes: int = strawberry.field(description="Length of a bucket in minutes.")
    buckets: list[OccupancyBucket] = strawberry.field(description="In order of time, no gaps.")


def history_of(
    starts_at: datetime, ends_at: datetime, bucket_minutes: int, buckets: Sequence[Bucket]
) -> OccupancyHistory:
    """The domain's buckets as the schema's type."""
    return OccupancyHistory(
        starts_at=starts_at,
        ends_at=ends_at,
        bucket_minutes=bucket_minutes,
        buckets=[
            OccupancyBucket(
                starts_at=bucket.starts_at,
                ends_at=bucket.ends_at,
                free_seconds=bucket.free_seconds,
                occupied_seconds=bucket.occupied_seconds,
                unknown_seconds=bucket.unknown_seconds,
                utilisation=bucket.utilisation,
                arrivals=bucket.arrivals,
            )
            for bucket in buckets
        ],
    )


StartsAt: TypeAlias = Annotated[
    datetime, strawberry.argument(description="Beginning of the first bucket.")
]
EndsAt: TypeAlias = Annotated[
    datetime | None,
    strawberry.argument(description="End of the last bucket, not part of it; null: now."),
]
BucketMinutes: TypeAlias = Annotated[
    int, strawberry.argument(description="Length of a bucket in minutes, at least 1.")
]
HISTORY_DESCRIPTION = (
    "Occupancy over time in [startsAt, endsAt): at most 366 days, in at most 1000 buckets."
)

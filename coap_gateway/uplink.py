"""What a report says: SenML records as facts about the space and about the device. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from coap_gateway.reading import (
    FUTURE_SECONDS_MAX,
    PAST_SECONDS_MAX,
    Reading,
    Uplink,
    UplinkError,
)
from coap_gateway.senml import Record
from coap_gateway.takers import TAKERS

__all__ = ["FUTURE_SECONDS_MAX", "PAST_SECONDS_MAX", "Uplink", "UplinkError", "read_uplink"]


def read_uplink(
    records: Sequence[Record], now: float, registered: Collection[int] = frozenset()
) -> Uplink:
    """What the records say at `now` (seconds since 1970).

    `registered` are further object ids the device registered: LwM2M lets it Send those, Berth
    ignores them. Raises UplinkError.
    """
    reading = Reading(now)
    for record in records:
        take = TAKERS.get(record.name)
        if take is None or not take(reading, record):
            reading.other(record, registered)
    return reading.uplink()

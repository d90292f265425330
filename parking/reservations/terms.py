"""The snapshot a booking is made under: what later edits of listing or rates do not touch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from parking.clock import rfc3339
from parking.listings.cancellation import CancellationTerms, parse_terms
from parking.listings.models import BookingMode
from parking.rates.document import Tariff, parse_tariff
from parking.storage.sql import as_time

TARIFFS_KEPT_MAX = 256


@dataclass(frozen=True, slots=True)
class Terms:
    """Kept as JSON on quotes and reservations; `rates` and `cancellation` are documents."""

    listing_id: int
    listing_version: int
    listing_name: str
    mode: BookingMode
    published_at: datetime
    rate_table_id: int
    rate_table_version: int
    rates: Mapping[str, Any]
    cancellation: Mapping[str, Any]
    time_zone: str
    turnover_minutes: int
    is_brought: bool = False
    """Somebody else booked and pays; the driver was not asked (`taking.was_taken`)."""

    @property
    def tariff(self) -> Tariff:
        """The rates, parsed."""
        return parse_tariff(self.rates)

    @property
    def zone(self) -> ZoneInfo:
        """The place's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def refunds(self) -> CancellationTerms:
        """What the driver gets back when it is cancelled."""
        return parse_terms(json.dumps(self.cancellation))

    @property
    def of_brought_guest(self) -> "Terms":
        """The same for a guest whom somebody else books and pays for: who does not come costs the
        price at most, and no fee."""
        refunds = self.refunds
        percent = min(refunds.no_show_percent, 100)
        kept = {**self.cancellation, "no_show_fee_minor": 0, "no_show_percent": percent}
        return replace(self, cancellation=kept, is_brought=True)

    def text(self) -> str:
        """As it is stored."""
        told: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        told["published_at"] = rfc3339(self.published_at)
        return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


@lru_cache(maxsize=TARIFFS_KEPT_MAX)
def tariff_of(document: str) -> Tariff:
    """A rate table's document, parsed; kept, for the same few are read again and again."""
    return parse_tariff(document)


def terms_of(text: str) -> Terms:
    """The terms stored in a quote or reservation."""
    told = orjson.loads(text)
    typed = {"mode": BookingMode(told["mode"]), "published_at": as_time(told["published_at"])}
    return Terms(**{**told, **typed})


def was_brought(text: str) -> bool:
    """Whether these terms are of a guest whom somebody else brings. Alone of all that they say, for
    this is asked at each move of an arm."""
    return bool(orjson.loads(text).get("is_brought", False))

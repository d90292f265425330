"""The schema's own scalars: what they accept, and how they are written."""

import re
from datetime import datetime
from typing import NewType

import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

from parking.clock import as_utc, rfc3339

VERSION_MAX = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8259 section 6)."""

TIME_ZONE_CHARACTERS_MAX = 64

Version = NewType("Version", int)
TimeZone = NewType("TimeZone", str)
Currency = NewType("Currency", str)
MinorUnits = NewType("MinorUnits", int)

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_CURRENCY = re.compile(r"[A-Z]{3}")


def _parse_time(value: object) -> datetime:
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise StrawberryInputCoercionError(
            "A DateTime is RFC 3339 text with an offset, such as 2026-01-05T08:00:00Z."
        )
    try:
        return as_utc(datetime.fromisoformat(value.upper()))
    except (ValueError, OverflowError) as error:
        raise StrawberryInputCoercionError(f"There is no such DateTime: {error}.") from None


def _parse_version(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= VERSION_MAX:
        return value
    raise StrawberryInputCoercionError(f"A Version is an integer from 0 to {VERSION_MAX}.")


def _parse_minor_units(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= VERSION_MAX:
        return value
    raise StrawberryInputCoercionError(
        f"An amount in minor units is a whole number within ±{VERSION_MAX}, such as 1250."
    )


def _parse_time_zone(value: object) -> str:
    # Whether there is such a zone the domain says, with a hint.
    if isinstance(value, str) and 0 < len(value) <= TIME_ZONE_CHARACTERS_MAX:
        return value
    raise StrawberryInputCoercionError("A TimeZone is an IANA name, such as Europe/Berlin.")


def _parse_currency(value: object) -> str:
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return value
    raise StrawberryInputCoercionError("A Currency is an ISO 4217 code, such as EUR.")


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant as RFC 3339 text. Any offset is accepted, but there must be one;"
        " answers are in UTC, with `Z`.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=rfc3339,
        parse_value=_parse_time,
    ),
    Version: strawberry.scalar(
        name="Version",
        description="A counter that only grows: an integer from 0 to 2^53 - 1, as a JSON number.",
        serialize=int,
        parse_value=_parse_version,
    ),
    TimeZone: strawberry.scalar(
        name="TimeZone",
        description="The IANA name of a time zone, such as `Europe/Berlin`.",
        specified_by_url="https://www.iana.org/time-zones",
        serialize=str,
        parse_value=_parse_time_zone,
    ),
    Currency: strawberry.scalar(
        name="Currency",
        description="An ISO 4217 currency code, such as `EUR`.",
        specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
        serialize=str,
        parse_value=_parse_currency,
    ),
    MinorUnits: strawberry.scalar(
        name="MinorUnits",
        description="A whole number of a currency's minor unit, such as cents: within ±(2^53 - 1),"
        " as a JSON number.",
        serialize=int,
        parse_value=_parse_minor_units,
    ),
}

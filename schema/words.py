"""The domain's words (enumerations), described for the schema; the values are the domain's own."""

from enum import StrEnum
from typing import Any

import strawberry

from parking.accounts.models import Role
from parking.devices.models import DeviceKind
from parking.occupancy.models import Claim, LockState, Occupancy, Service, Source, SpaceStatus
from parking.occupancy.state import UpdateKind
from parking.places.importing.drafts import Format
from parking.places.models import PlaceKind, PlaceState, SubplaceKind


def _describe(
    words: type[StrEnum], description: str, *, schema_name: str | None = None, **values: str
) -> None:
    strawberry.enum(words, name=schema_name, description=description)
    definition: Any = words.__dict__["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]


_describe(
    Role,
    "What a member may do in an organisation.",
    OPERATOR="Runs its places: edits them, their devices, members and keys.",
    ATTENDANT="Works in its places: sees them and their devices, reports what they see.",
    MERCHANT="Sells in or near its places.",
    OWNER="Owns spaces in its places.",
    DRIVER="Parks there.",
)
_describe(
    PlaceKind,
    "What sort of place it is.",
    GARAGE="A building or underground garage.",
    LOT="An open lot.",
    ON_STREET="Spaces along a street.",
    PRIVATE_DRIVE="A private drive with one or a few spaces.",
)
_describe(
    PlaceState,
    "How full a place is; with hysteresis, so that one car does not make it flicker.",
    SPACES_AVAILABLE="There are spaces.",
    ALMOST_FULL="Few spaces are left.",
    FULL="No space is left.",
    CLOSED="The place, or every space of it, is closed.",
    UNKNOWN="Too many spaces are unknown to say.",
)
_describe(
    SubplaceKind,
    "What part of a place it is (APDS hierarchy element).",
    FLOOR_OR_LEVEL="A floor or level.",
    ROW="A row of spaces.",
    IDENTIFIED_AREA="A zone with a name.",
)
_describe(
    SpaceStatus,
    "The one word for display, derived from occupancy, service, claim and lock.",
    AVAILABLE="Free, open and claimed by nobody.",
    RESERVED="Claimed, and nobody stands in it.",
    OCCUPIED="A vehicle stands in it.",
    CLOSED="The operator does not offer it.",
    UNKNOWN="Nobody can say.",
)
_describe(
    Occupancy,
    "Whether a vehicle stands in the space.",
    FREE="None does.",
    OCCUPIED="One does.",
    UNKNOWN="Not reported, or not for too long.",
)
_describe(
    Service,
    "Whether the operator offers the space.",
    OPEN="Offered.",
    CLOSED="Not offered.",
)
_describe(
    Claim,
    "Whether somebody has a right to the space now.",
    NONE="Nobody.",
    HELD="Somebody is about to book it.",
    RESERVED="Booked.",
)
_describe(
    LockState,
    "What the lock arm of the space says.",
    RAISED="Up: nobody can drive in.",
    LOWERED="Down.",
    MOVING="On its way.",
    OBSTRUCTED="Something was in its way.",
    FORCED="Moved by force.",
    FAULT="Out of order.",
    UNKNOWN="Not reported, or there is no lock.",
)
_describe(
    Source,
    "Who says so.",
    DEVICE="A device.",
    PERSON="A person on site.",
    STALENESS="The device has been silent for longer than its lifetime.",
    NONE="Nobody yet.",
)
_describe(
    DeviceKind,
    "What the device is for.",
    SENSOR="Sees whether a vehicle stands in the space.",
    LOCK="Moves the lock arm of the space.",
    READER="Reads a driver's credential.",
)
_describe(
    Format,
    "The format of a file of places.",
    schema_name="ImportFormat",
    CSV="Comma-separated values with a header.",
    GEOJSON="GeoJSON (RFC 7946).",
    DATEX="DATEX II ParkingTablePublication, XML.",
    FIWARE="FIWARE smart data model entities, JSON.",
    SENSADE="Sensade lots, JSON.",
)
_describe(
    UpdateKind,
    "How to apply an update.",
    SNAPSHOT="It replaces everything known.",
    DELTA="It adds to what is known.",
)

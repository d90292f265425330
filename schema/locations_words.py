"""The words of shared positions, described for the schema; see `schema.words`."""

from parking.access.models import DelegationPayer, DelegationState
from parking.locations.kinds import (
    PositionState,
    RefinementState,
    Terminal,
    VersionKind,
    VersionSource,
)
from schema.words import describe

describe(
    PositionState,
    "Whether the car is still where the position says.",
    ACTIVE="It is.",
    ENDED="It is gone: its sharer said so, or its booking is over. Nobody else sees it any more.",
)
describe(
    VersionKind,
    "Why there is a version of a position.",
    schema_name="PositionVersionKind",
    BASIC="The first: from the booking, or what the sharer wrote down.",
    REFINED="More is known; what was known before is kept.",
    CORRECTED="Something that was said before was wrong.",
    MOVED="The car was moved: nothing of the version before holds.",
)
describe(
    VersionSource,
    "Who says so.",
    schema_name="PositionVersionSource",
    RESERVATION="The booking.",
    SHARER="Whose car it is.",
    ATTENDANT="An attendant or operator of the place.",
    MAP_SERVICE="A map service, by the phone's coordinates.",
    SPACE_RECORD="What the place says of the bay.",
)
describe(
    Terminal,
    "Who is asked where exactly the car stands.",
    schema_name="RefinementTerminal",
    ATTENDANT="The queue of the place, where an attendant or operator answers.",
    MAP_SERVICE="A map service, by the coordinates that are known. It is asked again a few times"
    " where it does not answer.",
    SPACE_RECORD="What the place says of the bay; it answers at once.",
)
describe(
    RefinementState,
    "Where a question to a terminal stands.",
    OPEN="Nobody sees to it yet.",
    TAKEN="An attendant does.",
    ANSWERED="It was answered. A later answer is a correction.",
    FAILED="There is no answer; the reason says why.",
    CANCELLED="The car was moved or is gone, or the sharer asks no more.",
)
describe(
    DelegationPayer,
    "Who pays a stay that somebody else than its driver ends.",
    OWNER="The driver of the booking, as if they had come themselves.",
    FETCHER="Who fetches the car, to the owner, up to an amount that both have agreed to.",
)
describe(
    DelegationState,
    "Where a right to fetch a car stands. The last four are final.",
    OFFERED="Who is to fetch the car has yet to agree to pay.",
    ACTIVE="It lets the car out.",
    LEAVING="A reader at the bay has let the car go, and a gate will, once.",
    USED="The car has left by it.",
    REVOKED="It was taken back, or handed back.",
    EXPIRED="Its time is over, or that of the binding it was given by.",
    ENDED="The stay is over, and the car left without it.",
)

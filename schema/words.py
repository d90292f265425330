"""The domain's words (enumerations), described for the schema; the values are the domain's own."""

from enum import StrEnum
from typing import Any

import strawberry

from parking.access.check import Outcome
from parking.access.models import (
    AlarmKind,
    CommandCause,
    CommandState,
    CredentialKind,
    LockTarget,
)
from parking.accounts.models import Role
from parking.devices.models import DeviceKind
from parking.listings.cancellation import Bound
from parking.listings.models import (
    Audience,
    BookingMode,
    ExceptionKind,
    ListingState,
    TitleState,
)
from parking.listings.records import Weekday
from parking.occupancy.models import Claim, LockState, Occupancy, Service, Source, SpaceStatus
from parking.occupancy.state import UpdateKind
from parking.places.importing.drafts import Format
from parking.places.models import PlaceKind, PlaceState, SubplaceKind
from parking.rates.lines import LineKind
from parking.reservations.models import Party, QuoteKind, ReservationState, WaitlistState
from parking.reservations.recurring import SeriesPolicy
from parking.reservations.rules import Side
from parking.reservations.wanted import Sort
from parking.sessions.models import SegmentKind, SessionCause, SessionState
from parking.settlement.figures.periods import Every
from parking.settlement.figures.statements import OrganisationAccount
from parking.settlement.kinds import (
    ChargeKind,
    DisputeState,
    EscrowState,
    PaymentState,
    PayoutCause,
    PayoutParty,
    PayoutSchedule,
    PayoutState,
    Purpose,
    RailOrderKind,
    RailOrderState,
    ValidationKind,
)
from parking.settlement.kinds import Outcome as SettlementOutcome
from parking.settlement.split import Why
from parking.vehicles.models import ProofState


def describe(
    words: type[StrEnum], description: str, *, schema_name: str | None = None, **values: str
) -> None:
    """Make an enumeration of the domain one of the schema: each of its values in words."""
    strawberry.enum(words, name=schema_name, description=description)
    definition: Any = words.__dict__["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]


describe(
    Role,
    "What a member may do in an organisation.",
    OPERATOR="Runs its places: edits them, their devices, members and keys.",
    ATTENDANT="Works in its places: sees them and their devices, reports what they see.",
    MERCHANT="Sells in or near its places.",
    OWNER="Owns spaces in its places.",
    DRIVER="Parks there.",
    PLATFORM="Works for the platform: fee contracts, disputes, totals. Not by invitation.",
)
describe(
    PlaceKind,
    "What sort of place it is.",
    GARAGE="A building or underground garage.",
    LOT="An open lot.",
    ON_STREET="Spaces along a street.",
    PRIVATE_DRIVE="A private drive with one or a few spaces.",
)
describe(
    PlaceState,
    "How full a place is; with hysteresis, so that one car does not make it flicker.",
    SPACES_AVAILABLE="There are spaces.",
    ALMOST_FULL="Few spaces are left.",
    FULL="No space is left.",
    CLOSED="The place, or every space of it, is closed.",
    UNKNOWN="Too many spaces are unknown to say.",
)
describe(
    SubplaceKind,
    "What part of a place it is (APDS hierarchy element).",
    FLOOR_OR_LEVEL="A floor or level.",
    ROW="A row of spaces.",
    IDENTIFIED_AREA="A zone with a name.",
)
describe(
    SpaceStatus,
    "The one word for display, derived from occupancy, service, claim and lock.",
    AVAILABLE="Free, open and claimed by nobody.",
    RESERVED="Claimed, and nobody stands in it.",
    OCCUPIED="A vehicle stands in it.",
    CLOSED="The operator does not offer it.",
    UNKNOWN="Nobody can say.",
)
describe(
    Occupancy,
    "Whether a vehicle stands in the space.",
    FREE="None does.",
    OCCUPIED="One does.",
    UNKNOWN="Not reported, or not for too long.",
)
describe(
    Service,
    "Whether the operator offers the space.",
    OPEN="Offered.",
    CLOSED="Not offered.",
)
describe(
    Claim,
    "Whether somebody has a right to the space now.",
    NONE="Nobody.",
    HELD="Somebody is about to book it.",
    RESERVED="Booked.",
)
describe(
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
describe(
    Source,
    "Who says so.",
    DEVICE="A device.",
    PERSON="A person on site.",
    STALENESS="The device has been silent for longer than its lifetime.",
    NONE="Nobody yet.",
)
describe(
    DeviceKind,
    "What the device is for.",
    SENSOR="Sees whether a vehicle stands in the space.",
    LOCK="Moves the lock arm of the space.",
    READER="Reads a driver's credential.",
)
describe(
    Format,
    "The format of a file of places.",
    schema_name="ImportFormat",
    CSV="Comma-separated values with a header.",
    GEOJSON="GeoJSON (RFC 7946).",
    DATEX="DATEX II ParkingTablePublication, XML.",
    FIWARE="FIWARE smart data model entities, JSON.",
    SENSADE="Sensade lots, JSON.",
)
describe(
    UpdateKind,
    "How to apply an update.",
    SNAPSHOT="It replaces everything known.",
    DELTA="It adds to what is known.",
)
describe(
    ReservationState,
    "Where a reservation stands. The first four keep its space for it.",
    REQUESTED="Its lessor has not answered yet.",
    PENDING_PAYMENT="Held for a short time, until it is confirmed.",
    CONFIRMED="Both sides have agreed.",
    ACTIVE="The car is there.",
    COMPLETED="The car has left.",
    CANCELLED="Ended before its use, or declined.",
    EXPIRED="Not confirmed, or not answered, in time.",
    NO_SHOW="Nobody came.",
)
describe(
    QuoteKind,
    "What a quote is for.",
    BOOKING="A new booking.",
    EXTENSION="A later end of a booking.",
)
describe(
    Party,
    "Who ended a reservation before its time.",
    DRIVER="Whose booking it was.",
    OWNER="Who lets the space.",
    OPERATOR="Who runs the place.",
    SYSTEM="The platform.",
)
describe(
    Side,
    "What somebody is to a reservation.",
    DRIVER="Whose booking it is.",
    OWNER="Acts for who lets the space.",
    OPERATOR="Runs the place.",
    ATTENDANT="Works in the place.",
    SYSTEM="The platform.",
)
describe(
    LineKind,
    "Why a priced line is there.",
    RATE="A rate line: quantity times unit amount.",
    FREE="Time that costs nothing.",
    PASS="A pass for consecutive days.",  # noqa: S106 - no password
    CAP="What a cap takes off.",
    MINIMUM="What is short of a minimum.",
    MAXIMUM="What a maximum takes off.",
    SURCHARGE="An amount besides the rates, or one taken off.",
    TAX="A tax on what came before; its amount is 0 when that contains it.",
    ROUNDING="What rounding adds or takes off.",
)
describe(
    SessionState,
    "Whether the vehicle of a session is still there.",
    OPEN="It is there.",
    ENDED="It has left, and the session is priced.",
)
describe(
    SessionCause,
    "What told that a session began or ended.",
    DEVICE="The bay's sensor.",
    CREDENTIAL="A credential that was admitted, and the sensor.",
    OPERATOR="Somebody who works there.",
    SYSTEM="The platform.",
)
describe(
    SegmentKind,
    "Why a part of a session is priced by itself.",
    EARLY="Before the booking began.",
    BOOKED="As booked.",
    EXTENSION="Added to the booking later.",
    OVERSTAY="After the end of what was booked.",
)
describe(
    CredentialKind,
    "How somebody proves a right at a bay.",
    QR_CODE="A signed token, shown as a QR.",
    KEY="A number that is typed.",
    LICENSE_PLATE="The vehicle's plate, seen by a camera or a person.",
)
describe(
    Outcome,
    "What came of a credential that was shown.",
    schema_name="AccessOutcome",
    GRANTED="Its holder is let in.",
    UNREADABLE="It is no credential of this platform.",
    UNKNOWN_KEY="It is signed with a key that does not count.",
    BAD_SIGNATURE="Its signature is false.",
    EXPIRED="It is older than a minute: a picture of a QR.",
    WRONG_SPACE="The booking is of another space.",
    NOT_CONFIRMED="The booking is not confirmed.",
    NOT_YET="The booking has not begun, with its early margin; or the one before is not over.",
    CANCELLED="The booking was cancelled, or lapsed.",
    ENDED="The booking is over.",
    ALREADY_USED="It opened once already.",
    WRONG_KEY="No booking of the bay has this key number.",
    UNKNOWN_PLATE="No booking about now has this plate.",
    TOO_MANY_TRIES="Too many wrong key numbers were typed.",
    NOT_DELEGATED="The right to fetch the car is used, taken back or over; it lets nobody out.",
)
describe(
    TitleState,
    "Whether the place's operator lets somebody offer a space.",
    REQUESTED="Asked for.",
    APPROVED="Granted.",
    DECLINED="Refused, with a reason; it can be asked for anew.",
    REVOKED="Taken back, or given up.",
)
describe(
    ProofState,
    "Whether an operator takes it that a driver speaks for a vehicle.",
    schema_name="VehicleProofState",
    REQUESTED="Asked for.",
    APPROVED="It does.",
    DECLINED="It does not, with a reason; it can be asked for anew.",
    REVOKED="Taken back, or given up.",
)
describe(
    ListingState,
    "Whether an offer can be found and booked. None of them touches agreements already made.",
    DRAFT="Not yet; only the lessor sees it.",
    ACTIVE="Yes.",
    PAUSED="Not for a while.",
    WITHDRAWN="Never again.",
)
describe(
    BookingMode,
    "Whether the lessor agrees beforehand or to each request.",
    INSTANT="By publishing: a booking needs no answer.",
    ASK="To each request.",
)
describe(
    Audience,
    "Who may book.",
    PUBLIC="Anybody.",
    ORGANISATION="Members of an organisation.",
    PLATES="Vehicles on a list of plates.",
)
describe(
    ExceptionKind,
    "What an exception does to the weekly windows.",
    CLOSED="It is closed then, whatever else says that it is open.",
    OPEN="It is open then, too.",
)
describe(
    Bound,
    "How a time is meant.",
    AT_LEAST="So much or more.",
    MORE_THAN="More than that.",
)
describe(
    Weekday,
    "A day of the week.",
    MONDAY="Monday.",
    TUESDAY="Tuesday.",
    WEDNESDAY="Wednesday.",
    THURSDAY="Thursday.",
    FRIDAY="Friday.",
    SATURDAY="Saturday.",
    SUNDAY="Sunday.",
)
describe(
    Sort,
    "What comes first.",
    schema_name="AvailabilitySort",
    PRICE="The cheapest.",
    DISTANCE="The nearest.",
    WALK="The shortest walk; it is reckoned from the distance.",
)
describe(
    WaitlistState,
    "Where somebody who waits for a space stands.",
    WAITING="In the queue.",
    OFFERED="A space is held for them.",
    TAKEN="They accepted.",
    EXPIRED="The offer, or the time that was waited for, passed.",
    LEFT="They wait no longer.",
)
describe(
    SeriesPolicy,
    "What to do when some dates of a series cannot be had.",
    ALL_OR_NOTHING="Book nothing, and name them.",
    WHAT_IS_FREE="Book the others, and name them.",
)
describe(
    LockTarget,
    "Where the arm of a lock is to go.",
    RAISED="Up: nobody can drive in.",
    LOWERED="Down.",
)
describe(
    CommandState,
    "How far a command to a lock has come. The last four are final.",
    QUEUED="It waits for the lock.",
    DELIVERED="It was given to the lock.",
    ACCEPTED="The lock has taken it on; the arm may be moving.",
    DONE="The arm was measured where it was to go.",
    FAILED="The arm did not get there, or nobody knows: `failure` says why.",
    EXPIRED="Its time was over before the lock began.",
    SUPERSEDED="A newer command took its place.",
)
describe(
    CommandCause,
    "Why there is a command to a lock.",
    CREDENTIAL="A credential was shown at the bay.",
    HOLDER="Whose reservation holds now asked for it.",
    OWNER="Who lets the bay asked for it.",
    OPERATOR="Who works in the place asked for it.",
    RESERVATION="The bay is kept free for a reservation.",
    DEPARTURE="The car has left.",
    REPAIR="Maintenance.",
)
describe(
    AlarmKind,
    "What contradicts itself at a bay.",
    OCCUPIED_WITHOUT_RIGHT="A car stands there that nobody let in.",
    RAISED_YET_OCCUPIED="A car is reported above an arm that is up.",
    OPEN_WITHOUT_CAR="The arm is down, and no car came.",
    FORCED="The arm was moved by force.",
    OBSTRUCTED="Something is in the arm's way, or it is out of order.",
    LOCK_SILENT="The lock does not answer.",
    OVERSTAY="The vehicle has stayed longer than was booked.",
    OPENED_WITHOUT_RIGHT="A reader without a connection opened for a booking that was over.",
)
describe(
    EscrowState,
    "Whether the pocket of a reservation still holds its driver's money.",
    OPEN="It does.",
    SETTLED="It is empty: everybody got their part.",
)
describe(
    SettlementOutcome,
    "How a reservation ended.",
    schema_name="SettlementOutcome",
    COMPLETED="It was used.",
    CANCELLED="It was cancelled.",
    NO_SHOW="Nobody came.",
)
describe(
    ChargeKind,
    "What a charge record is.",
    CHARGE="A bill.",
    CREDIT="The reversal of one, or of a part of it.",
)
describe(
    ValidationKind,
    "What a merchant pays of a stay.",
    MINUTES="So many minutes.",
    AMOUNT="So many minor units.",
    PERCENT="So many percent.",
    FREE="All of it.",
)
describe(
    PaymentState,
    "Where money asked of a bound account stands. The last four are final.",
    CREATED="The rail is being asked.",
    ACTION_NEEDED="The driver has to agree at the rail.",
    AUTHORISED="The rail has reserved it.",
    CAPTURED="It was taken.",
    RELEASED="What was reserved is free again.",
    DECLINED="The rail, or the bank behind it, said no.",
    FAILED="It cannot be done: `reason` says why.",
)
describe(
    Purpose,
    "What a payment is for.",
    schema_name="PaymentPurpose",
    BOOKING="A new booking.",
    EXTENSION="A later end of a booking.",
    SHORTAGE="What a stay cost beyond what was secured.",
    WALLET="A top-up of the wallet.",
)
describe(
    RailOrderKind,
    "What a rail is asked to do.",
    AUTHORISE="Reserve money.",
    CAPTURE="Take what is reserved, or a part of it.",
    RELEASE="Give up what is reserved.",
    REFUND="Give money back.",
    PAYOUT="Send money to an organisation.",
)
describe(
    RailOrderState,
    "How far an order to a rail has come.",
    DUE="It is tried until it succeeds.",
    DONE="The rail has done it.",
    FAILED="The rail will never do it.",
    NEEDS_PERSON="It waits for a person: `lastError` says what to do.",
)
describe(
    PayoutState,
    "How far a payout has come.",
    SENDING="The rail is asked.",
    PAID="The rail has sent it.",
    FAILED="It did not go; the amount is owed again.",
)
describe(
    PayoutSchedule,
    "How often payouts are made.",
    DAILY="Every day.",
    WEEKLY="On one day of the week.",
    MONTHLY="On one day of the month.",
)
describe(
    PayoutParty,
    "As what an organisation is owed something.",
    OWNER="As lessor.",
    PROPERTY="As who runs the place.",
)
describe(
    PayoutCause,
    "Why something is owed.",
    SHARE="Its part of a settlement.",
    DISPUTE="What a dispute changed.",
    CORRECTION="What a credit record changed.",
)
describe(
    DisputeState,
    "How far a dispute has come.",
    OPEN="It waits for a decision; both sides may bring evidence.",
    DECIDED="It may be appealed until `appealUntil`.",
    APPEALED="It waits for another decision.",
    CLOSED="The money has moved.",
)
describe(
    Every,
    "How long a bucket is, by the calendar.",
    schema_name="CalendarStep",
    DAY="A day.",
    WEEK="A week, from Monday.",
    MONTH="A month.",
)
describe(
    OrganisationAccount,
    "Which account of an organisation.",
    OWNER="What it is owed as lessor.",
    PROPERTY="What it is owed as who runs places.",
    VALIDATIONS="What it owes for validations: negative.",
)
describe(
    Why,
    "By which rule a share of a cost was found.",
    schema_name="ShareReason",
    PERCENT="By the contract's percent.",
    OVERSTAY="By the contract's percent of what staying too long cost.",
    ASSIGNED="The contract gives whole lines of the price to it.",
    FIXED="The contract's fixed fee, out of the owner's part.",
    TAX="The tax in the cost.",
)

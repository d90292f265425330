"""The words of bindings and secure links, described for the schema; see `schema.words`."""

from parking.locations.kinds import (
    BindingScope,
    BindingSide,
    BindingState,
    InvitationWay,
    LinkOutcome,
)
from parking.locations.links.live import LinkState
from schema.words import describe

describe(
    BindingState,
    "Where the consent of sharer and receiver stands. All but the first two are final.",
    schema_name="PositionBindingState",
    REQUESTED="One side asks; the other has not answered.",
    ACTIVE="Both agree: the receiver sees what the scope says.",
    DECLINED="The other side does not want it.",
    REVOKED="One side took it back.",
    EXPIRED="Nobody answered in time, the agreed date is past, or the one stay is over.",
)
describe(
    BindingScope,
    "How far a receiver sees a sharer's positions.",
    schema_name="PositionBindingScope",
    ONE_STAY="One position, until the car is gone.",
    UNTIL="All, until a date.",
    ALWAYS="All, until one side takes it back.",
)
describe(
    BindingSide,
    "A side of a binding.",
    schema_name="PositionBindingSide",
    SHARER="Whose car it is.",
    RECEIVER="Who is shown where it is.",
)
describe(
    InvitationWay,
    "How the other side of a binding is asked.",
    schema_name="PositionInvitationWay",
    LINK="By an address: whoever opens it first, and signs in.",
    PHONE="By an SMS: only who has proven to have that number.",
    WECHAT="By an address that is opened in the mini program.",
)
describe(
    LinkOutcome,
    "What came of a look at a position.",
    schema_name="PositionAccessOutcome",
    SHOWN="It was shown.",
    WRONG_PASSCODE="The passcode was wrong.",
    TOO_MANY_TRIES="It was wrong once too often: the link was closed.",
    CLOSED="The link did not work any more. Noted once an hour.",
)
describe(
    LinkState,
    "Whether a page that has a secure link open may go on showing what it shows.",
    schema_name="PositionLinkState",
    OPEN="It may.",
    CLOSED="It was revoked, has expired, or the car is gone: show nothing any more.",
)

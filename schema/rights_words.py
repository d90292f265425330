"""The words of rights, described for the schema; see `schema.words`."""

from parking.rights.codes.state import CodeState
from parking.rights.kinds import (
    ContractState,
    GrantCodeKind,
    RedemptionState,
    RedemptionWay,
    RightKind,
    RightState,
    SignalKind,
    SpecificationState,
)
from parking.rights.redeeming.why import Because, Why
from parking.rights.terms import Leftover
from schema.words import describe

describe(
    RightKind,
    "What a right gives.",
    MINUTES="So many minutes of the stay.",
    AMOUNT="So much of its cost.",
    PERCENT="So many percent of its cost.",
    FREE="The whole stay.",
    ACCESS="A stay of its own, free: the right books it when the vehicle enters.",
)
describe(
    SpecificationState,
    "Whether codes may be made of a specification.",
    schema_name="RightSpecificationState",
    ACTIVE="They may.",
    ARCHIVED="No new ones; what was granted stays.",
)
describe(
    ContractState,
    "Where a contract of an issuer with a place stands.",
    schema_name="RightsContractState",
    OFFERED="The issuer has not answered yet.",
    ACTIVE="Rights are granted on its account.",
    DECLINED="The issuer does not want it.",
    ENDED="Nothing is granted on it any more; what was granted stays.",
)
describe(
    GrantCodeKind,
    "How a grant code is shown.",
    STATIC="Printed.",
    ROTATING="On a screen, as a picture that lasts for a minute.",
)
describe(
    RightState,
    "Where a right stands.",
    HELD="The vehicle may use it.",
    REDEEMED="Promised to a stay that is not settled yet.",
    USED="A stay has used it up.",
    EXPIRED="It was not used in time.",
    REVOKED="The issuer took it back.",
    MOVED="Its holder gave it to another vehicle.",
)
describe(
    RedemptionState,
    "Where the use of a right stands.",
    LIVE="Promised to a stay that is not settled yet.",
    FINISHED="The stay is settled; who paid what is known.",
    CANCELLED="Taken back; the right is held again.",
)
describe(
    RedemptionWay,
    "How a right was redeemed.",
    EXIT_CODE="With the code at the exit, and the vehicle code.",
    GATE="By the plate, at the gate.",
    DRIVER="By the driver, signed in.",
    TILL="By a till.",
    ACCESS="By entering with it.",
)
describe(
    SignalKind,
    "What looks like fraud at a grant code.",
    schema_name="RightsSignalKind",
    MANY_VEHICLES="Many different vehicles in a minute at a printed code.",
    FAR_AWAY="Somebody far from its place tried it.",
    GUESSING="Many wrong vehicle codes.",
    STALE_PICTURE="Old pictures of a screen are sent again.",
)
describe(
    Leftover,
    "What becomes of minutes or an amount that a stay does not use up.",
    LAPSES="It is lost.",
    STAYS="It stays with the vehicle.",
)
describe(
    CodeState,
    "Whether a grant code grants now; weekdays and hours aside.",
    schema_name="GrantCodeState",
    ACTIVE="It does.",
    NOT_YET_VALID="It begins later.",
    EXPIRED="It is over, or its contract is.",
    REVOKED="Its issuer took it back.",
    EXHAUSTED="Its uses, or the contract's quota or budget, are granted.",
    UNKNOWN="There is no such code.",
)
describe(
    Because,
    "What decided between combinations of rights.",
    schema_name="PlanReason",
    LEAST_TO_PAY="It leaves least to pay.",
    FEWEST_RIGHTS="More rights would save nothing more.",
    LAPSES_FIRST="Others would save the same, and lapse later.",
    NOTHING_HELPS="No right saves anything now.",
)
describe(
    Why,
    "Why a right does not go into a stay.",
    schema_name="UnusedReason",
    NOT_YET_VALID="It can be used later only.",
    EXPIRED="It has expired.",
    OTHER_PLACE="It is for other places.",
    OTHER_CURRENCY="It is in another currency than the stay.",
    IN_OTHER_STAY="It is promised to another stay.",
    TAKEN_BACK="Its issuer has just taken it out of this stay; it can be used again in a moment.",
    TOO_MANY_HELD="More are held than are tried at once; others lapse earlier.",
    DAY_MAXIMUM="As many of these were used today as may be.",
    WORTH_NOTHING="It would save nothing now.",
    NO_CREDIT="Its issuer cannot pay for it at the moment.",
    NOT_STACKABLE="It does not go together with those that are used.",
    SPECIFICATION_MAXIMUM="No more of these go into one stay.",
    ISSUER_MAXIMUM="No more rights of its issuer go into one stay.",
    PLACE_MAXIMUM="No more rights go into one stay at this place.",
    NOT_NEEDED="The stay costs as little without it.",
)

"""Who reads and does what with money: the rows of `test_matrix_money`, by role and object.

In the town of `settled_town`. `platform` holds `Role.PLATFORM`; an ATTENDANT sees bookings, and
none of their money; an API key sees no money at all.
"""

from tests.schema.matrix_bookings import outcomes_of
from tests.schema.matrix_fields import HILL, PEOPLE, ROLES

NOTHING = "nothing"
PLATFORM = {"platform"}
MONEY_ROLES = (*ROLES, "platform")

_MONEY = {"driver", "operator", "platform"}
_HILLS = {"stranger", "platform"}

MONEY_SEEN: dict[str, set[str]] = {
    "settlement": _MONEY, "others-settlement": _HILLS,
    "charge": _MONEY, "others-charge": _HILLS,
    "dispute": _MONEY, "others-dispute": _HILLS,
    "payment": _MONEY, "others-payment": _HILLS,
    "account": {"driver"}, "others-account": HILL,
    "payout": {"operator", "platform"}, "others-payout": _HILLS,
    "contract": {"operator", "platform"}, "others-contract": _HILLS,
    "order": PLATFORM, "others-order": PLATFORM,
}  # fmt: skip
"""Who finds each object by its id."""

MONEY_TOLD: dict[str, dict[str, set[str]]] = {
    "Payment.account": {"payment": {"driver"}, "others-payment": HILL},
    "Payment.action": {"payment": {"driver"}, "others-payment": HILL},
    "Payment.reservation": {"payment": {"driver", "operator"}, "others-payment": HILL},
    "Settlement.reservation": {"settlement": {"driver", "operator"}, "others-settlement": HILL},
    "Settlement.lessor": {"settlement": {"operator"}, "others-settlement": HILL},
    "Settlement.place": {"settlement": _MONEY, "others-settlement": HILL},
    "Payout.organisation": {"payout": {"operator"}, "others-payout": HILL},
    "FeeContract.organisation": {"contract": {"operator"}, "others-contract": HILL},
    "Reservation.escrow": {"paid": {"driver", "operator"}, "others-paid": HILL},
    "Reservation.settlement": {"paid": {"driver", "operator"}, "others-paid": HILL},
}
"""For each field that is not for all who see the object: to whom it is not null."""

MONEY_LISTS: dict[str, dict[str, set[str]]] = {
    'node(id: "{harbour}") {{ ... on Organisation {{ it: settlements {{ nodes {{ id }} }} }} }}': {
        "settlement": {"operator"}
    },
    'node(id: "{hill}") {{ ... on Organisation {{ it: settlements {{ nodes {{ id }} }} }} }}': {
        "others-settlement": HILL
    },
    'node(id: "{harbour}") {{ ... on Organisation {{ it: chargeRecords {{ nodes {{ id }} }} }}'
    " }}": {
        "charge": {"operator"}
    },
    'node(id: "{harbour}") {{ ... on Organisation {{ it: payouts {{ nodes {{ id }} }} }} }}': {
        "payout": {"operator"}
    },
    'place(id: "{garage}") {{ it: settlements {{ nodes {{ id }} }} }}': {"settlement": _MONEY},
    'place(id: "{hilltop}") {{ it: settlements {{ nodes {{ id }} }} }}': {
        "others-settlement": HILL
    },
    "viewer {{ it: chargeRecords {{ nodes {{ id }} }} }}": {
        "charge": {"driver"}, "others-charge": HILL
    },
    "viewer {{ it: paymentAccounts {{ id }} }}": {"account": {"driver"}, "others-account": HILL},
    'reservation(id: "{paid}") {{ it: payments {{ id }} }}': {"payment": {"driver", "operator"}},
    'reservation(id: "{coming}") {{ it: validations {{ id }} }}': {
        "validation": {"driver", "operator"}
    },
    "it: disputes {{ nodes {{ id }} }}": {"dispute": _MONEY, "others-dispute": _HILLS},
    "it: railOrders {{ nodes {{ id }} }}": {"order": PLATFORM, "others-order": PLATFORM},
    "it: feeContracts {{ nodes {{ id }} }}": {
        "contract": {"operator", "platform"}, "others-contract": _HILLS,
    },
    'it: feeContracts(organisationId: "{hill}") {{ nodes {{ id }} }}': {"others-contract": _HILLS},
}  # fmt: skip
"""Lists, and in whose answers each object is."""

Row = tuple[str, dict[str, dict[str, str]]]


def _with_platform(row: dict[str, str], outcome: str) -> dict[str, str]:
    return {**row, "platform": outcome}


def _judged(outcome: str, may: set[str], sees: set[str]) -> dict[str, str]:
    """`outcomes_of`, with the platform among the people."""
    row = outcomes_of(outcome, may, sees)
    platform = (
        outcome if "platform" in may else "NotPermitted" if "platform" in sees else "NotFound"
    )
    return _with_platform(row, platform)


NOWHERE = _judged("NotFound", {*PEOPLE, "platform"}, set())
ONLY_PLATFORM = _judged("NotPermitted", set(), {*PEOPLE, "platform"})

MONEY_VERBS: dict[str, Row] = {
    "addDisputeEvidence": (
        'disputeId: "{id}", text: "Look"',
        {
            "dispute": _judged("DisputeEvidenceAdded", _MONEY, _MONEY),
            "others-dispute": _judged("DisputeEvidenceAdded", _HILLS, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "decideDispute": (
        'disputeId: "{id}", toDriverMinor: 50, decision: "Half"',
        {
            "dispute": _judged("DisputeDecided", PLATFORM, _MONEY),
            "others-dispute": _judged("DisputeDecided", PLATFORM, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "appealDispute": (
        'disputeId: "{id}", reason: "No"',
        {
            "dispute": _judged("Conflict", {"driver", "operator"}, _MONEY),
            "others-dispute": _judged("Conflict", HILL, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "openDispute": (
        'settlementId: "{id}", amountMinor: 10, reason: "More"',
        {
            "settlement": _judged("Conflict", {"driver", "operator"}, _MONEY),
            "others-settlement": _judged("Conflict", HILL, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "creditCharge": (
        'chargeRecordId: "{id}", amountMinor: 10, reason: "Sorry"',
        {
            "charge": _judged("ChargeCredited", {"operator", "platform"}, _MONEY),
            "others-charge": _judged("ChargeCredited", _HILLS, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "setPayoutTerms": (
        'input: {{organisationId: "{id}", schedule: WEEKLY, timeZone: "UTC"}}',
        {
            "harbour": _judged("PayoutTermsSet", {"operator"}, {"operator", "attendant"}),
            "hill": _judged("PayoutTermsSet", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "setFeeContract": (
        'input: {{organisationId: "{id}", terms: "{{}}"}}',
        {
            "harbour": {**ONLY_PLATFORM, "platform": "FeeContractSet"},
            NOTHING: {**ONLY_PLATFORM, "platform": "NotFound"},
        },
    ),
    "retryRailOrder": (
        'orderId: "{id}"',
        {
            "order": {**ONLY_PLATFORM, "platform": "RailOrderRetried"},
            NOTHING: {**ONLY_PLATFORM, "platform": "NotFound"},
        },
    ),
    "addValidation": (
        'input: {{organisationId: "{id}", reservationId: "{coming}", kind: FREE}}',
        {
            # One merchant gives one validation a stay: the harbour's is there already.
            "harbour": _judged("Conflict", {"operator"}, {"operator", "attendant"}),
            "hill": _judged("ValidationAdded", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "returnValidation": (
        'validationId: "{id}"',
        {
            "validation": _judged("ValidationReturned", {"operator"}, {"operator"}),
            NOTHING: NOWHERE,
        },
    ),
    "removePaymentAccount": (
        'paymentAccountId: "{id}"',
        {
            "account": _judged("Conflict", {"driver"}, {"driver"}),
            "others-account": _judged("Conflict", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "setDefaultPaymentAccount": (
        'paymentAccountId: "{id}"',
        {
            "account": _judged("DefaultPaymentAccountSet", {"driver"}, {"driver"}),
            "others-account": _judged("DefaultPaymentAccountSet", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "topUpWallet": (
        'amountMinor: 100, currency: "EUR", paymentAccountId: "{id}"',
        {
            "account": {**NOWHERE, "driver": "PaymentPending"},
            "others-account": {**NOWHERE, "stranger": "PaymentPending"},
            NOTHING: NOWHERE,
        },
    ),
}
"""Arguments with `{id}` for the object's, and what each person is answered for each object. Nobody
is UNAUTHENTICATED; an API key is NotFound or NotPermitted. A bound account's rail is not set up in
the town, so a top-up from it is PaymentPending."""

MONEY_OF_ONES_OWN = {
    "beginPaymentAccount": 'rail: "nowhere"',
    "bindPaymentAccount": 'rail: "nowhere", reference: "seti_1"',
}
"""Verbs without an object: InvalidInput where there is no such rail, NotPermitted for keys."""

MONEY_STREAMS: dict[str, set[str]] = {
    'settlements(reservationId: "{paid}")': {"driver", "operator"},
    'settlements(reservationId: "{others-paid}")': HILL,
    'settlements(organisationId: "{harbour}")': {"operator", "platform"},
    'settlements(organisationId: "{hill}")': _HILLS,
    'settlements(placeId: "{garage}")': {"operator", "platform"},
    'settlements(placeId: "{hilltop}")': _HILLS,
    "settlements": {*PEOPLE, "platform"},
    "balance": {*PEOPLE, "platform"},
}
"""Whom each stream gives something."""

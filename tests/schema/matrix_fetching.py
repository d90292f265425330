"""Who reads and does what with rights to fetch a car: the rows of `test_matrix_fetching`.

In the town of `fetching_town`. The friend has agreed to `right`; nobody but the stranger knows of
`others-right`, and nobody but the driver, and who has its address, of `offered`.
"""

from tests.schema.matrix_fields import ROLES

NOTHING = "nothing"
FETCHING_ROLES = (*ROLES, "friend", "platform")
DOERS = tuple(role for role in FETCHING_ROLES if role != "anonymous")

_BOTH, _DRIVER, _STRANGER = {"driver", "friend"}, {"driver"}, {"stranger"}
_KEYS = {"key", "bare_key"}

DELEGATIONS_SEEN: dict[str, set[str]] = {
    "right": _BOTH,
    "offered": _DRIVER,
    "others-right": _STRANGER,
}
"""Who finds each by its id. Not who works at the place, nor the platform."""

DELEGATIONS_TOLD: dict[str, dict[str, set[str]]] = {
    "reservation": {"right": _DRIVER, "offered": _DRIVER, "others-right": _STRANGER},
    "position": {"right": _DRIVER, "offered": set(), "others-right": set()},
    "amountMax": {"right": _BOTH, "offered": _DRIVER, "others-right": set()},
    "paid": {"right": set(), "offered": set(), "others-right": set()},
}
"""For each field that may be null: to whom of those who see the object it is not."""

DELEGATION_LISTS: dict[str, dict[str, set[str]]] = {
    "viewer {{ it: exitDelegations {{ id }} }}": DELEGATIONS_SEEN,
    'reservation(id: "{booking}") {{ it: exitDelegations {{ id }} }}': {"right": _DRIVER},
    'reservation(id: "{hold}") {{ it: exitDelegations {{ id }} }}': {"offered": _DRIVER},
    'reservation(id: "{others}") {{ it: exitDelegations {{ id }} }}': {"others-right": _STRANGER},
}
"""Lists, and in whose answers each object is."""

Row = tuple[str, dict[str, dict[str, str]]]


def _judged(outcome: str, may: set[str], sees: set[str]) -> dict[str, str]:
    """What each is answered; machines are told that it is not for them, whatever the id."""
    return {
        role: outcome if role in may else "NotPermitted" if role in sees | _KEYS else "NotFound"
        for role in DOERS
    }


_STAFF = {"attendant", "operator", "platform"}

FETCHING_VERBS: dict[str, Row] = {
    "revokeExitDelegation": (
        'delegationId: "{id}"',
        {
            "right": _judged("ExitDelegationRevoked", {"friend"}, set())
            | {"driver": "ExitDelegationRevoked"},
            "others-right": _judged("ExitDelegationRevoked", _STRANGER, set()),
            NOTHING: _judged("NotFound", set(), set()),
        },
    ),
    "delegateExit": (
        'input: {{reservationId: "{id}", payer: OWNER, validUntil: "{until}"}}',
        {
            "booking": _judged("ExitDelegated", _DRIVER, {"attendant", "operator"}),
            "hold": _judged("AlreadyDelegated", _DRIVER, {"attendant", "operator"}),
            "others": _judged("ExitDelegated", _STRANGER, set()),
            NOTHING: _judged("NotFound", set(), set()),
        },
    ),
}
"""Arguments with `{id}` for the object's, and what each is answered; nobody is UNAUTHENTICATED. In
this order: what was revoked makes room."""

FETCHING_BY_TOKEN = {"acceptExitDelegation", "refreshDelegatedQr"}
"""Verbs of whoever has the address (`test_fetching`; whose code it is: `CODES`)."""

CODES: dict[str, set[str]] = {"right": {"friend"}, "others-right": set(FETCHING_ROLES)}
"""Who is given a code of each by its address, once the car is there: where the fetcher pays, only
who agreed to; where the owner pays, whoever has the address, signed in or not."""

DELEGATION_STREAMS: dict[str, set[str]] = {
    'exitDelegation(id: "{right}")': _BOTH,
    'exitDelegation(id: "{others-right}")': _STRANGER,
    'exitDelegation(id: "nothing")': set(),
}
"""Whom each stream gives something; the others get NotFound."""

FETCHING_IDS = {
    "DelegateExitInput.reservationId", "DelegateExitInput.bindingId",
    "Mutation.revokeExitDelegation(delegationId)", "Subscription.exitDelegation(id)",
}  # fmt: skip
"""Ids that are tried by every role here; others' bindings in `test_fetching`."""

"""Who reads and does what with bindings and secure links: the rows of `test_matrix_sharing`.

In the town of `sharing_town`. A binding is its two sides', a link its maker's; who has the address
of an invitation or link is shown that one by it, whoever they are.
"""

from tests.schema.matrix_fields import ROLES

NOTHING = "nothing"
SHARING_ROLES = (*ROLES, "friend", "platform")
DOERS = tuple(role for role in SHARING_ROLES if role != "anonymous")

_DRIVER, _STRANGER, _BOTH = {"driver"}, {"stranger"}, {"driver", "friend"}
_KEYS = {"key", "bare_key"}

SHARING_SEEN: dict[str, set[str]] = {
    "bound": _BOTH,
    "others-bound": {"stranger", "friend"},
    "asked": _DRIVER,
    "link": _DRIVER,
    "others-link": _STRANGER,
}
"""Who finds each by its id: not who works at the place, nor the platform."""

_SPOT = 'node(id: "{spot}") {{ ... on ParkingPosition {{ it: %s {{ id }} }} }}'

SHARING_LISTS: dict[str, dict[str, set[str]]] = {
    "viewer {{ it: positionBindings {{ nodes {{ id }} }} }}": {
        "bound": _BOTH, "others-bound": {"stranger", "friend"}, "asked": _DRIVER,
    },
    _SPOT % "receivers": {"bound": _DRIVER},
    _SPOT % "links": {"link": _DRIVER},
}  # fmt: skip
"""Lists, and in whose answers each object is."""

Row = tuple[str, dict[str, dict[str, str]]]


def _judged(outcome: str, may: set[str]) -> dict[str, str]:
    """What each is answered; machines are told that it is not for them, whatever the id."""
    denied = {role: "NotPermitted" if role in _KEYS else "NotFound" for role in DOERS}
    return denied | dict.fromkeys(may, outcome)


def _bindings(outcome: str) -> dict[str, dict[str, str]]:
    return {
        "bound": _judged(outcome, _BOTH),
        "others-bound": _judged(outcome, {"stranger", "friend"}),
        NOTHING: _judged(outcome, set()),
    }


def _owned(outcome: str, own: str) -> dict[str, dict[str, str]]:
    return {
        own: _judged(outcome, _DRIVER),
        f"others-{own}": _judged(outcome, _STRANGER),
        NOTHING: _judged(outcome, set()),
    }


SHARING_VERBS: dict[str, Row] = {
    "askBinding": (
        'input: {{side: SHARER, way: LINK, scope: ONE_STAY, ownName: "D", positionId: "{id}"}}',
        _owned("BindingAsked", "spot"),
    ),
    "renameBinding": ('bindingId: "{id}", name: "New"', _bindings("BindingRenamed")),
    "revokeBinding": ('bindingId: "{id}"', _bindings("BindingRevoked")),
    "makePositionLink": ('input: {{positionId: "{id}"}}', _owned("PositionLinkMade", "spot")),
    "revokePositionLink": ('linkId: "{id}"', _owned("PositionLinkRevoked", "link")),
}
"""Arguments with `{id}` for the object's, and what each is answered; nobody is UNAUTHENTICATED."""

SHARING_BY_TOKEN: dict[str, dict[str, str]] = {
    "acceptBinding": _judged("BindingAccepted", set(DOERS) - _KEYS) | {"driver": "NotYourself"},
    "declineBinding": _judged("BindingDeclined", set(DOERS) - _KEYS) | {"driver": "NotYourself"},
}
"""What whoever has an invitation of the driver's is answered."""

LINK_VERBS = {"openPositionLink"}
"""For whoever has the link, without signing in."""

WECHAT_OF_ONES_OWN = {"bindWeChat": "Declined", "unbindWeChat": "WeChatUnbound"}
"""Of every person, where there is no mini program."""

SHARING_IDS = {
    "AskBindingInput.positionId", "NewPositionLinkInput.positionId",
    "Mutation.renameBinding(bindingId)", "Mutation.revokeBinding(bindingId)",
    "Mutation.revokePositionLink(linkId)",
    "BindingReachInput.positionId",  # in `test_sharing`
}  # fmt: skip
"""Ids that are tried by every role here."""

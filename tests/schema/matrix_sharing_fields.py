"""The fields of bindings and secure links: the part of `matrix_fields` that is about them."""

POSITION_SHARING = " links receivers accesses"
VIEWER_SHARING = " positionBindings"

SHARING_NODES: dict[str, str] = {
    "PositionBinding": "id state scope until side name askedBy way askedAt answerUntil answeredAt"
    " endedAt endedBy version position",
    "PositionLink": "id label hasPasscode wrongTries views viewsMax showsPhoto showsNote isOpen"
    " createdAt expiresAt revokedAt revokedReason version",
}
SHARING_PARTS: dict[str, str] = {
    "BindingInvitation": "askedBy name scope until way answerUntil",
    "LinkedBay": "number isTheCar plan",
    "LinkedPlace": "name address timeZone position",
    "LinkedPosition": "version saidAt source place floor area bay coordinates accuracyMetres note"
    " expiresAt bays walk photoUrl",
    "PositionAccess": "at outcome version device link binding",
    "PositionBindingConnection": "nodes pageInfo edges",
    "PositionBindingEdge": "cursor node",
}
SHARING_UPDATES: dict[str, str] = {"PositionLinkUpdate": "state"}
SHARING_OUTCOMES: dict[str, str] = {
    "BindingAccepted": "binding",
    "BindingAsked": "binding invitationPath",
    "BindingDeclined": "declined",
    "BindingRenamed": "binding",
    "BindingRevoked": "binding",
    "PositionLinkMade": "link path",
    "PositionLinkOpened": "position",
    "PositionLinkRevoked": "link",
    "WeChatBound": "preference",
    "WeChatUnbound": "preference",
}
SHARING_REFUSALS: dict[str, str] = {
    **dict.fromkeys(("AlreadyBound", "NotYourNumber", "NotYourself", "PasscodeNeeded"),
                    "code message"),
    "WrongPasscode": "code message triesLeft",
}  # fmt: skip
SHARING_QUERIES = "bindingInvitation"
"""Root fields; asked by every role in `test_matrix_sharing`."""

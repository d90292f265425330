"""The fields of rights to fetch a car: the part of `matrix_fields` that is about them."""

FETCHING_NODES: dict[str, str] = {
    "ExitDelegation": "id isOwn label state payer amountMax validUntil createdAt acceptedAt"
    " openedAt usedAt endedAt version placeName timeZone paid reservation position",
}
VIEWER_FETCHING = " exitDelegations"
RESERVATION_FETCHING = " exitDelegations"

FETCHING_PARTS: dict[str, str] = {
    "DelegatedExit": "label state payer amountMax validUntil openedAt usedAt version isParked"
    " hasCode hasCodeForFetcher hasGate placeName address placePosition timeZone level"
    " spaceNumber bays walk",
}
FETCHING_UPDATES: dict[str, str] = {
    "DelegatedExitUpdate": "exit",
    "ExitDelegationUpdate": "delegation",
}
FETCHING_OUTCOMES: dict[str, str] = {
    "DelegatedQrRefreshed": "text svg renewAt expiresAt",
    "ExitDelegated": "delegation link",
    "ExitDelegationAccepted": "exit",
    "ExitDelegationRevoked": "delegation",
}
FETCHING_REFUSALS: dict[str, str] = {"AlreadyDelegated": "code message"}

FETCHING_QUERIES = "delegatedExit"
"""Root fields; asked by every role in `test_matrix_fetching`."""

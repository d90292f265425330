"""The fields of rights: the part of `matrix_fields` that is about them."""

RIGHTS_NODES: dict[str, str] = {
    "AssignedRight": "id state kind value grantedValue currency worthMax reference validFrom"
    " validUntil reason version grantedAt changedAt isTransferable name issuerName placeName"
    " timeZone terms redemptions place specification grantCode",
    "ExitCode": "id publicId link label createdAt revokedAt place",
    "GrantCode": "id publicId link kind label uses usesMax needsReference validFrom validUntil"
    " fence reason version createdAt revokedAt state worthMax picture specification contract place"
    " issuer replacedBy rights statistics",
    "Redemption": "id state way expected paidByIssuer paidByOperator minutesUsed plate at"
    " finishedAt right place reservation",
    "RightSpecification": "id state name kind value currency worthMax version createdAt changedAt"
    " terms issuer grantCodes statistics",
    "RightsContract": "id state currency quota granted budget committed spent price worthMax"
    " perStayMax validFrom validUntil reason version createdAt changedAt issuerId operatorId"
    " placeId issuerName operatorName placeName issuer operator place grantCodes",
    "RightsInvoice": "id number month redemptions amount body digest issuedAt issuer",
    "RightsSignal": "id kind detail at seenAt grantCode place",
}

ORGANISATION_RIGHTS = (
    " rightSpecifications rightsContracts offeredRightsContracts grantCodes issuedRights"
    " redemptions rightsSignals rightsInvoices"
)
PLACE_RIGHTS = " rightsRule rightsContracts exitCodes redemptions rightsSignals"
VIEWER_RIGHTS = " rights redemptions"

_PAGED = (
    "AssignedRight", "ExitCode", "GrantCode", "Redemption", "RightSpecification", "RightsContract",
    "RightsInvoice", "RightsSignal",
)  # fmt: skip

RIGHTS_PARTS: dict[str, str] = {
    **{f"{each}Connection": "nodes pageInfo edges" for each in _PAGED},
    **{f"{each}Edge": "cursor node" for each in _PAGED},
    "ExitOffer": "place",
    "ExitPlan": "spaceNumber plate startedAt cost paidByOthers saved due used unused because"
    " explanation",
    "GrantFence": "position radiusMetres",
    "GrantOffer": "state place issuerName right validFrom validUntil needsReference needsPosition"
    " isRotating isStale ticket",
    "GrantPicture": "text link renewAt",
    "OfferedRight": "name kind value currency worthMax terms placeNames",
    "PlaceRightsRule": "perStayMax needsProof",
    "PlannedRight": "id name issuerName kind value currency worthMax validUntil",
    "RightTerms": "periodFrom periodUntil weekdays windows delayMinutes validMinutes placeIds"
    " leftover isTransferable stacks perStayMax perVehicleDayMax needsPresence",
    "RightWindow": "startsAt endsAt",
    "RightsDay": "day figures",
    "RightsFigures": "granted held redeemed used lapsed revoked paidByIssuer paidByOperator",
    "RightsStatistics": "total days",
    "SignedPlace": "name address timeZone currency",
    "UnusedRight": "right why explanation",
    "UsedRight": "right saves paidByIssuer paidByOperator isNew",
}

RIGHTS_UPDATES: dict[str, str] = {
    "IssuedRightsUpdate": "kind rights redemptions signals",
    "RightsUpdate": "kind rights redemptions",
}

RIGHTS_OUTCOMES: dict[str, str] = {
    "EnteredWithRight": "reservation redemption",
    "ExitCodeCreated": "exitCode",
    "ExitCodeRevoked": "exitCode",
    "ExitPlanned": "plan",
    "ExitRedeemed": "plan redemptions rights lock",
    "GateRedeemed": "plan lock",
    "GrantCodeReissued": "grantCode replaced",
    "GrantCodesCreated": "grantCodes",
    "GrantCodesRevoked": "grantCodes",
    "PlaceRightsRuleSet": "place",
    "RedemptionCancelled": "redemption",
    "RightClaimed": "right isNew rights",
    "RightRevoked": "right",
    "RightSpecificationCreated": "specification",
    "RightSpecificationUpdated": "specification",
    "RightTransferred": "right",
    "RightsContractChanged": "contract",
    "RightsContractOffered": "contract",
    "RightsSignalsSeen": "signals",
}

RIGHTS_REFUSALS: dict[str, str] = {
    **dict.fromkeys(
        (
            "AccessNotCovered",
            "AlreadyGranted",
            "GrantCodeUnknown",
            "NoAccessRight",
            "NoOpenStay",
            "NotGrantedNow",
            "NotParkedThere",
            "NotStackable",
            "NotTransferable",
            "NothingLeft",
            "NothingToRedeem",
            "PictureStale",
            "PositionWanted",
            "ReferenceWanted",
            "UnknownVehicleCode",
        ),
        "code message",
    ),
    "GrantCodeNotValid": "code message validFrom",
    "VehicleProofNeeded": "code message operatorId",
}

RIGHTS_QUERIES = "grantCode exitCode"
"""Root fields; each is asked by every role in `test_matrix_rights`."""

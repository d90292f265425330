"""Who reads and does what with rights: the rows of `test_matrix_rights`, by role and object.

In the town of `rights_town`. `operator` and `gate` are of the harbour company, which runs the
garage; `merchant`, `till` and `reader` of the tea room, which grants there; the hill company does
both at its own place. An ATTENDANT redeems at the gate, and reads nothing of rights.
"""

from tests.schema.matrix_fields import HILL, ROLES

NOTHING = "nothing"
RIGHTS_ROLES = (*ROLES, "merchant", "till", "reader", "gate", "platform")
DOERS = tuple(role for role in RIGHTS_ROLES if role not in ("anonymous", "bare_key"))
KEYS = {"key", "till", "reader", "gate"}

_ISSUER = {"merchant", "till", "reader"}
_RUNNER = {"operator", "gate"}
_SIDES = {*_ISSUER, *_RUNNER, "platform"}
_HILLS = {"stranger", "platform"}
_DRIVEN = {"driver", *_SIDES}

RIGHTS_SEEN: dict[str, set[str]] = {
    **dict.fromkeys(("specification", "agreement", "code", "signal"), _SIDES),
    **dict.fromkeys(("right", "spare", "redemption"), _DRIVEN),
    "exit": {*_RUNNER, "platform"},
    "invoice": {*_ISSUER, "platform"},
    **{
        f"others-{each}": _HILLS
        for each in (
            "specification", "agreement", "code", "signal", "right", "redemption", "exit", "invoice"
        )
    },
}  # fmt: skip
"""Who finds each object by its id."""

RIGHTS_TOLD: dict[str, dict[str, set[str]]] = {
    "RightSpecification.issuer": {"specification": _ISSUER, "others-specification": HILL},
    "RightsContract.issuer": {"agreement": _ISSUER, "others-agreement": HILL},
    "RightsContract.operator": {"agreement": _RUNNER, "others-agreement": HILL},
    "RightsContract.place": {"agreement": _SIDES, "others-agreement": HILL},
    "GrantCode.issuer": {"code": _ISSUER, "others-code": HILL},
    "GrantCode.specification": {"code": _SIDES, "others-code": _HILLS},
    "GrantCode.contract": {"code": _SIDES, "others-code": _HILLS},
    "AssignedRight.specification": {"right": _SIDES, "others-right": HILL | {"platform"}},
    "AssignedRight.grantCode": {"right": _SIDES, "others-right": HILL | {"platform"}},
    "Redemption.plate": {
        "redemption": {"driver", *_RUNNER, "platform"}, "others-redemption": _HILLS
    },
    "Redemption.reservation": {"redemption": {"driver", "operator"}, "others-redemption": HILL},
    "RightsInvoice.issuer": {"invoice": _ISSUER, "others-invoice": HILL},
}  # fmt: skip
"""For each field that is not for all who see the object: to whom it is not null."""


def _of(thing: str, type_name: str, field: str) -> str:
    """A list of an object that `node` finds."""
    told = f"it: {field} {{{{ nodes {{{{ id }}}} }}}}"
    return f'node(id: "{{{thing}}}") {{{{ ... on {type_name} {{{{ {told} }}}} }}}}'


RIGHTS_LISTS: dict[str, dict[str, set[str]]] = {
    _of("tea", "Organisation", "rightSpecifications"): {"specification": _ISSUER},
    _of("tea", "Organisation", "rightsContracts"): {"agreement": _ISSUER},
    _of("tea", "Organisation", "offeredRightsContracts"): {},
    _of("tea", "Organisation", "grantCodes"): {"code": _ISSUER, "second-code": _ISSUER},
    _of("tea", "Organisation", "issuedRights"): {"right": _ISSUER, "spare": _ISSUER},
    _of("tea", "Organisation", "redemptions"): {"redemption": _ISSUER},
    _of("tea", "Organisation", "rightsSignals"): {"signal": _ISSUER},
    _of("tea", "Organisation", "rightsInvoices"): {"invoice": _ISSUER},
    _of("harbour", "Organisation", "offeredRightsContracts"): {"agreement": _RUNNER},
    _of("harbour", "Organisation", "issuedRights"): {},
    _of("hill", "Organisation", "issuedRights"): {"others-right": HILL, "others-spare": HILL},
    _of("specification", "RightSpecification", "grantCodes"): {
        "code": _SIDES, "second-code": _SIDES
    },
    _of("agreement", "RightsContract", "grantCodes"): {"code": _SIDES, "second-code": _SIDES},
    _of("code", "GrantCode", "rights"): {"right": _SIDES},
    _of("garage", "Place", "rightsContracts"): {"agreement": _SIDES},
    _of("garage", "Place", "exitCodes"): {"exit": {*_RUNNER, "platform"}},
    _of("garage", "Place", "redemptions"): {"redemption": _DRIVEN},
    _of("garage", "Place", "rightsSignals"): {"signal": _SIDES},
    _of("hilltop", "Place", "redemptions"): {"others-redemption": HILL},
    _of("car", "Vehicle", "rights"): {"right": {"driver"}, "spare": {"driver"}},
    "viewer {{ it: rights {{ nodes {{ id }} }} }}": {
        "right": {"driver"}, "spare": {"driver"}, "others-right": HILL, "others-spare": HILL
    },
    "viewer {{ it: redemptions {{ nodes {{ id }} }} }}": {
        "redemption": {"driver"}, "others-redemption": HILL
    },
    'node(id: "{right}") {{ ... on AssignedRight {{ it: redemptions {{ id }} }} }}': {
        "redemption": _DRIVEN
    },
}  # fmt: skip
"""Lists, and in whose answers each object is."""

Row = tuple[str, dict[str, dict[str, str]]]


def _judged(outcome: str, may: set[str], sees: set[str], **others: str) -> dict[str, str]:
    """What each is answered: the outcome, NotPermitted for who sees it, else NotFound."""
    answers = {
        role: outcome if role in may else "NotPermitted" if role in sees else "NotFound"
        for role in DOERS
    }
    return answers | others


def _driven(outcome: str, may: set[str]) -> dict[str, str]:
    """The same, of a driver's own: keys are turned away whatever they name."""
    return _judged(outcome, may, KEYS)


_WRITES = {"merchant", "till"}
_EVERYBODY = set(DOERS)
NOWHERE = _judged("NotFound", set(), set())
NO_DRIVERS = _driven("NotFound", set())

RIGHTS_VERBS: dict[str, Row] = {
    "createRightSpecification": (
        'input: {{organisationId: "{id}", name: "New", kind: FREE, currency: "EUR"}}',
        {
            "tea": _judged("RightSpecificationCreated", _WRITES, _ISSUER),
            "harbour": _judged("RightSpecificationCreated", _RUNNER, {"attendant", "key"}),
            NOTHING: NOWHERE,
        },
    ),
    "updateRightSpecification": (
        'input: {{specificationId: "{id}", version: 1, name: "New"}}',
        {
            "specification": _judged("RightSpecificationUpdated", _WRITES, _ISSUER),
            "others-specification": _judged("RightSpecificationUpdated", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "offerRightsContract": (
        'input: {{issuerId: "{tea}", placeId: "{id}", worthMaxMinor: 900}}',
        {
            "garage": _judged("RightsContractOffered", {"operator"}, _EVERYBODY),
            "hilltop": _judged("RightsContractOffered", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "acceptRightsContract": (
        'contractId: "{id}", version: 1',
        {
            "agreement": _judged("RightsContractChanged", {"merchant"}, _SIDES),
            "others-agreement": _judged("RightsContractChanged", HILL, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "declineRightsContract": (
        'contractId: "{id}"',
        {
            "agreement": _judged("Conflict", {"merchant"}, _SIDES),
            NOTHING: NOWHERE,
        },
    ),
    "setRightsContractLimits": (
        'input: {{contractId: "{id}", quota: 200}}',
        {
            "agreement": _judged("RightsContractChanged", {"merchant"}, _SIDES),
            "others-agreement": _judged("RightsContractChanged", HILL, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "setPlaceRightsRule": (
        'placeId: "{id}", perStayMax: 4, needsProof: false',
        {
            "garage": _judged("PlaceRightsRuleSet", {"operator"}, _EVERYBODY),
            "hilltop": _judged("PlaceRightsRuleSet", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "createGrantCodes": (
        'input: {{specificationId: "{id}", contractId: "{agreement}"}}',
        {
            "specification": _judged("GrantCodesCreated", _WRITES, _ISSUER),
            NOTHING: NOWHERE,
        },
    ),
    "reissueGrantCode": (
        'grantCodeId: "{id}", reason: "copied"',
        {
            "second-code": _judged("GrantCodeReissued", _WRITES, _SIDES),
            "others-second-code": _judged("GrantCodeReissued", HILL, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "revokeGrantCodes": (
        'grantCodeIds: ["{id}"], reason: "copied"',
        {
            "code": _judged("GrantCodesRevoked", {"operator", *_WRITES}, _SIDES),
            "others-code": _judged("GrantCodesRevoked", HILL, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "createExitCode": (
        'placeId: "{id}"',
        {
            "garage": _judged("ExitCodeCreated", {"operator"}, _EVERYBODY),
            "hilltop": _judged("ExitCodeCreated", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "redeemAtGate": (
        # The stays of the town name no plate.
        'placeId: "{id}", plate: "S-HB 1234"',
        {
            "garage": _judged("NoOpenStay", {"operator", "attendant", "gate"}, _EVERYBODY),
            "hilltop": _judged("NoOpenStay", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "markRightsSignalsSeen": (
        'signalIds: ["{id}"]',
        {
            "signal": _judged("RightsSignalsSeen", {"merchant", "operator"}, {*_SIDES, "key"}),
            "others-signal": _judged("RightsSignalsSeen", HILL, {*_HILLS, *KEYS}),
            NOTHING: NO_DRIVERS,
        },
    ),
    "claimRight": (
        'grantCode: "{public-code}", vehicle: {{vehicleId: "{id}"}}',
        {
            # Revoked by now; what was granted before stays, and is the same right again.
            "car": _driven("RightClaimed", {"driver"}),
            NOTHING: NO_DRIVERS,
        },
    ),
    "redeemRights": (
        'placeId: "{garage}", vehicleId: "{id}"',
        {"car": _driven("ExitRedeemed", {"driver"}), NOTHING: NO_DRIVERS},
    ),
    "enterWithRight": (
        # The town's rights let nobody in.
        'placeId: "{garage}", vehicleId: "{id}", until: "2026-01-05T20:00:00Z"',
        {"car": _driven("NoAccessRight", {"driver"}), NOTHING: NO_DRIVERS},
    ),
    "redeemAtExit": (
        'exitCode: "{public-exit}", vehicle: {{vehicleId: "{id}"}}',
        {"car": _driven("ExitRedeemed", {"driver"}), NOTHING: NO_DRIVERS},
    ),
    "cancelRedemption": (
        'redemptionId: "{id}"',
        {
            "redemption": _driven("RedemptionCancelled", {"driver"}),
            "others-redemption": _driven("RedemptionCancelled", HILL),
            NOTHING: NO_DRIVERS,
        },
    ),
    "transferRight": (
        'rightId: "{id}", toVehicleCode: "{vehicle-code-others-car}"',
        {"right": _driven("RightTransferred", {"driver"}), NOTHING: NO_DRIVERS},
    ),
    "revokeRight": (
        'rightId: "{id}", reason: "a mistake"',
        {
            "spare": _judged("RightRevoked", _WRITES, _ISSUER),
            "others-spare": _judged("RightRevoked", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "revokeExitCode": (
        'exitCodeId: "{id}"',
        {
            "exit": _judged("ExitCodeRevoked", {"operator"}, {*_RUNNER, "platform"}),
            "others-exit": _judged("ExitCodeRevoked", HILL, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
    "archiveRightSpecification": (
        'specificationId: "{id}"',
        {
            "specification": _judged("RightSpecificationUpdated", _WRITES, _ISSUER),
            NOTHING: NOWHERE,
        },
    ),
    "endRightsContract": (
        'contractId: "{id}", reason: "enough"',
        {
            "agreement": _judged("RightsContractChanged", {"merchant", "operator"}, _SIDES),
            "others-agreement": _judged("RightsContractChanged", HILL, _HILLS),
            NOTHING: NOWHERE,
        },
    ),
}
"""Arguments with `{id}` for the object's, and what each is answered for each object; nobody is
UNAUTHENTICATED. In this order: what ends something comes last."""

BY_VEHICLE = {"planExit", "planRedemption"}
"""Verbs without a key, tried in `test_rights_by_code`, as are those above by a vehicle's code."""

RIGHTS_STREAMS: dict[str, set[str]] = {
    'issuedRights(organisationId: "{tea}")': {*_ISSUER, "platform"},
    'issuedRights(organisationId: "{harbour}")': {*_RUNNER, "platform"},
    'issuedRights(organisationId: "{hill}")': _HILLS,
    "rights": {"driver", "attendant", "operator", "stranger", "merchant", "platform"},
}
"""Whom each stream gives something; the others get NotFound."""

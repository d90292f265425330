"""Who reads and does what with merchants: the rows of `test_matrix_merchants`, by role and object.

In the town of `merchants_town`. `merchant`, `ordering` and `watching` are of the tea room, whose
order for the driver parks in the garage of the harbour company; the hill company is merchant and
operator in one.
"""

from tests.schema.matrix_fields import EVERYBODY, HILL, ROLES

NOTHING = "nothing"
MERCHANT_ROLES = (*ROLES, "merchant", "ordering", "watching", "platform")
DOERS = tuple(role for role in MERCHANT_ROLES if role != "anonymous")

_TEA = {"merchant", "ordering", "watching"}
_SENDS = {"merchant", "ordering"}
_SIDES = {*_TEA, "driver", "operator"}
_HARBOUR = {"attendant", "operator", "key", "bare_key"}
_PEOPLE = {"driver", "attendant", "operator", "stranger", "merchant", "platform"}
_ALL = {*EVERYBODY, *MERCHANT_ROLES}

MERCHANTS_SEEN: dict[str, set[str]] = {
    "unit": _TEA,
    "others-unit": HILL,
    "order": _SIDES,
    "others-order": HILL,
}
"""Who finds each object by its id."""

MERCHANTS_TOLD: dict[str, dict[str, set[str]]] = {
    "MerchantUnit.organisation": {"unit": _TEA, "others-unit": HILL},
    "MerchantUnit.campus": {"unit": _TEA, "others-unit": HILL},
    "MerchantOrder.unit": {"order": _TEA, "others-order": HILL},
    "MerchantOrder.place": {"order": _SIDES, "others-order": HILL},
    "MerchantOrder.space": {"order": _SIDES, "others-order": HILL},
    "MerchantOrder.reservation": {"order": {"driver", "operator"}, "others-order": HILL},
    "MerchantOrder.link": {"order": {*_SENDS, "driver"}, "others-order": HILL},
}
"""For each field that may be null: to whom of those who see the object it is not."""

GUEST_TOLD = {*_TEA, "driver"}
"""To whom name and phone of the order's guest are told."""


def _of(thing: str, type_name: str, field: str) -> str:
    """A list of an object that `node` finds."""
    return f'node(id: "{{{thing}}}") {{{{ ... on {type_name} {{{{ it: {field} }}}} }}}}'


_UNITS, _HOOKS = "merchantUnits {{ nodes {{ id }} }}", "merchantHooks {{ id }}"
_SMS = "merchantSms {{ nodes {{ id }} }}"
_SMS_OF_OTHERS = 'merchantSms(filter: {{unitId: "{others-unit}"}}) {{ nodes {{ id }} }}'


def _orders(asked: str) -> str:
    return f"it: merchantOrders(filter: {{{{{asked}}}}}) {{{{ nodes {{{{ id }}}} }}}}"


MERCHANT_LISTS: dict[str, dict[str, set[str]]] = {
    _of("tea", "Organisation", _UNITS): {"unit": _TEA},
    _of("hill", "Organisation", _UNITS): {"others-unit": HILL},
    _of("harbour", "Organisation", _UNITS): {},
    _of("tea", "Organisation", _HOOKS): {"hook": _TEA},
    _of("hill", "Organisation", _HOOKS): {"others-hook": HILL},
    _of("tea", "Organisation", _SMS): {"sms": _TEA},
    _of("hill", "Organisation", _SMS): {"others-sms": HILL},
    _of("harbour", "Organisation", _SMS): {},
    _of("tea", "Organisation", _SMS_OF_OTHERS): {},
    _of("unit", "MerchantUnit", "senders {{ id }}"): {"sender": _TEA},
    _of("others-unit", "MerchantUnit", "senders {{ id }}"): {"others-sender": HILL},
    "it: merchantOrders {{ nodes {{ id }} }}": {"order": _SIDES, "others-order": HILL},
    _orders('organisationId: "{tea}"'): {"order": _SIDES},
    _orders('unitId: "{others-unit}"'): {"others-order": HILL},
    _orders('placeId: "{garage}"'): {"order": _SIDES},
    _orders('placeId: "garbage"'): {},
}
"""Lists, and in whose answers each object is."""

DEMAND_TOLD = {"garage": {"operator"}, "hilltop": HILL}
"""To whom `merchantDemand` of each place is told."""

Row = tuple[str, dict[str, dict[str, str]]]


def _judged(outcome: str, may: set[str], sees: set[str]) -> dict[str, str]:
    """What each is answered: the outcome, NotPermitted for who sees it, else NotFound."""
    return {
        role: outcome if role in may else "NotPermitted" if role in sees else "NotFound"
        for role in DOERS
    }


NOWHERE = _judged("NotFound", set(), set())


def _managed(outcome: str, thing: str, may: set[str]) -> dict[str, dict[str, str]]:
    return {
        thing: _judged(outcome, may, _TEA),
        f"others-{thing}": _judged(outcome, HILL, HILL),
        NOTHING: NOWHERE,
    }


def _judged_order(outcome: str) -> dict[str, dict[str, str]]:
    """Of who sees an order, who runs its place is told that there is none: it is not theirs."""
    return {
        "order": _judged(outcome, {*_SENDS, "driver"}, _TEA),
        "others-order": _judged(outcome, HILL, HILL),
        NOTHING: NOWHERE,
    }


_HIS = {"merchant"}
_NEW = 'organisationId: "{{id}}", campusId: "{{{}}}", name: "New", placeIds: ["{{{}}}"]'
_PLACED = 'orderRef: "M-1", stamp: "{now}", serviceAt: "{now}", demand: NO'

MERCHANT_VERBS: dict[str, Row] = {
    "createMerchantUnit": (
        f"input: {{{{{_NEW.format('quay', 'garage')}}}}}",
        {
            "tea": _judged("MerchantUnitCreated", _HIS, _TEA),
            "harbour": _judged("MerchantUnitCreated", {"operator"}, _HARBOUR),
            NOTHING: NOWHERE,
        },
    ),
    "updateMerchantUnit": (
        'input: {{unitId: "{id}", version: 1, name: "New"}}',
        _managed("MerchantUnitUpdated", "unit", _HIS),
    ),
    "allowMerchantSender": (
        'unitId: "{id}", number: "+491705550{number:03}"',
        _managed("MerchantSenderAllowed", "unit", _HIS),
    ),
    "revokeMerchantSender": (
        'senderId: "{id}"', _managed("MerchantSenderRevoked", "sender", _HIS)
    ),
    "createMerchantHook": (
        'organisationId: "{id}"',
        {
            "tea": _judged("MerchantHookCreated", _HIS, _TEA),
            "harbour": _judged("MerchantHookCreated", {"operator"}, _HARBOUR),
            NOTHING: NOWHERE,
        },
    ),
    "revokeMerchantHook": ('hookId: "{id}"', _managed("MerchantHookRevoked", "hook", _HIS)),
    "setPlanConnectors": (
        'campusId: "{id}", connectors: []',
        {
            "quay": _judged("PlanConnectorsSet", {"operator", "key"}, set(DOERS)),
            "ridge": _judged("PlanConnectorsSet", HILL, HILL),
            NOTHING: NOWHERE,
        },
    ),
    "placeMerchantOrder": (
        f'input: {{{{unitId: "{{id}}", {_PLACED}}}}}',
        _managed("MerchantOrderPlaced", "unit", _SENDS),
    ),
    "cancelMerchantOrder": (
        'unitId: "{id}", orderRef: "A-1", stamp: "{now}"',
        _managed("MerchantOrderCancelled", "unit", _SENDS),
    ),
    "eraseMerchantOrderGuest": (
        'orderId: "{id}"',
        _judged_order("MerchantOrderGuestErased"),
    ),
    "closeMerchantUnit": ('unitId: "{id}"', _managed("MerchantUnitUpdated", "unit", _HIS)),
}  # fmt: skip
"""Arguments with `{id}` for the object's, and what each is answered for each object; nobody is
UNAUTHENTICATED. In this order: what ends something comes last."""

MERCHANT_STREAMS: dict[str, set[str]] = {
    'merchantOrders(organisationId: "{tea}")': _TEA,
    'merchantOrders(organisationId: "{hill}")': HILL,
    'merchantOrders(placeId: "{garage}")': {"operator"},
    'merchantOrders(placeId: "{hilltop}")': HILL,
    'merchantOrders(orderId: "{order}")': _SIDES,
    'merchantOrders(orderId: "{others-order}")': HILL,
    "merchantOrders": _PEOPLE,
}
"""Whom each stream gives something; the others get NotFound."""

MERCHANT_IDS = {
    "CreateMerchantUnitInput.organisationId", "CreateMerchantUnitInput.campusId",
    "CreateMerchantUnitInput.placeIds", "UpdateMerchantUnitInput.unitId",
    "UpdateMerchantUnitInput.placeIds", "Mutation.closeMerchantUnit(unitId)",
    "Mutation.allowMerchantSender(unitId)", "Mutation.revokeMerchantSender(senderId)",
    "Mutation.createMerchantHook(organisationId)", "Mutation.revokeMerchantHook(hookId)",
    "Mutation.setPlanConnectors(campusId)", "PlanConnectorInput.placeId",
    "PlaceMerchantOrderInput.unitId", "Mutation.cancelMerchantOrder(unitId)",
    "MerchantOrderFilterInput.organisationId", "MerchantOrderFilterInput.unitId",
    "MerchantOrderFilterInput.placeId", "MerchantSmsFilterInput.unitId",
    "Query.merchantDemand(placeId)",
    "Subscription.merchantOrders(organisationId)", "Subscription.merchantOrders(placeId)",
    "Subscription.merchantOrders(orderId)", "Mutation.eraseMerchantOrderGuest(orderId)",
}  # fmt: skip
"""Ids that are tried on every object by every role here; malls and places in `test_merchants`."""

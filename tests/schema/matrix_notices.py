"""Who reads and does what with notices: the rows of `test_matrix_notices`, by role and object.

What the driver was told is `note`, what the hill's OPERATOR was told `others-note`. Endpoints and
dead letters are for the OPERATORs of their organisation, never for an API key: `endpoint` and
`dead` are the harbour's, `others-…` the hill's. Wishes are everybody's own.
"""

from tests.schema.matrix_bookings import outcomes_of
from tests.schema.matrix_fields import HARBOUR_MEMBERS, HILL, PEOPLE

NOTHING = "nothing"

Row = tuple[str, dict[str, dict[str, str]]]


def _judged(outcome: str, may: set[str], sees: set[str]) -> dict[str, str]:
    """The same for people and keys."""
    keys = {key: "NotPermitted" if key in sees else "NotFound" for key in ("key", "bare_key")}
    return outcomes_of(outcome, may, sees) | keys


NOWHERE = _judged("NotFound", set(PEOPLE), set())


def _managed(outcome: str, own: str, others: str) -> dict[str, dict[str, str]]:
    return {
        own: _judged(outcome, {"operator"}, HARBOUR_MEMBERS),
        others: _judged(outcome, HILL, HILL),
        NOTHING: NOWHERE,
    }


NOTICE_VERBS: dict[str, Row] = {
    "createWebhookEndpoint": (
        'input: {{organisationId: "{id}", url: "https://example.com/", topics: [ORDER_BOOKED]}}',
        _managed("WebhookEndpointCreated", "harbour", "hill"),
    ),
    "pauseWebhookEndpoint": (
        'endpointId: "{id}"', _managed("WebhookEndpointChanged", "endpoint", "others-endpoint")
    ),
    "resumeWebhookEndpoint": (
        'endpointId: "{id}"', _managed("WebhookEndpointChanged", "endpoint", "others-endpoint")
    ),
    "rotateWebhookSecret": (
        'endpointId: "{id}"', _managed("WebhookSecretRotated", "endpoint", "others-endpoint")
    ),
    "deleteWebhookEndpoint": (
        'endpointId: "{id}"', _managed("WebhookEndpointDeleted", "endpoint", "others-endpoint")
    ),
    "replayNotices": ('noticeIds: ["{id}"]', _managed("NoticesReplayed", "dead", "others-dead")),
}  # fmt: skip
"""Arguments with `{id}` for the object's, and what each role is answered for each object, verb
after verb in this order. Nobody is UNAUTHENTICATED."""

NOTICES_OF_ONES_OWN = {"setNoticePreference": 'input: {quietFrom: "22:00", quietUntil: "07:00"}'}
"""Without an object: for every person."""


def _of(organisation: str, field: str) -> str:
    return f'node(id: "{{{organisation}}}") {{{{ ... on Organisation {{{{ it: {field} }}}} }}}}'


_ENDPOINTS = "webhookEndpoints {{ id }}"
_DEAD = "deadNotices {{ nodes {{ id }} }}"

NOTICE_LISTS: dict[str, dict[str, set[str]]] = {
    _of("harbour", _ENDPOINTS): {"endpoint": {"operator"}},
    _of("hill", _ENDPOINTS): {"others-endpoint": HILL},
    _of("harbour", _DEAD): {"dead": {"operator"}},
    _of("hill", _DEAD): {"others-dead": HILL},
}
"""Lists, and in whose answers each object is."""

NOTES_SEEN: dict[str, set[str]] = {"note": {"driver"}, "others-note": HILL}
"""Whose each notice is: nobody else finds it, by whatever way."""

DEAD_TOLD: dict[str, dict[str, str]] = {
    "harbour": _judged("DeadNoticesUpdate", {"operator"}, HARBOUR_MEMBERS),
    "hill": _judged("DeadNoticesUpdate", HILL, HILL),
    NOTHING: NOWHERE,
}
"""What the stream of an organisation's dead letters answers; nobody gets NotFound."""

NOTICE_IDS = {
    "Subscription.notices(organisationId)",
    "CreateWebhookEndpointInput.organisationId",
    *(
        f"Mutation.{verb}(endpointId)"
        for verb in NOTICE_VERBS
        if "endpointId" in NOTICE_VERBS[verb][0]
    ),
    "Mutation.replayNotices(noticeIds)",
}
"""Ids that are tried on every object by every role here."""

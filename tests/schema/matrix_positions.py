"""Who reads and does what with positions and questions to terminals: the rows of
`test_matrix_positions`, in the town of `sharing_town`.

`spot` is the driver's, in the garage of the harbour company; `others-spot` the stranger's, at the
hilltop, which the hill company runs: the stranger is sharer and staff in one. Both are shown to the
friend. `question` and `others-question` are asked about them.
"""

from tests.schema.matrix_fields import HILL
from tests.schema.matrix_sharing import DOERS, NOTHING, Row

DRIVER, FRIEND = {"driver"}, {"friend"}
DESK = {"attendant", "operator"}
KEYS = {"key", "bare_key"}

POSITIONS_SEEN: dict[str, set[str]] = {
    "spot": DRIVER | FRIEND,
    "version": DRIVER | FRIEND,
    "others-spot": HILL | FRIEND,
    "others-version": HILL | FRIEND,
    "photo": DRIVER | FRIEND,
    "others-photo": HILL | FRIEND,
    "question": DRIVER | DESK,
    "others-question": HILL,
}
"""Who finds each by its id."""

POSITIONS_TOLD: dict[str, dict[str, set[str]]] = {
    "ParkingPosition.place": {"spot": DRIVER | FRIEND, "others-spot": HILL},
    "ParkingPosition.links": {"spot": DRIVER, "others-spot": HILL},
    "ParkingPosition.accesses": {"spot": DRIVER, "others-spot": HILL},
    "ParkingPosition.photoUploadUrl": {"spot": set(), "others-spot": set()},
    "RefinementRequest.place": {"question": DRIVER | DESK, "others-question": HILL},
    "RefinementRequest.position": {"question": DRIVER, "others-question": HILL},
    "RefinementRequest.answer": {"question": set(), "others-question": set()},
}
"""For each field that may be null: to whom of those who see the object it is not."""

HIDDEN = ("by the lift", "Dora's red one", "1.25", "2.25", "driver", "+49", "S-DR")
"""Nothing of this is told to who is asked: note, title, coordinates, person, phone, plate."""


def _of(thing: str, type_name: str, field: str) -> str:
    return (
        f'node(id: "{{{thing}}}") {{{{ ... on {type_name} {{{{ it: {field} {{{{ id }}}} }}}} }}}}'
    )


_MINE = "viewer {{ it: positions%s {{ nodes {{ id }} }} }}"

POSITION_LISTS: dict[str, dict[str, set[str]]] = {
    _MINE % "": {"spot": DRIVER, "others-spot": HILL},
    _MINE % "(isActive: true)": {"spot": DRIVER, "others-spot": HILL},
    _MINE % "(isActive: false)": {},
    "viewer {{ it: shownPositions {{ id }} }}": {"spot": FRIEND, "others-spot": FRIEND},
    _of("spot", "ParkingPosition", "versions"): {"version": DRIVER | FRIEND},
    _of("spot", "ParkingPosition", "refinements"): {"question": DRIVER},
    _of("others-spot", "ParkingPosition", "refinements"): {"others-question": HILL},
    _of("garage", "Place", "refinementQueue"): {"question": DESK},
    _of("garage", "Place", "refinementQueue(states: [ANSWERED])"): {},
    _of("hilltop", "Place", "refinementQueue"): {"others-question": HILL},
}
"""Lists, and in whose answers each object is."""


def _judged(outcome: str, may: set[str]) -> dict[str, str]:
    """What each is answered; of positions machines are told that they are not for them."""
    denied = {role: "NotPermitted" if role in KEYS else "NotFound" for role in DOERS}
    return denied | dict.fromkeys(may, outcome)


def _owned(outcome: str, own: str) -> dict[str, dict[str, str]]:
    return {
        own: _judged(outcome, DRIVER),
        f"others-{own}": _judged(outcome, HILL),
        NOTHING: _judged(outcome, set()),
    }


def _staffed(outcome: str) -> dict[str, dict[str, str]]:
    """Of who may not answer, nobody learns that there is a question."""
    nowhere = dict.fromkeys(DOERS, "NotFound")
    return {
        "question": nowhere | dict.fromkeys(DESK, outcome),
        "others-question": nowhere | dict.fromkeys(HILL, outcome),
        NOTHING: nowhere,
    }


_CHANGED = "RefinementChanged"

POSITION_VERBS: dict[str, Row] = {
    "revisePosition": (
        'input: {{positionId: "{id}", kind: REFINED, note: "x"}}',
        _owned("PositionRevised", "spot"),
    ),
    "entitlePosition": ('positionId: "{id}", title: "x"', _owned("PositionRevised", "spot")),
    "takeRefinement": ('requestId: "{id}"', _staffed(_CHANGED)),
    "handBackRefinement": ('requestId: "{id}"', _staffed(_CHANGED)),
    "answerRefinement": (
        'input: {{requestId: "{id}", version: {version}, bay: "7"}}', _staffed(_CHANGED)
    ),
    "requestRefinement": (
        'positionId: "{id}", terminal: MAP_SERVICE', _owned("RefinementRequested", "spot")
    ),
    "withdrawRefinement": ('requestId: "{map}"', _owned(_CHANGED, "spot")),
    "failRefinement": ('requestId: "{fresh}", reason: "x"', _staffed(_CHANGED)),
    "endPosition": ('positionId: "{id}"', _owned("PositionEnded", "spot")),
    "erasePosition": ('positionId: "{id}"', _owned("PositionsErased", "spot")),
}  # fmt: skip
"""In an order in which each can be done to the same objects: `{map}` is the question to the map
service, `{fresh}` a question to the attendants that nobody has answered, of the same position."""

POSITIONS_OF_ONES_OWN: dict[str, tuple[str, str]] = {
    "recordPosition": ('input: {{floor: "1"}}', "PositionRecorded"),
    "erasePositions": ("", "PositionsErased"),
}
"""Of every person, and the outcome; what they may name is in `SECOND_IDS`."""

POSITION_STREAMS: dict[str, tuple[str, set[str]]] = {
    'sharedPosition(positionId: "{spot}")': ("SharedPositionUpdate", DRIVER | FRIEND),
    'sharedPosition(positionId: "{others-spot}")': ("SharedPositionUpdate", HILL | FRIEND),
    'sharedPosition(positionId: "garbage")': ("SharedPositionUpdate", set()),
    'refinementQueue(placeId: "{garage}")': ("RefinementQueueUpdate", DESK),
    'refinementQueue(placeId: "{hilltop}")': ("RefinementQueueUpdate", HILL),
    'refinementQueue(placeId: "garbage")': ("RefinementQueueUpdate", set()),
    "sharedPositions": ("SharedPositionsUpdate", set(DOERS) - KEYS),
}
"""To whom each is not NotFound."""

POSITION_IDS = {
    "RevisePositionInput.positionId", "Mutation.entitlePosition(positionId)",
    "Mutation.endPosition(positionId)", "Mutation.erasePosition(positionId)",
    "Mutation.requestRefinement(positionId)",
    "Mutation.withdrawRefinement(requestId)", "Mutation.takeRefinement(requestId)",
    "Mutation.handBackRefinement(requestId)", "Mutation.failRefinement(requestId)",
    "AnswerRefinementInput.requestId", "Subscription.sharedPosition(positionId)",
    "Subscription.refinementQueue(placeId)",
}  # fmt: skip
"""Ids that are tried by every role here."""

POSITION_SECOND_IDS = {
    "RecordPositionInput.reservationId": ("recordPosition", 'input: {{reservationId: "{id}"}}'),
    "RecordPositionInput.placeId": ("recordPosition", 'input: {{placeId: "{id}"}}'),
    "RecordPositionInput.spaceId": ("recordPosition", 'input: {{spaceId: "{id}"}}'),
    "RevisePositionInput.placeId": (
        "revisePosition", 'input: {{positionId: "{spot}", kind: MOVED, placeId: "{id}"}}'
    ),
    "RevisePositionInput.spaceId": (
        "revisePosition", 'input: {{positionId: "{spot}", kind: MOVED, spaceId: "{id}"}}'
    ),
    "RevisePositionInput.photoId": (
        "revisePosition", 'input: {{positionId: "{spot}", kind: REFINED, photoId: "{id}"}}'
    ),
}  # fmt: skip
"""Ids beside those: a private place or a space of it, another's booking or photo, or none, are
refused alike. `AnswerRefinementInput.spaceId` is in a test of its own."""

"""Who does what with vehicles and proofs: the rows of `test_matrix_vehicles`.

A vehicle is its driver's alone: to everybody else it is like none. `car` is the driver's, and
`car-proof` asked of the harbour; `others-car` the stranger's, and its proof asked of the hill.
"""

from tests.schema.matrix_bookings import outcomes_of
from tests.schema.matrix_fields import HILL, PEOPLE

NOTHING = "nothing"
DRIVER, ASKED = {"driver"}, {"driver", "operator"}
NOWHERE = outcomes_of("NotFound", set(PEOPLE), set())

Row = tuple[str, dict[str, dict[str, str]]]


def _own(outcome: str) -> dict[str, dict[str, str]]:
    """A verb that only the driver of a vehicle finds."""
    return {
        "car": outcomes_of(outcome, DRIVER, set()),
        "others-car": outcomes_of(outcome, HILL, set()),
        NOTHING: NOWHERE,
    }


def _decided(outcome: str, may: set[str]) -> dict[str, dict[str, str]]:
    """A verb on proofs; the stranger is driver and operator of their own."""
    return {
        "car-proof": outcomes_of(outcome, may, ASKED),
        "others-car-proof": outcomes_of(outcome, HILL, HILL),
        NOTHING: NOWHERE,
    }


VEHICLE_VERBS: dict[str, Row] = {
    "renameVehicle": ('vehicleId: "{id}", name: "New"', _own("VehicleRenamed")),
    "setVehicleCode": ('vehicleId: "{id}", word: "harbour view"', _own("VehicleCodeSet")),
    "deleteVehicleCode": ('vehicleId: "{id}"', _own("VehicleCodeDeleted")),
    "requestVehicleProof": (
        'vehicleId: "{id}", placeId: "{garage}", documentReference: "Paper"',
        _own("VehicleProofRequested"),
    ),
    "approveVehicleProofs": (
        'proofIds: ["{id}"]', _decided("VehicleProofsDecided", {"operator"})
    ),
    # They are approved by then.
    "declineVehicleProofs": (
        'proofIds: ["{id}"], reason: "No"', _decided("Conflict", {"operator"})
    ),
    "revokeVehicleProofs": (
        'proofIds: ["{id}"], reason: "Sold"', _decided("VehicleProofsDecided", ASKED)
    ),
    "removeVehicle": ('vehicleId: "{id}"', _own("VehicleRemoved")),
}  # fmt: skip
"""Arguments with `{id}` for the object's, and what each person is answered for each object, verb
after verb in this order. Nobody is UNAUTHENTICATED; an API key is NotPermitted to vehicles, and
finds no proofs."""

VEHICLE_OF_ONES_OWN = {"enrolVehicle": 'country: "DE", plate: "S-A 1"'}
"""Without an object: for every person."""

VEHICLE_LISTS: dict[str, dict[str, set[str]]] = {
    "viewer {{ it: vehicles {{ nodes {{ id }} }} }}": {"car": DRIVER, "others-car": HILL},
    'node(id: "{harbour}") {{ ... on Organisation {{ it: vehicleProofs {{ nodes {{ id }} }} }}'
    " }}": {"car-proof": {"operator"}},
    'node(id: "{hill}") {{ ... on Organisation {{ it: vehicleProofs(states: [REQUESTED])'
    " {{ nodes {{ id }} }} }} }}": {"others-car-proof": HILL},
    'node(id: "{car}") {{ ... on Vehicle {{ it: proofs {{ id }} }} }}': {"car-proof": DRIVER},
    'node(id: "{others-car}") {{ ... on Vehicle {{ it: proofs {{ id }} }} }}': {
        "others-car-proof": HILL
    },
}  # fmt: skip
"""Lists, and in whose answers each object is."""

"""Who reads and does what with sessions: the rows of `test_matrix_sessions`, by role and object.

In the town of `booked_town`, two days on: `stay` is the driver's, in the garage; `others-stay` the
stranger's, on the hilltop. `coming` is a booking of the driver's whose vehicle has not come.
"""

from tests.schema.matrix_bookings import NOTHING, STAFF, Row, outcomes_of
from tests.schema.matrix_fields import PEOPLE

HILL = {"stranger"}

SEEN_STAYS: dict[str, set[str]] = {
    "stay": {"driver", *STAFF},
    "others-stay": HILL,
    NOTHING: set(),
}
"""Who finds each session, by whatever way. API keys find none."""

SESSION_VERBS: dict[str, Row] = {
    "startSession": (
        'reservationId: "{id}"',
        {
            "coming": outcomes_of("SessionStarted", STAFF, {"driver", *STAFF}),
            "others": outcomes_of("Conflict", HILL, HILL),
            NOTHING: outcomes_of("NotFound", set(PEOPLE), set()),
        },
    ),
    "endSession": (
        'sessionId: "{id}"',
        {
            "stay": outcomes_of("SessionEnded", STAFF, {"driver", *STAFF}),
            "others-stay": outcomes_of("SessionEnded", HILL, HILL),
            NOTHING: outcomes_of("NotFound", set(PEOPLE), set()),
        },
    ),
}

"""Who moves arms, follows commands and sees alarms: the rows of `test_matrix_locks`.

Everything happens in a town with a lock in the first bay of each place and an alarm at each; the
driver has a booking of the garage's that holds now, the stranger one of the hilltop's. Each has an
order to the lock of that bay.
"""

from tests.schema.matrix_fields import HARBOUR_STAFF, HILL, PEOPLE

NOTHING = "nothing"
BOOKERS = {"garage": "driver", "hilltop": "stranger"}

ALARM_SEEN: dict[str, set[str]] = {
    "garage-alarm": HARBOUR_STAFF, "yard-alarm": HARBOUR_STAFF, "hilltop-alarm": HILL,
    NOTHING: set(),
}  # fmt: skip
"""Who works in the place: they find its alarms, follow them and acknowledge them."""

COMMAND_SEEN: dict[str, set[str]] = {
    "garage-command": {"driver", *HARBOUR_STAFF}, "hilltop-command": HILL, NOTHING: set(),
}  # fmt: skip
"""Who works there, and whose booking it is for."""

SPACE_FOLLOWED: dict[str, set[str]] = {
    "garage-1": HARBOUR_STAFF, "yard-1": HARBOUR_STAFF, "hilltop-1": HILL, NOTHING: set(),
}  # fmt: skip
BOOKING_FOLLOWED: dict[str, set[str]] = {
    "garage-booking": {"driver", "attendant", "operator"}, "hilltop-booking": HILL, NOTHING: set(),
}  # fmt: skip

ALARM_VERBS = {"acknowledgeAlarm"}

MOVES: dict[str, dict[str, str]] = {
    "garage-1": {
        "anonymous": "UNAUTHENTICATED",
        **dict.fromkeys(PEOPLE, "NotPermitted"),
        "bare_key": "NotPermitted",
        **dict.fromkeys(("driver", *HARBOUR_STAFF), "LockOrdered"),
    },
    "yard-1": {
        "anonymous": "UNAUTHENTICATED",
        **dict.fromkeys((*PEOPLE, "bare_key"), "NotFound"),
        **dict.fromkeys(HARBOUR_STAFF, "LockOrdered"),
    },
    "hilltop-1": {
        "anonymous": "UNAUTHENTICATED",
        **dict.fromkeys((*PEOPLE, "key", "bare_key"), "NotFound"),
        "stranger": "LockOrdered",
    },
}
"""What `lowerLock` answers each of a bay with a lock."""

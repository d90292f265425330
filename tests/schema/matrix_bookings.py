"""Who reads and does what with bookings: the rows of `test_matrix_bookings`, by role and object.

Everything happens in a town whose garage and hilltop let their spaces. The objects:
`booking` (CONFIRMED), `hold` and `request` are the driver's, in the garage, let by the harbour
company; `others` is the stranger's, on the hilltop, which is private to the hill company.
"""

from tests.schema.matrix_fields import PEOPLE

NOTHING = "nothing"

STAFF = {"attendant", "operator"}
SEEN: dict[str, set[str]] = {
    "booking": {"driver", *STAFF},
    "hold": {"driver", *STAFF},
    "request": {"driver", *STAFF},
    "others": {"stranger"},
    "quote": {"driver"},
    "extension": {"driver"},
}
"""Who finds each object. API keys find none, whatever their scopes."""

SEEN_BESIDES: dict[str, set[str]] = {
    "waiting": {"driver", *STAFF},
    "series": {"driver", *STAFF},
    "others-waiting": {"stranger"},
    "others-series": {"stranger"},
}
"""Who finds waitlist entries and series, of the driver and the stranger (`test_matrix_waiting`)."""

TOLD: dict[str, dict[str, set[str]]] = {
    "link": {"booking": {"driver"}, "others": {"stranger"}},
    "refundIfCancelled": {"booking": {"driver", "operator"}, "others": {"stranger"}},
    "credentials": {"booking": {"driver"}, "others": {"stranger"}},
    "lessor": {"booking": STAFF, "others": {"stranger"}},
    "place": {"booking": {"driver", *STAFF}, "others": {"stranger"}},
    "space": {"booking": {"driver", *STAFF}, "others": {"stranger"}},
}
"""For each field of a reservation that is not for all who see it: to whom it is not null."""

LISTED: dict[str, dict[str, set[str]]] = {
    "booking": {"place": {"driver", *STAFF}, "organisation": {"operator"}, "viewer": {"driver"}},
    "others": {"place": {"stranger"}, "organisation": {"stranger"}, "viewer": {"stranger"}},
}
"""In whose lists each is: of the place, of the lessor, the viewer's own. An ATTENDANT of the lessor
sees what is in the place where they work, in any list."""

_WINDOW = 'startsAt: "2026-02-02T08:00:00Z", endsAt: "2026-02-02T09:00:00Z"'


def outcomes_of(outcome: str, may: set[str], sees: set[str]) -> dict[str, str]:
    """What each person is answered: the outcome, NotPermitted for who sees it, else NotFound."""
    return {
        role: outcome if role in may else "NotPermitted" if role in sees else "NotFound"
        for role in PEOPLE
    }


EVERYBODY, HILL = set(PEOPLE), {"stranger"}
OFFERS = {"garage-offer": EVERYBODY, "hilltop-offer": HILL, NOTHING: set[str]()}

Row = tuple[str, dict[str, dict[str, str]]]

BOOKING_VERBS: dict[str, Row] = {
    "quoteSpace": (
        f'input: {{{{listingId: "{{id}}", {_WINDOW}}}}}',
        {thing: outcomes_of("QuoteMade", who, set()) for thing, who in OFFERS.items()},
    ),
    "reserveSpace": (
        f'input: {{{{listingId: "{{id}}", {_WINDOW}}}}}',
        {thing: outcomes_of("Reserved", who, set()) for thing, who in OFFERS.items()},
    ),
    "reserve": (
        'quoteId: "{id}"',
        {
            "quote": outcomes_of("Reserved", {"driver"}, set()),
            "extension": outcomes_of("NotFound", EVERYBODY, set()),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "extendReservation": (
        'quoteId: "{id}"',
        {
            "extension": outcomes_of("ReservationExtended", {"driver"}, set()),
            "quote": outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "confirmReservation": (
        'reservationId: "{id}"',
        {
            "hold": outcomes_of("ReservationConfirmed", {"driver"}, SEEN["hold"]),
            "others": outcomes_of("Conflict", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "acceptReservation": (
        'reservationId: "{id}"',
        {
            "request": outcomes_of("ReservationAccepted", {"operator"}, SEEN["request"]),
            "others": outcomes_of("Conflict", HILL, HILL),
        },
    ),
    "declineReservation": (
        'reservationId: "{id}"',
        {
            "request": outcomes_of("ReservationDeclined", {"operator"}, SEEN["request"]),
            "others": outcomes_of("Conflict", HILL, HILL),
        },
    ),
    "quoteExtension": (
        'reservationId: "{id}", endsAt: "2026-01-07T18:00:00Z"',
        {
            "booking": outcomes_of("QuoteMade", {"driver"}, SEEN["booking"]),
            "others": outcomes_of("QuoteMade", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "cancelReservation": (
        'reservationId: "{id}"',
        {
            "booking": outcomes_of("ReservationCancelled", {"driver", "operator"}, SEEN["booking"]),
            "others": outcomes_of("ReservationCancelled", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "refreshQr": (
        'reservationId: "{id}"',
        {
            "booking": outcomes_of("QrRefreshed", {"driver"}, SEEN["booking"]),
            "hold": outcomes_of("Conflict", {"driver"}, SEEN["hold"]),
            "others": outcomes_of("QrRefreshed", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "rotateKey": (
        'reservationId: "{id}"',
        {
            "booking": outcomes_of("KeyRotated", {"driver"}, SEEN["booking"]),
            "hold": outcomes_of("Conflict", {"driver"}, SEEN["hold"]),
            "others": outcomes_of("KeyRotated", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "reassignReservation": (
        'reservationId: "{id}"',
        {
            "booking": outcomes_of("NoReplacement", STAFF, SEEN["booking"]),
            "others": outcomes_of("NoReplacement", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "reserveSeries": (
        f'input: {{{{listingId: "{{id}}", {_WINDOW}}}}}, rule: "FREQ=DAILY;COUNT=2"',
        {thing: outcomes_of("SeriesReserved", who, set()) for thing, who in OFFERS.items()},
    ),
    "confirmSeries": (
        'seriesId: "{id}"',
        {
            "series": outcomes_of("SeriesConfirmed", {"driver"}, SEEN_BESIDES["series"]),
            "others-series": outcomes_of("SeriesConfirmed", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "cancelSeries": (
        'seriesId: "{id}"',
        {
            "series": outcomes_of(
                "SeriesCancelled", {"driver", "operator"}, SEEN_BESIDES["series"]
            ),
            "others-series": outcomes_of("SeriesCancelled", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "joinWaitlist": (
        f'input: {{{{placeId: "{{id}}", {_WINDOW}}}}}',
        {
            "garage": outcomes_of("WaitlistJoined", EVERYBODY, set()),
            "yard": outcomes_of("WaitlistJoined", STAFF, set()),
            "hilltop": outcomes_of("WaitlistJoined", HILL, set()),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "leaveWaitlist": (
        'entryId: "{id}"',
        {
            "waiting": outcomes_of("WaitlistLeft", SEEN_BESIDES["waiting"], set()),
            "others-waiting": outcomes_of("WaitlistLeft", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "acceptWaitlistOffer": (
        'entryId: "{id}"',
        {
            "waiting": outcomes_of("Conflict", {"driver"}, SEEN_BESIDES["waiting"]),
            "others-waiting": outcomes_of("Conflict", HILL, HILL),
            NOTHING: outcomes_of("NotFound", EVERYBODY, set()),
        },
    ),
    "renewReservationLink": (
        'reservationId: "{id}"',
        {
            "booking": outcomes_of("ReservationLinkRenewed", {"driver"}, SEEN["booking"]),
            "others": outcomes_of("ReservationLinkRenewed", HILL, HILL),
        },
    ),
}
"""Arguments with `{id}` for the object's, and what each person is answered for each object.
Nobody is UNAUTHENTICATED; an API key sees no booking and books nothing."""

"""Why rights were chosen for a stay, and why others were not: stable codes and a sentence each."""

from enum import StrEnum


class Because(StrEnum):
    """What decided between combinations of rights."""

    LEAST_TO_PAY = "LEAST_TO_PAY"
    FEWEST_RIGHTS = "FEWEST_RIGHTS"
    LAPSES_FIRST = "LAPSES_FIRST"
    NOTHING_HELPS = "NOTHING_HELPS"


class Why(StrEnum):
    """Why a right that the vehicle holds does not go into this stay."""

    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    OTHER_PLACE = "OTHER_PLACE"
    OTHER_CURRENCY = "OTHER_CURRENCY"
    IN_OTHER_STAY = "IN_OTHER_STAY"
    TAKEN_BACK = "TAKEN_BACK"
    TOO_MANY_HELD = "TOO_MANY_HELD"
    DAY_MAXIMUM = "DAY_MAXIMUM"
    WORTH_NOTHING = "WORTH_NOTHING"
    NO_CREDIT = "NO_CREDIT"
    NOT_STACKABLE = "NOT_STACKABLE"
    SPECIFICATION_MAXIMUM = "SPECIFICATION_MAXIMUM"
    ISSUER_MAXIMUM = "ISSUER_MAXIMUM"
    PLACE_MAXIMUM = "PLACE_MAXIMUM"
    NOT_NEEDED = "NOT_NEEDED"


BECAUSE = {
    Because.LEAST_TO_PAY: "of all combinations that are allowed this one leaves least to pay",
    Because.FEWEST_RIGHTS: "more rights would save nothing more, so the others are kept",
    Because.LAPSES_FIRST: "others would save the same; those that lapse first are used",
    Because.NOTHING_HELPS: "no right of this vehicle saves anything here now",
}

SENTENCES = {
    Why.NOT_YET_VALID: "it can be used later only",
    Why.EXPIRED: "it has expired",
    Why.OTHER_PLACE: "it is for other places",
    Why.OTHER_CURRENCY: "it is in another currency than this stay",
    Why.IN_OTHER_STAY: "it is promised to another stay",
    Why.TAKEN_BACK: "its issuer has just taken it out of this stay; try again in a moment",
    Why.TOO_MANY_HELD: "the vehicle holds more rights than are tried at once; others lapse earlier",
    Why.DAY_MAXIMUM: "this vehicle has used as many of these today as it may",
    Why.WORTH_NOTHING: "it would save nothing here now",
    Why.NO_CREDIT: "its issuer cannot pay for it at the moment",
    Why.NOT_STACKABLE: "it does not go together with the rights chosen",
    Why.SPECIFICATION_MAXIMUM: "no more of these go into one stay",
    Why.ISSUER_MAXIMUM: "no more rights of this issuer go into one stay",
    Why.PLACE_MAXIMUM: "no more rights go into one stay at this place",
    Why.NOT_NEEDED: "the rights chosen save as much without it",
}

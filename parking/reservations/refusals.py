"""Why a booking is refused, each with a code that a client can act on.

    Refusal
    ├── WindowTaken     somebody else has the space then
    ├── QuoteExpired    the price binds no more: ask for a new quote
    ├── QuoteUsed       a quote makes one booking
    ├── HoldExpired     the time for paying, or for answering, is over
    ├── SpaceClosed     the operator does not offer the space now
    ├── SpaceOccupied   it would begin now, and a car stands there
    └── TooManyHolds    confirm or cancel what is held already

The listing's own rules are refused by `parking.listings.rules`.
"""

from parking.errors import Conflict, Refusal


class WindowTaken(Refusal):
    """Somebody else has the space in that window, or in the turnover after it."""

    code = "WINDOW_TAKEN"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or "the space is taken then; choose another time or space")


class QuoteExpired(Refusal):
    """The quote binds no more."""

    code = "QUOTE_EXPIRED"

    def __init__(self) -> None:
        super().__init__("the quote has expired; ask for a new one")


class QuoteUsed(Refusal):
    """The quote made a booking, or an extension, already."""

    code = "QUOTE_USED"

    def __init__(self) -> None:
        super().__init__("the quote was used already; ask for a new one")


class HoldExpired(Refusal):
    """The reservation was not confirmed, or answered, in time."""

    code = "HOLD_EXPIRED"

    def __init__(self) -> None:
        super().__init__("the time for this is over and the space is free again; reserve anew")


class SpaceClosed(Refusal):
    """The operator does not offer the space, or the place, now."""

    code = "SPACE_CLOSED"

    def __init__(self) -> None:
        super().__init__("the space is closed by its operator; choose another one")


class SpaceOccupied(Refusal):
    """A booking that begins now found a car in the space."""

    code = "SPACE_OCCUPIED"

    def __init__(self) -> None:
        super().__init__("a vehicle stands in the space now; choose another one")


class TooManyHolds(Conflict):
    """The person keeps so many spaces without having confirmed one."""

    code = "TOO_MANY_HOLDS"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"you hold or have asked for {most} already; confirm or cancel one of them first"
        )

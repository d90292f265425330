"""Why nothing was redeemed, each with a code that a client can act on."""

from parking.errors import Refusal


class NoOpenStay(Refusal):
    """The vehicle is not parked there at the moment, or its stay is over: rights go into a stay
    before it ends."""

    code = "NO_OPEN_STAY"

    def __init__(self) -> None:
        super().__init__(
            "no stay of this vehicle is under way here; redeem before you drive out of the bay"
        )


class NothingToRedeem(Refusal):
    """No right of the vehicle saves anything at this stay now; its plan says why for each."""

    code = "NOTHING_TO_REDEEM"

    def __init__(self) -> None:
        super().__init__("no right of this vehicle saves anything at this stay now")


class NoAccessRight(Refusal):
    """The vehicle holds no right by which it may enter this place now."""

    code = "NO_ACCESS_RIGHT"

    def __init__(self) -> None:
        super().__init__("this vehicle holds no right to enter here now; book a space instead")


class AccessNotCovered(Refusal):
    """What the stay costs until then is more than the right is worth, or its issuer can pay now."""

    code = "ACCESS_NOT_COVERED"

    def __init__(self) -> None:
        super().__init__("the right does not cover a stay for so long; ask for an earlier end")

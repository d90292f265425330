"""How much work a price may be: steps are counted, so that no tariff keeps everybody waiting.

A price is worked out between two answers to other people, and under the lock of a place. A step is
about a microsecond of a machine of this decade: one piece of a charge looked at, one stretch of
time compared with another.
"""

from math import inf

from parking.errors import Conflict

STEPS_MAX = 150_000
"""Of one price: about a tenth of a second. A garage with bands, three caps and half-hour increments
takes thirty thousand for a stay of three months; one with passes for up to a week as many for three
weeks, since each number of days that passes may pay for is tried."""
PREVIEW_STEPS_MAX = 20 * STEPS_MAX
"""Of a table and curve, which are hundreds of prices; they are worked out in a thread."""
DAY_STEPS = 4
"""Working out when a local day, or a band of it, begins and ends."""
LINE_STEPS = 10
"""Laying a line along a stretch of time, and making a charge of it."""


class StayTooComplex(Conflict):
    """This stay has no price within the steps allowed."""

    code = "STAY_TOO_COMPLEX"

    def __init__(self) -> None:
        super().__init__(
            f"by this tariff the stay takes more than {STEPS_MAX} steps to price; ask for a shorter"
            " one, or give the tariff longer increments, fewer bands, lines or caps"
        )


class Effort:
    """What is left of the steps that a price, or several together, may take."""

    __slots__ = ("left",)

    def __init__(self, steps_max: float = STEPS_MAX) -> None:
        self.left = steps_max

    def take(self, steps: int = 1) -> None:
        """Raises StayTooComplex when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise StayTooComplex


def whatever_it_takes() -> Effort:
    """For a price that has to be: of a stay that is over."""
    return Effort(inf)

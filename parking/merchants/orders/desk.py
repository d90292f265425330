"""What orders are carried out with."""

from typing import NamedTuple

from parking.clock import Clock
from parking.events.bus import Bus
from parking.reservations.funding import DUE_AT_END, Funding
from parking.reservations.limits import DEFAULTS, BookingLimits


class Desk(NamedTuple):
    """The clock, the bus, how bookings are paid for, and how long things wait."""

    clock: Clock
    bus: Bus
    funding: Funding = DUE_AT_END
    limits: BookingLimits = DEFAULTS

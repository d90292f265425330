"""How patient sessions are. Every span is one of observed time, never of the worker's."""

from datetime import timedelta

from parking.access.rules import EARLY_MARGIN

EARLY = EARLY_MARGIN
"""A car that comes so long before its booking begins is its driver's: as early as a credential
opens."""

FLICKER = timedelta(seconds=60)
"""A bay that is free for less than this was not left: a sensor blinked, or the driver drew in."""

LAST_MOMENT = timedelta(seconds=1)
"""A stay that was let in just before its booking's end, and came after it, begins so long before
that end: all of it is overstay, and nothing of it is for nothing."""

CLOCKS_APART = timedelta(seconds=10)
"""By so much a device's clock may be behind the one that booked; devices round to seconds, too."""

OVERSTAY_TOLD_MAX = 200
"""So many overstays, or bookings in the way of one, one run of the worker deals with."""

EVENTS_MAX = 500
"""So many events of a place are acted on in one transaction."""

PROTECT_AHEAD = timedelta(minutes=15)
"""So long before its start a booking is moved away from a bay whose car has outstayed."""

"""The numbers that rights keep to, unless a contract or a place says less."""

from datetime import timedelta

VALID_MINUTES = 24 * 60
"""How long a right holds after its grant, where nothing is said (CLAIMS A14)."""
VALID_MINUTES_MAX = 366 * 24 * 60
DELAY_MINUTES_MAX = 7 * 24 * 60
PER_STAY_MAX = 3
"""How many rights of all issuers one stay takes at a place without a rule of its own (A21)."""
PER_STAY_LIMIT = 5
"""No rule may allow more: the best combination is found by trying all."""
CANDIDATES_MAX = 12
"""So many rights of a vehicle are tried at a redemption; those that lapse first."""
PER_VEHICLE_DAY_LIMIT = 20
ACCESS_BOOKINGS_PER_PERSON_MAX = 2
"""Bays that one person has at a time by rights that let in: nobody asks them for money, so many
rights would else keep a place's bays empty for nothing."""
WINDOWS_MAX = 14
PLACES_MAX = 50
MINUTES_MAX = 31 * 24 * 60
AMOUNT_MINOR_MAX = 10**9
PERCENT_MAX = 100
NAME_CHARACTERS_MAX = 100
REASON_CHARACTERS_MAX = 500
REFERENCE_CHARACTERS_MAX = 64
RADIUS_METRES_MAX = 10_000
ROTATION = timedelta(seconds=30)
"""A picture on a screen is good for this step and the one before it."""
MANY_VEHICLES_PER_MINUTE = 10
"""More different vehicles than this in a minute on one printed code is a signal."""
GUESSES_PER_HOUR = 20
"""More wrong vehicle codes than this at one grant code are a signal."""
FAR_METRES = 10_000
"""A code without a fence is scanned at its place, or in a shop near it; from further it is a
signal."""
EXPIRED_AT_ONCE_MAX = 500
"""Rights that the worker lets lapse in one go; the rest in the next."""
EXPIRED_TOGETHER_MAX = 100
"""Of one contract in one transaction: nobody else is granted anything by it meanwhile."""
FINISHED_AT_ONCE_MAX = 200
"""Redemptions that one go of the worker works out."""
FINISHED_PAGES_MAX = 50
"""So many goes one run makes, past those that cannot be worked out."""

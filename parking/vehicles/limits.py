"""The numbers that vehicles and their codes keep to."""

from datetime import timedelta

from parking.accounts.attempts import Limit

DAY = timedelta(days=1)

VEHICLES_PER_PERSON_MAX = 20
NAME_CHARACTERS_MAX = 100
REFERENCE_CHARACTERS_MAX = 300
REASON_CHARACTERS_MAX = 500
PROOFS_AT_ONCE_MAX = 100

WORD_CHARACTERS_MIN = 6
"""Letters and digits of the word that a driver chooses."""
WORD_CHARACTERS_MAX = 24
WORD_DISTINCT_MIN = 3
CODE_TEXT_CHARACTERS_MAX = 100
"""What is longer is no code, however many spaces are in it."""
PLATE_PART_MIN = 4
"""A plate shorter than this may be in a word by chance."""

DIGITS_MIN = 4
"""Digits that are appended to a word. Whoever knows a driver's word has 10,000 codes to try, which
takes more than 16 hours at TRIES_ALL, of which nobody else has any left."""
DIGITS_MAX = 8
DRAWS_PER_LENGTH = 10
"""So many draws in a row are taken only where half of all codes of a word are: no sign of whether
any one of them is."""

TRIES_PER_SOURCE = Limit("vehicle_code_from_source", 10)
"""Wrong codes from one address (an IPv6 /64 is one) in an hour, which begins with the first of
them: so in no sixty minutes there are twice as many, whatever the timing."""
TRIES_PER_SITE = Limit("vehicle_code_from_site", 30)
"""Wrong codes from one network (an IPv4 /24, an IPv6 /48) in an hour: as three sources, so whoever
rents one network takes a twentieth of TRIES_ALL and not all of it."""
TRIES_PER_DOOR = Limit("vehicle_code_at_door", 60)
"""Wrong codes at one grant code, at one exit code, for one verb without either, or by one who gives
rights away, in an hour."""
TRIES_ALL = Limit("vehicle_code", 600)
"""Wrong codes in an hour, wherever they come from."""

ENROLMENTS_PER_PERSON = Limit("enrol_of_person", 60, DAY)
"""Vehicles that one person adds, removed ones too."""
CODES_PER_PERSON = Limit("vehicle_code_of_person", 20, DAY)
"""Codes that one person sets: each is a look at what is taken."""
PROOFS_PER_PERSON = Limit("vehicle_proof_of_person", 30, DAY)

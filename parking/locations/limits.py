"""Limits of shared positions."""

from datetime import timedelta

POSITIONS_ACTIVE_MAX = 20
"""So many cars one person keeps the position of at a time."""
RECORDED_PER_DAY_MAX = 100
"""So many positions one person records in a day, ended ones among them: each is kept for weeks."""
VERSIONS_MAX = 200
"""So many versions one position has."""
PHOTOS_MAX = 10
"""So many photos one position has."""
PHOTO_BYTES_MAX = 10 * 1024 * 1024
PHOTO_PIXELS_MAX = 40_000_000
"""Beyond this a picture is not decoded at all: a small file may unpack to gigabytes."""
PHOTO_EDGE_PIXELS_MAX = 1_600
"""What is kept is scaled down to this, and written anew, without any metadata."""
PHOTO_SCOPE_LASTS = timedelta(minutes=5)
"""An address of a photo is good so long, and only while its reader may see the position."""
TITLE_CHARACTERS_MAX = 100
NOTE_CHARACTERS_MAX = 500
REASON_CHARACTERS_MAX = 200
BAY_CHARACTERS_MAX = 40
FLOOR_CHARACTERS_MAX = 100
AREA_CHARACTERS_MAX = 100
ACCURACY_METRES_MAX = 100_000.0
"""What a phone says of itself may be as wide as a town."""
REFINEMENTS_MAX = 20
"""So many questions to terminals one position has: each costs an attendant's time."""
TOLD_EVERY = timedelta(minutes=1)
"""Receivers get a notice of a position at most so often, always of its newest version; the stream
tells each at once."""
TOLD_AT_ONCE_MAX = 100
MAP_ATTEMPTS_MAX = 5
"""So often a map service is asked before the question has failed."""
MAP_LEASE = timedelta(seconds=30)
"""So long a worker has for one question; then another may ask."""
MAP_BACK_OFF = timedelta(seconds=5)
"""After the first attempt in vain; each later pause is twice as long."""
MAP_AT_ONCE_MAX = 10
NEAREST_METRES_MAX = 50.0
"""A bay of the plan that lies farther off is not where the car stands."""
PHONE_ACCURACY_METRES = 10.0
"""Where a phone does not say how good its coordinates are."""
ASKED_PER_DAY_MAX = 50
"""So many questions to attendants and map services one person asks in a day, for all positions: one
by hand costs nothing, and names any public place."""
QUEUE_MAX = 200
"""So many questions of a place are shown at a time, the oldest first."""
BINDINGS_LIVE_MAX = 50
"""So many bindings one person has asked for or agreed to at a time."""
INVITATION_LASTS = timedelta(days=7)
INVITED_PER_DAY_MAX = 20
"""So many people one person invites by phone in a day: each costs an SMS that nobody asked for."""
INVITED_PHONE_MAX = 3
"""So many invitations reach one phone in a day, whoever sends them."""
LINKS_LIVE_MAX = 20
"""So many links of one position work at a time."""
LINK_LASTS = timedelta(days=7)
"""Unless its maker says otherwise."""
LINK_LASTS_MAX = timedelta(days=90)
LINK_VIEWS_MAX = 1_000
PASSCODE_DIGITS_MIN = 4
PASSCODE_DIGITS_MAX = 12
PASSCODE_TRIES_MAX = 10
"""Wrong passcodes that a link bears in all its life; after the last it is closed, and its maker is
told: a new link is made in a moment, a guessed one is not taken back."""
OPENINGS_PER_SOURCE_MAX = 60
"""So often one source opens secure links in five minutes, good or not: each is looked up."""
OPENINGS_PER_LINK_MAX = 60
"""So often one link is opened in five minutes, whatever comes of it: passcodes are hashed slow."""
PASSCODES_PER_SOURCE_MAX = 20
"""Wrong passcodes from one source in an hour, for any links."""
LOOKS_LOGGED_EVERY = timedelta(hours=1)
"""A receiver's look at a position, and a knock at a closed link, is logged once in this time."""
ACCESSES_SHOWN_MAX = 200
"""So many entries of a position's access log are shown, the newest."""
LABEL_CHARACTERS_MAX = 100
LAPSED_AT_ONCE_MAX = 200
"""So many bindings are lapsed in one go."""
DELEGATION_LASTS_MAX = timedelta(days=90)
FETCH_MINOR_MAX = 10_000_000
"""What somebody who fetches a car may be asked to pay at most, in minor units."""
POSITION_DAYS = 30
"""Kept so long after the car has gone (BERTH_POSITION_DAYS), with photos, links and logs."""
FOLLOWED_MAX = 200
"""So many positions are followed in one go."""

"""Limits of shared positions."""

from datetime import timedelta

POSITIONS_ACTIVE_MAX = 20
"""So many cars one person keeps the position of at a time."""
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
BAY_CHARACTERS_MAX = 40
FLOOR_CHARACTERS_MAX = 100
AREA_CHARACTERS_MAX = 100
BINDINGS_LIVE_MAX = 50
"""So many bindings one person has asked for or agreed to at a time."""
INVITATION_LASTS = timedelta(days=7)
INVITED_PER_DAY_MAX = 20
"""So many people one person invites by phone in a day: each costs an SMS that nobody asked for."""
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
DELEGATION_LASTS_MAX = timedelta(days=90)
POSITION_DAYS = 30
"""Kept so long after the car has gone (BERTH_POSITION_DAYS), with photos, links and logs."""
FOLLOWED_MAX = 200
"""So many positions are followed in one go."""

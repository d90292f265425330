"""Limits of notices, each with its unit last."""

from datetime import timedelta

from parking.notices.kinds import NoticeChannel

NOTICES_AT_ONCE_MAX = 20
"""So many are claimed together and sent at the same time by one worker."""
LEASE = timedelta(minutes=2)
"""So long a claimed notice is left to its worker; longer than any channel is waited for."""
ATTEMPT_SECONDS_MAX = 30.0
"""How long one attempt may take, whatever the channel."""

PAUSE_FIRST_SECONDS = 10
PAUSE_FACTOR = 3
PAUSE_SECONDS_MAX = 6 * 3600
"""Pauses between attempts: 10 s, 30 s, 90 s … at most six hours, each between half and whole."""
POSTPONED = timedelta(minutes=5)
"""How soon a paused endpoint is looked at again."""

GIVE_UP_AFTER = {
    NoticeChannel.SMS: timedelta(hours=2),
    NoticeChannel.WECHAT: timedelta(hours=2),
    NoticeChannel.EMAIL: timedelta(hours=24),
    NoticeChannel.WEBHOOK: timedelta(hours=72),
}
"""So long a notice is tried; then it is a dead letter."""

KEPT_SENT = timedelta(days=30)
KEPT_DEAD = timedelta(days=90)
"""How long a notice is kept after its end: who was told of what, and for dead letters the text."""

KEY_CHARACTERS_MAX = 120
ABOUT_CHARACTERS_MAX = 60
SUBJECT_CHARACTERS_MAX = 200
FIELD_CHARACTERS_MAX = 300
"""Of one value put into a text; longer ones are cut, for an order must not fail for a long name."""
BODY_BYTES_MAX = 64_000
ERROR_CHARACTERS_MAX = 500
REFERENCE_CHARACTERS_MAX = 128

WEBHOOK_SECONDS_MAX = 15.0
"""How long an endpoint may take to answer (Standard Webhooks: 15 to 30 seconds)."""
ENDPOINTS_MAX = 10
"""Webhook endpoints of one organisation."""
URL_CHARACTERS_MAX = 500
FORMER_SECRET_KEPT = timedelta(hours=24)
"""So long after a rotation both secrets sign, so that receivers can follow."""
REPLAYED_AT_ONCE_MAX = 100

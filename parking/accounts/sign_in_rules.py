"""Decisions of sign-in, pure: is this code good, is this refresh token good, until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

CODE_LIFETIME = timedelta(minutes=10)
TRIES_MAX = 5
REPEAT_GRACE = timedelta(seconds=30)
"""How long the same request may be sent again because its answer was lost on the way."""
REFRESH_LIFETIME = timedelta(days=30)
SIGN_IN_LIFETIME_MAX = timedelta(days=180)
"""However often it is refreshed, after this a sign-in ends and the address is proven again."""


class Verdict(Enum):
    """What to do with a code or refresh token that was presented."""

    ACCEPT = "ACCEPT"
    REPEAT = "REPEAT"
    """The same request again: give the same answer again."""
    REJECT = "REJECT"
    THEFT = "THEFT"
    """A used refresh token came back: somebody else holds a copy. End the whole sign-in."""


@dataclass(frozen=True, slots=True)
class Used:
    """When a code was used, and whether by the very request that is here now."""

    at: datetime
    by_this_request: bool


def judge_code(matches: bool, used: Used | None, now: datetime) -> Verdict:
    """A code that is not expired and has tries left."""
    if not matches:
        return Verdict.REJECT
    if used is None:
        return Verdict.ACCEPT
    is_repeat = used.by_this_request and now - used.at <= REPEAT_GRACE
    return Verdict.REPEAT if is_repeat else Verdict.REJECT


def judge_refresh(
    expires_at: datetime,
    used_at: datetime | None,
    successor_is_fresh: bool,
    sign_in_ended: bool,
    now: datetime,
) -> Verdict:
    """A refresh token that we issued (RFC 9700 section 4.14.2: rotation and reuse detection).

    Used a moment ago and its successor not yet: the answer was lost, give it again. Any other
    use of a used token is theft, also when the successor is older than the grace.
    """
    if sign_in_ended or expires_at <= now:
        return Verdict.REJECT
    if used_at is None:
        return Verdict.ACCEPT
    if successor_is_fresh and now - used_at <= REPEAT_GRACE:
        return Verdict.REPEAT
    return Verdict.THEFT


def refresh_expiry(started_at: datetime, now: datetime) -> datetime:
    """Until when a refresh token issued now is good."""
    return min(now + REFRESH_LIFETIME, started_at + SIGN_IN_LIFETIME_MAX)

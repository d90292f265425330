"""Which codes and refresh tokens are good, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from parking.accounts.sign_in_rules import (
    REFRESH_LIFETIME,
    REPEAT_GRACE,
    SIGN_IN_LIFETIME_MAX,
    Used,
    Verdict,
    judge_code,
    judge_refresh,
    refresh_expiry,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
IN_GRACE, AFTER_GRACE = NOW - REPEAT_GRACE, NOW - REPEAT_GRACE - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("matches", "used", "verdict"),
    [
        (True, None, Verdict.ACCEPT),
        (False, None, Verdict.REJECT),
        (True, Used(IN_GRACE, by_this_request=True), Verdict.REPEAT),
        (True, Used(IN_GRACE, by_this_request=False), Verdict.REJECT),
        (True, Used(AFTER_GRACE, by_this_request=True), Verdict.REJECT),
        (False, Used(IN_GRACE, by_this_request=True), Verdict.REJECT),
    ],
)
def test_codes(matches: bool, used: Used | None, verdict: Verdict) -> None:
    assert judge_code(matches, used, NOW) is verdict


@pytest.mark.parametrize(
    ("expires_at", "used_at", "successor_is_fresh", "ended", "verdict"),
    [
        (LATER, None, False, False, Verdict.ACCEPT),
        (NOW, None, False, False, Verdict.REJECT),
        (LATER, None, False, True, Verdict.REJECT),
        (LATER, IN_GRACE, True, False, Verdict.REPEAT),
        (LATER, IN_GRACE, False, False, Verdict.THEFT),
        (LATER, AFTER_GRACE, True, False, Verdict.THEFT),
        (LATER, AFTER_GRACE, False, True, Verdict.REJECT),
        (EARLIER, AFTER_GRACE, False, False, Verdict.REJECT),
    ],
)
def test_refresh_tokens(
    expires_at: datetime,
    used_at: datetime | None,
    successor_is_fresh: bool,
    ended: bool,
    verdict: Verdict,
) -> None:
    assert judge_refresh(expires_at, used_at, successor_is_fresh, ended, NOW) is verdict


def test_refreshing_moves_the_end_but_not_beyond_the_longest_sign_in() -> None:
    assert refresh_expiry(NOW, NOW) == NOW + REFRESH_LIFETIME
    late = NOW + SIGN_IN_LIFETIME_MAX - timedelta(days=1)
    assert refresh_expiry(NOW, late) == NOW + SIGN_IN_LIFETIME_MAX

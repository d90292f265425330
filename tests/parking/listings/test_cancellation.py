"""What is given back: a table of cases to the minute, and terms as data."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parking.errors import InvalidInput
from parking.listings.cancellation import (
    FREE_UNTIL_START,
    TIERED,
    UNUSED_PART,
    Bound,
    CancellationTerms,
    RefundReason,
    Tier,
    no_show_due,
    parse_terms,
    refund,
    terms_json,
)

calmly = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
"""The machine may be busy."""
BOOKED = datetime(2026, 1, 5, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GRACE, TIER, LATE = RefundReason.GRACE, RefundReason.TIER, RefundReason.TOO_LATE


@pytest.mark.parametrize(
    ("terms", "starts_in", "cancelled_in", "by", "amount", "reason"),
    [
        # Booked 30 days ahead: the first day everything, then by the days that are left.
        (TIERED, 30 * DAY, DAY, "DRIVER", 1000, RefundReason.RECONSIDERED),
        (TIERED, 30 * DAY, 16 * DAY - MINUTE, "DRIVER", 1000, TIER),
        (TIERED, 30 * DAY, 16 * DAY, "DRIVER", 500, TIER),  # exactly 14 days left
        (TIERED, 30 * DAY, 22 * DAY, "DRIVER", 500, TIER),  # exactly 8
        (TIERED, 30 * DAY, 22 * DAY + MINUTE, "DRIVER", 250, TIER),
        (TIERED, 30 * DAY, 29 * DAY, "DRIVER", 250, TIER),  # exactly 1
        (TIERED, 30 * DAY, 29 * DAY + MINUTE, "DRIVER", 0, LATE),
        (TIERED, 30 * DAY, 30 * DAY, "DRIVER", 0, RefundReason.STARTED),
        # Reconsidering needs more than 24 h before the start.
        (TIERED, 25 * HOUR, HOUR - MINUTE, "DRIVER", 1000, RefundReason.RECONSIDERED),
        (TIERED, 25 * HOUR, HOUR, "DRIVER", 250, TIER),
        # Ten minutes of grace always, even after the start.
        (TIERED, HOUR, 10 * MINUTE, "DRIVER", 1000, GRACE),
        (TIERED, HOUR, 10 * MINUTE + MINUTE, "DRIVER", 0, LATE),
        (TIERED, -MINUTE, 9 * MINUTE, "DRIVER", 1000, GRACE),
        # Whoever else cancels gives everything back, also after the start.
        (TIERED, HOUR, 2 * HOUR, "OWNER", 1000, RefundReason.NOT_BY_DRIVER),
        (TIERED, HOUR, 50 * MINUTE, "OPERATOR", 1000, RefundReason.NOT_BY_DRIVER),
        (TIERED, HOUR, 50 * MINUTE, "SYSTEM", 1000, RefundReason.NOT_BY_DRIVER),
        # A fee, and 80 % of what is unused; grace for bookings of the same day only.
        (UNUSED_PART, HOUR, 15 * MINUTE, "DRIVER", 1000, GRACE),
        (UNUSED_PART, HOUR, 16 * MINUTE, "DRIVER", 500, TIER),
        (UNUSED_PART, 2 * DAY, MINUTE, "DRIVER", 500, TIER),
        (UNUSED_PART, HOUR, 2 * HOUR, "DRIVER", 100, RefundReason.UNUSED_PART),  # 3 of 4 h
        (UNUSED_PART, HOUR, 4 * HOUR, "DRIVER", 0, RefundReason.UNUSED_PART),  # under the fee
        (UNUSED_PART, HOUR, 5 * HOUR, "DRIVER", 0, RefundReason.STARTED),
        (FREE_UNTIL_START, DAY, DAY - MINUTE, "DRIVER", 1000, TIER),
        (FREE_UNTIL_START, DAY, DAY, "DRIVER", 0, RefundReason.STARTED),
    ],
)
def test_refunds_by_case(
    terms: CancellationTerms,
    starts_in: timedelta,
    cancelled_in: timedelta,
    by: str,
    amount: int,
    reason: RefundReason,
) -> None:
    starts = BOOKED + starts_in
    due = refund(terms, 1000, BOOKED, starts, starts + 4 * HOUR, BOOKED + cancelled_in, by)
    assert (due.amount_minor, due.tier) == (amount, reason)
    assert due.explanation


def test_what_rounding_leaves_is_the_drivers() -> None:
    half = CancellationTerms(grace_minutes=0, tiers=(Tier(0, 50),))
    due = refund(half, 333, BOOKED, BOOKED + DAY, BOOKED + 2 * DAY, BOOKED + HOUR, "DRIVER")
    assert due.amount_minor == 167


@pytest.mark.parametrize(
    ("percent", "price", "due"), [(100, 333, 333), (50, 333, 166), (0, 333, 0), (200, 333, 666)]
)
def test_who_does_not_come_owes_a_percentage(percent: int, price: int, due: int) -> None:
    assert no_show_due(CancellationTerms(no_show_percent=percent), price) == due


tiers = st.lists(st.integers(0, 40_000), max_size=5, unique=True).map(
    lambda minutes: sorted(minutes, reverse=True)
)
terms = st.builds(
    lambda minutes, percent, grace, unused, fee: CancellationTerms(
        no_show_percent=2 * percent,
        no_show_fee_minor=fee,
        grace_minutes=grace,
        tiers=tuple(Tier(each, percent, Bound.MORE_THAN) for each in minutes),
        unused_percent=unused,
        fee_minor=fee,
    ),
    tiers, st.integers(0, 100), st.integers(0, 60), st.integers(0, 100), st.integers(0, 2000),
)  # fmt: skip


@calmly
@given(terms, st.integers(0, 100_000), st.integers(-60, 50_000), st.integers(0, 60_000))
def test_a_refund_is_never_negative_nor_more_than_was_paid(
    given_terms: CancellationTerms, paid: int, starts_in: int, cancelled_in: int
) -> None:
    starts, at = BOOKED + starts_in * MINUTE, BOOKED + cancelled_in * MINUTE
    for by in ("DRIVER", "OWNER"):
        due = refund(given_terms, paid, BOOKED, starts, starts + DAY, at, by)
        assert 0 <= due.amount_minor <= paid
    assert due.amount_minor == paid


@calmly
@given(terms)
def test_terms_survive_the_way_through_json(given_terms: CancellationTerms) -> None:
    assert parse_terms(terms_json(given_terms)) == given_terms


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("nonsense", "cancellation"),
        ("[]", "cancellation"),
        ('{"unknown": 1}', "cancellation"),
        ('{"grace_minutes": -1}', "cancellation.grace_minutes"),
        ('{"grace_minutes": 1.5}', "cancellation.grace_minutes"),
        ('{"grace_minutes": true}', "cancellation.grace_minutes"),
        ('{"unused_percent": 101}', "cancellation.unused_percent"),
        ('{"no_show_percent": 201}', "cancellation.no_show_percent"),
        ('{"no_show_fee_minor": -1}', "cancellation.no_show_fee_minor"),
        ('{"tiers": 1}', "cancellation.tiers"),
        ('{"tiers": [{"percent": 5}]}', "cancellation.tiers"),
        ('{"tiers": [{"minutes_before": 1, "percent": 5, "bound": "NEAR"}]}', "cancellation.tiers"),
        (
            '{"tiers": [{"minutes_before": 1, "percent": 500}]}',
            "cancellation.tiers.0.percent",
        ),
        (
            '{"tiers": [{"minutes_before": 1, "percent": 5}, {"minutes_before": 1, "percent": 5}]}',
            "cancellation.tiers.1.minutes_before",
        ),
    ],
)
def test_unsound_terms_are_refused_by_name(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_terms(text)
    assert caught.value.field == field

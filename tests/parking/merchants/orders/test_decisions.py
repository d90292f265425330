"""The pure decisions about orders, as tables."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from parking.merchants.kinds import Demand, OrderSource, OrderState, OrderStep, Payer, Reason
from parking.merchants.kinds import UnitState as Unit
from parking.merchants.orders.decisions import (
    CANCELLED_DIGEST,
    REASONS,
    after_reservation,
    following,
    is_newer,
    is_parking_wanted,
    period,
    refusal,
)
from parking.merchants.records import Needs, OrderRecord, UnitRecord
from parking.windows import Window

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
P, B, W, R, U, C = (
    OrderState.PENDING, OrderState.BOOKED, OrderState.WAITLISTED, OrderState.REFUSED,
    OrderState.UNWANTED, OrderState.CANCELLED,
)  # fmt: skip
YES, NO, UNSAID = Demand


def order(state: OrderState = B, **values: Any) -> OrderRecord:
    blank: dict[str, Any] = dict.fromkeys(OrderRecord._fields)
    given = {
        "stamp": NOW, "digest": "5", "state": state, "is_due": state is P, "needs": "{}",
        "reservation_id": 7 if state is B else None, "reservation_state": "CONFIRMED",
        "waitlist_entry_id": 8 if state is W else None, "source": OrderSource.API,
        "reason_code": "",
    }  # fmt: skip
    return OrderRecord(**{**blank, **given, **values})


def unit(**values: Any) -> UnitRecord:
    given: dict[str, Any] = {
        "id": 1, "organisation_id": 1, "campus_id": 1, "name": "Tea", "external_id": None,
        "level": 0, "x_metres": 0.0, "y_metres": 0.0, "lead_minutes": 15, "tail_minutes": 30,
        "stay_minutes": 120, "raise_minutes": None, "payer": Payer.GUEST, "locale": "en",
        "orders_per_day_max": None, "state": Unit.ACTIVE, "version": 1, "created_by": None,
        "created_at": NOW, "changed_at": NOW,
    }  # fmt: skip
    return UnitRecord(**{**given, **values})


@pytest.mark.parametrize(
    ("demand", "plate", "needs", "wanted"),
    [
        (YES, "", Needs(), True),
        (YES, "SHB1", Needs(), True),
        (NO, "", Needs(), False),
        (NO, "SHB1", Needs(is_ev=True), False),
        (UNSAID, "", Needs(), False),
        (UNSAID, "SHB1", Needs(), True),
        (UNSAID, "", Needs(is_ev=True), True),
        (UNSAID, "", Needs(height_metres=2.1), True),
    ],
)
def test_whether_parking_is_wanted(demand: Demand, plate: str, needs: Needs, wanted: bool) -> None:
    assert is_parking_wanted(demand, plate, needs) is wanted


def test_the_newest_message_counts_in_whatever_order_they_arrive() -> None:
    later = NOW + timedelta(seconds=1)
    messages = [(NOW, "2"), (NOW, "5"), (later, "1"), (later, CANCELLED_DIGEST), (later, "f")]
    for arriving in permutations(messages):
        kept = order(stamp=arriving[0][0], digest=arriving[0][1])
        for stamp, digest in arriving[1:]:
            if is_newer(kept, stamp, digest):
                kept = kept._replace(stamp=stamp, digest=digest)
        assert (kept.stamp, kept.digest) == (later, CANCELLED_DIGEST)


def test_the_same_message_again_counts_once() -> None:
    assert not is_newer(order(), NOW, "5")


@pytest.mark.parametrize(
    ("before", "cancelled", "wanted", "same", "state", "is_due"),
    [
        (None, False, True, False, P, True),
        (None, False, False, False, U, False),
        (None, True, False, False, C, False),
        (order(P), False, True, False, P, True),
        (order(P), False, True, True, P, True),
        (order(B), False, True, True, B, False),
        (order(B), False, True, False, P, True),
        (order(B), False, False, False, U, True),
        (order(B), True, False, False, C, True),
        (order(B, reservation_state="ACTIVE"), False, True, False, B, False),
        (order(B, reservation_state="NO_SHOW"), False, True, False, B, False),
        (order(W), False, True, True, W, False),
        (order(W), False, True, False, P, True),
        (order(W), True, False, False, C, True),
        (order(R), False, True, True, P, True),
        (order(R), True, False, False, C, False),
        (order(U), False, True, True, P, True),
        (order(U), False, False, False, U, False),
        (order(C), False, True, True, P, True),
        (order(C, reason_code=Reason.BY_GUEST), False, True, True, C, False),
        (order(C, reason_code=Reason.BY_GUEST), False, True, False, P, True),
    ],
)
def test_what_a_message_makes_of_an_order(
    before: OrderRecord | None,
    cancelled: bool,
    wanted: bool,
    same: bool,
    state: OrderState,
    is_due: bool,
) -> None:
    found = following(before, is_cancelled=cancelled, is_wanted=wanted, is_same_parking=same)
    assert found == (state, is_due)


def hours(begin: float, end: float) -> Window:
    return Window(NOW + timedelta(hours=begin), NOW + timedelta(hours=end))


@pytest.mark.parametrize(
    ("begin", "end", "window"),
    [
        (2, None, hours(1.75, 4.5)),
        (2, 3, hours(1.75, 3.5)),
        (0.1, 1, hours(0, 1.5)),
        (-1, None, hours(0, 1.5)),
        (-3, None, None),
        (-2.5, None, None),
        (-2, -0.6, None),
    ],
)
def test_the_period_of_a_service(begin: float, end: float | None, window: Window | None) -> None:
    ends = None if end is None else NOW + timedelta(hours=end)
    assert period(NOW + timedelta(hours=begin), ends, unit(), NOW) == window


def test_why_an_order_is_refused_before_any_bay_is_looked_at() -> None:
    limited = unit(orders_per_day_max=2)
    assert refusal(None, unit(), 0) is Reason.PAST
    assert refusal(hours(1, 2), unit(), 10_000) is None
    assert refusal(hours(1, 2), limited, 1) is None
    assert refusal(hours(1, 2), limited, 2) is Reason.QUOTA


@pytest.mark.parametrize(
    ("state", "by", "after", "step"),
    [
        ("CONFIRMED", "", B, OrderStep.PAID),
        ("ACTIVE", "", B, OrderStep.ARRIVED),
        ("COMPLETED", "", B, OrderStep.LEFT),
        ("NO_SHOW", "", B, OrderStep.MISSED),
        ("EXPIRED", "", R, OrderStep.REFUSED),
        ("CANCELLED", "DRIVER", C, OrderStep.CANCELLED),
        ("CANCELLED", "OWNER", P, OrderStep.REPLACED),
        ("CANCELLED", "OPERATOR", P, OrderStep.REPLACED),
        ("CANCELLED", "SYSTEM", P, OrderStep.REPLACED),
        ("PENDING_PAYMENT", "", B, OrderStep.KEPT),
    ],
)
def test_what_its_booking_makes_of_an_order(
    state: str, by: str, after: OrderState, step: OrderStep
) -> None:
    found = after_reservation(state, by)
    assert (found.state, found.step) == (after, step)
    assert found.reason is None or REASONS[found.reason]


def test_every_reason_has_words() -> None:
    assert set(REASONS) == set(Reason)

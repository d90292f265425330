"""What follows from what a rail tells of a payment, whatever it was with us."""

from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import pytest

from parking.settlement.kinds import PaymentState, Purpose, RailOrderKind, RailOrderState
from parking.settlement.payments.records import OrderRecord, PaymentRecord
from parking.settlement.payments.refunds import Part, spread
from parking.settlement.payments.rules import ENDED, Effect, is_unused, turn
from parking.settlement.rails.order_rules import ATTEMPTS_MAX, BACKOFF_MAX, delay, key_of, unknown
from parking.settlement.rails.port import Told

S, E = PaymentState, Effect
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

TURNS = {
    (S.CREATED, Told.ACTION_NEEDED): (S.ACTION_NEEDED, ()),
    (S.CREATED, Told.AUTHORISED): (S.AUTHORISED, (E.HOLD,)),
    (S.CREATED, Told.CAPTURED): (S.CAPTURED, (E.CREDIT,)),
    (S.CREATED, Told.RELEASED): (S.RELEASED, ()),
    (S.CREATED, Told.DECLINED): (S.DECLINED, ()),
    (S.ACTION_NEEDED, Told.ACTION_NEEDED): (S.ACTION_NEEDED, ()),
    (S.ACTION_NEEDED, Told.AUTHORISED): (S.AUTHORISED, (E.HOLD,)),
    (S.ACTION_NEEDED, Told.CAPTURED): (S.CAPTURED, (E.CREDIT,)),
    (S.ACTION_NEEDED, Told.RELEASED): (S.RELEASED, ()),
    (S.ACTION_NEEDED, Told.DECLINED): (S.DECLINED, ()),
    (S.AUTHORISED, Told.ACTION_NEEDED): (S.AUTHORISED, ()),
    (S.AUTHORISED, Told.AUTHORISED): (S.AUTHORISED, ()),
    (S.AUTHORISED, Told.CAPTURED): (S.CAPTURED, (E.CREDIT, E.VOID)),
    (S.AUTHORISED, Told.RELEASED): (S.RELEASED, (E.VOID,)),
    (S.AUTHORISED, Told.DECLINED): (S.AUTHORISED, ()),
}
TURNS |= {(ended, Told.ACTION_NEEDED): (ended, (E.RELEASE,)) for ended in ENDED}
TURNS |= {(ended, Told.AUTHORISED): (ended, (E.RELEASE,)) for ended in ENDED}
TURNS |= {(ended, Told.CAPTURED): (S.CAPTURED, (E.CREDIT,)) for ended in ENDED}
TURNS |= {(ended, told): (ended, ()) for ended in ENDED for told in (Told.RELEASED, Told.DECLINED)}
TURNS |= {(S.CAPTURED, told): (S.CAPTURED, ()) for told in Told}
TURNS |= {(state, Told.PROCESSING): (state, ()) for state in S}


def test_the_table_has_every_case() -> None:
    assert set(TURNS) == set(product(S, Told))


@pytest.mark.parametrize(("state", "told"), sorted(TURNS))
def test_what_follows(state: PaymentState, told: Told) -> None:
    following = turn(state, Purpose.BOOKING, told, is_secured=False)
    assert (following.state, following.effects) == (
        TURNS[state, told][0], frozenset(TURNS[state, told][1])
    )  # fmt: skip


@pytest.mark.parametrize("told", Told)
def test_what_is_in_escrow_stays_there(told: Told) -> None:
    following = turn(S.AUTHORISED, Purpose.BOOKING, told, is_secured=True)
    assert following.effects == frozenset()
    assert following.state is (S.CAPTURED if told is Told.CAPTURED else S.AUTHORISED)


def test_what_is_taken_after_it_became_a_debt_pays_that() -> None:
    following = turn(S.FAILED, Purpose.BOOKING, Told.CAPTURED, is_secured=True)
    assert tuple(following) == (S.CAPTURED, {E.CREDIT})


def test_the_same_words_in_any_order_end_in_the_same_state() -> None:
    words = (Told.ACTION_NEEDED, Told.AUTHORISED, Told.CAPTURED, Told.AUTHORISED)
    for order in set(permutations(words)):
        state = S.CREATED
        for told in order:
            state = turn(state, Purpose.WALLET, told, is_secured=False).state
        assert state is S.CAPTURED


@pytest.mark.parametrize(
    ("purpose", "age_minutes", "waits_minutes", "unused"),
    [
        (Purpose.BOOKING, 1, 5, False),
        (Purpose.BOOKING, 1, 0, True),
        (Purpose.BOOKING, 1, None, True),
        (Purpose.EXTENSION, 14, None, False),
        (Purpose.EXTENSION, 15, None, True),
        (Purpose.WALLET, 23 * 60, None, False),
        (Purpose.WALLET, 24 * 60, None, True),
    ],
)
def test_when_nobody_waits_for_it_any_more(
    purpose: Purpose, age_minutes: int, waits_minutes: int | None, unused: bool
) -> None:
    created = NOW - timedelta(minutes=age_minutes)
    until = None if waits_minutes is None else NOW + timedelta(minutes=waits_minutes)
    assert is_unused(purpose, created, until, NOW) is unused


def order(attempts: int = 1, generation: int = 0) -> OrderRecord:
    return OrderRecord(
        1, "refund:3:4", RailOrderKind.REFUND, RailOrderState.DUE, "stripe", "EUR", 100, attempts,
        generation, NOW, "", None, NOW, None, 4, None,
    )  # fmt: skip


def test_pauses_double_up_to_half_an_hour_and_end_with_a_person() -> None:
    pauses = [delay(order(n), is_over=False) for n in range(1, ATTEMPTS_MAX)]
    seconds = [each.pause.total_seconds() for each in pauses if each is not None]
    assert seconds[:4] == [10, 20, 40, 80]
    assert seconds[-1] == BACKOFF_MAX.total_seconds()
    assert timedelta(hours=4) < timedelta(seconds=sum(seconds)) < timedelta(hours=8)
    assert delay(order(ATTEMPTS_MAX), is_over=False) is None
    assert "look at the rail" in unknown(order(ATTEMPTS_MAX), "no answer")


def test_an_error_that_the_rail_remembers_makes_another_key() -> None:
    later = delay(order(), is_over=True)
    assert later is not None
    assert key_of(order()) == "refund:3:4"
    assert key_of(order(2, later.generation)) == "refund:3:4.1"


def payment(payment_id: int, amount: int) -> PaymentRecord:
    return PaymentRecord(
        payment_id, f"pay_{payment_id}", S.CAPTURED, Purpose.BOOKING, 1, "stripe", "EUR", amount,
        amount, 0, f"pi_{payment_id}", "", "", 1, NOW, NOW, None, NOW, 1, 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "before", "parts"),
    [
        (150, {}, [150, 0]),
        (250, {}, [200, 50]),
        (600, {}, [200, 400]),
        (700, {}, [200, 400]),
        (250, {1: 150}, [50, 200]),
        (100, {1: 200}, [0, 100]),
        (0, {}, [0, 0]),
    ],
)
def test_a_refund_is_spread_never_above_what_came_in(
    amount: int, before: dict[int, int], parts: list[int]
) -> None:
    paid = [payment(1, 200), payment(2, 400)]
    found = {part.payment.id: part.amount_minor for part in spread(amount, paid, before)}
    assert [found.get(each.id, 0) for each in paid] == parts
    assert all(isinstance(part, Part) for part in spread(amount, paid, before))

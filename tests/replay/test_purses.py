"""What becomes of the drivers' money: the checker's own reckoning, worked out by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from berth.replay.declared import Visit
from berth.replay.expected import expected
from berth.replay.purses import (
    CANCELLED,
    COMPLETED,
    LACKING,
    NO_SHOW,
    OWING,
    PLENTY_MINOR,
    Due,
    Reckoned,
    Told,
    brings_minor,
    driver_of,
    paydays_of,
    reckon,
)
from berth.replay.shares import Divided, missed, used

TEN = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def visit(number: int, arrival: float, departure: float, declared: float) -> Visit:
    """Each in a bay of its own."""
    return Visit(number, f"bay {number}", at(arrival), at(departure), at(declared))


def reckoned(*visits: Visit) -> Reckoned:
    return reckon(visits, expected(visits))


def test_a_driver_with_plenty() -> None:
    found = reckoned(visit(2, 0, 30, 60))
    assert found.dues[2] == [Due(COMPLETED, used(320, 80, 0), 320, refund_minor=80)]
    assert found.told[2] == []
    assert found.wallets == {2: PLENTY_MINOR - 240}


def test_who_brings_too_little_is_told_what_is_missing_and_brings_it() -> None:
    found = reckoned(visit(7, 0, 60, 60))
    assert brings_minor(visit(7, 0, 60, 60)) == 240
    assert found.told[7] == [Told(LACKING, 80)]
    assert (found.wallets[7], found.paid_in_minor) == (0, 320)


def test_who_brought_just_the_price_and_overstays_goes_away_owing() -> None:
    found = reckoned(visit(3, 0, 90, 60))
    assert found.dues[3] == [Due(COMPLETED, used(320, 0, 240), 320, receivable_minor=240)]
    assert (found.wallets[3], found.debts[3]) == (0, 240)


def test_and_pays_that_when_coming_again_before_anything_is_booked() -> None:
    again = visit(24, 600, 660, 660)
    assert driver_of(again) == 3
    found = reckoned(visit(3, 0, 90, 60), again)
    assert found.told[24] == [Told(OWING, 240), Told(LACKING, 320)]
    assert (found.wallets[3], found.debts[3], found.paid_in_minor) == (0, 0, 320 + 240 + 320)


def test_what_is_given_back_is_there_the_next_time_and_not_before() -> None:
    """80 come back when the first has left; the second books after that, or before."""
    later = reckoned(visit(3, 0, 30, 60), visit(24, 600, 660, 660))
    assert later.told[24] == [Told(LACKING, 240)]
    sooner = reckoned(visit(3, 0, 30, 60), visit(24, 50, 110, 110))
    assert sooner.told[24] == [Told(LACKING, 320)]


def test_what_comes_back_of_another_stay_pays_the_debt() -> None:
    """The first ends owing 2.40; of the second, booked before that, 0.80 come back."""
    found = reckoned(visit(3, 0, 90, 60), visit(24, 60, 105, 120))
    assert found.told[24] == [Told(LACKING, 320)]
    assert found.dues[24][0].refund_minor == 40
    assert (found.wallets[3], found.debts[3]) == (0, 200)


def test_who_cancels_at_once_has_all_back() -> None:
    found = reckoned(visit(11, 0, 60, 60))
    assert found.dues[11] == [
        Due(CANCELLED, Divided(), 320, refund_minor=320), Due(COMPLETED, used(320, 0, 0), 320)
    ]  # fmt: skip
    assert found.wallets[11] == PLENTY_MINOR - 320


def test_who_never_comes_owes_half_and_a_fee() -> None:
    never = visit(10, 600, 660, 660)
    found = reckon([], {}, [never])
    assert found.dues[10] == [Due(NO_SHOW, missed(320), 320, refund_minor=10)]
    assert found.wallets[10] == PLENTY_MINOR - 310


ZONE = ZoneInfo("Europe/Berlin")
FRIDAYS = [datetime(2026, 1, 9, 6, tzinfo=ZONE), datetime(2026, 1, 16, 6, tzinfo=ZONE)]
SHARE = 223 + 13
LATE_SHARE = SHARE + 142


def test_paydays_are_local_fridays() -> None:
    assert paydays_of(at(0), FRIDAYS[1], ZONE) == FRIDAYS
    assert paydays_of(FRIDAYS[0], FRIDAYS[1] - timedelta(seconds=1), ZONE) == FRIDAYS[:1]
    assert paydays_of(FRIDAYS[0] + timedelta(seconds=1), FRIDAYS[1], ZONE) == FRIDAYS[1:]


def test_on_fridays_what_was_settled_before_thursday_is_paid_out() -> None:
    thursday = 3 * 1440 - 11 * 60  # 0:00 in Berlin
    last, next_one = (
        visit(2, thursday - 62, thursday - 2, thursday - 2),
        visit(5, thursday - 61, thursday - 1, thursday - 1),
    )
    both = [last, next_one]
    assert reckon(both, expected(both), (), FRIDAYS[:1]).paid_out_minor == SHARE
    assert reckon(both, expected(both), (), FRIDAYS).paid_out_minor == 2 * SHARE


def test_but_nothing_of_a_stay_for_which_the_driver_still_owes() -> None:
    """The first owes until the second visit, on Monday of the week after."""
    owing, again = visit(3, 0, 90, 60), visit(24, 7 * 1440, 7 * 1440 + 60, 7 * 1440 + 60)
    both = [owing, again]
    assert reckon(both, expected(both), (), FRIDAYS[:1]).paid_out_minor == 0
    assert reckon(both, expected(both), (), FRIDAYS).paid_out_minor == LATE_SHARE + SHARE

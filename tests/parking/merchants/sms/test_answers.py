"""What is answered, in the merchant's language, in at most three segments."""

from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from parking.errors import Conflict, NotFound
from parking.merchants.kinds import OrderState, Reason
from parking.merchants.sms import answer_words, answers
from parking.merchants.sms.grammar import read
from parking.merchants.sms.orders import Standing
from parking.merchants.sms.results import (
    NAME_CHARACTERS_MAX,
    Action,
    Field,
    Hints,
    Needs,
    Problem,
    Trouble,
    Unclear,
    Understood,
)
from parking.merchants.sms.segments import Alphabet, cut, fitted
from tests.parking.merchants.sms.reading import NOW

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
ORDER = Understood(
    Action.BOOK, "A-1021", AT, AT.replace(hour=20), 4, "+491701234567", "Ms Li", "BMW123",
    wants_parking=True, needs=Needs(accessible=True),
)  # fmt: skip
BOOKED = Standing("A-1021", OrderState.BOOKED, AT, "Mall garage", "12")


def test_a_booking_is_told_with_what_was_understood() -> None:
    assert answers.done(ORDER, BOOKED, BERLIN, "en") == (
        "Order A-1021: booked Mall garage, space 12. Sat 21 Nov 19:30 to 21:30, 4 people, Ms Li, "
        "+491701234567, plate BMW123, accessible."
    )
    assert answers.done(ORDER, BOOKED, BERLIN, "zh-CN") == (
        "订单A-1021：已订Mall garage 12号车位。11月21日周六19:30至21:30，4人，Ms Li，"
        "+491701234567，车牌BMW123，无障碍。"
    )


@pytest.mark.parametrize(("state", "locale"), list(product(OrderState, ["en", "zh"])))
def test_every_state_has_its_words_and_fits(state: OrderState, locale: str) -> None:
    long = Understood(
        Action.BOOK, "R" * 40, AT, AT, 500, "+491701234567", "李" * NAME_CHARACTERS_MAX, "B" * 10
    )
    standing = Standing("R" * 40, state, AT, "长" * 100, "12", Reason.FULL.value)
    text = answers.done(long, standing, BERLIN, locale)
    assert "R" * 40 in text
    assert cut(text).segments <= answers.SEGMENTS_MAX


def test_a_refused_order_says_why() -> None:
    refused = Standing("1", OrderState.REFUSED, AT, reason_code="FULL")
    assert "no parking (all are taken)" in answers.done(ORDER, refused, BERLIN, "en")
    assert "车位已满" in answers.done(ORDER, refused, BERLIN, "zh")


def test_every_reason_has_its_words() -> None:
    for locale in ("en", "zh"):
        assert {each.value for each in Reason} <= set(answer_words.REASONS[locale])


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_every_problem_has_its_words_and_fits(locale: str) -> None:
    for field, trouble in product(Field, Trouble):
        said = ("2026-11-22 07:30", "2026-11-22 19:30", "x" * 400)
        heard = Understood(Action.BOOK, "R" * 40)
        text = answers.unclear(Unclear((Problem(field, trouble, said),) * 4, heard), locale)
        assert cut(text).segments <= answers.SEGMENTS_MAX
        assert "{" not in text


def test_what_is_missing_is_said_with_an_example() -> None:
    reading = read("tomorrow at 8, #12", NOW, BERLIN)
    assert isinstance(reading, Unclear)
    assert answers.unclear(reading, "en") == (
        "Nothing was done: 2026-11-22 08:00 or 2026-11-22 20:00? (order 12). Example: order 1021 "
        "today 19:30, 4 people, Ms Li, plate B-MW 123, +49 170 1234567"
    )


@pytest.mark.parametrize(
    ("locale", "region", "zone"),
    [("en", "DE", "Europe/Berlin"), ("zh", "CN", "Asia/Shanghai")],
)
def test_the_examples_that_we_send_are_understood(locale: str, region: str, zone: str) -> None:
    lead = {"en": "order ", "zh": "订单"}[locale]
    text = lead + answer_words.EXAMPLE[locale]
    order = read(text, NOW, ZoneInfo(zone), Hints(locale, region))
    assert isinstance(order, Understood)
    assert (order.order_ref, order.party) == ("1021", 4)
    assert order.guest_phone
    assert order.plate


def test_refusals_are_told_in_both_languages() -> None:
    cancel = Understood(Action.CANCEL, "12")
    assert answers.not_done(cancel, NotFound("…"), "en") == (
        "Order 12: nothing was done: there is no such order here."
    )
    assert answers.not_done(cancel, NotFound("…"), "zh") == "订单12：未办理：没有此订单。"
    other = Conflict("the shop is shut", code="SHUT")
    assert "the shop is shut" in answers.not_done(cancel, other, "en")
    assert "SHUT" in answers.not_done(cancel, other, "zh")


@pytest.mark.parametrize("text", [answers.help_text, answers.failed, answers.incomplete])
def test_the_rest_fits_too(text: object) -> None:
    assert callable(text)
    for locale in ("en", "zh"):
        assert cut(text(locale)).segments <= answers.SEGMENTS_MAX


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "segments"),
    [
        ("", Alphabet.GSM_7, 0, 1),
        ("a" * 160, Alphabet.GSM_7, 160, 1),
        ("a" * 161, Alphabet.GSM_7, 161, 2),
        ("€" * 80, Alphabet.GSM_7, 160, 1),
        ("a" * 152 + "€" + "a" * 152, Alphabet.GSM_7, 306, 3),
        ("a" * 153 + "b" * 153, Alphabet.GSM_7, 306, 2),
        ("好" * 70, Alphabet.UCS_2, 70, 1),
        ("好" * 71, Alphabet.UCS_2, 71, 2),
        ("😀" * 35, Alphabet.UCS_2, 70, 1),
        ("好" * 66 + "😀" + "好" * 66, Alphabet.UCS_2, 134, 3),
        ("`", Alphabet.UCS_2, 1, 1),
    ],
)
def test_segments_are_counted(text: str, alphabet: Alphabet, units: int, segments: int) -> None:
    assert cut(text) == (alphabet, units, segments)


@pytest.mark.parametrize("sign", ["a", "€", "好", "😀"])
def test_what_is_too_long_is_cut_as_late_as_possible(sign: str) -> None:
    short = fitted(sign * 1000, 3)
    assert cut(short).segments == 3
    assert cut(sign + short).segments == 4

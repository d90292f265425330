"""Words and codes: how they are read, and which are refused."""

import pytest

from parking.errors import InvalidInput
from parking.vehicles.codes import checked_word, comparable
from parking.vehicles.limits import CODE_TEXT_CHARACTERS_MAX, WORD_CHARACTERS_MAX


@pytest.mark.parametrize(
    "typed",
    [
        "Harbour View-0417", "harbourview0417", "HARBOUR–VIEW 0417", "  harbour_view.04 17 ",
        "ＨＡＲＢＯＵＲ　ｖｉｅｗ０４１７", "harbour view ٠٤١٧",
    ],
)  # fmt: skip
def test_a_code_is_read_forgivingly(typed: str) -> None:
    assert comparable(typed) == "harbourview0417"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("café au lait", "cafe\u0301 AU LAIT"), ("ΣΊΣΥΦΟΣ", "σίσυφοσ")],
)
def test_spellings_of_one_word_are_alike(one: str, other: str) -> None:
    assert comparable(one) == comparable(other) != ""


@pytest.mark.parametrize("typed", ["", " - ", "🚗🚗", "harbourview0417" + " " * 100])
def test_what_cannot_be_a_code_is_nothing(typed: str) -> None:
    assert comparable(typed) == ""


def test_the_longest_word_with_its_digits_is_read() -> None:
    word = checked_word("ab1" * (WORD_CHARACTERS_MAX // 3), "B-MW 1234")
    assert len(comparable(f"{word}-12345678")) == WORD_CHARACTERS_MAX + 8
    assert 2 * WORD_CHARACTERS_MAX + 9 <= CODE_TEXT_CHARACTERS_MAX


@pytest.mark.parametrize(
    "word", ["harbour view", "Käthe7", "码头停车场边", "Grüne Eule", "4 wheels", "abcdex", "199719"]
)
def test_a_word_is_the_drivers_own_choice(word: str) -> None:
    assert checked_word(f"  {word} ", "B-MW 1234") == word


@pytest.mark.parametrize(
    "word",
    [
        "", "short", "a-b-c-d-e", "x" * 25, "a 1 b 2 c 3" + " " * 3 + "!" * 20, "tab\x07word",
        "aaaaaa", "ababab", "111112", "123456", "987654", "890123", "abcdef", "ZYXWVU", "qwerty",
        "poiuyt", "asdfgh", "１２３４５６",
        "BMW1234", "my b-mw 1234", "mw1234", "bmw-123-4x",
    ],
)  # fmt: skip
def test_a_word_that_strangers_would_try_is_refused(word: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_word(word, "B-MW 1234")
    assert refused.value.field == "word"


def test_a_short_plate_may_be_in_a_word() -> None:
    assert checked_word("pizza1", "A1") == "pizza1"

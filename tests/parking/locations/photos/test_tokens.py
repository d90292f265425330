"""Addresses of pictures: nobody makes or changes one without the key."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parking.errors import NotFound
from parking.locations.photos.tokens import PhotoToken, Right, opened_token, sealed_token

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
KEY, FORMER = b"k" * 32, b"f" * 32
TOKEN = PhotoToken(Right.PERSON, 7, 9, NOW + timedelta(minutes=5), 3)


def test_says_what_was_put_in() -> None:
    text = sealed_token(KEY, TOKEN)
    assert text == text.lower()
    assert text.isalnum()
    assert opened_token([KEY], text, NOW) == TOKEN


def test_one_under_a_former_key_is_good() -> None:
    assert opened_token([KEY, FORMER], sealed_token(FORMER, TOKEN), NOW) == TOKEN


@pytest.mark.parametrize("late", [timedelta(minutes=5), timedelta(days=1)])
def test_it_is_worth_nothing_from_its_end_on(late: timedelta) -> None:
    with pytest.raises(NotFound):
        opened_token([KEY], sealed_token(KEY, TOKEN), NOW + late)


def test_another_key_finds_nothing() -> None:
    with pytest.raises(NotFound):
        opened_token([FORMER], sealed_token(KEY, TOKEN), NOW)


@given(st.text(max_size=120) | st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=70))
def test_whatever_else_is_told_is_missing(text: str) -> None:
    with pytest.raises(NotFound):
        opened_token([KEY], text, NOW)


@given(st.integers(0, 60), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_no_letter_can_be_changed(where: int, letter: str) -> None:
    text = sealed_token(KEY, TOKEN)
    changed = text[:where] + letter + text[where + 1 :]
    if changed == text:
        return
    with pytest.raises(NotFound):
        opened_token([KEY], changed, NOW)

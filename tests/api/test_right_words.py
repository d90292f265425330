"""What a right gives, in words."""

from typing import Any

import pytest

from api.right_words import WEEKDAYS, gift_text, stretch_text, weekdays_text, windows_text
from parking.rights.kinds import RightKind


def right(kind: str, value: int = 0, worth: int | None = None) -> dict[str, Any]:
    most = None if worth is None else {"amountMinor": worth, "currency": "EUR"}
    return {"kind": kind, "value": value, "currency": "EUR", "worthMax": most}


@pytest.mark.parametrize(
    ("given", "english", "chinese"),
    [
        (right("MINUTES", 120), "2 h of parking free", "免费停车 2 小时"),
        (right("MINUTES", 90, 500), "1 h 30 min of parking free (worth up to €5.00)",
         "免费停车 1 小时 30 分钟（最多抵 €5.00）"),
        (right("AMOUNT", 300, 300), "€3.00 off parking", "停车费减免 €3.00"),
        (right("AMOUNT", 300, 200), "€3.00 off parking (worth up to €2.00)",
         "停车费减免 €3.00（最多抵 €2.00）"),
        (right("PERCENT", 50), "50 % off parking", "停车费减免 50 %"),
        (right("FREE"), "Free parking", "免费停车"),
        (right("ACCESS"), "Entry and parking free", "免费进场停车"),
    ],
)  # fmt: skip
def test_a_right_is_told_in_both_languages(
    given: dict[str, Any], english: str, chinese: str
) -> None:
    assert gift_text(given, "en") == english
    assert gift_text(given, "zh") == chinese


@pytest.mark.parametrize("kind", RightKind)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_has_words(kind: RightKind, language: str) -> None:
    assert gift_text(right(kind.value, 10), language)


def test_amounts_are_written_as_the_reader_writes_them() -> None:
    assert gift_text(right("AMOUNT", 300), "en", "de-DE") == "3,00\xa0€ off parking"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0, "0 min"), (45, "45 min"), (60, "1 h"), (1440, "24 h"), (2880, "2 d"), (3000, "2 d 2 h")],
)
def test_a_stretch_of_time(minutes: int, told: str) -> None:
    assert stretch_text(minutes, "en") == told


@pytest.mark.parametrize(
    ("days", "english", "chinese"),
    [
        ((4, 0, 1, 2, 3), "Mon–Fri", "周一–周五"),
        ((5, 6), "Sat, Sun", "周六、周日"),
        ((0, 1, 2, 6), "Mon–Wed, Sun", "周一–周三、周日"),
        ((3,), "Thu", "周四"),
    ],
)
def test_days_in_a_row_are_told_as_one(days: tuple[int, ...], english: str, chinese: str) -> None:
    names = [WEEKDAYS[each] for each in days]
    assert weekdays_text(names, "en") == english
    assert weekdays_text(names, "zh") == chinese


def test_windows_are_times_of_day() -> None:
    told = [{"startsAt": "11:30", "endsAt": "14:30"}, {"startsAt": "18:00", "endsAt": "02:00"}]
    assert windows_text(told, "en") == "11:30–14:30, 18:00–02:00"
    assert windows_text(told, "zh") == "11:30–14:30、18:00–02:00"

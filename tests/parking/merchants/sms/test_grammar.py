"""What merchants write and what it means: tables in both languages, and what holds for any text."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parking.merchants.sms.canonical import canonical
from parking.merchants.sms.folding import folded
from parking.merchants.sms.grammar import read
from parking.merchants.sms.results import (
    TEXT_CHARACTERS_MAX,
    Action,
    Field,
    Hints,
    Needs,
    Trouble,
    Unclear,
    Understood,
)
from tests.parking.merchants.sms.reading import NOW, Example, examples, summary

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from(
    [ZoneInfo(n) for n in ("Europe/Berlin", "Asia/Shanghai", "America/New_York", "Pacific/Apia")]
)
ENGLISH, CHINESE = list(examples("english.txt")), list(examples("chinese.txt"))
HINTS = st.sampled_from([Hints("en", "DE"), Hints("en", "US"), Hints("zh", "CN"), Hints()])
WORDS = sorted({word for each in ENGLISH + CHINESE for word in each.text.split()})
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join),
    st.lists(
        st.sampled_from(WORDS) | st.text("0123456789:.-+/#点月号 ", max_size=6), max_size=15
    ).map("".join),
)
NOWS = st.integers(-700, 12_000).map(lambda days: NOW + timedelta(days=days, minutes=days * 17))


@pytest.mark.parametrize("table", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_examples(table: list[Example]) -> None:
    found = [(e.text, summary(read(e.text, NOW, e.zone, e.hints), e.zone)) for e in table]
    assert found == [(e.text, e.expected) for e in table]


def test_there_are_as_many_examples_as_the_guide_says() -> None:
    assert len(ENGLISH) >= 150
    assert len(CHINESE) >= 100


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_our_own_writing_of_each_example_reads_the_same(locale: str) -> None:
    for each in ENGLISH + CHINESE:
        order = read(each.text, NOW, each.zone, each.hints)
        if isinstance(order, Understood):
            assert read(canonical(order, each.zone, locale), NOW, each.zone, each.hints) == order


@given(text=TEXTS, now=NOWS, zone=ZONES, hints=HINTS)
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_and_what_is_understood_can_be_written(
    text: str, now: datetime, zone: ZoneInfo, hints: Hints
) -> None:
    order = read(text, now, zone, hints)
    if isinstance(order, Unclear):
        assert order.problems
        return
    for locale in ("en", "zh"):
        assert read(canonical(order, zone, locale), now, zone, hints) == order


@given(
    at=st.integers(0, 200 * 24 * 60),
    stay=st.none() | st.integers(1, 24 * 60),
    party=st.none() | st.integers(1, 500),
    name=st.sampled_from(["", "Ms Li", "Anna Weber", "李女士", "4 people tonight", "#7"]),
    plate=st.sampled_from(["", "BMW123", "AB12CDE", "粤B12345", "1ABC234"]),
    phone=st.sampled_from([None, "+491701234567", "+8613800138000", "+442079460958"]),
    needs=st.builds(Needs, st.sampled_from([None, True, False]), st.sampled_from([None, True])),
    zone=ZONES,
    hints=HINTS,
)
@settings(max_examples=100, deadline=None)
def test_an_order_written_in_either_language_is_that_order(
    at: int,
    stay: int | None,
    party: int | None,
    name: str,
    plate: str,
    phone: str | None,
    needs: Needs,
    zone: ZoneInfo,
    hints: Hints,
) -> None:
    start = NOW + timedelta(minutes=at)
    end = None if stay is None else start + timedelta(minutes=stay)
    order = Understood(
        Action.BOOK,
        "A-1021",
        start,
        end,
        party,
        phone,
        name,
        plate,
        wants_parking=True,
        needs=needs,
    )
    for locale in ("en", "zh"):
        assert read(canonical(order, zone, locale), NOW, zone, hints) == order


@given(text=st.text(max_size=100))
@settings(max_examples=100, deadline=None)
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_a_text_that_is_too_long_is_not_read() -> None:
    order = read("x" * (TEXT_CHARACTERS_MAX + 1), NOW, BERLIN)
    assert isinstance(order, Unclear)
    assert (order.problems[0].field, order.problems[0].trouble) == (Field.TEXT, Trouble.TOO_LONG)


@pytest.mark.parametrize(
    "piece",
    ["1", "1 ", "+1", "a", "plate a", "#1 ", "at 7 ", "点", "1点", "十", "7.30 ", "1-", '"',
     "for 1 ", "半小时", "Mr A ", "周五", "1/", "+49 170 1234567 ", "A-", "不", "\u0130", "①",
     "\0"],
)  # fmt: skip
def test_a_text_made_to_be_slow_is_read_all_the_same(piece: str) -> None:
    text = (piece * TEXT_CHARACTERS_MAX)[:TEXT_CHARACTERS_MAX]
    assert summary(read(text, NOW, SHANGHAI, Hints("zh", "CN")), SHANGHAI)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("#1 28/3 02:30", "2027-03-01T12:00", "TIME:SKIPPED (2027-03-28 02:30)"),
        ("#1 Sunday 2:30am", "2027-03-27T12:00", "TIME:SKIPPED (2027-03-28 02:30)"),
        (
            "#1 31/10 02:30",
            "2027-10-01T12:00",
            "TIME:TWICE (2027-10-31 02:30+02:00 | 2027-10-31 02:30+01:00)",
        ),
        ("#1 2027-10-31T02:30+01:00", "2027-10-01T12:00", "at=10-31 02:30"),
        ("#1 27/3 23:30-03:30", "2027-03-01T12:00", "until=03-28 03:30"),
        ("#1 27/3 23:30-02:30", "2027-03-01T12:00", "END:SKIPPED (2027-03-28 02:30)"),
        ("#1 7:30", "2026-11-21T18:45", "at=11-21 19:30"),
        ("#1 7:30", "2026-11-21T19:45", "TIME:EITHER (2026-11-22 07:30 | 2026-11-22 19:30)"),
        ("#1 19:30", "2026-11-21T19:01", "at=11-22 19:30"),
        ("#1 19:30 today", "2026-11-21T19:01", "TIME:PAST (2026-11-21 19:30)"),
        ("#1 tonight at 1", "2026-11-21T20:00", "at=11-22 01:00"),
        ("#1 next Friday 8pm", "2026-11-23T09:00", "DATE:EITHER (2026-11-27 | 2026-12-04)"),
        ("#1 2 Jan 20:00", "2026-11-21T09:00", "at=01-02 20:00"),
    ],
)
def test_time_goes_by(text: str, now: str, expected: str) -> None:
    order = read(text, datetime.fromisoformat(now).replace(tzinfo=UTC), BERLIN, Hints("en", "DE"))
    assert expected in summary(order, BERLIN)

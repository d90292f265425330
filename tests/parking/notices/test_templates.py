"""Texts are data: both languages of a topic have the same fields."""

import pytest

from parking.notices.kinds import EVENTS, MUTABLE, URGENT, NoticeTopic
from parking.notices.limits import FIELD_CHARACTERS_MAX
from parking.notices.templates import LOCALES, TEMPLATES, best_locale, rendered


@pytest.mark.parametrize("topic", NoticeTopic)
def test_each_language_says_the_same_of_a_topic(topic: NoticeTopic) -> None:
    assert set(TEMPLATES[topic]) == set(LOCALES)
    english, chinese = (TEMPLATES[topic][locale] for locale in LOCALES)
    assert english.fields == chinese.fields
    assert english.text != chinese.text or topic is NoticeTopic.ANSWER


def test_every_topic_is_urgent_or_can_be_muted() -> None:
    assert {*URGENT, *MUTABLE} == set(NoticeTopic)
    assert all(topic.event_type.startswith("order.") for topic in EVENTS)


@pytest.mark.parametrize(
    ("tag", "expected"), [("zh-CN", "zh"), ("zh_TW", "zh"), ("EN", "en"), ("fr", "en"), ("", "en")]
)
def test_the_nearest_language_is_taken(tag: str, expected: str) -> None:
    assert best_locale(tag) == expected


def test_a_missing_field_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="starts"):
        rendered(NoticeTopic.PARKING_WAITLISTED, "en", {"merchant": "Tea"})


def test_values_are_put_in_on_one_line_and_cut() -> None:
    fields = {"merchant": "Tea\r\nBcc: all@example.com", "starts": "7" * 1000}
    said = rendered(NoticeTopic.PARKING_WAITLISTED, "en", fields)
    assert "\n" not in said.subject + said.text
    assert "7" * (FIELD_CHARACTERS_MAX - 1) + "…" in said.text


def test_a_value_is_no_template() -> None:
    said = rendered(NoticeTopic.ANSWER, "zh", {"text": "{merchant} {0.__class__}\n二"})
    assert said.text == "{merchant} {0.__class__}\n二"

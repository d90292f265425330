"""In which language the guest is told."""

import pytest

from parking.merchants.sms.languages import written_in


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("order 12 tonight 19:30", "en"),
        ("order 12 tonight 19:30, name 李明, plate 粤B12345", "en"),
        ("订单12 今晚7点半 Ms Li", "zh"),
        ("訂單12 今晚7點半", "zh"),
        ("#12 19:30", ""),
        ("#12 19:30 粤B12345", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_text_is_that_of_its_words(text: str, language: str) -> None:
    assert written_in(text) == language

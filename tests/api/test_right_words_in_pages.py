"""Pages that scripts draw say of a right what the server says."""

import re
from pathlib import Path

import pytest

from api.right_words import _TEXTS

SOURCE = Path(__file__).parents[2] / "api" / "static" / "shared" / "right_words.js"
WORD = re.compile(r'(?:gift|stretch)_(\w+): "([^"]*)"')


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_have_the_same_words(language: str) -> None:
    english, chinese = SOURCE.read_text().split("  zh: {")
    told = dict(WORD.findall(english if language == "en" else chinese))
    assert told == _TEXTS[language]

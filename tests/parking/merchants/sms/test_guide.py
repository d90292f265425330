"""What the guide for merchants says is so."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

from parking.merchants.sms.grammar import read
from parking.merchants.sms.limits import GIVEN_UP_AFTER, IDS_KEPT, MESSAGES_PER_SENDER, TEXT_KEPT
from parking.merchants.sms.results import (
    AHEAD_DAYS_MAX,
    ORDER_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Action,
    Field,
    Hints,
    Trouble,
    Unclear,
    Understood,
)
from tests.parking.merchants.sms.reading import NOW

GUIDE = (Path(__file__).parents[4] / "docs" / "sms.md").read_text(encoding="utf-8")
BERLIN, DE = ZoneInfo("Europe/Berlin"), Hints("en", "DE")
VERBS = {"book": Action.BOOK, "change": Action.MOVE, "cancel": Action.CANCEL,
         "put off": Action.MOVE, "ask": Action.STATUS, "get help": Action.HELP}  # fmt: skip


def row(first: str) -> list[str]:
    """What stands in backticks in the row of a table."""
    (line,) = [each for each in GUIDE.splitlines() if each.startswith(f"| {first} |")]
    return re.findall(r"`([^`]+)`", line)


def test_its_examples_are_understood() -> None:
    (block,) = re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)
    for text in block.splitlines():
        assert isinstance(read(text, NOW, BERLIN, DE), Understood), text


def test_its_verbs_are_understood() -> None:
    for name, action in VERBS.items():
        for text in row(name):
            order = read(text.replace("…", "19:30"), NOW, BERLIN, DE)
            assert isinstance(order, Understood), text
            assert order.action is action, text


def test_its_times_days_people_plates_and_needs_are_understood() -> None:
    for name, missing in (("time", ""), ("until", "19:30 "), ("day", "19:30 "),
                          ("people", "19:30 "), ("needs", "19:30 "),
                          ("language", "19:30 ")):  # fmt: skip
        for text in row(name):
            order = read(f"#1 {text}", NOW, BERLIN, DE)
            if isinstance(order, Unclear):
                order = read(f"#1 {missing}{text}", NOW, BERLIN, DE)
            is_asked = isinstance(order, Unclear) and all(
                each.field is Field.TIME and each.trouble is Trouble.EITHER
                for each in order.problems
            )
            assert isinstance(order, Understood) or is_asked, text


def test_its_numbers_are_those_of_the_code() -> None:
    assert f"{TEXT_CHARACTERS_MAX:,} characters" in GUIDE
    assert f"at most {ORDER_CHARACTERS_MAX};" in GUIDE
    assert f"at most {AHEAD_DAYS_MAX} days" in GUIDE
    assert f"more than {MESSAGES_PER_SENDER.count_max} from one number in five minutes" in GUIDE
    assert f"erased after {TEXT_KEPT.days} days; ids are kept for {IDS_KEPT.days} days" in GUIDE
    assert GIVEN_UP_AFTER.total_seconds() == 3600

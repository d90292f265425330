"""Claim tickets: what was scanned fresh may be sent some minutes later."""

from datetime import UTC, datetime, timedelta

import pytest

from parking.rights.codes.tickets import TICKET_LIFE, is_ticket, read_ticket, ticket_of

KEY, FORMER = b"k" * 32, b"f" * 32
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
PUBLIC = "abcdefgh23456789abcdefgh23"
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "is_good"),
    [(timedelta(0), True), (TICKET_LIFE - SECOND, True), (TICKET_LIFE, False), (-SECOND, False)],
)
def test_it_is_good_for_ten_minutes(age: timedelta, is_good: bool) -> None:
    given = ticket_of(KEY, PUBLIC, AT)
    assert is_ticket(given)
    assert read_ticket([KEY], given, AT + age) == (PUBLIC if is_good else None)


def test_one_of_a_former_secret_is_good_and_one_of_another_is_not() -> None:
    given = ticket_of(FORMER, PUBLIC, AT)
    assert read_ticket([KEY, FORMER], given, AT) == PUBLIC
    assert read_ticket([KEY], given, AT) is None


def test_it_is_for_its_own_code_and_time() -> None:
    public_id, middle, mac = ticket_of(KEY, PUBLIC, AT).split(".")
    for text in (
        f"x{public_id[1:]}.{middle}.{mac}",
        f"{public_id}.t{int(middle[1:]) + 60}.{mac}",
        f"{public_id}.{middle}.{mac[:-1]}",
        f"{public_id}.{middle}.",
    ):
        assert read_ticket([KEY], text, AT) is None


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", PUBLIC, f"{PUBLIC}.58", f"{PUBLIC}.58.mac", "a.t.b", "a.t٣.b", "a.t-1.b"],
)
def test_other_texts_are_none(text: str) -> None:
    assert read_ticket([KEY], text, AT) is None

"""Pictures on a screen: good for their step and the next, and nobody else can make one."""

from datetime import UTC, datetime, timedelta

import pytest

from parking.accounts.keys import derive_keys
from parking.ids import PUBLIC_ID_CHARACTERS, new_public_id
from parking.rights.codes.rotating import NOTHING, Scanned, picture, read_picture, renew_at
from parking.rights.codes.tickets import TICKET_LIFE, ticket_of
from parking.rights.limits import ROTATION

AT = datetime(2026, 6, 1, 12, 0, 10, tzinfo=UTC)
"""Ten seconds into a step."""
KEYS = (b"k" * 32,)
CODE = new_public_id()


def read(text: str, at: datetime = AT, keys: tuple[bytes, ...] = KEYS) -> Scanned:
    return read_picture(keys, text, at)


def test_a_public_id_is_128_bits_in_letters_and_digits() -> None:
    made = {new_public_id() for _ in range(100)}
    assert len(made) == 100
    for each in made:
        assert len(each) == PUBLIC_ID_CHARACTERS
        assert set(each) <= set("abcdefghijklmnopqrstuvwxyz234567")


@pytest.mark.parametrize(
    ("seconds", "is_fresh"),
    [(0, True), (19, True), (20, True), (49, True), (50, False), (3_600, False), (-11, True),
     (-41, False)],
)  # fmt: skip
def test_it_is_good_for_its_step_and_the_next(seconds: int, is_fresh: bool) -> None:
    shown = read(picture(KEYS[0], CODE, AT), AT + timedelta(seconds=seconds))
    assert shown.public_id == CODE
    assert shown.is_fresh is is_fresh


def test_the_screen_knows_when_to_show_the_next() -> None:
    assert renew_at(AT) == AT + timedelta(seconds=20)
    assert picture(KEYS[0], CODE, renew_at(AT)) != picture(KEYS[0], CODE, AT)
    assert renew_at(renew_at(AT)) == renew_at(AT) + ROTATION


def test_it_is_short_enough_for_a_screen() -> None:
    assert len(picture(KEYS[0], CODE, AT)) <= 55


def test_a_printed_id_is_read_as_typed_or_as_an_address() -> None:
    for text in (CODE, CODE.upper(), f" {CODE}\n", f"https://berth.example/g/{CODE}"):
        shown = read(text)
        assert (shown.public_id, shown.age, shown.is_fresh) == (CODE, None, False)
    assert read(f"https://berth.example/g/{picture(KEYS[0], CODE, AT)}").is_fresh


def test_what_is_not_of_our_making_names_no_code() -> None:
    public_id, step, mac = picture(KEYS[0], CODE, AT).split(".")
    other = new_public_id()
    for text in (
        "", ".", "..", "x" * 1_000, "ä" * 26, f"{public_id}.{step}", f"{public_id}.{step}.",
        f"{public_id}.{int(step) + 1}.{mac}", f"{other}.{step}.{mac}", f"{public_id}..{mac}",
        f"{public_id}.{step}.{mac}.{mac}", f"{public_id}.-1.{mac}", f"{public_id}.²³.{mac}",
        f"{public_id[:-1]}!.{step}.{mac}",
    ):  # fmt: skip
        assert read(text) == NOTHING, text
    assert read(picture(b"x" * 32, CODE, AT)) == NOTHING


def test_pictures_outlive_a_change_of_the_installations_secret() -> None:
    old, new = "an old secret, thirty-two or more characters", "a new secret, 32 or more characters"
    shown = picture(derive_keys(old).pictures[0], CODE, AT)
    assert read(shown, keys=derive_keys(new, [old]).pictures).is_fresh
    assert read(shown, keys=derive_keys(new).pictures) == NOTHING


def test_a_ticket_stands_for_a_fresh_picture_and_says_so() -> None:
    given = ticket_of(KEYS[0], CODE, AT)
    shown = read(given, AT + TICKET_LIFE - timedelta(seconds=1))
    assert (shown.public_id, shown.is_fresh, shown.ticket) == (CODE, True, given)
    late = read(given, AT + TICKET_LIFE)
    assert (late.public_id, late.is_fresh) == (CODE, False)
    assert not read(given.replace(CODE, new_public_id())).is_fresh

"""Scalars, ids, cursors and refusals, one by one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError

from parking import errors
from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from schema import refusals
from schema.context import Asker
from schema.ids import NOTHING, global_id, key_of, parse_id, wanted_key
from schema.relay import decode_cursor, encode_cursor
from schema.scalars import SCALARS, VERSION_MAX, Currency, MinorUnits, TimeZone, Version


def parse(scalar: object, value: object) -> Any:
    """The value as the scalar reads it."""
    definition = SCALARS[scalar]
    assert definition.parse_value is not None
    return definition.parse_value(value)


@pytest.mark.parametrize(
    ("scalar", "text", "value"),
    [
        (datetime, "2026-01-05T09:00:00+01:00", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        (datetime, "2026-01-05t08:00:00.5z", datetime(2026, 1, 5, 8, 0, 0, 500_000, UTC)),
        (Version, VERSION_MAX, VERSION_MAX),
        (TimeZone, "Asia/Shanghai", "Asia/Shanghai"),
        (Currency, "CNY", "CNY"),
        (MinorUnits, -VERSION_MAX, -VERSION_MAX),
    ],
)
def test_scalars_read_what_they_describe(scalar: object, text: object, value: object) -> None:
    assert parse(scalar, text) == value


@pytest.mark.parametrize(
    ("scalar", "text"),
    [
        (datetime, "2026-01-05T08:00:00"), (datetime, "2026-01-05"), (datetime, 1),
        (datetime, "2026-02-30T08:00:00Z"), (datetime, "0001-01-01T00:00:00+14:00"),
        (datetime, "2026-01-05T08:00:00Z junk"), (datetime, "2026-01-05T08:00:00+99:99"),
        (Version, -1), (Version, VERSION_MAX + 1), (Version, "1"), (Version, True),
        (Version, 1.0), (TimeZone, ""), (TimeZone, 1), (TimeZone, "x" * 65),
        (MinorUnits, VERSION_MAX + 1), (MinorUnits, 12.5), (MinorUnits, True),
        (Currency, "eur"), (Currency, "EURO"), (Currency, 978),
    ],
)  # fmt: skip
def test_scalars_refuse_the_rest(scalar: object, text: object) -> None:
    with pytest.raises(StrawberryInputCoercionError):
        parse(scalar, text)


def test_times_are_written_in_utc() -> None:
    write = SCALARS[datetime].serialize
    assert write is not None
    assert write(datetime(2026, 1, 5, 8, tzinfo=UTC)) == "2026-01-05T08:00:00Z"


def test_an_id_names_its_type_and_key() -> None:
    assert parse_id(global_id("Place", 12)) == ("Place", 12)
    assert key_of(global_id("Place", 12), "Place") == 12
    assert wanted_key(global_id("Place", 12), "Space") == NOTHING


@pytest.mark.parametrize(
    "text",
    ["", "Place:12", "UGxhY2U6MDEy", "UGxhY2U6LTE", "UGxhY2U6MTI=", "\N{SNOWMAN}", "x" * 65,
     "UGxhY2U6", "UGxhY2U6OTk5OTk5OTk5OTk5OTk5OTk5OTk5"],
)  # fmt: skip
def test_what_was_never_given_out_is_no_id(text: str) -> None:
    """Each object has one id: other spellings of it (padding, leading zeros) are none."""
    assert parse_id(text) is None


@pytest.mark.parametrize("key", [("A-01",), (3.25, 7), ("Grüße", 1)])
def test_a_cursor_gives_its_key_back(key: tuple[Any, ...]) -> None:
    assert decode_cursor(encode_cursor(key)) == key


@pytest.mark.parametrize(
    "text",
    ["", "x", "bnVsbA", "e30", "W1tdXQ", "W251bGxd", "a" * 1001,
     encode_cursor(("a", 2**63)), encode_cursor(("a\0b", 1))],
)  # fmt: skip
def test_what_is_no_cursor_is_an_error_with_a_code(text: str) -> None:
    with pytest.raises(GraphQLError) as caught:
        decode_cursor(text)
    assert caught.value.extensions == {"code": "CURSOR_INVALID"}


class Strange(errors.Refusal):
    """A refusal that the schema has no type for."""

    code = "STRANGE"


@pytest.mark.parametrize(
    ("refusal", "shape"),
    [
        (errors.NotFound("m"), refusals.NotFound),
        (errors.NotPermitted("m"), refusals.NotPermitted),
        (errors.Conflict("m", code="TAKEN"), refusals.Conflict),
        (errors.KeyReused("m"), refusals.IdempotencyKeyReused),
        (Strange("m"), refusals.Declined),
    ],
)
def test_a_refusal_keeps_its_code_and_message(
    refusal: errors.Refusal, shape: type[refusals.Refusal]
) -> None:
    assert refusals.as_data(refusal) == shape(code=refusal.code, message="m")


def test_a_refusal_names_the_path_in_the_input() -> None:
    invalid = refusals.as_data(errors.InvalidInput("drafts.0.lifetime_seconds", "m"))
    assert invalid == refusals.InvalidInput(
        code="INVALID_INPUT", message="m", field="lifetimeSeconds"
    )
    later = refusals.as_data(errors.TooManyTries("m", 9))
    assert isinstance(later, refusals.TooManyTries)
    assert later.retry_after_seconds == 9


OPERATOR = frozenset({Role.OPERATOR})


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (ANONYMOUS, Viewer(person_id=1), True),
        (Viewer(person_id=1, roles={5: OPERATOR}), Viewer(person_id=2, roles={5: OPERATOR}), True),
        (Viewer(person_id=1, roles={5: OPERATOR}), Viewer(person_id=1), False),
        (Viewer(person_id=1, roles={5: OPERATOR}), Viewer(person_id=1, roles={6: OPERATOR}), False),
        (Viewer(api_key_id=1, roles={5: frozenset()}), ANONYMOUS, False),
        (
            Viewer(api_key_id=1, roles={5: frozenset()}, scopes=frozenset({"places:read"})),
            Viewer(api_key_id=1, roles={5: frozenset()}),
            False,
        ),
        (SYSTEM, ANONYMOUS, False),
    ],
)
def test_visibility_is_equal_for_those_who_see_the_same(
    one: Viewer, other: Viewer, is_same: bool
) -> None:
    assert (Asker(one).visibility == Asker(other).visibility) == is_same

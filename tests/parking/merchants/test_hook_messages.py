"""What order systems send by webhook: read strictly, each fault named, whatever the bytes."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parking.merchants.hook_intake import CALLS_PER_HOOK
from parking.merchants.hook_messages import (
    FAULTS_MAX,
    SEQUENCE_MAX,
    HookMessage,
    Unreadable,
    read_message,
)
from parking.merchants.kinds import Demand
from parking.merchants.orders.ordered import Guest, Ordered
from parking.merchants.records import Needs

GUIDE = (Path(__file__).parents[3] / "docs" / "merchants.md").read_text()
NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
LEAST: dict[str, Any] = {
    "orderRef": "7",
    "unit": "tea",
    "updatedAt": "2026-01-05T08:00:00Z",
    "serviceAt": "2026-01-05T19:30:00+01:00",
}
ALL: dict[str, Any] = LEAST | {
    "sequence": 3,
    "cancelled": False,
    "serviceEndsAt": "2026-01-05T21:00:00+01:00",
    "zone": "Europe/Berlin",
    "parking": True,
    "party": 4,
    "guest": {"name": " Li  Wei ", "phone": "+49 170 1234567", "language": "zh"},
    "plate": "s-li 7",
    "needs": {"accessible": True, "electric": False, "heightMetres": 2},
}


def read(**values: Any) -> HookMessage:
    return read_message(json.dumps(LEAST | values).encode(), NOW)


def faults(body: bytes) -> dict[str, str]:
    with pytest.raises(Unreadable) as caught:
        read_message(body, NOW)
    return {each.field: each.message for each in caught.value.faults}


def test_all_that_can_be_told_is_read() -> None:
    service = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)
    guest = Guest("Li Wei", "+491701234567", "SLI7", "zh")
    ordered = Ordered(
        "7", service, service + timedelta(minutes=90), Demand.YES, 4, guest, Needs(True, False, 2.0)
    )
    assert read(**ALL) == HookMessage("tea", "7", NOW + timedelta(microseconds=3), ordered)


def test_the_least_leaves_the_rest_to_the_unit_and_null_is_not_told() -> None:
    nothing = dict.fromkeys(ALL.keys() - LEAST.keys())
    told = read(**nothing)
    assert told == read()
    assert told.ordered is not None
    assert (told.ordered.demand, told.ordered.guest) == (Demand.UNSAID, Guest())


def test_a_cancellation_needs_no_more_than_the_name_and_the_time() -> None:
    assert read(cancelled=True, serviceAt=None) == HookMessage("tea", "7", NOW, None)


def test_a_sequence_orders_messages_of_one_millisecond() -> None:
    told = [read(updatedAt="2026-01-05T08:00:00.001999Z", sequence=each).stamp for each in (0, 999)]
    assert told == [NOW + timedelta(microseconds=1000), NOW + timedelta(microseconds=1999)]


UNSOUND: list[tuple[str, Any, str]] = [
    ("orderRef", None, "missing"),
    ("orderRef", 7, "expected text"),
    ("orderRef", " ", "empty"),
    ("orderRef", "x" * 101, "101 characters"),
    ("unit", None, "missing"),
    ("unit", "a\0", "no text"),
    ("unit", "\ud800", "no text"),
    ("updatedAt", None, "missing"),
    ("updatedAt", 1767600000, "expected text"),
    ("updatedAt", "2026-01-05T08:05:01Z", "not yet"),
    ("sequence", 1000, "0 to 999"),
    ("sequence", 1.0, "whole number"),
    ("cancelled", "true", "true or false"),
    ("serviceAt", None, "missing"),
    ("serviceAt", "2026-01-05T19:30:00", "offset"),
    ("serviceAt", "2026-01-05", "offset"),
    ("serviceAt", "2026-02-30T19:30:00Z", "day"),
    ("serviceAt", "0001-01-01T00:00:00+14:00", "another age"),
    ("serviceEndsAt", "2026-01-05T19:31:00", "offset"),
    ("serviceEndsAt", "2026-01-06T18:31:00Z", "24 hours"),
    ("zone", "Europe/Berlim", "did you mean Europe/Berlin"),
    ("parking", 1, "true or false"),
    ("party", 0, "1 to"),
    ("party", True, "whole number"),
    ("party", 10**400, "whole number"),
    ("guest", "Li", "object"),
    ("plate", "-", "letters or digits"),
    ("needs", [], "object"),
]
NESTED: list[tuple[str, str, Any, str]] = [
    ("guest", "phone", "123", "country code"),
    ("guest", "phone", "li@example.org", "country code"),
    ("guest", "nome", "Li", "unknown field; known: name, phone, language"),
    ("needs", "heightMetres", -1, "metres"),
    ("needs", "heightMetres", 10**400, "a number"),
    ("needs", "electric", "yes", "true or false"),
]


@pytest.mark.parametrize(("field", "value", "why"), UNSOUND)
def test_what_is_unsound_is_named(field: str, value: Any, why: str) -> None:
    found = faults(json.dumps(LEAST | {field: value}).encode())
    assert list(found) == [field]
    assert why in found[field]


@pytest.mark.parametrize(("field", "inner", "value", "why"), NESTED)
def test_so_it_is_inside_of_objects(field: str, inner: str, value: Any, why: str) -> None:
    found = faults(json.dumps(LEAST | {field: {inner: value}}).encode())
    assert list(found) == [f"{field}.{inner}"]
    assert why in found[f"{field}.{inner}"]


def test_a_service_ends_after_it_starts() -> None:
    found = faults(json.dumps(LEAST | {"serviceEndsAt": LEAST["serviceAt"]}).encode())
    assert "ends before" in found["serviceAt"]


def test_all_faults_are_told_at_once_but_not_without_end() -> None:
    assert list(faults(b"{}")) == ["orderRef", "unit", "updatedAt", "serviceAt"]
    assert len(faults(json.dumps({str(n): n for n in range(100)}).encode())) == FAULTS_MAX


def test_times_have_to_fit_the_zone_that_is_told() -> None:
    summer = "2026-07-05T19:30:00"
    found = faults(
        json.dumps(LEAST | {"zone": "Europe/Berlin", "serviceAt": f"{summer}+01:00"}).encode()
    )
    assert "clocks in Europe/Berlin are at +02:00 then" in found["serviceAt"]
    for fitting in ("+02:00", "Z"):
        read(zone="Europe/Berlin", serviceAt=summer + fitting)


NO_DOCUMENTS: list[tuple[bytes, str]] = [
    (b"", "JSON"),
    (b"null", "object"),
    (b"[]", "object"),
    (b"\xff\xfe", "JSON"),
    (b"[" * 16_000, "JSON"),
    (b'{"party": NaN}', "JSON"),
    (b'{"party": ' + b"9" * 5000 + b"}", "JSON"),
    (b'{"unit": "a", "unit": "b"}', "the field unit is there twice"),
    (b'{"guest": {"\xc3\xa9": 1, "\xc3\xa9": 2}}', "the field \\xe9 is there twice"),
]


@pytest.mark.parametrize(("body", "why"), NO_DOCUMENTS)
def test_what_is_no_document_is_refused(body: bytes, why: str) -> None:
    assert why in faults(body)[""]


def test_the_guide_has_every_field_and_the_numbers() -> None:
    for body in (b'{"x": 1}', b'{"guest": {"x": 1}}', b'{"needs": {"x": 1}}'):
        [known] = [each for each in faults(body).values() if each.startswith("unknown field")]
        for name in known.partition("known: ")[2].split(", "):
            assert f"`{name}`" in GUIDE
    for number in (f"0 to {SEQUENCE_MAX}", f"more than {CALLS_PER_HOOK.count_max:,} messages"):
        assert number in GUIDE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda each: timezone(timedelta(minutes=each)))
TIMES = st.datetimes(timezones=OFFSETS).map(datetime.isoformat)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(ALL)), JSON | TIMES), st.binary(max_size=3))
def test_no_body_does_more_than_be_refused(told: dict[str, Any], tail: bytes) -> None:
    for body in (json.dumps(ALL | told).encode(), json.dumps(told).encode() + tail):
        with suppress(Unreadable):
            assert read_message(body, NOW).order_ref

"""SenML (RFC 8428): whatever the bytes are, records or a SenmlError."""

import contextlib
import math
from typing import Any

import cbor2
import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coap_gateway.senml import (
    BODY_BYTES_MAX,
    INTEGER_MAX,
    RECORDS_MAX,
    RELATIVE_TIME_LIMIT,
    SENML_CBOR,
    SENML_JSON,
    Record,
    SenmlError,
    decode,
    encode,
)

NOW = 1_767_600_000.0
FORMATS = (SENML_CBOR, SENML_JSON)


def cbor(*records: Any) -> list[Record]:
    return decode(cbor2.dumps(list(records)), SENML_CBOR, NOW)


def json(*records: Any) -> list[Record]:
    return decode(orjson.dumps(list(records)), SENML_JSON, NOW)


names = st.text("abcXYZ019-:./_", min_size=0, max_size=20).map(lambda tail: "/3" + tail)
integers = st.integers(-INTEGER_MAX, INTEGER_MAX)
values = st.one_of(
    integers,
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.text(max_size=20),
    st.binary(max_size=20),
)
times = st.none() | st.integers(RELATIVE_TIME_LIMIT, 2**40)
records = st.builds(Record, names, values, times, st.sampled_from(["", "s", "V", "/100"]))


@given(st.lists(records, min_size=1, max_size=8), st.sampled_from(FORMATS))
def test_what_is_encoded_comes_back_exactly(pack: list[Record], content_format: int) -> None:
    decoded = decode(encode(pack, content_format), content_format, NOW)
    assert decoded == pack
    assert [type(r.value) for r in decoded] == [type(r.value) for r in pack]


@settings(max_examples=500)
@given(st.binary(max_size=300), st.sampled_from(FORMATS))
@example(bytes.fromhex("d81c81d81d00"), SENML_CBOR)
@example(bytes.fromhex("81a10282"), SENML_CBOR)
@example(bytes.fromhex("9bffffffffffffffff"), SENML_CBOR)
@example(bytes.fromhex("81a2006178" + "02c4821b7fffffffffffffff01"), SENML_CBOR)
@example(b"[" * 2000, SENML_JSON)
@example(b'[{"n":"x","v":1e999}]', SENML_JSON)
def test_any_bytes_give_records_or_a_senml_error(payload: bytes, content_format: int) -> None:
    with contextlib.suppress(SenmlError):
        assert all(isinstance(r, Record) for r in decode(payload, content_format, NOW))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.binary(max_size=5) | st.decimals() | st.fractions(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.integers(-8, 9) | st.text(max_size=4), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.dictionaries(st.integers(-7, 9), anything, max_size=6), max_size=4))
def test_any_cbor_maps_give_records_or_a_senml_error(pack: list[dict[int, Any]]) -> None:
    try:
        for record in cbor(*pack):
            assert record.time is None or math.isfinite(record.time)
    except SenmlError:
        pass


def test_base_values_hold_for_their_record_and_those_after_it() -> None:
    first, second, third = cbor(
        {-2: "/3431/0/", -4: "s", 0: "1", 4: True}, {0: "2", 2: 12}, {-2: "/4/0/", 0: "2", 2: -90}
    )
    assert (first.name, second.name, third.name) == ("/3431/0/1", "/3431/0/2", "/4/0/2")
    assert (second.unit, third.unit) == ("s", "s")


def test_a_base_value_is_added_to_numbers_only() -> None:
    number, truth = cbor({-5: 20, 0: "x", 2: 1.5}, {0: "y", 4: True})
    assert number.value == 21.5
    assert truth.value is True


@pytest.mark.parametrize(
    ("base", "own", "expected"),
    [
        (None, None, None),
        (None, -5, NOW - 5),
        (None, 5, NOW + 5),
        (-60, -5, NOW - 65),
        (1_767_599_000, 10, 1_767_599_010),
        (None, RELATIVE_TIME_LIMIT - 1, NOW + RELATIVE_TIME_LIMIT - 1),
        (None, RELATIVE_TIME_LIMIT, RELATIVE_TIME_LIMIT),
        (1_767_599_000.25, None, 1_767_599_000.25),
    ],
)
def test_times_below_2_to_the_28_are_relative_to_now(
    base: float | None, own: float | None, expected: float | None
) -> None:
    fields = {"bt": base, "t": own}
    given_fields = {label: time for label, time in fields.items() if time is not None}
    [record] = json({"n": "x", "v": 1, **given_fields})
    assert record.time == expected


def test_decimal_fractions_are_numbers() -> None:
    payload = bytes.fromhex("81a2006178" + "02c48221196ab3")  # 27315 x 10^-2
    assert decode(payload, SENML_CBOR, NOW)[0].value == 273.15


def test_json_data_is_base64url_without_padding() -> None:
    assert json({"n": "x", "vd": "-_8"})[0].value == b"\xfb\xff"


REFUSED = [
    ({}, "no record with a value"),
    ([], "record is a map"),
    ({0: "x"}, "no value"),
    ({0: "x", 2: 1, 4: True}, "more than one value"),
    ({0: "x", 5: 1}, "sums"),
    ({0: "x", 2: "1"}, "v must be a number"),
    ({0: "x", 2: True}, "v must be a number"),
    ({0: "x", 2: math.nan}, "finite"),
    ({0: "x", 2: math.inf}, "finite"),
    ({0: "x", 2: 2**63}, "63 bits"),
    ({0: "x", 2: 2**70}, "63 bits"),
    ({-5: 2**62, 0: "x", 2: 2**62}, "63 bits"),
    ({0: "x", 4: 1}, "vb must be"),
    ({0: "x", 3: b"1"}, "vs must be text"),
    ({0: "x", 8: "1"}, "byte string"),
    ({0: 7, 2: 1}, "n must be text"),
    ({2: 1}, "a name has"),
    ({0: "x" * 129, 2: 1}, "a name has"),
    ({0: "a b", 2: 1}, "not allowed"),
    ({0: ".x", 2: 1}, "not allowed"),
    ({0: "x", 2: 1, 6: "soon"}, "t must be a number"),
    ({0: "x", 2: 1, 6: math.inf}, "finite"),
    ({-3: 1e308, 0: "x", 2: 1, 6: 1e308}, "finite"),
    ({-1: 11, 0: "x", 2: 1}, "version"),
    ({0: "x", 2: 1, "must_": 1}, "must be understood"),
    ({"n": "x", 2: 1}, "must be a number in CBOR"),
    ({False: "x", 2: 1}, "neither number nor text"),
]


@pytest.mark.parametrize(("record", "message"), REFUSED)
def test_what_is_wrong_is_said(record: Any, message: str) -> None:
    with pytest.raises(SenmlError, match=message):
        cbor(record)


@pytest.mark.parametrize("extra", [b"\x00", b"\x80", b"\xff", b"\xf6\xf6"])
def test_bytes_after_the_pack_are_refused(extra: bytes) -> None:
    whole = encode([Record("x", 1)], SENML_CBOR)
    assert decode(whole, SENML_CBOR, NOW)
    with pytest.raises(SenmlError):
        decode(whole + extra, SENML_CBOR, NOW)


def test_unknown_labels_that_may_be_ignored_are_ignored() -> None:
    assert cbor({0: "x", 2: 1, 99: "new", "more": 1}) == [Record("x", 1)]


def test_limits_are_exact() -> None:
    assert len(cbor(*[{0: "x", 2: 1}] * RECORDS_MAX)) == RECORDS_MAX
    with pytest.raises(SenmlError, match="65 records"):
        cbor(*[{0: "x", 2: 1}] * (RECORDS_MAX + 1))
    with pytest.raises(SenmlError, match="2049 bytes"):
        decode(b" " * (BODY_BYTES_MAX + 1), SENML_JSON, NOW)


def test_the_lwm2m_object_link_is_text() -> None:
    assert json({"n": "/3/0/22/0", "vlo": "10:3"})[0].value == "10:3"
    assert cbor({0: "/3/0/22/0", "vlo": "10:3"})[0].value == "10:3"

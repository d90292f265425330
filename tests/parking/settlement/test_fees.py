"""Fee terms as JSON: what is read, what is refused, and that they come back the same."""

import json
from typing import Any

import pytest

from parking.errors import InvalidInput
from parking.settlement.contracts.fees import (
    DEFAULT_TERMS,
    Fee,
    FeeParty,
    FeeTerms,
    fees_json,
    parse_fees,
    percent_text,
)

READ: list[tuple[dict[str, Any], FeeTerms]] = [
    ({}, DEFAULT_TERMS),
    ({"platform": {"percent": "12.5"}}, FeeTerms(Fee(1250))),
    ({"platform": {"percent": 12.34, "fixed_minor": 30}}, FeeTerms(Fee(1234, 30))),
    ({"platform": {"fixed_minor": 30}}, FeeTerms(Fee(0, 30))),
    ({"property": {"percent": 85}}, FeeTerms(property=Fee(8500))),
    ({"overstay_owner_percent": "70"}, FeeTerms(overstay_owner_basis_points=7000)),
    ({"assign": {"reservation": "PLATFORM"}}, FeeTerms(assign={"reservation": FeeParty.PLATFORM})),
    ({"remainder_to": "PROPERTY"}, FeeTerms(remainder_to=FeeParty.PROPERTY)),
]


@pytest.mark.parametrize(("given", "wanted"), READ)
def test_terms_are_read_and_written(given: dict[str, Any], wanted: FeeTerms) -> None:
    assert parse_fees(json.dumps(given)) == wanted
    assert parse_fees(fees_json(wanted)) == wanted


REFUSED: list[tuple[Any, str]] = [
    ([], "terms"),
    ({"commission": 15}, "terms"),
    ({"platform": 15}, "terms.platform"),
    ({"platform": {"percent": 101}}, "terms.platform.percent"),
    ({"platform": {"percent": -1}}, "terms.platform.percent"),
    ({"platform": {"percent": "12.345"}}, "terms.platform.percent"),
    ({"platform": {"percent": "many"}}, "terms.platform.percent"),
    ({"platform": {"percent": "NaN"}}, "terms.platform.percent"),
    ({"platform": {"percent": True}}, "terms.platform.percent"),
    ({"platform": {"percent": None}}, "terms.platform.percent"),
    ({"platform": {"percent": "1e999999"}}, "terms.platform.percent"),
    ({"platform": {"fixed_minor": 1.5}}, "terms.platform.fixed_minor"),
    ({"property": {"fixed_minor": -1}}, "terms.property.fixed_minor"),
    ({"platform": {"percent": 60}, "property": {"percent": 41}}, "terms.property.percent"),
    ({"overstay_owner_percent": 100.5}, "terms.overstay_owner_percent"),
    ({"assign": []}, "terms.assign"),
    ({"assign": {"": "OWNER"}}, "terms.assign"),
    ({"assign": {"fee": "TAX"}}, "terms.assign.fee"),
    ({"assign": {"fee": []}}, "terms.assign.fee"),
    ({"remainder_to": "DRIVER"}, "terms.remainder_to"),
]


@pytest.mark.parametrize(("given", "field"), REFUSED)
def test_bad_terms_are_refused_by_name(given: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_fees(json.dumps(given))
    assert refusal.value.field == field


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no JSON"):
        parse_fees(text)


def test_percents_are_told_without_needless_zeros() -> None:
    assert [percent_text(each) for each in (0, 1, 1250, 1500, 10_000)] == [
        "0", "0.01", "12.5", "15", "100",
    ]  # fmt: skip

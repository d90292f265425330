"""The terms by which what a stay costs is divided: parsed from a contract's JSON, and checked.

    {"platform": {"percent": "15", "fixed_minor": 0},
     "property": {"percent": "0", "fixed_minor": 0},
     "overstay_owner_percent": "70",
     "assign": {"reservation-fee": "PLATFORM"},
     "remainder_to": "OWNER"}

Every key may be missing. Percents are of what is left without tax, in steps of 0.01.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import orjson

from parking.errors import InvalidInput

BASIS_POINTS = 10_000
"""The whole: shares are kept in hundredths of a percent, so that all reckoning is in integers."""
FIXED_MINOR_MAX = 10**9
ASSIGNED_MAX = 100
LINE_ID_CHARACTERS_MAX = 100


class FeeParty(StrEnum):
    """Who can get a part of what a stay costs; tax is nobody's to choose."""

    OWNER = "OWNER"
    PROPERTY = "PROPERTY"
    PLATFORM = "PLATFORM"


@dataclass(frozen=True, slots=True)
class Fee:
    """A party's share: `basis_points` of the net cost, and `fixed_minor` of each settlement that
    has so much left for the owner."""

    basis_points: int = 0
    fixed_minor: int = 0


NO_ASSIGNMENTS: Mapping[str, FeeParty] = {}


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """How the net cost is divided; the owner gets what no other party does.

    `overstay_owner_basis_points`: of overstaying the owner gets this share and the platform the
    rest (CN109118812A: 70 %); None: overstaying is divided like all else. `assign` gives whole
    lines, by collection id or line id, to a party (APDS PaymentAssignment). `remainder_to` gets
    what rounding leaves.
    """

    platform: Fee = Fee(1500)
    property: Fee = Fee()
    overstay_owner_basis_points: int | None = None
    assign: Mapping[str, FeeParty] = field(default_factory=lambda: NO_ASSIGNMENTS)
    remainder_to: FeeParty = FeeParty.OWNER


DEFAULT_TERMS = FeeTerms()
"""Where no contract says anything: 15 % for the platform, nothing for the property."""

_KEYS = frozenset({"platform", "property", "overstay_owner_percent", "assign", "remainder_to"})


def parse_fees(text: str) -> FeeTerms:
    """Terms from JSON. Raises `InvalidInput` naming the value under `terms`."""
    try:
        given = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("terms", f"this is no JSON: {error}") from None
    if not isinstance(given, dict) or not set(given) <= _KEYS:
        raise InvalidInput("terms", f"expected a JSON object with some of: {_listed(_KEYS)}")
    overstay = given.get("overstay_owner_percent")
    terms = FeeTerms(
        platform=_fee("platform", given["platform"]) if "platform" in given else Fee(1500),
        property=_fee("property", given["property"]) if "property" in given else Fee(),
        overstay_owner_basis_points=None
        if overstay is None
        else _points("overstay_owner_percent", overstay),
        assign=_assignments(given.get("assign", {})),
        remainder_to=_party("remainder_to", given.get("remainder_to", FeeParty.OWNER)),
    )
    return checked_fees(terms)


def checked_fees(terms: FeeTerms) -> FeeTerms:
    """The terms, sound as a whole. Raises `InvalidInput`."""
    together = terms.platform.basis_points + terms.property.basis_points
    if together > BASIS_POINTS:
        message = "platform and property get more than 100 % together; lower one of the percents"
        raise InvalidInput("terms.property.percent", message)
    return terms


def fees_json(terms: FeeTerms) -> str:
    """As a contract and an escrow account keep them."""
    overstay = terms.overstay_owner_basis_points
    told: dict[str, Any] = {
        "platform": _told(terms.platform),
        "property": _told(terms.property),
        "overstay_owner_percent": None if overstay is None else percent_text(overstay),
        "assign": dict(terms.assign),
        "remainder_to": terms.remainder_to,
    }
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()


def percent_text(basis_points: int) -> str:
    """`1250` as `12.5`."""
    return f"{(Decimal(basis_points) / 100).normalize():f}"


def _told(fee: Fee) -> dict[str, Any]:
    return {"percent": percent_text(fee.basis_points), "fixed_minor": fee.fixed_minor}


def _fee(name: str, given: Any) -> Fee:
    if not isinstance(given, dict) or not set(given) <= {"percent", "fixed_minor"}:
        raise InvalidInput(f"terms.{name}", "expected an object of percent and fixed_minor")
    fixed = given.get("fixed_minor", 0)
    is_whole = isinstance(fixed, int) and not isinstance(fixed, bool)
    if not is_whole or not 0 <= fixed <= FIXED_MINOR_MAX:
        message = f"it is {fixed!r:.40}; give a whole number from 0 to {FIXED_MINOR_MAX}"
        raise InvalidInput(f"terms.{name}.fixed_minor", message)
    return Fee(_points(f"{name}.percent", given.get("percent", 0)), fixed)


def _points(name: str, given: Any) -> int:
    try:
        if isinstance(given, bool) or not isinstance(given, int | str | Decimal):
            raise InvalidOperation
        points = Decimal(given) * 100
        if not 0 <= points <= BASIS_POINTS or points != points.to_integral_value():
            raise InvalidOperation
    except ArithmeticError:  # of all kinds: 1e999999999 overflows
        message = f"it is {str(given)!r:.40}; give a percent from 0 to 100 in steps of 0.01"
        raise InvalidInput(f"terms.{name}", message) from None
    return int(points)


def _assignments(given: Any) -> Mapping[str, FeeParty]:
    if not isinstance(given, dict) or len(given) > ASSIGNED_MAX:
        message = f"expected an object of at most {ASSIGNED_MAX} line ids, each with its party"
        raise InvalidInput("terms.assign", message)
    for line_id in given:
        if not 0 < len(line_id) <= LINE_ID_CHARACTERS_MAX:
            message = f"a line id has 1 to {LINE_ID_CHARACTERS_MAX} characters"
            raise InvalidInput("terms.assign", message)
    return {line_id: _party(f"assign.{line_id}", party) for line_id, party in given.items()}


def _party(name: str, given: Any) -> FeeParty:
    try:
        return FeeParty(given)
    except ValueError:
        message = f"it is {str(given)!r:.40}; give one of: {_listed(FeeParty)}"
        raise InvalidInput(f"terms.{name}", message) from None


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))

"""What makes a specification, a contract and a code sound; and whether they fit together."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

import pytest

from parking.errors import Conflict, InvalidInput
from parking.geo import Position
from parking.rights.codes.new_code import NewGrantCode, checked_code, fenced, labels
from parking.rights.content import (
    NewSpecification,
    SpecificationEdit,
    checked_specification,
    content_of,
    merged,
)
from parking.rights.fits import require_fit
from parking.rights.kinds import RightKind
from parking.rights.new_contract import NewContract, checked_contract
from parking.rights.terms import DayWindow, Leftover, Terms, terms_from_json, terms_json
from parking.rights.worth import most_minor
from tests.parking.rights.samples import ISSUER, NOW, OPERATOR, contract, specification

_K = RightKind
OTHER = ISSUER + 1
"""Who runs the place, where it is not the issuer."""
NEVER = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
"""No clock in Shanghai can show it."""


def new(kind: RightKind = _K.MINUTES, value: int = 60, **more: Any) -> NewSpecification:
    given: dict[str, Any] = {"name": "An hour", "currency": "EUR"}
    return NewSpecification(ISSUER, kind=kind, value=value, **{**given, **more})


def refused_field(wanted: NewSpecification) -> str:
    with pytest.raises(InvalidInput) as refused:
        checked_specification(wanted)
    return refused.value.field


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [(_K.MINUTES, 1, 44_640), (_K.AMOUNT, 1, 10**9), (_K.PERCENT, 1, 100)],
)
def test_values_have_limits(kind: RightKind, least: int, most: int) -> None:
    for value in (least, most):
        assert checked_specification(new(kind, value)).value == value
    for value in (least - 1, most + 1):
        assert refused_field(new(kind, value)) == "value"


@pytest.mark.parametrize("kind", [_K.FREE, _K.ACCESS])
def test_others_have_no_value(kind: RightKind) -> None:
    assert checked_specification(new(kind, 0)).value == 0
    assert refused_field(new(kind, 1)) == "value"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"currency": "XYZ"}, "currency"),
        ({"worth_max_minor": 0}, "worth_max_minor"),
        ({"worth_max_minor": 10**9 + 1}, "worth_max_minor"),
        ({"terms": Terms(delay_minutes=-1)}, "terms.delay_minutes"),
        ({"terms": Terms(valid_minutes=0)}, "terms.valid_minutes"),
        ({"terms": Terms(valid_minutes=366 * 1440 + 1)}, "terms.valid_minutes"),
        ({"terms": Terms(delay_minutes=60, valid_minutes=60)}, "terms.delay_minutes"),
        ({"terms": Terms(per_stay_max=0)}, "terms.per_stay_max"),
        ({"terms": Terms(per_stay_max=6)}, "terms.per_stay_max"),
        ({"terms": Terms(per_vehicle_day_max=21)}, "terms.per_vehicle_day_max"),
        ({"terms": Terms(weekdays=(1, 8))}, "terms.weekdays.1"),
        ({"terms": Terms(period_from=NOW, period_until=NOW)}, "terms.period_until"),
        ({"terms": Terms(period_until=NEVER)}, "terms.period_until"),
        ({"terms": Terms(windows=(DayWindow(time(8), time(9)),) * 15)}, "terms.windows"),
        ({"terms": Terms(places=tuple(range(51)))}, "terms.places"),
        (
            {"terms": Terms(windows=(DayWindow(time(8, 0, 1), time(9)),))},
            "terms.windows.0.starts_at",
        ),
    ],
)
def test_what_is_wrong_is_named(more: dict[str, Any], field: str) -> None:
    assert refused_field(new(**more)) == field


def test_only_minutes_and_amounts_leave_something() -> None:
    stays = Terms(leftover=Leftover.STAYS)
    for kind, value in ((_K.MINUTES, 5), (_K.AMOUNT, 5)):
        assert checked_specification(new(kind, value, terms=stays)).terms == stays
    for kind, value in ((_K.PERCENT, 5), (_K.FREE, 0), (_K.ACCESS, 0)):
        assert refused_field(new(kind, value, terms=stays)) == "terms.leftover"


def test_terms_are_put_in_order_and_come_back_as_they_were_stored() -> None:
    shanghai = timezone(timedelta(hours=8))
    night, noon = DayWindow(time(22), time(2)), DayWindow(time(11, 30), time(14))
    given = Terms(
        period_from=datetime(2026, 1, 1, 8, tzinfo=shanghai), weekdays=(5, 1, 5),
        windows=(night, noon, night), places=(9, 4, 9), per_stay_max=5, is_transferable=True,
    )  # fmt: skip
    sound = checked_specification(new(name=" An  hour ", terms=given))
    assert sound.name == "An hour"
    assert sound.terms.period_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert (sound.terms.weekdays, sound.terms.places) == ((1, 5), (4, 9))
    assert sound.terms.windows == (noon, night)
    assert terms_from_json(terms_json(sound.terms)) == sound.terms


def test_an_edit_changes_what_it_names_only() -> None:
    before = specification(Terms(weekdays=(1,)))
    after = merged(before, SpecificationEdit(2, 1, value=90, worth_max_minor=500))
    assert (after.value, after.worth_max_minor) == (90, 500)
    assert (after.name, after.terms) == (before.name, Terms(weekdays=(1,)))


@pytest.mark.parametrize(
    ("kind", "value", "worth", "price", "wanted"),
    [
        (_K.MINUTES, 60, None, None, None),
        (_K.MINUTES, 60, 400, None, 400),
        (_K.MINUTES, 60, 400, 150, 150),
        (_K.MINUTES, 60, None, 0, 0),
        (_K.AMOUNT, 300, None, None, 300),
        (_K.AMOUNT, 300, 200, 250, 200),
        (_K.FREE, 0, None, 250, 250),
        (_K.PERCENT, 50, None, None, None),
    ],
)
def test_the_most_that_a_right_costs_its_issuer(
    kind: RightKind, value: int, worth: int | None, price: int | None, wanted: int | None
) -> None:
    assert most_minor(kind, value, worth, price) == wanted


FITS: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    ({}, {}, None),
    ({"currency": "CHF"}, {}, "CURRENCY_DIFFERS"),
    ({}, {"budget_minor": 100}, "BUDGET_NEEDS_LIMIT"),
    ({"worth_max_minor": 5}, {"budget_minor": 100}, None),
    ({}, {"budget_minor": 100, "price_minor": 5}, None),
    ({"kind": _K.AMOUNT, "value": 5}, {"budget_minor": 100}, None),
    ({"terms": Terms(places=(4,))}, {}, None),
    ({"terms": Terms(places=(4, 5))}, {}, "PLACE_OF_ANOTHER_OPERATOR"),
    ({"terms": Terms(places=(6,))}, {}, None),
]


@pytest.mark.parametrize(("given", "agreed", "code"), FITS)
def test_what_fits_a_contract(
    given: dict[str, Any], agreed: dict[str, Any], code: str | None
) -> None:
    operators = {4: OPERATOR, 5: OPERATOR + 1}  # 6 is out of use
    if code is None:
        require_fit(new(**given), contract(**agreed), operators)
        return
    with pytest.raises(Conflict) as refused:
        require_fit(new(**given), contract(**agreed), operators)
    assert refused.value.code == code


def test_a_record_is_made_of_what_made_it() -> None:
    assert content_of(specification()) == new()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"quota": 0}, "quota"),
        ({"budget_minor": 0}, "budget_minor"),
        ({"price_minor": -1}, "price_minor"),
        ({"worth_max_minor": 0}, "worth_max_minor"),
        ({"worth_max_minor": 10**9 + 1}, "worth_max_minor"),
        ({"per_stay_max": 6}, "per_stay_max"),
        ({"valid_until": NOW}, "valid_until"),
        ({"valid_from": NOW + timedelta(days=2), "valid_until": NOW + timedelta(1)}, "valid_until"),
        ({"valid_until": NEVER}, "valid_until"),
        ({"valid_from": NEVER}, "valid_from"),
    ],
)
def test_a_contract_is_checked(more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_contract(NewContract(ISSUER, 3, **{"worth_max_minor": 9, **more}), OTHER, NOW)
    assert refused.value.field == field


def test_a_contract_begins_now_unless_it_says_when() -> None:
    new = NewContract(ISSUER, 3, price_minor=0, worth_max_minor=1)
    assert checked_contract(new, OTHER, NOW).valid_from == NOW
    earlier = replace(new, valid_from=NOW - timedelta(days=9))
    assert checked_contract(earlier, OTHER, NOW).valid_from == NOW - timedelta(days=9)


def test_only_who_grants_on_its_own_account_alone_need_not_say_what_a_right_is_worth() -> None:
    own = NewContract(ISSUER, 3)
    assert checked_contract(own, ISSUER, NOW).worth_max_minor is None
    for new, operator_id in ((own, OTHER), (replace(own, price_minor=0), ISSUER)):
        with pytest.raises(InvalidInput) as refused:
            checked_contract(new, operator_id, NOW)
        assert refused.value.field == "worth_max_minor"


@pytest.mark.parametrize(
    ("more", "count", "field"),
    [
        ({}, 0, "count"),
        ({}, 501, "count"),
        ({"uses_max": 0}, 1, "uses_max"),
        ({"label": "x" * 101}, 1, "label"),
        ({"label": "x" * 97}, 2, "label"),
        ({"valid_until": NOW}, 1, "valid_until"),
        ({"valid_until": NEVER}, 1, "valid_until"),
        ({"latitude": 1.0}, 1, "longitude"),
        ({"latitude": 1.0, "longitude": 1.0}, 1, "radius_metres"),
        ({"radius_metres": 0}, 1, "radius_metres"),
        ({"latitude": 91.0, "longitude": 1.0, "radius_metres": 5}, 1, "latitude"),
    ],
)
def test_a_code_is_checked(more: dict[str, Any], count: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_code(NewGrantCode(2, 1, **more), count, NOW)
    assert refused.value.field == field


def test_a_radius_is_around_the_place_unless_the_code_says_where() -> None:
    here, near = Position(48.0, 9.0), NewGrantCode(2, 1, radius_metres=100)
    assert fenced(near, here).latitude == 48.0
    own = NewGrantCode(2, 1, latitude=1.0, longitude=2.0, radius_metres=100)
    assert fenced(own, here) == own
    assert fenced(NewGrantCode(2, 1), here).latitude is None
    with pytest.raises(InvalidInput):
        fenced(near, None)


def test_several_labels_are_numbered() -> None:
    assert labels("Till", 3) == ["Till 1", "Till 2", "Till 3"]
    assert labels("Till", 1) == ["Till"]
    assert labels("", 2) == ["", ""]

"""Who may do what with places, and which values are sound."""

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.places.currencies import CURRENCIES
from parking.places.rules import (
    checked_currency,
    checked_number,
    checked_position,
    checked_text,
    checked_time_zone,
    may_operate,
    may_see_place,
    operated_organisations,
    require_operator,
    time_zones,
    visible_organisations,
)
from tests.support.operators import api_key, member

OURS, THEIRS = 1, 2
VIEWERS: dict[str, tuple[Viewer, bool, bool]] = {
    # viewer of OURS: sees a private place there, may change it
    "anonymous": (ANONYMOUS, False, False),
    "system": (SYSTEM, True, True),
    "operator": (member(OURS, Role.OPERATOR), True, True),
    "attendant": (member(OURS, Role.ATTENDANT), True, False),
    "merchant": (member(OURS, Role.MERCHANT), True, False),
    "owner": (member(OURS, Role.OWNER), True, False),
    "driver": (member(OURS, Role.DRIVER), True, False),
    "operator of others": (member(THEIRS, Role.OPERATOR), False, False),
    "key to write": (api_key(OURS, Scope.PLACES_WRITE), True, True),
    "key to read": (api_key(OURS, Scope.PLACES_READ), True, False),
    "key for occupancy": (api_key(OURS, Scope.OCCUPANCY_READ), True, False),
    "key for devices": (api_key(OURS, Scope.DEVICES_WRITE), False, False),
    "key of others": (api_key(THEIRS, Scope.PLACES_WRITE), False, False),
}


@pytest.mark.parametrize("name", VIEWERS)
def test_who_sees_and_changes_a_private_place(name: str) -> None:
    viewer, sees, changes = VIEWERS[name]
    assert may_see_place(viewer, OURS, is_public=False) is sees
    assert may_operate(viewer, OURS) is changes


@pytest.mark.parametrize("name", VIEWERS)
def test_everybody_sees_a_public_place(name: str) -> None:
    assert may_see_place(VIEWERS[name][0], OURS, is_public=True)


@pytest.mark.parametrize("name", VIEWERS)
def test_a_refusal_tells_no_more_than_the_viewer_sees(name: str) -> None:
    viewer, sees, changes = VIEWERS[name]
    if changes:
        require_operator(viewer, OURS)
        return
    with pytest.raises(NotPermitted if sees else NotFound):
        require_operator(viewer, OURS)


@pytest.mark.parametrize("name", VIEWERS)
def test_the_lists_of_organisations_agree_with_the_single_decisions(name: str) -> None:
    viewer, sees, changes = VIEWERS[name]
    visible, operated = visible_organisations(viewer), operated_organisations(viewer)
    assert (visible is None or OURS in visible) is sees
    assert (operated is None or OURS in operated) is changes


def test_time_zones_are_places_not_files() -> None:
    assert {"Europe/Berlin", "Asia/Shanghai", "UTC"} <= time_zones()
    assert not {"localtime", "Factory", "posixrules", "EST5EDT"} & time_zones()


@pytest.mark.parametrize("zone", ["", "Berlin", "europe/berlin", "../../etc/passwd", "CET"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match="IANA|did you mean") as refused:
        checked_time_zone("timeZone", zone)
    assert refused.value.field == "timeZone"


def test_currencies_are_those_that_people_pay_with() -> None:
    assert checked_currency("currency", "EUR") == "EUR"
    assert {len(code) for code in CURRENCIES} == {3}
    for code in ("eur", "XTS", "XXX", "XAU", "DEM", ""):
        with pytest.raises(InvalidInput, match="ISO 4217"):
            checked_currency("currency", code)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 10.1])
def test_a_number_outside_its_bounds_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="within 0 and 10"):
        checked_number("width", value, 0, 10)


def test_bounds_belong_to_their_range() -> None:
    assert [checked_number("width", value, 0, 10) for value in (0, 10)] == [0, 10]


@pytest.mark.parametrize(
    ("latitude", "longitude", "field"),
    [(1, None, "longitude"), (None, 1, "latitude"), (91, 0, "latitude"), (0, -181, "longitude")],
)
def test_half_or_impossible_positions_are_refused(
    latitude: float | None, longitude: float | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_position(latitude, longitude, "spaces.3.")
    assert refused.value.field == f"spaces.3.{field}"


def test_texts_lose_their_outer_and_double_spaces() -> None:
    assert checked_text("name", "  Harbour \n garage ", 40) == "Harbour garage"
    for text in ("", "   ", "x" * 41, "a\x00b"):
        with pytest.raises(InvalidInput):
            checked_text("name", text, 40)

"""Who may see and book an offer, and which windows it allows: to the minute."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.errors import Conflict, NotFound, NotPermitted
from parking.listings.models import Audience, ListingState, TitleState
from parking.listings.records import ListingRecord
from parking.listings.rules import (
    FOLLOWING,
    TITLE_FOLLOWING,
    BookingRefusal,
    ListingNotActive,
    NotForYou,
    OutsideOpening,
    StayTooLong,
    StayTooShort,
    TooFarAhead,
    TooSoon,
    allows,
    may_book,
    may_see_listing,
    require_active,
    require_ahead,
    require_following,
    require_manageable,
    require_may_book,
    require_open,
    require_stay,
    require_title_following,
)
from parking.windows import Window
from tests.parking.listings.offers import listing
from tests.support.operators import api_key, member

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
LESSOR, OPERATOR, TENANT = 1, 2, 3
MINUTE = timedelta(minutes=1)


def offer(**values: Any) -> ListingRecord:
    """An active offer of the lessor's at the operator's place."""
    return listing()._replace(organisation_id=LESSOR, operator_id=OPERATOR, **values)


def window(starts_in: timedelta, minutes: int = 60) -> Window:
    return Window(NOW + starts_in, NOW + starts_in + minutes * MINUTE)


@pytest.mark.parametrize(
    ("values", "minutes", "refusal"),
    [
        ({}, 15, None),
        ({}, 14, StayTooShort),
        ({"stay_minutes_max": 120}, 120, None),
        ({"stay_minutes_max": 120}, 121, StayTooLong),
        ({}, 92 * 1440, None),
        ({}, 92 * 1440 + 1, StayTooLong),
    ],
)
def test_stays(values: dict[str, int], minutes: int, refusal: type[BookingRefusal] | None) -> None:
    check(refusal, lambda: require_stay(offer(**values), window(MINUTE, minutes)))


@pytest.mark.parametrize(
    ("values", "starts_in", "refusal"),
    [
        ({}, timedelta(0), None),
        ({}, -5 * MINUTE, None),
        ({}, -5 * MINUTE - timedelta(seconds=1), TooSoon),
        ({"lead_minutes": 60}, 60 * MINUTE, None),
        ({"lead_minutes": 60}, 59 * MINUTE, TooSoon),
        ({"horizon_days": 1}, timedelta(days=1), None),
        ({"horizon_days": 1}, timedelta(days=1, seconds=1), TooFarAhead),
    ],
)
def test_lead_time_and_horizon(
    values: dict[str, int], starts_in: timedelta, refusal: type[BookingRefusal] | None
) -> None:
    check(refusal, lambda: require_ahead(offer(**values), window(starts_in), NOW))
    assert allows(offer(**values), window(starts_in), NOW) == (refusal is None)


def check(refusal: type[BookingRefusal] | None, act: Any) -> None:
    """It raises exactly this, or nothing."""
    if refusal is None:
        act()
        return
    with pytest.raises(refusal) as caught:
        act()
    assert type(caught.value) is refusal
    assert caught.value.message


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = {each.code for each in BookingRefusal.__subclasses__()}
    assert codes == {
        "STAY_TOO_SHORT", "STAY_TOO_LONG", "TOO_SOON", "TOO_FAR_AHEAD", "OUTSIDE_OPENING",
        "NOT_FOR_YOU", "LISTING_NOT_ACTIVE",
    }  # fmt: skip


@pytest.mark.parametrize("state", sorted(set(ListingState) - {ListingState.ACTIVE}))
def test_only_an_active_offer_is_booked(state: ListingState) -> None:
    with pytest.raises(ListingNotActive):
        require_active(offer(state=state))
    assert not allows(offer(state=state), window(MINUTE), NOW)


def test_an_offer_is_booked_while_it_is_open() -> None:
    require_open(is_open=True)
    with pytest.raises(OutsideOpening):
        require_open(is_open=False)


FOR_TENANT = {"audience": Audience.ORGANISATION, "audience_organisation_id": TENANT}
FOR_PLATES = {"audience": Audience.PLATES}
DRIVER, COLLEAGUE = Viewer(person_id=9), member(TENANT, Role.DRIVER)


@pytest.mark.parametrize(
    ("values", "viewer", "plate", "may"),
    [
        ({}, DRIVER, "", True),
        (FOR_TENANT, DRIVER, "SAB1", False),
        (FOR_TENANT, COLLEAGUE, "", True),
        (FOR_PLATES, DRIVER, "SAB1", True),
        (FOR_PLATES, DRIVER, "SAB2", False),
        (FOR_PLATES, DRIVER, "", False),
    ],
)
def test_who_may_book(values: dict[str, Any], viewer: Viewer, plate: str, may: bool) -> None:
    assert may_book(offer(**values), viewer, plate, {"SAB1"}) is may
    if not may:
        with pytest.raises(NotForYou):
            require_may_book(offer(**values), viewer, plate, {"SAB1"})


OWNER, CLERK = member(LESSOR, Role.OWNER), member(LESSOR, Role.ATTENDANT)
GUARD = member(OPERATOR, Role.ATTENDANT)
KEY, READING_KEY = api_key(LESSOR, Scope.PLACES_WRITE), api_key(LESSOR, Scope.PLACES_READ)
D, A, P = ListingState.DRAFT, ListingState.ACTIVE, ListingState.PAUSED


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (OWNER, {D, A, P}), (CLERK, {D, A, P}), (KEY, {D, A, P}), (READING_KEY, {D, A, P}),
        (GUARD, {A, P}), (DRIVER, {A}), (COLLEAGUE, {A}), (ANONYMOUS, {A}),
        (api_key(LESSOR), {A}), (SYSTEM, {D, A, P}),
    ],
)  # fmt: skip
def test_who_sees_an_offer_in_which_state(viewer: Viewer, seen: set[ListingState]) -> None:
    assert {state for state in (D, A, P) if may_see_listing(viewer, offer(state=state))} == seen


def test_an_offer_for_members_or_of_a_place_out_of_use_is_not_seen_by_others() -> None:
    assert not may_see_listing(DRIVER, offer(**FOR_TENANT))
    assert may_see_listing(COLLEAGUE, offer(**FOR_TENANT))
    assert not may_see_listing(DRIVER, offer(is_place_retired=True))
    assert may_see_listing(OWNER, offer(is_place_retired=True))


@pytest.mark.parametrize("viewer", [OWNER, KEY, member(LESSOR, Role.OPERATOR)])
def test_owners_operators_and_writing_keys_change_an_offer(viewer: Viewer) -> None:
    require_manageable(viewer, offer())


@pytest.mark.parametrize("viewer", [CLERK, READING_KEY, GUARD, DRIVER])
def test_others_may_not(viewer: Viewer) -> None:
    with pytest.raises(NotPermitted):
        require_manageable(viewer, offer())
    if viewer is DRIVER:
        with pytest.raises(NotFound):
            require_manageable(viewer, offer(state=D))


def test_the_states_of_offers_and_titles_are_tables() -> None:
    assert {(a, b) for a, following in FOLLOWING.items() for b in following} == {
        ("DRAFT", "ACTIVE"), ("DRAFT", "WITHDRAWN"), ("ACTIVE", "PAUSED"), ("ACTIVE", "WITHDRAWN"),
        ("PAUSED", "ACTIVE"), ("PAUSED", "WITHDRAWN"),
    }  # fmt: skip
    assert {(a, b) for a, following in TITLE_FOLLOWING.items() for b in following} == {
        ("REQUESTED", "APPROVED"), ("REQUESTED", "DECLINED"), ("REQUESTED", "REVOKED"),
        ("APPROVED", "REVOKED"),
    }  # fmt: skip
    with pytest.raises(Conflict, match="WITHDRAWN"):
        require_following(ListingState.WITHDRAWN, A)
    with pytest.raises(Conflict, match="DECLINED"):
        require_title_following(TitleState.DECLINED, TitleState.APPROVED)

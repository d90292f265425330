"""Pure decisions about offers: who may see, change and book them, and which bookings they allow."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from parking.accounts.models import Role
from parking.accounts.rules import acts_in, may
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, NotFound, NotPermitted, Refusal
from parking.listings.models import Audience, ListingState, TitleState
from parking.listings.records import ListingRecord, TitleRecord
from parking.places.rules import may_operate, may_see_place
from parking.windows import Window

START_LATE_MAX = timedelta(minutes=5)
"""Without lead time a window may have begun so little ago: it was chosen, then sent."""
STAY_DAYS_MAX = 92
"""The longest stay where a listing sets no limit of its own, and the highest limit it can set."""

FOLLOWING: Mapping[ListingState, frozenset[ListingState]] = {
    ListingState.DRAFT: frozenset({ListingState.ACTIVE, ListingState.WITHDRAWN}),
    ListingState.ACTIVE: frozenset({ListingState.PAUSED, ListingState.WITHDRAWN}),
    ListingState.PAUSED: frozenset({ListingState.ACTIVE, ListingState.WITHDRAWN}),
    ListingState.WITHDRAWN: frozenset(),
}
"""Which states an offer may go to; what is withdrawn stays so."""
TITLE_FOLLOWING: Mapping[TitleState, frozenset[TitleState]] = {
    TitleState.REQUESTED: frozenset({TitleState.APPROVED, TitleState.DECLINED, TitleState.REVOKED}),
    TitleState.APPROVED: frozenset({TitleState.REVOKED}),
    TitleState.DECLINED: frozenset(),
    TitleState.REVOKED: frozenset(),
}
"""Which states a title may go to; after a refusal one asks anew."""

LESSOR_ROLES = (Role.OWNER, Role.OPERATOR)
"""Who acts for the organisation that lets its spaces."""


class BookingRefusal(Refusal):
    """The listing does not allow this booking; each reason has its own class and code."""


class StayTooShort(BookingRefusal):
    """The window is shorter than the listing's shortest stay."""

    code = "STAY_TOO_SHORT"


class StayTooLong(BookingRefusal):
    """The window is longer than the listing's longest stay."""

    code = "STAY_TOO_LONG"


class TooSoon(BookingRefusal):
    """The window begins before the listing's lead time has passed, or in the past."""

    code = "TOO_SOON"


class TooFarAhead(BookingRefusal):
    """The window begins behind the listing's horizon."""

    code = "TOO_FAR_AHEAD"


class OutsideOpening(BookingRefusal):
    """The listing is not open for all of the window."""

    code = "OUTSIDE_OPENING"


class NotForYou(BookingRefusal):
    """The listing is for others: members of an organisation, or a list of plates."""

    code = "NOT_FOR_YOU"


class ListingNotActive(BookingRefusal):
    """The listing is a draft, paused or withdrawn."""

    code = "LISTING_NOT_ACTIVE"


def may_let(viewer: Viewer, organisation_id: int) -> bool:
    """Act as the lessor: its OWNERs and OPERATORs, and its keys with `places:write`."""
    return may(viewer, organisation_id, LESSOR_ROLES, Scope.PLACES_WRITE)


def require_lessor(viewer: Viewer, organisation_id: int) -> None:
    """Raises `NotFound` for an organisation the viewer may not know of, else `NotPermitted`."""
    if not acts_in(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    if not may_let(viewer, organisation_id):
        raise NotPermitted("only an OWNER or OPERATOR of the organisation may do this")


def is_staff(viewer: Viewer, listing: ListingRecord) -> bool:
    """Whether the viewer belongs to the lessor or works where the spaces are."""
    organisations = (listing.organisation_id, listing.operator_id)
    return any(may_see_place(viewer, each, is_public=False) for each in organisations)


def may_see_listing(viewer: Viewer, listing: ListingRecord) -> bool:
    """The lessor sees it in every state, the operator all but drafts, others while it is ACTIVE
    and meant for them."""
    if may_see_place(viewer, listing.organisation_id, is_public=False):
        return True
    if may_see_place(viewer, listing.operator_id, is_public=False):
        return listing.state is not ListingState.DRAFT
    if listing.state is not ListingState.ACTIVE or listing.is_place_retired:
        return False
    return listing.audience is not Audience.ORGANISATION or may_book_as_member(viewer, listing)


def may_book_as_member(viewer: Viewer, listing: ListingRecord) -> bool:
    """Whether the viewer belongs to the organisation that the listing is for."""
    organisation_id = listing.audience_organisation_id
    return organisation_id is not None and acts_in(viewer, organisation_id)


def may_book(listing: ListingRecord, viewer: Viewer, plate: str, plates: Collection[str]) -> bool:
    """Whether the offer is meant for this viewer and plate.

    `plate` is normalised (`parking.plates`); `plates` are the listing's, needed for PLATES only.
    """
    if listing.audience is Audience.ORGANISATION:
        return may_book_as_member(viewer, listing)
    if listing.audience is Audience.PLATES:
        return bool(plate) and plate in plates
    return True


def require_may_book(
    listing: ListingRecord, viewer: Viewer, plate: str, plates: Collection[str]
) -> None:
    """Raises `NotForYou`."""
    if may_book(listing, viewer, plate, plates):
        return
    if listing.audience is Audience.PLATES:
        raise NotForYou("this offer is for a list of plates, and this plate is not on it")
    raise NotForYou("this offer is for members of an organisation; take another offer")


def require_active(listing: ListingRecord) -> None:
    """Raises `ListingNotActive`."""
    if listing.state is not ListingState.ACTIVE:
        raise ListingNotActive(f"the offer is {listing.state} now; take another offer")


def shortest_stay(listing: ListingRecord) -> timedelta:
    """The least that can be booked."""
    return timedelta(minutes=listing.stay_minutes_min)


def longest_stay(listing: ListingRecord) -> timedelta:
    """The most that can be booked at once, extensions included."""
    minutes = listing.stay_minutes_max
    return timedelta(days=STAY_DAYS_MAX) if minutes is None else timedelta(minutes=minutes)


def earliest_start(listing: ListingRecord, now: datetime) -> datetime:
    """When a booking made now may begin."""
    lead = listing.lead_minutes
    return now + timedelta(minutes=lead) if lead else now - START_LATE_MAX


def latest_start(listing: ListingRecord, now: datetime) -> datetime:
    """By when a booking made now must begin."""
    return now + timedelta(days=listing.horizon_days)


def require_stay(listing: ListingRecord, window: Window) -> None:
    """Raises `StayTooShort` or `StayTooLong`; both limits are allowed themselves."""
    least, most = shortest_stay(listing), longest_stay(listing)
    if window.duration < least:
        raise StayTooShort(f"this offer is for {_text(least)} at least; ask for longer")
    if window.duration > most:
        raise StayTooLong(f"this offer is for {_text(most)} at most; ask for less")


def require_ahead(listing: ListingRecord, window: Window, now: datetime) -> None:
    """Raises `TooSoon` or `TooFarAhead`; both limits are allowed themselves."""
    if window.starts_at < earliest_start(listing, now):
        lead = listing.lead_minutes
        when = f"{lead} minutes ahead or more" if lead else "now or later"
        raise TooSoon(f"a booking of this offer begins {when}; choose a later start")
    if window.starts_at > latest_start(listing, now):
        days = listing.horizon_days
        raise TooFarAhead(f"this offer can be booked {days} days ahead; choose an earlier start")


def require_open(is_open: bool) -> None:
    """Raises `OutsideOpening`; whether one opening covers the window is the database's to say."""
    if not is_open:
        raise OutsideOpening("the offer is not open for all of this time; choose another time")


def allows(listing: ListingRecord, window: Window, now: datetime) -> bool:
    """Whether state, stay, lead time and horizon allow the window; for searches."""
    try:
        require_active(listing)
        require_stay(listing, window)
        require_ahead(listing, window, now)
    except BookingRefusal:
        return False
    return True


def require_manageable(viewer: Viewer, listing: ListingRecord) -> None:
    """Raises `NotFound` or `NotPermitted` for who may not change the listing."""
    if not may_see_listing(viewer, listing):
        raise NotFound("there is no such listing")
    if not may_let(viewer, listing.organisation_id):
        raise NotPermitted("only an OWNER or OPERATOR of the lessor may do this")


def require_following(state: ListingState, wanted: ListingState) -> None:
    """Raises `Conflict` with the code `WRONG_STATE`."""
    if wanted not in FOLLOWING[state]:
        may = ", ".join(sorted(FOLLOWING[state])) or "nothing else"
        raise Conflict(f"the listing is {state}; it can become {may}", code="WRONG_STATE")


def require_title_following(state: TitleState, wanted: TitleState) -> None:
    """Raises `Conflict` with the code `WRONG_STATE`."""
    if wanted not in TITLE_FOLLOWING[state]:
        may = ", ".join(sorted(TITLE_FOLLOWING[state])) or "nothing else"
        raise Conflict(f"the title is {state}; it can become {may}", code="WRONG_STATE")


def may_see_title(viewer: Viewer, title: TitleRecord) -> bool:
    """The lessor and who works at the place."""
    organisations = (title.organisation_id, title.operator_id)
    return any(may_see_place(viewer, each, is_public=False) for each in organisations)


def may_decide_title(viewer: Viewer, title: TitleRecord) -> bool:
    """Approve and decline: who may operate the place."""
    return may_operate(viewer, title.operator_id)


def may_revoke_title(viewer: Viewer, title: TitleRecord) -> bool:
    """Who may operate the place; the lessor may give up its own."""
    return may_decide_title(viewer, title) or may_let(viewer, title.organisation_id)


def has_title_by_itself(organisation_id: int, operator_id: int) -> bool:
    """Who runs a place has title to its spaces without asking."""
    return organisation_id == operator_id


def _text(duration: timedelta) -> str:
    minutes = int(duration.total_seconds()) // 60
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} minutes"

"""Something to book, for tests: an estate with a listing of its spaces that is always open."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from parking.accounts.models import Organisation, Person, Role
from parking.accounts.viewer import Viewer
from parking.listings.cancellation import FREE_UNTIL_START, terms_json
from parking.listings.models import Listing, ListingOpening, ListingSpace, ListingState
from parking.rates.models import RateTable
from parking.windows import Window
from tests.support.estate import OPENED, Estate, make_estate

HOURLY = {
    "currency": "EUR",
    "collections": [
        {
            "id": "day",
            "lines": [
                {"id": "hour", "type": "INCREMENTING_RATE", "amountMinor": 200, "increment": "PT1H"}
            ],
        }
    ],
}
"""2.00 for each started hour."""
OPEN_FOR = timedelta(days=400)


@dataclass(frozen=True)
class Lease:
    """Who takes part in bookings. The lessor is another organisation than the place's operator."""

    estate: Estate
    listing_id: int
    lessor_id: int
    driver: Viewer
    other: Viewer
    owner: Viewer
    operator: Viewer
    attendant: Viewer

    @property
    def space_id(self) -> int:
        """The first space."""
        return self.estate.space_ids[0]

    @property
    def everybody(self) -> dict[str, Viewer]:
        """The viewers by name."""
        names = ("driver", "other", "owner", "operator", "attendant")
        return {name: getattr(self, name) for name in names}


async def make_lease(spaces: int = 3, **listing: Any) -> Lease:
    """An estate, its listing, and the people around it."""
    estate = await make_estate(spaces)
    lessor = await Organisation.create(name="Quay owners", created_at=OPENED)
    made = await make_listing(estate, lessor.id, **listing)
    place = estate.organisation_id
    return Lease(
        estate=estate,
        listing_id=made,
        lessor_id=lessor.id,
        driver=await somebody("Dora"),
        other=await somebody("Otto"),
        owner=await somebody("Olga", {lessor.id: Role.OWNER}),
        operator=await somebody("Ophelia", {place: Role.OPERATOR}),
        attendant=await somebody("Atto", {place: Role.ATTENDANT}),
    )


async def somebody(name: str, roles: dict[int, Role] | None = None) -> Viewer:
    """A person as a viewer, with at most one role in each organisation."""
    person = await Person.create(name=name, email=f"{name.lower()}@example.org", created_at=OPENED)
    held = {each: frozenset({role}) for each, role in (roles or {}).items()}
    return Viewer(person_id=person.id, roles=held)


async def make_listing(
    estate: Estate,
    lessor_id: int,
    document: dict[str, Any] | None = None,
    open_for: timedelta = OPEN_FOR,
    **values: Any,
) -> int:
    """An ACTIVE listing of all spaces of the estate, open for `open_for` since `OPENED`."""
    rate = await RateTable.create(
        organisation_id=lessor_id, name="Hourly", currency="EUR",
        document=json.dumps(document or HOURLY), created_at=OPENED, changed_at=OPENED,
    )  # fmt: skip
    given: dict[str, Any] = {
        "name": "Bays at the quay", "state": ListingState.ACTIVE, "stay_minutes_min": 1,
        "cancellation": terms_json(FREE_UNTIL_START), "created_at": OPENED, "changed_at": OPENED,
    }  # fmt: skip
    listing = await Listing.create(
        place_id=estate.place_id, organisation_id=lessor_id, rate_table_id=rate.id,
        **(given | values),
    )  # fmt: skip
    for space_id in estate.space_ids:
        await ListingSpace.create(listing_id=listing.id, space_id=space_id)
    await open_listing(listing.id, OPENED, OPENED + open_for)
    listing_id: int = listing.id
    return listing_id


async def open_listing(listing_id: int, starts_at: datetime, ends_at: datetime) -> None:
    """One more opening."""
    await ListingOpening.create(listing_id=listing_id, starts_at=starts_at, ends_at=ends_at)


def hours(now: datetime, begin: float, end: float) -> Window:
    """The window that begins and ends so many hours after now."""
    return Window(now + timedelta(hours=begin), now + timedelta(hours=end))

"""Offers for tests: one as a plain record, and what is needed to make real ones."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from parking.accounts.models import Organisation, Role
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.listings.manage import create_listing
from parking.listings.models import Audience, BookingMode, ListingState
from parking.listings.new import NewListing
from parking.listings.records import ListingRecord
from parking.rates.models import RateTable
from tests.support.estate import OPENED, Estate, make_estate
from tests.support.leasing import HOURLY
from tests.support.operators import member

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


def listing(zone: ZoneInfo = BERLIN) -> ListingRecord:
    return ListingRecord(
        id=7, place_id=1, organisation_id=1, rate_table_id=1, name="Nights, and more",
        state=ListingState.ACTIVE, mode=BookingMode.INSTANT, audience=Audience.PUBLIC,
        audience_organisation_id=None, stay_minutes_min=15, stay_minutes_max=None, lead_minutes=0,
        horizon_days=90, turnover_minutes=0, cancellation="{}", valid_from=None, valid_until=None,
        openings_until=None, openings_zone="", extend_at=None, version=1, created_at=NOW,
        changed_at=NOW, operator_id=1, place_name="Garage", time_zone=zone.key, currency="EUR",
        address="", latitude=None, longitude=None, is_place_public=True, is_place_open=True,
        is_place_retired=False,
    )  # fmt: skip


@dataclass(frozen=True)
class Quay:
    """A garage whose operator is one organisation, and owners of its spaces who are another."""

    estate: Estate
    lessor_id: int
    rate_table_id: int
    owner: Viewer
    operator: Viewer
    driver: Viewer
    clock: TestClock

    @property
    def spaces(self) -> list[int]:
        """Ids of all spaces."""
        return self.estate.space_ids

    def new(self, **values: Any) -> NewListing:
        """An offer of all spaces."""
        given: dict[str, Any] = {
            "place_id": self.estate.place_id, "organisation_id": self.lessor_id,
            "rate_table_id": self.rate_table_id, "name": "Nights", "space_ids": self.spaces,
        }  # fmt: skip
        return NewListing(**(given | values))

    async def draft(self, **values: Any) -> int:
        """A draft of the owners'."""
        return await create_listing(self.owner, self.new(**values), clock=self.clock)


async def make_quay(clock: TestClock) -> Quay:
    """Nobody has title to anything yet."""
    estate = await make_estate()
    lessor = await Organisation.create(name="Quay owners", created_at=OPENED)
    return Quay(
        estate=estate,
        lessor_id=lessor.id,
        rate_table_id=await make_rates(lessor.id),
        owner=member(lessor.id, Role.OWNER, person_id=2),
        operator=member(estate.organisation_id, Role.OPERATOR, person_id=3),
        driver=Viewer(person_id=4),
        clock=clock,
    )


async def make_rates(organisation_id: int, currency: str = "EUR") -> int:
    """A rate table; its id."""
    made = await RateTable.create(
        organisation_id=organisation_id, name="Hourly", currency=currency,
        document=json.dumps(HOURLY), created_at=OPENED, changed_at=OPENED,
    )  # fmt: skip
    rate_table_id: int = made.id
    return rate_table_id

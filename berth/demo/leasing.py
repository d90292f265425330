"""What the demo lets: prices, an offer of a few bays, and a booking by the demo's driver."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from berth.demo.building import BuiltPlace
from berth.demo.people import demo_person_id
from berth.demo.places import COURTYARD, MALL, MALL_LOT, DemoPlace
from parking.accounts.models import Role
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import Clock, as_utc
from parking.events.bus import Bus
from parking.listings.cancellation import FREE_UNTIL_START, TIERED, CancellationTerms
from parking.listings.manage import activate_listing, create_listing
from parking.listings.models import BookingMode, ExceptionKind
from parking.listings.new import NewListing
from parking.listings.records import ExceptionRecord, WindowRecord
from parking.rates.manage import NewRateTable, create_rate_table
from parking.reservations.confirm import confirm
from parking.reservations.quote import Request
from parking.reservations.reserve import reserve_space
from parking.settlement.funding import EscrowFunding
from parking.storage.sql import database
from parking.storage.transactions import transaction
from parking.windows import Window

WORKING_DAYS, EVERY_DAY = 0b0011111, 0b1111111
BOOKED_FROM, BOOKED_HOURS = time(10), 3
"""When the demo's driver has booked a bay for tomorrow, local time."""
PLATE = "浙A12345"


@dataclass(frozen=True, slots=True)
class Offer:
    """How a demo place lets its bays: the rate is a document as in docs/rates.md."""

    name: str
    rate_name: str
    rate: Mapping[str, Any]
    mode: BookingMode
    cancellation: CancellationTerms
    windows: tuple[WindowRecord, ...]
    is_booked: bool = True
    """By the demo's driver, tomorrow."""


_MALL = Offer(
    name="B1 预订车位",
    rate_name="商场停车费",
    rate={
        "currency": "CNY",
        "collections": [
            {
                "id": "all",
                "lines": [
                    {
                        "id": "half-hour",
                        "name": "每半小时",
                        "type": "INCREMENTING_RATE",
                        "amountMinor": 300,
                        "increment": "PT30M",
                    }
                ],
            }
        ],
    },
    mode=BookingMode.INSTANT,
    cancellation=FREE_UNTIL_START,
    windows=(),
)
OFFERS: Mapping[str, Offer] = {
    MALL: _MALL,
    MALL_LOT: replace(_MALL, name="地面预订车位", rate_name="地面停车费", is_booked=False),
    COURTYARD: Offer(
        name="Hof Rosengarten, tagsüber",
        rate_name="Stellplatz",
        rate={
            "currency": "EUR",
            "collections": [
                {
                    "id": "all",
                    "lines": [
                        {
                            "id": "hour",
                            "name": "Je angefangene Stunde",
                            "type": "INCREMENTING_RATE",
                            "amountMinor": 180,
                            "increment": "PT1H",
                        }
                    ],
                }
            ],
        },
        mode=BookingMode.INSTANT,
        cancellation=TIERED,
        windows=(
            WindowRecord(WORKING_DAYS, 7 * 60, 19 * 60),
            WindowRecord(EVERY_DAY & ~WORKING_DAYS, 9 * 60, 24 * 60),
        ),
    ),
}


async def make_listing(
    demo: DemoPlace, built: BuiltPlace, organisation_id: int, clock: Clock, bus: Bus
) -> None:
    """Let the bays that the place's drawing lists, unless they are let already; one is booked
    where the offer says so."""
    offer = OFFERS.get(demo.draft.external_id or "")
    if offer is None or await _is_let(built.place_id):
        return
    async with transaction():
        await _make(offer, demo, built, organisation_id, clock, bus)


async def _make(
    offer: Offer,
    demo: DemoPlace,
    built: BuiltPlace,
    organisation_id: int,
    clock: Clock,
    bus: Bus,
) -> None:
    zone = ZoneInfo(demo.draft.time_zone or "UTC")
    document = json.dumps(offer.rate, ensure_ascii=False)
    rates = NewRateTable(organisation_id, offer.rate_name, document)
    new = NewListing(
        place_id=built.place_id,
        organisation_id=organisation_id,
        rate_table_id=await create_rate_table(SYSTEM, rates, clock=clock),
        name=offer.name,
        space_ids=[built.space_ids[number] for number in demo.listed],
        mode=offer.mode,
        turnover_minutes=15,
        cancellation=offer.cancellation,
        windows=offer.windows,
        exceptions=(_closed_soon(clock.now(), zone),),
    )
    listing_id = await create_listing(SYSTEM, new, clock=clock)
    await activate_listing(SYSTEM, listing_id, clock=clock)
    if not offer.is_booked:
        return
    driver = Viewer(
        person_id=await demo_person_id(Role.DRIVER),
        roles={organisation_id: frozenset({Role.DRIVER})},
    )
    await _book(driver, Request(listing_id, new.space_ids[0], _tomorrow(clock, zone)), clock, bus)


async def _is_let(place_id: int) -> bool:
    row = await database().fetch_one(
        "SELECT 1 AS one FROM listing WHERE place_id = $1 LIMIT 1", place_id
    )
    return row is not None


def _closed_soon(now: datetime, zone: ZoneInfo) -> ExceptionRecord:
    """A day next week on which nothing is let."""
    day = datetime.combine(now.astimezone(zone).date() + timedelta(days=9), time())
    return ExceptionRecord(ExceptionKind.CLOSED, day, day + timedelta(days=1), "Demo")


def _tomorrow(clock: Clock, zone: ZoneInfo) -> Window:
    day = clock.now().astimezone(zone).date() + timedelta(days=1)
    starts_at = as_utc(datetime.combine(day, BOOKED_FROM, zone))
    return Window(starts_at, starts_at + timedelta(hours=BOOKED_HOURS))


async def _book(driver: Viewer, request: Request, clock: Clock, bus: Bus) -> None:
    """The link to the page is in the driver's list of reservations."""
    plated = request._replace(plate=PLATE)
    made = await reserve_space(driver, plated, clock=clock, bus=bus)
    await confirm(driver, made, clock=clock, bus=bus, funding=EscrowFunding())

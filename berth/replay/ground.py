"""Where a booked replay takes place: bays with their devices, rates, and a listing of the bays."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from berth.device_file import DeviceEntry
from berth.replay.estate import bay
from berth.replay.expected import (
    GIVEN_BACK_PERCENT,
    OVERSTAY_GRACE,
    OVERSTAY_QUARTER_MINOR,
    QUARTER_MINOR,
)
from berth.replay.purses import PAYDAY
from berth.replay.shares import (
    NO_SHOW_FEE_MINOR,
    NO_SHOW_PERCENT,
    OVERSTAY_PLATFORM_POINTS,
    PLATFORM_POINTS,
    PROPERTY_POINTS,
    TAX_PERCENT,
    WHOLE_POINTS,
)
from berth.replay.trace import Origin
from berth.replay.world import World
from berth.secret import secret_of
from berth.simulate.provisioning import Bench, WantedDevice, ensure_devices
from parking.accounts.viewer import SYSTEM
from parking.devices.models import DeviceKind
from parking.devices.rules import LIFETIME_SECONDS_MAX
from parking.devices.sealing import Sealer
from parking.listings.cancellation import CancellationTerms
from parking.listings.manage import activate_listing, create_listing
from parking.listings.new import NewListing
from parking.places.create import create_place, create_spaces
from parking.places.new import NewPlace
from parking.rates.manage import NewRateTable, create_rate_table
from parking.settlement.contracts.dated import set_fee_contract
from parking.settlement.contracts.fees import Fee, FeeTerms, fees_json
from parking.settlement.kinds import PayoutSchedule
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms

OPERATOR = "operator@booked.example"
STAY_MINUTES_MIN = 1
HORIZON_DAYS = 90


TERMS = CancellationTerms(
    unused_percent=GIVEN_BACK_PERCENT,
    no_show_percent=NO_SHOW_PERCENT,
    no_show_fee_minor=NO_SHOW_FEE_MINOR,
)
FEES = FeeTerms(
    platform=Fee(PLATFORM_POINTS),
    property=Fee(PROPERTY_POINTS),
    overstay_owner_basis_points=WHOLE_POINTS - OVERSTAY_PLATFORM_POINTS,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """The place; by number its spaces, and by number and kind their devices."""

    place_id: int
    spaces: dict[str, int]
    devices: dict[tuple[str, DeviceKind], DeviceEntry]
    locked: frozenset[str]


def tariff_document(currency: str) -> str:
    """The rate that `berth.replay.expected` reckons with."""
    quarter = {
        "id": "quarter", "type": "INCREMENTING_RATE", "amountMinor": QUARTER_MINOR,
        "increment": "PT15M",
    }  # fmt: skip
    percent = 100 * OVERSTAY_QUARTER_MINOR // QUARTER_MINOR
    grace = f"PT{OVERSTAY_GRACE.seconds // 60}M"
    document = {
        "currency": currency,
        "collections": [{"id": "always", "lines": [quarter]}],
        "overstay": {"grace": grace, "percent": str(percent)},
        "tax": {"percent": str(TAX_PERCENT), "included": True, "name": "VAT"},
    }
    return orjson.dumps(document).decode()


async def make_ground(
    world: World, origin: Origin, name: str, numbers: Sequence[str], locked: frozenset[str]
) -> Ground:
    """Make all of it; bays in `locked` get a lock and a reader beside their sensor."""
    operator_id, _ = await world.person(OPERATOR)
    organisation_id = await world.organisation("Booked replay", operator_id)
    place = NewPlace(organisation_id, name, origin.kind, origin.time_zone, origin.currency)
    clock, bus = world.clock, world.program.bus
    place_id = await create_place(SYSTEM, place, clock=clock)
    bays = [bay(number, index) for index, number in enumerate(numbers)]
    ids = await create_spaces(SYSTEM, place_id, bays, clock=clock, bus=bus)
    spaces = dict(zip(numbers, ids, strict=True))
    rate = NewRateTable(organisation_id, "Quarters", tariff_document(origin.currency))
    listing = NewListing(
        place_id=place_id,
        organisation_id=organisation_id,
        rate_table_id=await create_rate_table(SYSTEM, rate, clock=clock),
        name="All bays",
        space_ids=ids,
        stay_minutes_min=STAY_MINUTES_MIN,
        horizon_days=HORIZON_DAYS,
        cancellation=TERMS,
    )
    listing_id = await create_listing(SYSTEM, listing, clock=clock)
    await activate_listing(SYSTEM, listing_id, clock=clock)
    await _agree_on_money(world, organisation_id, place_id, origin.time_zone)
    devices = await _devices(world, place_id, spaces, locked)
    return Ground(place_id, spaces, devices, locked)


async def _agree_on_money(
    world: World, organisation_id: int, place_id: int, time_zone: str
) -> None:
    """The fees that `berth.replay.shares` reckons with; what is owed is paid each Friday."""
    clock, bus = world.clock, world.program.bus
    await set_fee_contract(SYSTEM, organisation_id, place_id, fees_json(FEES), clock=clock)
    weekly = NewPayoutTerms(PayoutSchedule.WEEKLY, time_zone, day=PAYDAY, delay_days=1)
    await set_payout_terms(SYSTEM, organisation_id, weekly, clock=clock, bus=bus)


async def _devices(
    world: World, place_id: int, spaces: dict[str, int], locked: frozenset[str]
) -> dict[tuple[str, DeviceKind], DeviceEntry]:
    settings = world.program.settings
    sealer = Sealer(secret_of(settings).encode())
    file: Path = settings.data_dir / "booked-devices.json"
    bench = Bench(world.clock, world.program.bus, sealer, file)
    wanted = []
    for number, space_id in spaces.items():
        kinds = list(DeviceKind) if number in locked else [DeviceKind.SENSOR]
        for kind in kinds:
            endpoint = f"booked-{kind.value.lower()}-{space_id}"
            wanted.append(
                WantedDevice(endpoint, kind, place_id, space_id, number, LIFETIME_SECONDS_MAX)
            )
    entries = await ensure_devices(wanted, bench)
    return {(entry.space, entry.kind): entry for entry in entries}

"""The town with listings and bookings in it; see `matrix_bookings` for the objects."""

from datetime import timedelta

from parking.listings.cancellation import FREE_UNTIL_START, terms_json
from parking.listings.models import BookingMode, Listing, ListingOpening, ListingSpace, ListingState
from parking.reservations.confirm import confirm
from parking.reservations.extend import quote_extension
from parking.reservations.queries import reservations_by_id
from parking.reservations.quote import Request, quote_space
from parking.reservations.recurring import reserve_series
from parking.reservations.reserve import reserve_space
from parking.reservations.waitlist import join_waitlist
from tests.schema.town import Town
from tests.support.estate import OPENED
from tests.support.leasing import OPEN_FOR, hours

TOMORROW = 48.0
"""Hours from the town's clock to the day of the bookings."""


async def let_out(town: Town) -> Town:
    """Offers, and bookings of three bays of the garage and one of the hilltop."""
    await offer_bays(town, "garage-offer", "garage", "harbour", BookingMode.INSTANT, (1, 2, 3))
    await offer_bays(town, "asking-offer", "garage", "harbour", BookingMode.ASK, (3,))
    await offer_bays(town, "hilltop-offer", "hilltop", "hill", BookingMode.INSTANT, (1, 2, 3))
    await book(town, "booking", "driver", "garage-offer", "garage-1", is_confirmed=True)
    await book(town, "hold", "driver", "garage-offer", "garage-2")
    await book(town, "request", "driver", "asking-offer", "garage-3")
    await book(town, "others", "stranger", "hilltop-offer", "hilltop-1", is_confirmed=True)
    await _quotes(town)
    await _wait_and_repeat(town, "", "driver", "garage")
    await _wait_and_repeat(town, "others-", "stranger", "hilltop")
    return town


async def _wait_and_repeat(town: Town, prefix: str, who: str, place: str) -> None:
    """A waitlist entry, and a series of two turns in the third bay, days after the bookings."""
    viewer, clock, bus = town.viewers[who], town.clock, town.bus
    window = hours(clock.now(), TOMORROW + 240, TOMORROW + 242)
    entry = await join_waitlist(viewer, town.keys[place], window, clock=clock, bus=bus)
    town.know(f"{prefix}waiting", "WaitlistEntry", entry)
    request = Request(town.keys[f"{place}-offer"], town.keys[f"{place}-3"], window)
    made = await reserve_series(viewer, request, "FREQ=DAILY;COUNT=2", clock=clock, bus=bus)
    town.know(f"{prefix}series", "ReservationSeries", made.series_id)


async def offer_bays(
    town: Town, name: str, place: str, lessor: str, mode: BookingMode, bays: tuple[int, ...]
) -> None:
    listing = await Listing.create(
        name=name, mode=mode, state=ListingState.ACTIVE, place_id=town.keys[place],
        organisation_id=town.keys[lessor], rate_table_id=town.keys[f"{lessor}-rates"],
        cancellation=terms_json(FREE_UNTIL_START), created_at=OPENED, changed_at=OPENED,
    )  # fmt: skip
    town.know(name, "Listing", listing.id)
    await ListingOpening.create(listing_id=listing.id, starts_at=OPENED, ends_at=OPENED + OPEN_FOR)
    for bay in bays:
        await ListingSpace.create(listing_id=listing.id, space_id=town.keys[f"{place}-{bay}"])


async def book(
    town: Town, name: str, who: str, offer: str, bay: str, *, is_confirmed: bool = False
) -> None:
    window = hours(town.clock.now(), TOMORROW, TOMORROW + 2)
    request = Request(town.keys[offer], town.keys[bay], window)
    viewer, clock, bus = town.viewers[who], town.clock, town.bus
    made = await reserve_space(viewer, request, clock=clock, bus=bus)
    if is_confirmed:
        await confirm(viewer, made, clock=clock, bus=bus)
    town.know(name, "Reservation", made)


async def _quotes(town: Town) -> None:
    driver, clock = town.viewers["driver"], town.clock
    window = hours(clock.now(), TOMORROW + 24, TOMORROW + 25)
    request = Request(town.keys["garage-offer"], town.keys["garage-1"], window)
    town.know("quote", "Quote", await quote_space(driver, request, clock=clock))
    booking = (await reservations_by_id(driver, [town.keys["booking"]]))[town.keys["booking"]]
    until = booking.ends_at + timedelta(hours=1)
    longer = await quote_extension(driver, booking.id, until, clock=clock)
    town.know("extension", "Quote", longer)

"""A booking's money from confirmation to the last posting, however it ends."""

import json

import pytest

from parking.ledger.accounts import owner
from parking.listings.cancellation import CancellationTerms, Tier
from parking.listings.models import ListingSpace
from parking.rates.models import RateTable
from parking.reservations.funding import DUE_AT_END, NotFunded
from parking.reservations.models import Reservation, ReservationState
from parking.reservations.reassign import reassign
from parking.settlement.kinds import EscrowState, Outcome
from parking.settlement.models import EscrowAccount, FeeContract
from parking.settlement.refusals import DebtOutstanding, WalletTooLow
from tests.parking.reservations.steps import reservation
from tests.parking.settlement.till import Till, set_terms, whole
from tests.support.estate import OPENED
from tests.support.leasing import HOURLY, make_listing
from tests.support.operators import make_organisation
from tests.support.wallets import fill_wallet, in_account


async def test_confirming_moves_the_price_into_the_reservations_own_pocket(till: Till) -> None:
    booked = await till.book()
    assert await till.moved(booked) == {"secure": {"driver": -400, "escrow": 400}}
    pocket = await EscrowAccount.get(reservation_id=booked)
    assert (pocket.state, pocket.rail, pocket.secured_minor) == ("OPEN", "wallet", 400)
    assert await till.wallet() == 1_600
    assert await till.settle() == 0


async def test_a_stay_is_divided_when_the_car_leaves(till: Till) -> None:
    booked = await till.book()
    await till.stay(minutes=119)
    assert await till.settle() == 1
    assert await till.split(booked) == {
        "escrow": -400, "owner": 300, "property": 40, "platform": 60,
    }  # fmt: skip
    found = await till.settlement(booked)
    assert found.outcome is Outcome.COMPLETED
    assert whole(found) == (400, 0, 0, 0, 300, 40, 60, 0, 0)
    assert await till.items() == [("OWNER", "SHARE", 300), ("PROPERTY", "SHARE", 40)]
    pocket = await EscrowAccount.get(reservation_id=booked)
    assert (pocket.state, pocket.settled_at) == (EscrowState.SETTLED, till.stage.clock.now())
    assert (await Reservation.get(id=booked)).settled_at == till.stage.clock.now()


async def test_an_extension_tops_the_pocket_up(till: Till) -> None:
    booked = await till.book()
    await till.extend(booked, 4)
    assert (await EscrowAccount.get(reservation_id=booked)).secured_minor == 600
    assert await till.wallet() == 1_400
    await till.stay(minutes=179)
    await till.settle()
    assert whole(await till.settlement(booked)) == (600, 0, 0, 0, 450, 60, 90, 0, 0)


async def test_without_enough_nothing_is_confirmed_and_the_lack_is_told(till: Till) -> None:
    with pytest.raises(WalletTooLow) as refusal:
        await till.book(1, 12)
    assert (refusal.value.missing_minor, refusal.value.code) == (200, "NOT_FUNDED")
    assert isinstance(refusal.value, NotFunded)
    assert await till.wallet() == 2_000
    booked = await till.book(13, 23)
    with pytest.raises(WalletTooLow):
        await till.extend(booked, 24)
    assert (await reservation(booked)).amount_minor == 2_000


TIERS = CancellationTerms(grace_minutes=0, tiers=(Tier(120, 75), Tier(60, 25)), fee_minor=10)

CANCELLATIONS = [
    ("well before, by the driver", 3, "driver", 290, (400, 0, 0, 0, 83, 11, 16, 0, 290)),
    ("late, by the driver", 1.5, "driver", 90, (400, 0, 0, 0, 233, 31, 46, 0, 90)),
    ("too late, by the driver", 0.5, "driver", 0, (400, 0, 0, 0, 300, 40, 60, 0, 0)),
    ("late, by the owner", 0.5, "owner", 400, (400, 0, 0, 0, 0, 0, 0, 0, 400)),
    ("late, by the place", 0.5, "operator", 400, (400, 0, 0, 0, 0, 0, 0, 0, 400)),
]


@pytest.mark.parametrize(("name", "lead", "by", "back", "wanted"), CANCELLATIONS)
async def test_a_cancellation_gives_back_by_its_tier(
    till: Till, name: str, lead: float, by: str, back: int, wanted: tuple[int, ...]
) -> None:
    await set_terms(TIERS)
    booked = await till.book(5, 7)
    till.stage.clock.advance(hours=5 - lead)
    await till.cancel(booked, till.stage.lease.everybody[by])
    await till.settle()
    found = await till.settlement(booked)
    assert whole(found) == wanted, name
    assert found.outcome is Outcome.CANCELLED
    assert await till.wallet() == 1_600 + back


NO_SHOWS = [
    ("all of it", CancellationTerms(), (400, 0, 0, 0, 300, 40, 60, 0, 0)),
    ("half", CancellationTerms(no_show_percent=50), (400, 0, 0, 0, 150, 20, 30, 0, 200)),
    ("a fee", CancellationTerms(no_show_percent=0, no_show_fee_minor=100),
     (400, 0, 0, 0, 75, 10, 15, 0, 300)),
    ("double", CancellationTerms(no_show_percent=200), (400, 0, 400, 0, 600, 80, 120, 0, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "terms", "wanted"), NO_SHOWS)
async def test_who_does_not_come_owes_what_the_terms_say(
    till: Till, name: str, terms: CancellationTerms, wanted: tuple[int, ...]
) -> None:
    await set_terms(terms)
    booked = await till.book()
    await till.miss()
    assert await till.stage.state(booked) is ReservationState.NO_SHOW
    await till.settle()
    found = await till.settlement(booked)
    assert (found.outcome, whole(found)) == (Outcome.NO_SHOW, wanted), name
    await till.audit()


async def test_leaving_early_gives_back_the_unused_part(till: Till) -> None:
    await set_terms(CancellationTerms(unused_percent=50))
    booked = await till.book()
    await till.stay(minutes=60)
    await till.settle()
    assert whole(await till.settlement(booked)) == (400, 0, 0, 0, 225, 30, 45, 0, 100)
    assert await till.wallet() == 1_700


async def test_overstaying_is_topped_up_and_mostly_the_owners(till: Till) -> None:
    booked = await till.book()
    await till.stay(minutes=150)
    await till.settle()
    assert (await till.moved(booked))["in"] == {"driver": -200, "escrow": 200}
    found = await till.settlement(booked)
    assert whole(found) == (400, 0, 200, 0, 300 + 140, 40, 60 + 60, 0, 0)
    assert await till.wallet() == 1_400


async def test_what_the_wallet_lacks_is_owed_and_blocks_the_next_booking(till: Till) -> None:
    booked = await till.book(1, 11)
    await till.stay(minutes=630)
    await till.settle()
    assert (await till.moved(booked))["in"] == {"debt": -200, "escrow": 200}
    assert whole(await till.settlement(booked))[:4] == (2_000, 0, 0, 200)
    with pytest.raises(DebtOutstanding) as refusal:
        await till.book()
    assert (refusal.value.amount_minor, refusal.value.currency) == (200, "EUR")
    await fill_wallet(till.stage.lease.driver, 150)
    assert await till.wallet() == 0
    with pytest.raises(DebtOutstanding):
        await till.book(4, 6)
    await fill_wallet(till.stage.lease.driver, 450)
    assert await till.wallet() == 400
    await till.audit()
    await till.book(7, 9)


async def test_a_stay_for_nothing_moves_nothing_and_has_a_receipt(till: Till) -> None:
    free = json.dumps(HOURLY).replace("200", "0")
    await RateTable.all().update(document=free)
    booked = await till.book()
    await till.stay(minutes=119)
    await till.settle()
    assert whole(await till.settlement(booked)) == (0,) * 9
    assert await till.moved(booked) == {}
    [bill] = await till.charges(booked)
    assert (bill.amount_minor, await till.wallet()) == (0, 2_000)
    assert (await EscrowAccount.get(reservation_id=booked)).state is EscrowState.SETTLED
    await till.audit()


async def test_the_fees_are_those_of_the_confirmation(till: Till) -> None:
    booked = await till.book()
    await FeeContract.all().update(terms='{"platform": {"percent": 90}}')
    await till.stay(minutes=119)
    await till.settle()
    assert (await till.settlement(booked)).platform_minor == 60


async def test_what_was_confirmed_without_money_is_settled_without(till: Till) -> None:
    till.stage.funding = DUE_AT_END
    booked = await till.book()
    await till.stay(minutes=119)
    assert await till.settle() == 1
    assert await till.settle() == 0
    assert await till.charges(booked) == []


async def test_who_lets_the_bay_that_was_used_is_paid(till: Till) -> None:
    """Moved to another lessor's bay, by the fees that are agreed with them."""
    lease, stage = till.stage.lease, till.stage
    booked = await till.book()
    other = await make_organisation("Other owners")
    await FeeContract.create(
        organisation_id=other, terms='{"platform": {"percent": 5}}', valid_from=OPENED,
        created_at=OPENED,
    )  # fmt: skip
    await make_listing(lease.estate, other)
    await ListingSpace.filter(listing_id=lease.listing_id).exclude(space_id=lease.space_id).delete()
    await reassign(lease.operator, booked, clock=stage.clock, bus=stage.bus)
    assert (await reservation(booked)).organisation_id == other
    await till.miss()
    await till.settle()
    found = await till.settlement(booked)
    assert (found.organisation_id, found.owner_minor, found.platform_minor) == (other, 380, 20)
    assert await in_account(owner(other, "EUR")) == 380

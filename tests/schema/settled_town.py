"""The town with money in it: stays that were settled, and what may come of that.

The driver's stay is in the garage, let and run by the harbour company; the stranger's on the
hilltop, private to the hill company. Each has `paid` (the reservation), `settlement`, `charge`,
`dispute`, `payment`, `account`, `payout`, `contract` and `order`, the stranger's with `others-`
before. `coming` is a booking of the driver's that is confirmed and not settled, with a `validation`
of the harbour's.
"""

from datetime import timedelta
from typing import Any

from parking.reservations.confirm import confirm
from parking.reservations.quote import Request
from parking.reservations.reserve import reserve_space
from parking.sessions.override import end_session, start_session
from parking.settlement.contracts.dated import set_fee_contract
from parking.settlement.disputes.steps import open_dispute
from parking.settlement.funding import EscrowFunding
from parking.settlement.kinds import (
    PaymentState,
    PayoutSchedule,
    PayoutState,
    Purpose,
    RailOrderKind,
    RailOrderState,
    ValidationKind,
)
from parking.settlement.models import (
    ChargeRecord,
    Payment,
    PaymentAccount,
    Payout,
    RailOrder,
    Settlement,
)
from parking.settlement.payouts.terms import NewPayoutTerms, set_payout_terms
from parking.settlement.settle import settle_ended
from parking.settlement.validations import add_validation
from tests.schema.booked_town import let_out
from tests.schema.town import Town
from tests.support.leasing import hours
from tests.support.wallets import fill_wallet, give_credit

FEES = '{"platform": {"percent": "15"}, "property": {"percent": "5"}}'
HOMES = {
    "": ("driver", "operator", "garage", "harbour"),
    "others-": ("stranger", "stranger", "hilltop", "hill"),
}
"""By prefix: whose stay, who runs the place, the place, who lets it."""


async def settle_town(town: Town) -> Town:
    """Fill the town: each booking costs 4.80, of 20.00 in the wallet."""
    await let_out(town)
    for prefix, (who, _, _, lessor) in HOMES.items():
        await fill_wallet(town.viewers[who], 2_000, at=town.clock.now())
        made = await set_fee_contract(
            town.viewers["platform"], town.keys[lessor], None, FEES, clock=town.clock
        )
        town.know(f"{prefix}contract", "FeeContract", made)
        await book_paid(town, f"{prefix}paid", prefix, 1)
    await book_paid(town, "coming", "", 6)
    await _promise(town)
    town.clock.advance(hours=1)
    for prefix in HOMES:
        await _stay(town, prefix)
    await settle_ended(town.clock, town.bus)
    for prefix in HOMES:
        await _know(town, prefix)
        await _beside(town, prefix)
    still_signed_in(town)
    return town


def still_signed_in(town: Town) -> None:
    """Everybody's proof of identity lasts, whatever the clock."""
    for viewer in town.viewers.values():
        if viewer.valid_until is not None:
            object.__setattr__(viewer, "valid_until", viewer.valid_until + timedelta(days=300))


async def book_paid(town: Town, name: str, prefix: str, start: float) -> None:
    """A booking of two hours, paid from the wallet; it begins `start` hours from now."""
    who, _, place, _ = HOMES[prefix]
    window = hours(town.clock.now(), start, start + 2)
    request = Request(town.keys[f"{place}-offer"], town.keys[f"{place}-1"], window)
    viewer, clock, bus = town.viewers[who], town.clock, town.bus
    made = await reserve_space(viewer, request, clock=clock, bus=bus)
    await confirm(viewer, made, clock=clock, bus=bus, funding=EscrowFunding())
    town.know(name, "Reservation", made)


async def _promise(town: Town) -> None:
    for name in ("harbour", "hill"):
        await give_credit(town.keys[name])
    made = await add_validation(
        town.viewers["operator"], town.keys["harbour"], town.keys["coming"], ValidationKind.PERCENT,
        50, "Lunch", clock=town.clock, bus=town.bus,
    )  # fmt: skip
    town.know("validation", "Validation", made)


async def _stay(town: Town, prefix: str) -> None:
    """The vehicle comes and leaves, as who runs the place says."""
    staff, clock, bus = town.viewers[HOMES[prefix][1]], town.clock, town.bus
    stay = await start_session(staff, town.keys[f"{prefix}paid"], clock=clock, bus=bus)
    clock.advance(minutes=30)
    await end_session(staff, stay, clock=clock, bus=bus)


async def _know(town: Town, prefix: str) -> None:
    settled = await Settlement.get(reservation_id=town.keys[f"{prefix}paid"])
    town.know(f"{prefix}settlement", "Settlement", settled.id)
    charge = await ChargeRecord.get(settlement_id=settled.id)
    town.know(f"{prefix}charge", "ChargeRecord", charge.id)
    disputed = await open_dispute(
        town.viewers[HOMES[prefix][0]], settled.id, 100, "Too much", clock=town.clock, bus=town.bus
    )
    town.know(f"{prefix}dispute", "Dispute", disputed)


async def _beside(town: Town, prefix: str) -> None:
    """What comes from outer rails and the calendar: rows as the worker leaves them."""
    who, staff, _, lessor = HOMES[prefix]
    now = town.clock.now()
    account = await PaymentAccount.create(
        person_id=town.keys[who], rail="stripe", customer="cus_1", reference="pm_1",
        label="Visa, ends in 4242", created_at=now,
    )  # fmt: skip
    town.know(f"{prefix}account", "PaymentAccount", account.id)
    money: dict[str, Any] = {"rail": "stripe", "currency": "EUR", "created_at": now}
    payment = await Payment.create(
        public_id=f"{prefix}pay", state=PaymentState.ACTION_NEEDED, purpose=Purpose.BOOKING,
        person_id=town.keys[who], amount_minor=480, action="https://rail.example/agree",
        reservation_id=town.keys[f"{prefix}paid"], payment_account_id=account.id, changed_at=now,
        **money,
    )  # fmt: skip
    town.know(f"{prefix}payment", "Payment", payment.id)
    order = await RailOrder.create(
        key=f"{prefix}order", kind=RailOrderKind.REFUND, state=RailOrderState.NEEDS_PERSON,
        payment_id=payment.id, amount_minor=100, due_at=now, last_error="Ask the bank.", **money,
    )  # fmt: skip
    town.know(f"{prefix}order", "RailOrder", order.id)
    payout = await Payout.create(
        public_id=f"{prefix}payout", state=PayoutState.PAID, organisation_id=town.keys[lessor],
        amount_minor=50, changed_at=now, **money,
    )  # fmt: skip
    town.know(f"{prefix}payout", "Payout", payout.id)
    await set_payout_terms(
        town.viewers[staff], town.keys[lessor], NewPayoutTerms(PayoutSchedule.DAILY, "UTC"),
        clock=town.clock, bus=town.bus,
    )  # fmt: skip

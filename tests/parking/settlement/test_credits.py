"""Giving back what was charged: everybody their part, the bill stays, never more than it was."""

import asyncio
import json
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from parking.accounts.models import Role
from parking.accounts.viewer import SYSTEM, Viewer
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Refusal
from parking.ledger.accounts import merchant
from parking.settlement.credits import credit_charge, left_parts
from parking.settlement.disputes.steps import close_disputes, decide_dispute, open_dispute
from parking.settlement.kinds import ValidationKind
from parking.settlement.models import Validation
from parking.settlement.receipts import recompute_receipt, require_digest
from parking.settlement.split import Parts
from parking.settlement.validations import add_validation
from parking.storage.sql import database
from tests.parking.settlement.till import Till
from tests.support.leasing import somebody
from tests.support.operators import make_organisation
from tests.support.wallets import give_credit, in_account


async def settled(till: Till) -> tuple[int, int]:
    """A stay of 4.00 that is settled: the reservation's id, and the bill's."""
    booked = await till.book()
    await till.stay(minutes=119)
    await till.settle()
    return booked, (await till.charges(booked))[0].id


async def credit(till: Till, charge_id: int, amount: int, who: Viewer | None = None) -> int:
    viewer = who or till.stage.lease.owner
    return await credit_charge(
        viewer, charge_id, amount, "the bay was wet", clock=till.stage.clock, bus=till.stage.bus
    )


async def test_a_part_is_given_back_by_everybody(till: Till) -> None:
    booked, bill = await settled(till)
    await credit(till, bill, 100)
    assert (await till.moved(booked))["credit"] == {
        "owner": -75, "property": -10, "platform": -15, "driver": 100,
    }  # fmt: skip
    [charge, record] = await till.charges(booked)
    assert (record.kind, record.amount_minor, record.corrects_id) == ("CREDIT", -100, charge.id)
    assert record.number == f"{charge.number}-C1"
    require_digest(record.body, record.digest)
    assert recompute_receipt(record.body).cost_minor == -100
    assert json.loads(record.body)["corrects"] == charge.number
    assert (await till.items())[2:] == [
        ("OWNER", "CORRECTION", -75),
        ("PROPERTY", "CORRECTION", -10),
    ]
    assert await till.wallet() == 1_700
    assert (await till.settlement(booked)).version == 2


async def test_again_and_again_until_nothing_is_left(till: Till) -> None:
    booked, bill = await settled(till)
    for amount in (1, 133, 266):
        await credit(till, bill, amount)
    assert await left_parts(database(), booked) == Parts()
    with pytest.raises(Conflict) as refusal:
        await credit(till, bill, 1)
    assert refusal.value.code == "EXCEEDS_CHARGE"
    assert await till.wallet() == 2_000
    numbers = [each.number.partition("-C")[2] for each in await till.charges(booked)]
    assert numbers == ["", "1", "2", "3"]
    await till.audit()


async def test_what_a_merchant_paid_goes_back_to_the_merchant(till: Till) -> None:
    stage, tea_room = till.stage, await make_organisation("Tea room")
    mei = await somebody("Mei", {tea_room: Role.MERCHANT})
    await give_credit(tea_room)
    booked = await till.book()
    await add_validation(
        mei, tea_room, booked, ValidationKind.AMOUNT, 300, clock=stage.clock, bus=stage.bus
    )
    await till.stay(minutes=119)
    await till.settle()
    bill = (await till.charges(booked))[0].id
    assert await till.wallet() == 1_900
    await credit(till, bill, 250)
    assert await till.wallet() == 2_000
    assert await in_account(merchant(tea_room, "EUR")) == -150
    await credit(till, bill, 150)
    assert await in_account(merchant(tea_room, "EUR")) == 0
    await till.audit()


async def test_what_was_paid_for_rights_goes_back_to_issuer_and_carrier(till: Till) -> None:
    """Two rights of the tea room, for each of which it pays 0.50 and the place carries the rest;
    the bill names both."""
    stage, tea_room = till.stage, await make_organisation("Tea room")
    place = stage.lease.estate.organisation_id
    for each in (tea_room, place):
        await give_credit(each)
    booked = await till.book()
    for right in (11, 12):
        await Validation.create(
            organisation_id=tea_room, kind=ValidationKind.AMOUNT, value=120, right_id=right,
            price_minor=50, carrier_id=place, label="tea", created_at=stage.clock.now(),
            reservation_id=booked,
        )  # fmt: skip
    await till.stay(minutes=119)
    await till.settle()
    bill = (await till.charges(booked))[0]
    told = json.loads(bill.body)["payments"]["validations"]
    lines = [(each["rightId"], each["paidMinor"], each["carriedMinor"]) for each in told]
    assert lines == [(11, 120, 70), (12, 120, 70)]
    assert told[0]["carrier"] == "Harbour garage company"
    owed = {tea_room: -100, place: -140}
    for given, left in ((160, owed), (60, owed | {tea_room: -40}), (180, {tea_room: 0, place: 0})):
        await credit(till, bill.id, given)
        for organisation_id, minor in left.items():
            assert await in_account(merchant(organisation_id, "EUR")) == minor
    assert await till.wallet() == 2_000
    await till.audit()


async def test_who_may_and_what_is_refused(till: Till) -> None:
    booked, bill = await settled(till)
    lease = till.stage.lease
    for who, refusal in ((lease.other, NotFound), (lease.driver, NotPermitted),
                         (lease.operator, NotPermitted), (lease.attendant, NotFound)):  # fmt: skip
        with pytest.raises(refusal):
            await credit(till, bill, 10, who)
    with pytest.raises(InvalidInput):
        await credit(till, bill, 0)
    with pytest.raises(NotFound):
        await credit(till, 999, 1)
    made = await credit(till, bill, 10, SYSTEM)
    with pytest.raises(Conflict):
        await credit(till, made, 1)
    assert len(await till.charges(booked)) == 2


async def test_two_at_once_never_give_back_more_than_was_charged(till: Till) -> None:
    booked, bill = await settled(till)
    tries = [credit(till, bill, 150) for _ in range(4)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, int) for each in done) == 2
    assert all(isinstance(each, int | Refusal) for each in done)
    assert (await left_parts(database(), booked)).whole_minor == 100
    assert await till.wallet() == 1_900


async def test_the_database_lets_nobody_edit_a_bill(till: Till) -> None:
    _, bill = await settled(till)
    for statement in ("UPDATE charge_record SET amount_minor = 1", "DELETE FROM charge_record"):
        with pytest.raises((IntegrityError, OperationalError), match="append_only"):
            await database().execute(f"{statement} WHERE id = $1", bill)


async def test_who_disputes_and_is_credited_gets_no_more_than_they_paid(till: Till) -> None:
    """Of 4.00 the tea room paid 3.00; the driver's 1.00 is frozen, so it is the tea room's turn."""
    stage, tea_room = till.stage, await make_organisation("Tea room")
    mei = await somebody("Mei", {tea_room: Role.MERCHANT})
    await give_credit(tea_room)
    world: dict[str, Any] = {"clock": stage.clock, "bus": stage.bus}
    booked = await till.book()
    await add_validation(mei, tea_room, booked, ValidationKind.AMOUNT, 300, **world)
    await till.stay(minutes=119)
    await till.settle()
    settlement, bill = await till.settlement(booked), (await till.charges(booked))[0].id
    dispute = await open_dispute(stage.lease.driver, settlement.id, 100, "wet", **world)
    await credit(till, bill, 200)
    assert await in_account(merchant(tea_room, "EUR")) == -100
    await decide_dispute(SYSTEM, dispute, 100, "it was", **world)
    stage.clock.advance(days=28)
    await close_disputes(stage.clock, stage.bus)
    await credit(till, bill, 100)
    assert await till.wallet() == 2_000
    assert await in_account(merchant(tea_room, "EUR")) == 0
    await till.audit()

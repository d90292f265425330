"""Disputes: what is frozen, who decides, until when, and where the money goes then."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.errors import Conflict, InvalidInput
from parking.ledger.accounts import dispute as dispute_account
from parking.settlement.credits import credit_charge
from parking.settlement.disputes.models import Dispute, DisputeEvidence
from parking.settlement.disputes.steps import (
    add_dispute_evidence,
    appeal_dispute,
    decide_dispute,
    open_dispute,
)
from parking.settlement.kinds import DisputeState
from parking.settlement.limits import MoneyLimits
from parking.settlement.models import Settlement
from parking.settlement.receipts import recompute_receipt
from tests.parking.settlement.case import Case, code_of
from tests.support.leasing import somebody
from tests.support.wallets import in_account

DAYS_28 = timedelta(days=28)


async def test_what_is_disputed_is_frozen_in_proportion(case: Case) -> None:
    """Of 4.00: 3.00 to the owner, 0.40 to the place, 0.60 to the platform."""
    made = await case.open(200)
    moved = await case.till.moved(case.reservation_id)
    assert moved["dispute"] == {
        "owner": -150, "property": -20, "platform": -30, f"dispute:{made}": 200,
    }  # fmt: skip
    assert (await case.till.items())[2:] == [
        ("OWNER", "DISPUTE", -150), ("PROPERTY", "DISPUTE", -20),
    ]  # fmt: skip
    dispute = await Dispute.get(id=made)
    assert (dispute.state, dispute.party, dispute.frozen_minor) == ("OPEN", "DRIVER", 200)
    assert (await Settlement.get(id=case.settlement_id)).version == 2
    assert await case.till.wallet() == 1_600, "the driver has nothing of it yet"


async def test_a_decision_is_carried_out_when_nobody_appeals(case: Case) -> None:
    made = await case.open(200)
    await case.decide(made, 120)
    case.clock.advance(days=27, hours=23)
    assert await case.close() == 0
    case.clock.advance(hours=1)
    assert await case.close() == 1
    assert await case.close() == 0
    moved = await case.till.moved(case.reservation_id)
    # By the subject's codes the later transfer of the dispute is the one that closed it.
    assert moved["dispute"] == {
        "owner": 60, "property": 8, "platform": 12, "driver": 120, f"dispute:{made}": -200,
    }  # fmt: skip
    assert await case.till.wallet() == 1_720
    assert await in_account(dispute_account(made, "EUR")) == 0
    assert [amount for *_, amount in await case.till.items()] == [300, 40, -150, -20, 60, 8]


async def test_what_the_driver_gets_is_a_credit_record(case: Case) -> None:
    made = await case.open(200)
    await case.decide(made, 120)
    case.clock.advance(days=28)
    await case.close()
    bill, credit = await case.till.charges(case.reservation_id)
    assert (credit.kind, credit.amount_minor, credit.corrects_id) == ("CREDIT", -120, bill.id)
    assert recompute_receipt(credit.body).parts == (-90, -12, -18, 0)
    assert orjson.loads(credit.body)["reason"] == "the bay was blocked"


async def test_when_nothing_is_given_back_there_is_no_credit(case: Case) -> None:
    made = await case.open(200)
    await case.decide(made, 0)
    case.clock.advance(days=28)
    await case.close()
    assert len(await case.till.charges(case.reservation_id)) == 1
    assert await case.left() == (300, 40, 60, 0)


async def test_an_appeal_keeps_it_frozen_and_the_second_decision_is_final(case: Case) -> None:
    made = await case.open(400)
    await case.decide(made, 0)
    case.clock.advance(days=20)
    appealed = await appeal_dispute(
        case.driver, made, "here is a photo", clock=case.clock, bus=case.bus
    )
    assert (appealed.state, appealed.appealed_at) == (DisputeState.APPEALED, case.clock.now())
    case.clock.advance(days=60)
    assert await case.close() == 0
    assert await case.left() == (0, 0, 0, 0)
    final = await case.decide(made, 400)
    assert (final.state, final.closed_at) == (DisputeState.CLOSED, case.clock.now())
    assert await case.till.wallet() == 2_000
    with pytest.raises(Conflict) as refused:
        await appeal_dispute(case.owner, made, "no", clock=case.clock, bus=case.bus)
    assert refused.value.code == "WRONG_STATE"


async def test_the_owner_may_dispute_too_and_either_side_appeals(case: Case) -> None:
    made = await case.open(100, by=case.owner)
    assert (await Dispute.get(id=made)).party == "OWNER"
    await case.decide(made, 100)
    appealed = await appeal_dispute(case.owner, made, "why?", clock=case.clock, bus=case.bus)
    assert appealed.state is DisputeState.APPEALED
    said = await DisputeEvidence.get(dispute_id=made)
    assert (said.party, said.text) == ("OWNER", "why?")


@pytest.mark.parametrize(("late", "code"), [(timedelta(0), "TOO_LATE"), (-timedelta(1), None)])
async def test_28_days_to_dispute_and_28_to_appeal(
    case: Case, late: timedelta, code: str | None
) -> None:
    case.clock.advance(seconds=(DAYS_28 + late).total_seconds())
    if code is not None:
        assert await code_of(case.open(100)) == code
        return
    made = await case.open(100)
    await case.decide(made, 50)
    case.clock.advance(days=28)
    appeal = appeal_dispute(case.driver, made, "more", clock=case.clock, bus=case.bus)
    assert await code_of(appeal) == "TOO_LATE", "before a worker has closed it, too"


async def test_other_times_can_be_set(case: Case) -> None:
    limits = MoneyLimits(dispute=timedelta(days=2), appeal=timedelta(days=1))
    world: dict[str, Any] = {"clock": case.clock, "bus": case.bus, "limits": limits}
    made = await open_dispute(case.driver, case.settlement_id, 100, "x", **world)
    decided = await decide_dispute(case.platform, made, 0, "no", **world)
    assert decided.appeal_until == case.clock.now() + timedelta(days=1)
    case.clock.advance(days=1)
    assert await case.close() == 1
    case.clock.advance(days=1)
    late = open_dispute(case.driver, case.settlement_id, 100, "x", **world)
    assert await code_of(late) == "TOO_LATE"


async def test_no_more_than_what_is_left_of_what_the_driver_paid(case: Case) -> None:
    for amount in (0, -1, 401):
        with pytest.raises(InvalidInput) as refused:
            await case.open(amount)
        assert refused.value.field == "amountMinor"
    [bill] = await case.till.charges(case.reservation_id)
    await credit_charge(case.owner, bill.id, 150, "sorry", clock=case.clock, bus=case.bus)
    assert await code_of(case.open(251)) == "INVALID_INPUT"
    made = await case.open(250)
    assert (await Dispute.get(id=made)).frozen_minor == 250
    assert await case.left() == (0, 0, 0, 0)
    over = credit_charge(case.owner, bill.id, 1, "again", clock=case.clock, bus=case.bus)
    assert await code_of(over) == "EXCEEDS_CHARGE", "what is frozen is nobody's to give"


async def test_one_dispute_at_a_time(case: Case) -> None:
    made = await case.open(100)
    assert await code_of(case.open(100, by=case.owner)) == "ALREADY_DISPUTED"
    await case.decide(made, 40)
    await appeal_dispute(case.driver, made, "x", clock=case.clock, bus=case.bus)
    await case.decide(made, 40)
    await case.open(360)
    assert await case.left() == (0, 0, 0, 0), "to the minor unit, whatever was rounded before"


async def test_the_first_decision_stands(case: Case) -> None:
    made = await case.open(100)
    for amount in (-1, 101):
        assert await code_of(case.decide(made, amount)) == "INVALID_INPUT"
    await case.decide(made, 40)
    assert await code_of(case.decide(made, 100)) == "WRONG_STATE"


async def test_who_may_what(case: Case) -> None:
    """Denied looks like missing for who may not know of the settlement."""
    made, seen = await case.open(100), {}
    key = Viewer(api_key_id=1, roles={case.lessor_id: frozenset()})
    by_link = Viewer(person_id=case.driver.person_id, link_of=case.reservation_id)
    viewers = {
        "driver": case.driver, "owner": case.owner, "operator": case.operator,
        "platform": case.platform, "attendant": case.attendant, "other": await somebody("Oda"),
        "anonymous": ANONYMOUS, "key": key, "link": by_link,
    }  # fmt: skip
    for name, viewer in viewers.items():
        given: dict[str, Any] = {"clock": case.clock, "bus": case.bus}
        seen[name] = (
            await code_of(open_dispute(viewer, case.settlement_id, 1, "x", **given)),
            await code_of(add_dispute_evidence(viewer, made, "look", **given)),
            await code_of(decide_dispute(viewer, made, 101, "x", **given)),
            await code_of(appeal_dispute(viewer, made, "x", **given)),
        )
    missing, denied = ("NOT_FOUND",) * 4, "NOT_PERMITTED"
    assert seen == {
        "driver": ("ALREADY_DISPUTED", None, denied, "WRONG_STATE"),
        "owner": ("ALREADY_DISPUTED", None, denied, "WRONG_STATE"),
        "operator": (denied, None, denied, denied),
        "platform": (denied, None, "INVALID_INPUT", denied),
        "attendant": missing, "other": missing, "anonymous": missing, "key": missing,
        "link": (denied, denied, denied, denied),
    }  # fmt: skip


async def test_nobody_judges_their_own_dispute(case: Case) -> None:
    made = await case.open(100)
    house = case.till.stage.lease.estate.organisation_id
    for person_id, roles in (
        (case.driver.person_id, {999: frozenset({Role.PLATFORM})}),
        (77, {999: frozenset({Role.PLATFORM}), case.lessor_id: frozenset({Role.OWNER})}),
        (78, {999: frozenset({Role.PLATFORM}), house: frozenset({Role.OPERATOR})}),
    ):
        judge = Viewer(person_id=person_id, roles=roles)
        decided = decide_dispute(judge, made, 100, "x", clock=case.clock, bus=case.bus)
        assert await code_of(decided) == "OWN_DISPUTE"


async def test_each_side_has_room_for_its_evidence(case: Case) -> None:
    made = await case.open(100)
    for number in range(20):
        await case.say(case.driver, made, f"photo {number}")
    assert await code_of(case.say(case.driver, made, "one more")) == "TOO_MUCH_EVIDENCE"
    await case.say(case.owner, made, "two\nlines")
    for text in ("", " \n ", "x" * 4_001, "bell\x07"):
        assert await code_of(case.say(case.owner, made, text)) == "INVALID_INPUT"
    await case.decide(made, 0)
    case.clock.advance(days=28)
    await case.close()
    assert await code_of(case.say(case.owner, made, "too late")) == "WRONG_STATE"


async def test_everybody_concerned_is_told(case: Case) -> None:
    topic = f"organisation:{case.lessor_id}:money"
    async with case.bus.subscribe(topic) as news:
        made = await case.open(100)
        told = orjson.loads((await anext(aiter(news))).body or b"")
    assert (told["dispute_id"], told["state"], told["version"]) == (made, "OPEN", 2)

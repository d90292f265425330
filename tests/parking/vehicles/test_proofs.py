"""Proofs that a driver may speak for a vehicle."""

from dataclasses import dataclass

import pytest

from parking.accounts.models import AuditEntry, Role
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.storage.sql import database as db
from parking.vehicles.enrol import enrol, remove
from parking.vehicles.models import ProofState
from parking.vehicles.proofs import approve_proofs, decline_proofs, request_proof, revoke_proofs
from parking.vehicles.queries import (
    is_proven,
    proofs_by_id,
    proofs_of_enrolments,
    proofs_of_organisation,
)
from tests.parking.vehicles.drivers import PLATE, make_driver
from tests.support.estate import make_estate
from tests.support.operators import member


@dataclass(frozen=True)
class Desk:
    """An operator's place, and a driver whose vehicle it wants proof of."""

    operator_id: int
    place_id: int
    operator: Viewer
    driver: Viewer
    vehicle: int
    clock: TestClock

    async def ask(self) -> int:
        """The proof asked for."""
        return await request_proof(
            self.driver, self.vehicle, self.place_id, " Registration  77 ", clock=self.clock
        )

    async def queue(self, *states: ProofState) -> list[int]:
        """Ids, as the operator sees them."""
        found = await proofs_of_organisation(
            self.operator, self.operator_id, states or None, limit=50
        )
        return [proof.id for proof in found]

    async def state(self, proof_id: int) -> ProofState:
        """As the driver sees it."""
        return (await proofs_by_id(self.driver, [proof_id]))[proof_id].state

    async def is_proven(self) -> bool:
        """Whether the driver speaks for the vehicle there."""
        return await is_proven(db(), self.vehicle, self.operator_id)


@pytest.fixture
async def desk(database: str, clock: TestClock) -> Desk:
    driver = await make_driver()
    vehicle = await enrol(driver, "DE", PLATE, "", clock=clock)
    estate = await make_estate()
    operator = member(estate.organisation_id, Role.OPERATOR, person_id=900)
    return Desk(estate.organisation_id, estate.place_id, operator, driver, vehicle, clock)


async def test_an_operator_sees_who_asks_and_approves(desk: Desk) -> None:
    asked = await desk.ask()
    assert not await desk.is_proven()
    [proof] = await proofs_of_organisation(
        desk.operator, desk.operator_id, [ProofState.REQUESTED], limit=50
    )
    assert (proof.id, proof.plate, proof.country) == (asked, "BMW1234", "DE")
    assert (proof.person_name, proof.document_reference) == ("Ada", "Registration 77")
    desk.clock.advance(hours=1)
    for _ in range(2):
        await approve_proofs(desk.operator, [asked], clock=desk.clock)
    assert await desk.is_proven()
    assert await desk.queue(ProofState.REQUESTED) == []
    decided = (await proofs_by_id(desk.driver, [asked]))[asked]
    assert (decided.decided_by, decided.decided_at) == (900, desk.clock.now())


async def test_asking_again_is_the_same_proof(desk: Desk) -> None:
    asked = await desk.ask()
    assert await desk.ask() == asked
    await approve_proofs(desk.operator, [asked], clock=desk.clock)
    assert await desk.ask() == asked
    assert await desk.is_proven()


async def test_after_a_refusal_it_may_be_asked_anew(desk: Desk) -> None:
    asked = await desk.ask()
    await decline_proofs(desk.operator, [asked], "not legible", clock=desk.clock)
    [proof] = (await proofs_of_enrolments(desk.driver, [desk.vehicle]))[desk.vehicle]
    assert (proof.state, proof.reason) == (ProofState.DECLINED, "not legible")
    again = await desk.ask()
    assert again != asked
    assert await desk.queue() == [asked, again]
    assert await desk.queue(ProofState.REQUESTED) == [again]


async def test_what_was_approved_can_be_taken_back_by_either(desk: Desk) -> None:
    for viewer in (desk.operator, desk.driver):
        asked = await desk.ask()
        await approve_proofs(desk.operator, [asked], clock=desk.clock)
        await revoke_proofs(viewer, [asked], "sold", clock=desk.clock)
        assert not await desk.is_proven()
        with pytest.raises(Conflict) as refused:
            await approve_proofs(desk.operator, [asked], clock=desk.clock)
        assert refused.value.code == "WRONG_STATE"


async def test_a_proof_ends_with_the_vehicle(desk: Desk) -> None:
    asked = await desk.ask()
    await approve_proofs(desk.operator, [asked], clock=desk.clock)
    await remove(desk.driver, desk.vehicle, clock=desk.clock)
    assert not await desk.is_proven()
    assert await desk.state(asked) is ProofState.REVOKED


async def test_a_proof_is_one_drivers_and_one_operators(desk: Desk) -> None:
    await approve_proofs(desk.operator, [await desk.ask()], clock=desk.clock)
    other = await make_driver("Bob")
    theirs = await enrol(other, "DE", PLATE, "", clock=desk.clock)
    elsewhere = await make_estate(name="Hill")
    assert not await is_proven(db(), theirs, desk.operator_id)
    assert not await is_proven(db(), desk.vehicle, elsewhere.organisation_id)


async def test_strangers_decide_and_see_nothing(desk: Desk) -> None:
    asked = await desk.ask()
    stranger = member(desk.operator_id + 1, Role.OPERATOR, person_id=901)
    attendant = member(desk.operator_id, Role.ATTENDANT, person_id=902)
    for viewer in (stranger, attendant, await make_driver("Bob")):
        with pytest.raises(NotFound):
            await approve_proofs(viewer, [asked], clock=desk.clock)
        assert await proofs_by_id(viewer, [asked]) == {}
    with pytest.raises(NotPermitted):
        await approve_proofs(desk.driver, [asked], clock=desk.clock)
    with pytest.raises(NotFound):
        await proofs_of_organisation(stranger, desk.operator_id, limit=1)


async def test_many_are_decided_all_or_none(desk: Desk) -> None:
    asked = await desk.ask()
    for ids in ([], [asked] * 101):
        with pytest.raises(InvalidInput):
            await approve_proofs(desk.operator, ids, clock=desk.clock)
    with pytest.raises(NotFound):
        await approve_proofs(desk.operator, [asked, 999_999], clock=desk.clock)
    assert await desk.state(asked) is ProofState.REQUESTED
    with pytest.raises(InvalidInput, match="reason"):
        await decline_proofs(desk.operator, [asked], " ", clock=desk.clock)


async def test_a_private_place_is_not_found_by_asking(desk: Desk) -> None:
    yard = await make_estate(name="Yard", is_public=False)
    with pytest.raises(NotFound):
        await request_proof(desk.driver, desk.vehicle, yard.place_id, "Paper", clock=desk.clock)


async def test_asking_and_deciding_are_in_the_operators_trail(desk: Desk) -> None:
    asked = await desk.ask()
    await decline_proofs(desk.operator, [asked], "no", clock=desk.clock)
    entries = await AuditEntry.filter(organisation_id=desk.operator_id).order_by("id")
    assert [entry.verb for entry in entries] == ["request_vehicle_proof", "vehicle_proof_declined"]

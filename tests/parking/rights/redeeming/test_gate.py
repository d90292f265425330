"""At the gate: by the plate, for who stands there; and the way out goes open by a command."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from parking.access.check import Reader
from parking.access.models import CommandCause, LockCommand
from parking.accounts.models import AuditEntry
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput, NotPermitted, Refusal
from parking.occupancy.models import LockState, SpaceState
from parking.rights.kinds import RedemptionWay, RightKind
from parking.rights.models import Redemption
from parking.rights.redeeming.redeem import Redeemed, redeem_at_reader, redeem_by_plate
from parking.rights.redeeming.refusals import NoOpenStay, NothingToRedeem
from parking.storage.sql import Sql
from parking.vehicles.models import ProofState, VehicleProof
from tests.parking.rights.redeeming.desk import PLATE, Desk, enrolled
from tests.support.estate import OPENED
from tests.support.leasing import somebody
from tests.support.operators import api_key


async def at_gate(
    desk: Desk, viewer: Viewer | None = None, plate: str = "sab-123", *,
    way: RedemptionWay = RedemptionWay.GATE,
) -> Redeemed:  # fmt: skip
    return await redeem_by_plate(
        viewer or desk.till.stage.lease.attendant, desk.place_id, plate, way, clock=desk.clock,
        bus=desk.bus,
    )  # fmt: skip


async def test_the_rights_of_the_stays_own_driver_are_used(both: Desk) -> None:
    desk = both
    mine = await desk.right(RightKind.FREE)
    stranger = await enrolled(desk.till.stage.lease.other)
    theirs = await desk.right(RightKind.FREE, car=stranger)
    booked = await desk.park()
    done = await at_gate(desk)
    assert (done.plan.due_minor, await desk.promises(booked)) == (0, [mine])
    assert (await desk.state(theirs))[0] == "HELD"
    [found] = await Redemption.all()
    assert (found.way, found.plate, found.person_id) == ("GATE", PLATE, desk.driver.person_id)
    entry = await AuditEntry.get(verb="redeem_right")
    assert (entry.actor, entry.organisation_id) == (
        desk.till.stage.lease.attendant.actor, desk.issuer_id
    )  # fmt: skip
    await desk.leave()
    await desk.audit()


async def test_and_those_of_who_has_proven_to_drive_it(desk: Desk) -> None:
    other = await enrolled(desk.till.stage.lease.other)
    await VehicleProof.create(
        enrolment_id=other.id, organisation_id=desk.operator_id, state=ProofState.APPROVED,
        document_reference="registration", requested_at=OPENED,
    )  # fmt: skip
    rights = [
        await desk.right(RightKind.AMOUNT, 100),
        await desk.right(RightKind.AMOUNT, 120, car=other),
    ]
    booked = await desk.park()
    await at_gate(desk)
    assert await desk.promises(booked) == rights


async def test_a_plate_that_many_have_typed_in_costs_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody may enrol any plate: at the gate as much is read as without them."""
    read = list[str]()
    for name in ("fetch", "fetch_one"):
        monkeypatch.setattr(Sql, name, noting(read, getattr(Sql, name)))
    await desk.right(RightKind.FREE)
    await desk.park()
    await at_gate(desk)
    counts = []
    for number in (0, 5):
        for each in range(number):
            await enrolled(await somebody(f"Stranger {each}"))
        read.clear()
        await at_gate(desk)
        counts.append(len(read))
    assert counts[0] == counts[1] > 0


def noting(read: list[str], fetch: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The statements that are read, one after the other."""

    async def note(sql: Sql, query: str, *args: Any) -> Any:
        read.append(query)
        return await fetch(sql, query, *args)

    return note


async def test_only_who_works_there(desk: Desk) -> None:
    await desk.right(RightKind.FREE)
    await desk.park()
    lease, place = desk.till.stage.lease, desk.operator_id
    for viewer in (lease.driver, lease.owner, Viewer(), api_key(place, Scope.RIGHTS_READ)):
        with pytest.raises(NotPermitted):
            await at_gate(desk, viewer)
    await at_gate(desk, api_key(place, Scope.RIGHTS_WRITE), way=RedemptionWay.TILL)
    assert (await Redemption.get()).way == "TILL"


async def test_what_is_not_there_is_said(desk: Desk) -> None:
    cases: tuple[tuple[str, type[Refusal]], ...] = (
        ("  ", InvalidInput), ("XX 1", NoOpenStay), (PLATE, NothingToRedeem),
    )  # fmt: skip
    await desk.park()
    for plate, refusal in cases:
        with pytest.raises(refusal):
            await at_gate(desk, plate=plate)


async def test_an_arm_that_stands_in_the_way_goes_down(both: Desk) -> None:
    """Once for each redeeming while it stands up; as the holder's, for the booking that holds."""
    desk = both
    await desk.right(RightKind.FREE)
    booked = await desk.park()
    await desk.till.stage.lock_bay()
    assert (await desk.redeem()).command_id is None
    space_id = desk.till.stage.lease.space_id
    await SpaceState.filter(space_id=space_id).update(lock=LockState.RAISED)
    done = await desk.redeem()
    command = await LockCommand.get(id=done.command_id)
    assert (command.target, command.cause) == ("LOWERED", CommandCause.HOLDER)
    assert (command.reservation_id, command.actor) == (booked, desk.driver.actor)
    assert not done.is_changed


async def test_a_reader_of_the_whole_place_redeems_for_who_leaves(both: Desk) -> None:
    desk = both
    right = await desk.right(RightKind.FREE)
    at_place, at_bay = (Reader(None, desk.place_id, space_id) for space_id in (None, 1))
    assert await at_reader(desk, at_place) is None  # nobody is parked there: it comes in
    booked = await desk.park()
    assert await at_reader(desk, at_bay) is None
    done = await at_reader(desk, at_place)
    assert done is not None
    assert (done.plan.due_minor, await desk.promises(booked)) == (0, [right])
    again = await at_reader(desk, at_place)
    assert again is not None
    assert not again.is_changed
    await desk.leave()
    await desk.audit()


async def at_reader(desk: Desk, reader: Reader) -> Redeemed | None:
    return await redeem_at_reader(reader, "S-AB 123", clock=desk.clock, bus=desk.bus)

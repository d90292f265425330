"""A right is redeemed once, whoever tries how often and whatever ends meanwhile."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from parking.clock import TestClock
from parking.errors import Refusal
from parking.occupancy.models import Occupancy
from parking.places.models import Place
from parking.reservations.models import Reservation
from parking.rights.granting.expire import expire_rights
from parking.rights.kinds import RedemptionWay, RightKind
from parking.rights.models import AssignedRight, Redemption
from parking.rights.records import RightRecord
from parking.rights.redeeming import redeem as verb
from parking.rights.redeeming import rows
from parking.rights.redeeming.facts import Facts
from parking.rights.redeeming.plan import known_facts
from parking.rights.redeeming.redeem import redeem
from parking.rights.terms import Terms
from parking.settlement.models import Validation
from parking.storage.faults import Contended
from parking.storage.sql import Sql, database
from tests.parking.rights.redeeming.desk import PLATE, Desk
from tests.parking.sessions.stage import Stage
from tests.support.estate import make_estate
from tests.support.leasing import make_listing

CLIENTS = 200


async def tried(desk: Desk, place_id: int, clock: TestClock | None = None) -> str:
    """The code of the refusal, or what was done."""
    try:
        done = await redeem(
            desk.car, place_id, RedemptionWay.EXIT_CODE, viewer=desk.driver,
            clock=clock or desk.clock, bus=desk.bus,
        )  # fmt: skip
    except Refusal as refusal:
        return refusal.code
    return "redeemed" if done.is_changed else "there already"


async def second_stay(desk: Desk) -> Stage:
    """A stay of the same plate at another place of the same operator."""
    first = desk.till.stage
    estate = await make_estate(1, "Market garage")
    operator_id = first.lease.estate.organisation_id
    await Place.filter(id=estate.place_id).update(organisation_id=operator_id)
    listing = await make_listing(estate, first.lease.lessor_id)
    lease = replace(first.lease, estate=estate, listing_id=listing)
    stage = Stage(lease, first.clock, first.bus, funding=first.funding)
    booked = await stage.book(0, 2)
    await Reservation.filter(id=booked).update(plate=PLATE)
    await stage.come()
    return stage


async def two_stays(desk: Desk) -> tuple[int, int, int]:
    """A right that holds at two places, and a stay at each; right and places."""
    await desk.park()
    other = (await second_stay(desk)).lease.estate.place_id
    right = await desk.right(RightKind.FREE, terms=Terms(places=(other,)))
    return right, desk.place_id, other


async def test_two_hundred_clients_put_one_right_into_one_stay(both: Desk) -> None:
    right = await both.right(RightKind.FREE)
    booked = await both.park()
    told = Counter(await asyncio.gather(*(tried(both, both.place_id) for _ in range(CLIENTS))))
    assert told == {"redeemed": 1, "there already": CLIENTS - 1}
    assert await Redemption.filter(assigned_right_id=right).count() == 1
    assert await both.promises(booked) == [right]
    await both.leave()
    assert await both.counts() == (1, 0, 400)
    await both.audit()


async def test_two_hundred_clients_put_one_right_into_two_stays(both: Desk) -> None:
    right, *places = await two_stays(both)
    tries = (tried(both, places[number % 2]) for number in range(CLIENTS))
    told = Counter(await asyncio.gather(*tries))
    half = CLIENTS // 2
    assert told == {"redeemed": 1, "there already": half - 1, "NOTHING_TO_REDEEM": half}
    assert await Redemption.filter(assigned_right_id=right, state="LIVE").count() == 1
    assert await Validation.filter(right_id=right, returned_at__isnull=True).count() == 1
    await both.audit()


async def test_with_every_guard_off_it_goes_into_both(
    both: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both decide on what they read before either wrote. The right's version keeps the
    second out, behind it the database; without both it is in two stays."""
    right, *places = await two_stays(both)
    read: dict[int, Facts] = {}

    async def stale(sql: Sql, stay: Any, *given: Any) -> Facts:
        place_id = stay.reservation.place_id
        if place_id not in read:
            read[place_id] = await known_facts(sql, stay, *given)
        return read[place_id]

    monkeypatch.setattr(verb, "known_facts", stale)
    with monkeypatch.context() as nobody_writes:
        nobody_writes.setattr(verb, "_carry_out", _nothing)
        for place_id in places:
            await tried(both, place_id)
    assert await tried(both, places[0]) == "redeemed"
    with pytest.raises(Contended):
        await tried(both, places[1])
    monkeypatch.setattr(rows, "change_right", _whatever_it_was)
    with pytest.raises(IntegrityError):
        await tried(both, places[1])
    await database().execute("DROP INDEX redemption_live")
    assert await tried(both, places[1]) == "redeemed"
    assert await Redemption.filter(assigned_right_id=right, state="LIVE").count() == 2


async def _nothing(*_: Any) -> tuple[tuple[int, ...], bool]:
    return (), False


async def _whatever_it_was(
    sql: Sql, right: RightRecord, at: datetime, **changes: Any
) -> RightRecord:
    await AssignedRight.filter(id=right.id).update(changed_at=at, **changes)
    return right._replace(**changes)


async def test_a_stay_that_ends_meanwhile_has_the_right_or_has_it_not(both: Desk) -> None:
    """Redeemed before its end it pays; after it, it stays the vehicle's."""
    desk = both
    for bay in range(3):
        right = await desk.right(RightKind.AMOUNT, 100 + bay)
        booked = await desk.park(space=bay)
        await desk.till.stage.see(Occupancy.FREE, bay)
        desk.clock.advance(minutes=1)
        tries = [tried(desk, desk.place_id) for _ in range(6)]
        worker = [_work(desk) for _ in range(2)]
        told = await asyncio.gather(*tries[:3], *worker, *tries[3:])
        await _work(desk)
        settled = await desk.till.settlement(booked)
        state, _ = await desk.state(right)
        paid = 100 + bay if state == "USED" else 0
        assert (settled.validation_minor, state) == (paid, "USED" if paid else "HELD")
        assert ("redeemed" in told) == bool(paid)
        await AssignedRight.filter(id=right, state="HELD").update(valid_from=_later(desk))
    await desk.audit()


async def _work(desk: Desk) -> str:
    await desk.till.stage.work()
    await desk.till.settle()
    await desk.finish()
    return "worked"


async def test_a_right_that_lapses_meanwhile_is_redeemed_or_gone(both: Desk) -> None:
    """The worker's clock is ahead of the server's: to one it has lapsed, to the other not yet."""
    desk = both
    await desk.park()
    ahead = TestClock(desk.clock.now())
    ahead.advance(minutes=5)
    for number in range(6):
        right = await desk.right(RightKind.AMOUNT, 100 + number, hours=1 / 20)
        tries = [tried(desk, desk.place_id) for _ in range(4)]
        told = await asyncio.gather(expire_rights(ahead, desk.bus), *tries)
        state, _ = await desk.state(right)
        assert state == ("REDEEMED" if "redeemed" in told else "EXPIRED")
        assert told[0] == (state == "EXPIRED")
        for each in await Redemption.filter(state="LIVE"):
            await desk.cancel(each.id)
        await expire_rights(ahead, desk.bus)
    assert await desk.counts() == (0, 0, 0)
    await desk.audit()


def _later(desk: Desk) -> datetime:
    return desk.clock.now().replace(year=2027)

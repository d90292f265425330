"""Redeeming: the best rights of a vehicle go into its stay, each once (CLAIMS A12, A22, A24).

Under the lock of the place, so the stay does not end meanwhile, of the stay's escrow account, so it
is not settled, and of the rights, so they go nowhere else. Redeeming again plans the whole stay
anew: what is better now is put in, what is not needed any more is the vehicle's again.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from parking.access.check import Reader
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.places.queries import place_by_id
from parking.plates import normalised
from parking.reservations.record import BookingChange, changing_bookings
from parking.rights.granting.returning import rights_under_lock
from parking.rights.kinds import RedemptionWay
from parking.rights.redeeming.facts import Facts, Held
from parking.rights.redeeming.gate import open_way_out
from parking.rights.redeeming.plan import Chosen, Plan, known_facts, plan_of
from parking.rights.redeeming.refusals import NoOpenStay, NothingToRedeem
from parking.rights.redeeming.rows import Into, put_in, take_out
from parking.rights.redeeming.stays import Stay, drivers_of, stay_of_enrolment, stay_of_plate
from parking.rights.rules import is_holder, may_attend
from parking.storage.locks import lock_escrow
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried
from parking.vehicles.records import EnrolmentRecord

WAYS_OF_GATES = (RedemptionWay.GATE, RedemptionWay.TILL)

_RIGHT_IDS = """
SELECT a.id FROM assigned_right a
 WHERE a.state IN ('HELD', 'REDEEMED') AND a.enrolment_id {enrolments} ORDER BY a.id
"""


class Redeemed(NamedTuple):
    """What was done: the plan that was carried out, the redemptions that the stay has now for these
    drivers, whether any of them is new or gone, and the command that opens the way out."""

    plan: Plan
    redemption_ids: tuple[int, ...]
    is_changed: bool
    command_id: int | None


async def redeem(
    enrolment: EnrolmentRecord,
    place_id: int,
    way: RedemptionWay,
    *,
    viewer: Viewer,
    clock: Clock,
    bus: Bus,
) -> Redeemed:
    """Put the best rights of a vehicle into its stay at the place.

    `viewer` is the enrolment's driver, or whoever gave its vehicle code (`holder_of`). Raises
    NotFound for a vehicle that is not the viewer's, NoOpenStay, and NothingToRedeem.
    """
    if not is_holder(viewer, enrolment.person_id, enrolment.id):
        raise NotFound("there is no such vehicle")
    if await retried(partial(stay_of_enrolment, database(), enrolment, place_id)) is None:
        raise NoOpenStay  # also where there is no such place; and nobody has waited for it

    async def once() -> Redeemed:
        async with changing_bookings([place_id], clock, bus) as change:
            stay = await stay_of_enrolment(change.sql, enrolment, place_id)
            return await redeem_in(change, stay, [enrolment], way, viewer, clock)

    return await retried(once)


async def redeem_by_plate(
    viewer: Viewer,
    place_id: int,
    plate: str,
    way: RedemptionWay = RedemptionWay.GATE,
    *,
    clock: Clock,
    bus: Bus,
) -> Redeemed:
    """The same for the vehicle that stands at the gate, or whose driver stands at the till.

    Used are the rights of its stay's own driver, and of who has proven to the operator to speak for
    the vehicle. For OPERATORs and ATTENDANTs of the place, and its API keys with `rights:write`.
    Raises NotFound, NotPermitted, InvalidInput, NoOpenStay and NothingToRedeem.
    """
    place = await place_by_id(viewer, place_id)
    if not may_attend(viewer, place.organisation_id):
        raise NotPermitted("only OPERATORs and ATTENDANTs of the place may do this")
    assert way in WAYS_OF_GATES, "a driver has other ways"
    read = normalised(plate)
    if not read:
        raise InvalidInput("plate", "the plate is empty; give it as it is on the vehicle")

    async def once() -> Redeemed:
        async with changing_bookings([place_id], clock, bus) as change:
            stay = await stay_of_plate(change.sql, place_id, read)
            drivers = [] if stay is None else await drivers_of(change.sql, stay)
            return await redeem_in(change, stay, drivers, way, viewer, clock)

    return await retried(once)


async def redeem_at_reader(
    reader: Reader, plate: str, *, clock: Clock, bus: Bus
) -> Redeemed | None:
    """The same for the plate that a reader of the whole place has let pass: a vehicle that is
    parked there is on its way out. None where there is nothing to do."""
    if reader.space_id is not None:
        return None

    async def once() -> Redeemed:
        async with changing_bookings([reader.place_id], clock, bus) as change:
            stay = await stay_of_plate(change.sql, reader.place_id, normalised(plate))
            drivers = [] if stay is None else await drivers_of(change.sql, stay)
            return await redeem_in(change, stay, drivers, RedemptionWay.GATE, SYSTEM, clock)

    try:
        return await retried(once)
    except (NoOpenStay, NothingToRedeem):
        return None


async def redeem_in(
    change: BookingChange,
    stay: Stay | None,
    drivers: Sequence[EnrolmentRecord],
    way: RedemptionWay,
    viewer: Viewer,
    clock: Clock,
) -> Redeemed:
    """Redeem in the caller's change of the stay's place; who may is the caller's to say."""
    if stay is None:
        raise NoOpenStay
    sql, enrolments = change.sql, [each.id for each in drivers]
    await lock_escrow(sql, stay.reservation.id)
    await rights_under_lock(sql, await _right_ids(sql, enrolments))
    plate = next((each.plate for each in drivers), "")
    facts = await known_facts(sql, stay, plate, enrolments, clock)
    plan = await plan_of(facts)
    before = _in_stay(facts)
    if not plan.chosen and not before and plan.due_minor:
        raise NothingToRedeem
    ids, is_changed = await _carry_out(change, viewer, plan, before, way)
    command_id = await open_way_out(change.place, stay, viewer)
    return Redeemed(plan, ids, is_changed, command_id)


def _in_stay(facts: Facts) -> dict[int, Held]:
    """The rights of these drivers that are in this stay already, by id."""
    return {
        each.right.id: each for each in facts.held if facts.is_in(each) and not facts.is_fixed(each)
    }


async def _carry_out(
    change: BookingChange, viewer: Viewer, plan: Plan, before: dict[int, Held], way: RedemptionWay
) -> tuple[tuple[int, ...], bool]:
    sql, bus, at = change.sql, change.bus, change.at
    wanted = {each.held.right.id: each for each in plan.chosen}
    dropped = [each for right_id, each in before.items() if right_id not in wanted]
    added = [each for right_id, each in wanted.items() if right_id not in before]
    for held in dropped:
        if held.live is not None:
            await take_out(sql, bus, viewer, "unredeem_right", held.live, held.right, at)
    into = Into(plan.stay.reservation, plan.stay.session_id, plan.plate, plan.day, way)
    made = []
    for new in added:
        promise, expected = new.promise, new.saves_minor
        made.append(await put_in(sql, bus, viewer, new.held.right, promise, into, expected, at))
    kept = [each for right_id, each in wanted.items() if right_id in before]
    if made or dropped:
        await _write_expected(sql, kept)
    ids = [each.held.live.id for each in kept if each.held.live is not None]
    return tuple(sorted([*ids, *(each.id for each in made)])), bool(made or dropped)


async def _write_expected(sql: Sql, kept: Sequence[Chosen]) -> None:
    """What was in the stay before saves something else beside what is new."""
    await sql.execute_many(
        "UPDATE redemption SET expected_minor = $2 WHERE id = $1",
        [(each.held.live.id, each.saves_minor) for each in kept if each.held.live is not None],
    )


async def _right_ids(sql: Sql, enrolments: Sequence[int]) -> list[int]:
    rows = await sql.fetch(_RIGHT_IDS.format(enrolments=sql.any_of("$1")), list(enrolments))
    return [row["id"] for row in rows]

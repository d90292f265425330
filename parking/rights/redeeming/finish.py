"""What redemptions came to, once their stay is settled or their promise was taken back: by a
worker, each in a transaction of its own, once (CLAIMS A22, A23, A26)."""

import logging
from functools import partial
from typing import NamedTuple

from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.reservations.record import locked_reservation
from parking.rights.granting.returning import locked_rights
from parking.rights.kinds import RedemptionState, RightKind, RightState
from parking.rights.limits import FINISHED_AT_ONCE_MAX, FINISHED_PAGES_MAX
from parking.rights.records import (
    SELECT_CONTRACTS,
    ContractRecord,
    RedemptionRecord,
    RightRecord,
    contract_record,
)
from parking.rights.redeeming.leftover import After, after_use, minutes_used
from parking.rights.redeeming.rows import (
    change_right,
    finish_redemption,
    note,
    redemption_by_id,
    right_by_id,
    take_out,
)
from parking.rights.terms import terms_from_json
from parking.settlement.ending import read_ending
from parking.settlement.funds import in_order
from parking.settlement.kinds import ValidationKind
from parking.settlement.records import SELECT_VALIDATIONS, ValidationRecord, validation_record
from parking.storage.faults import Unreachable
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

log = logging.getLogger(__name__)

_DUE = """
SELECT d.id FROM redemption d JOIN validation v ON v.id = d.validation_id
 WHERE d.state = 'LIVE' AND (v.settlement_id IS NOT NULL OR v.returned_at IS NOT NULL)
   AND d.id > $1
 ORDER BY d.id LIMIT $2
"""


class _Use(NamedTuple):
    """What a stay took of a right: who paid what, and of minutes how many."""

    issuer_minor: int
    operator_minor: int
    minutes: int


async def finish_redemptions(clock: Clock, bus: Bus) -> int:
    """Work out what has become of redeemed rights; how many. Any number of workers may run.

    One that cannot be worked out is a bug, and holds up nobody: it is raised at last.
    """
    done, after, faults = 0, 0, list[Exception]()
    for _ in range(FINISHED_PAGES_MAX):
        rows = await database().fetch(_DUE, after, FINISHED_AT_ONCE_MAX)
        for row in rows:
            done += await _tried(row["id"], clock, bus, faults)
        if len(rows) < FINISHED_AT_ONCE_MAX or done >= FINISHED_AT_ONCE_MAX:
            break
        after = rows[-1]["id"]
    if faults:
        raise faults[0]
    return done


async def _tried(redemption_id: int, clock: Clock, bus: Bus, faults: list[Exception]) -> int:
    try:
        return await retried(partial(_finish, redemption_id, clock, bus))
    except Unreachable:
        raise
    except Exception as fault:
        log.exception("redemption %d cannot be finished", redemption_id)
        faults.append(fault)
        return 0


async def _finish(redemption_id: int, clock: Clock, bus: Bus) -> int:
    async with HeldBus(bus) as held, transaction() as sql:
        found = await redemption_by_id(sql, redemption_id)
        [right] = await locked_rights(sql, [await right_by_id(sql, found.assigned_right_id)])
        found = await redemption_by_id(sql, redemption_id)
        if found.state is not RedemptionState.LIVE or right.state is not RightState.REDEEMED:
            return 0
        at = clock.now()
        promise = await _promise(sql, found)
        if promise.settlement_id is None:
            await take_out(sql, held, SYSTEM, "return_right", found, right, at)
            return 1
        contract = await _contract(sql, right.contract_id)
        use = await _use(sql, right, promise)
        after = _after(right, contract, use)
        await finish_redemption(
            sql, found, at, state=RedemptionState.FINISHED, issuer_minor=use.issuer_minor,
            operator_minor=use.operator_minor, minutes_used=use.minutes,
        )  # fmt: skip
        await _book(sql, right, after, use)
        changed = await change_right(sql, right, at, **after._asdict())
        detail = {"issuer_minor": use.issuer_minor, "operator_minor": use.operator_minor}
        await note(sql, held, SYSTEM, "finish_redemption", found, changed, at, detail)
    return 1


def _after(right: RightRecord, contract: ContractRecord, use: _Use) -> After:
    is_bounded = contract.budget_minor is not None and contract.price_minor != 0
    leftover = terms_from_json(right.terms).leftover
    return after_use(
        right, leftover, use.issuer_minor, use.operator_minor, use.minutes, is_bounded=is_bounded
    )


async def _book(sql: Sql, right: RightRecord, after: After, use: _Use) -> None:
    """What the contract, which is locked, has promised for the right less than before, and what
    was spent."""
    kept = after.commit_minor if after.state is RightState.HELD else 0
    await sql.execute(
        "UPDATE rights_contract SET committed_minor = committed_minor - $2,"
        " spent_minor = spent_minor + $3 WHERE id = $1",
        right.contract_id,
        right.commit_minor - kept,
        use.issuer_minor,
    )


async def _use(sql: Sql, right: RightRecord, promise: ValidationRecord) -> _Use:
    paid = promise.paid_minor or 0
    minutes = 0
    if right.kind is RightKind.MINUTES and paid:
        minutes = await _minutes(sql, promise)
    return _Use(paid - promise.carried_minor, promise.carried_minor, minutes)


async def _minutes(sql: Sql, promise: ValidationRecord) -> int:
    """How many minutes it took, in the order in which the settlement counted them."""
    rows = await sql.fetch(
        f"{SELECT_VALIDATIONS} WHERE v.settlement_id = $1", promise.settlement_id
    )
    before = 0
    for each in in_order(map(validation_record, rows)):
        if each.id == promise.id:
            break
        before += each.value if each.kind is ValidationKind.MINUTES else 0
    ending = await read_ending(sql, await locked_reservation(sql, promise.reservation_id))
    return minutes_used(promise.value, before, ending.stay_minutes)


async def _promise(sql: Sql, redemption: RedemptionRecord) -> ValidationRecord:
    [row] = await sql.fetch(f"{SELECT_VALIDATIONS} WHERE v.id = $1", redemption.validation_id)
    return validation_record(row)


async def _contract(sql: Sql, contract_id: int) -> ContractRecord:
    [row] = await sql.fetch(f"{SELECT_CONTRACTS} WHERE k.id = $1", contract_id)
    return contract_record(row)

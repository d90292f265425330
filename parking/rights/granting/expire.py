"""Rights that were not used in time, let go by the worker (CLAIMS A23)."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from tortoise.exceptions import IntegrityError

from parking.accounts.audit import record_audit
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.rights.granting.returning import end_rights, locked_rights
from parking.rights.kinds import RightState
from parking.rights.limits import EXPIRED_AT_ONCE_MAX, EXPIRED_TOGETHER_MAX
from parking.rights.records import SELECT_RIGHTS, RightRecord, right_record
from parking.rights.topics import tell_right
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

log = logging.getLogger(__name__)


async def expire_rights(clock: Clock, bus: Bus) -> int:
    """Let go what has lapsed, contract by contract; how many. Any number of workers may run.

    A right that is REDEEMED waits for its stay: what becomes of it is settled there.
    """
    rows = await database().fetch(
        f"{SELECT_RIGHTS} WHERE a.state = 'HELD' AND a.valid_until <= $1"
        f" ORDER BY a.valid_until LIMIT {EXPIRED_AT_ONCE_MAX}",
        clock.now(),
    )
    by_contract: dict[int, list[RightRecord]] = defaultdict(list)
    for right in map(right_record, rows):
        by_contract[right.contract_id].append(right)
    done = 0
    for contract, rights in sorted(by_contract.items()):
        for first in range(0, len(rights), EXPIRED_TOGETHER_MAX):
            lot = rights[first : first + EXPIRED_TOGETHER_MAX]
            try:
                done += await _expire(lot, clock, bus)
            except IntegrityError:
                log.exception("rights of contract %s do not lapse: its counts are wrong", contract)
    return done


async def _expire(found: Sequence[RightRecord], clock: Clock, bus: Bus) -> int:
    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            at = clock.now()
            # Somebody may have redeemed one meanwhile, or another worker was here before.
            due = [each for each in await locked_rights(sql, found) if has_lapsed(each, at)]
            ended = await end_rights(sql, due, RightState.EXPIRED, "", at)
            for right in ended:
                await _note(sql, held, right, at)
            return len(ended)

    return await retried(once)


def has_lapsed(right: RightRecord, now: datetime) -> bool:
    """Whether nobody can use it any more."""
    return right.state is RightState.HELD and right.valid_until <= now


async def _note(sql: Sql, bus: Bus, right: RightRecord, at: datetime) -> None:
    subject, detail = f"right:{right.id}", {"left": right.value}
    await record_audit(sql, SYSTEM, "expire_right", subject, right.organisation_id, detail, at)
    await tell_right(sql, bus, at, right)

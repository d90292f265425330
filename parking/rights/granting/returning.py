"""What a right took of its contract and code comes back when it is used no more: so often as it
leaves HELD for good, and never twice, because that step is taken under the right's lock.

The use of a code that was reissued comes back to the one in its place, which grants once more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from parking.rights.kinds import RightState
from parking.rights.records import SELECT_RIGHTS, RightRecord, right_record
from parking.storage.locks import lock_grant_codes, lock_rights, lock_rights_contracts
from parking.storage.sql import Sql

_HEIRS = """
WITH RECURSIVE heir(code_id, heir_id) AS (
    SELECT g.id, g.replaced_by_id FROM grant_code g
     WHERE g.id {wanted} AND g.replaced_by_id IS NOT NULL
     UNION ALL
    SELECT h.code_id, g.replaced_by_id FROM heir h JOIN grant_code g ON g.id = h.heir_id
     WHERE g.replaced_by_id IS NOT NULL)
SELECT code_id, MAX(heir_id) AS heir_id FROM heir GROUP BY code_id
"""
"""What is in the place of a code is newer, so the last of them has the greatest id."""


async def locked_rights(sql: Sql, rights: Sequence[RightRecord]) -> list[RightRecord]:
    """The rights as they are now and stay until the transaction ends, in the order of their ids;
    contracts and codes are locked before them."""
    await lock_rights_contracts(sql, [each.contract_id for each in rights])
    codes = {each.grant_code_id for each in rights}
    await lock_grant_codes(sql, codes.union((await _heirs(sql, codes)).values()))
    return await rights_under_lock(sql, [each.id for each in rights])


async def rights_under_lock(sql: Sql, right_ids: Sequence[int]) -> list[RightRecord]:
    """The rights of these ids, locked, in order; for who needs neither contract nor code, or has
    locked them."""
    await lock_rights(sql, right_ids)
    rows = await sql.fetch(
        f"{SELECT_RIGHTS} WHERE a.id {sql.any_of('$1')} ORDER BY a.id", list(right_ids)
    )
    return [right_record(row) for row in rows]


async def end_rights(
    sql: Sql, rights: Sequence[RightRecord], state: RightState, reason: str, at: datetime
) -> list[RightRecord]:
    """HELD rights, locked with contract and code, end as EXPIRED or REVOKED; as they are then.

    What is promised of the budget comes back, and one of the quota and of the code's uses for each
    that was never used. One that was partly used ends as USED: it counts for good.
    """
    unused = [each for each in rights if not is_partly_used(each)]
    partly = [each for each in rights if is_partly_used(each)]
    await _set(sql, unused, state, reason, at)
    await _set(sql, partly, RightState.USED, reason, at)
    await give_back(sql, unused, partly)
    return await rights_under_lock(sql, [each.id for each in rights])


def is_partly_used(right: RightRecord) -> bool:
    """Whether a stay has taken something of it before."""
    return right.value < right.granted_value


async def give_back(
    sql: Sql, unused: Sequence[RightRecord], partly_used: Sequence[RightRecord] = ()
) -> None:
    """To contracts and codes, which are locked: what these rights were promised, and the grants of
    the unused ones."""
    promised: dict[int, int] = defaultdict(int)
    for each in (*unused, *partly_used):
        promised[each.contract_id] += each.commit_minor
    granted = Counter(each.contract_id for each in unused)
    for contract_id, amount_minor in sorted(promised.items()):
        await sql.execute(
            "UPDATE rights_contract SET granted = granted - $2,"
            " committed_minor = committed_minor - $3 WHERE id = $1",
            contract_id,
            granted[contract_id],
            amount_minor,
        )
    uses = Counter(each.grant_code_id for each in unused)
    heirs = await _heirs(sql, uses)
    for code_id, count in sorted(uses.items()):
        await sql.execute("UPDATE grant_code SET uses = uses - $2 WHERE id = $1", code_id, count)
        if code_id in heirs:
            await sql.execute(
                "UPDATE grant_code SET uses_max = uses_max + $2 WHERE id = $1",
                heirs[code_id],
                count,
            )


async def _heirs(sql: Sql, code_ids: Iterable[int]) -> dict[int, int]:
    """Of codes that were reissued: what is in their place now. Under the lock of their contracts,
    which reissuing takes, it stays so."""
    wanted = sorted(set(code_ids))
    if not wanted:
        return {}
    rows = await sql.fetch(_HEIRS.format(wanted=sql.any_of("$1")), wanted)
    return {row["code_id"]: row["heir_id"] for row in rows}


async def _set(
    sql: Sql, rights: Sequence[RightRecord], state: RightState, reason: str, at: datetime
) -> None:
    if rights:
        await sql.execute(
            "UPDATE assigned_right SET state = $2, reason = $3, changed_at = $4,"
            f" version = version + 1 WHERE id {sql.any_of('$1')}",
            [each.id for each in rights],
            state.value,
            reason,
            at,
        )

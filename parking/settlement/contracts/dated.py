"""Fee contracts: what platform and property get of a lessor's bookings, dated and never edited.

A booking keeps the terms that held when it was confirmed (`EscrowAccount.contract`), so a new
contract is about later bookings only.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock, as_utc, rfc3339
from parking.errors import InvalidInput, NotFound
from parking.settlement.contracts.fees import FeeTerms, fees_json, parse_fees
from parking.settlement.contracts.records import (
    SELECT_CONTRACTS,
    ContractRecord,
    contract_record,
)
from parking.settlement.rules import require_platform
from parking.storage.locks import lock_fee_contracts
from parking.storage.sql import Sql, as_time
from parking.storage.transactions import retried, transaction


async def set_fee_contract(
    viewer: Viewer,
    organisation_id: int | None,
    place_id: int | None,
    terms: str,
    valid_from: datetime | None = None,
    *,
    clock: Clock,
) -> int:
    """A new contract's id: for a lessor, for a place, for a lessor at a place, or (both null) for
    everybody who has none. By the platform.

    It begins at `valid_from` (null: now; never earlier) and ends the one before; one that is set to
    begin later still will. `terms` is JSON (`parking.settlement.contracts.fees`). Raises
    `NotPermitted`, `NotFound` for organisation or place, `InvalidInput` naming `terms…` or
    `validFrom`.
    """
    require_platform(viewer)
    parsed, now = parse_fees(terms), clock.now()
    begins = now if valid_from is None else as_utc(valid_from)
    if begins < now:
        message = f"it is {rfc3339(begins)}, which is over; leave it out to begin now"
        raise InvalidInput("validFrom", message)

    async def once() -> int:
        async with transaction() as sql:
            await _require_there(sql, "organisation", organisation_id)
            await _require_there(sql, "place", place_id)
            await lock_fee_contracts(sql)
            ends = await _end_the_one_before(sql, organisation_id, place_id, begins)
            made = await _insert(sql, viewer, organisation_id, place_id, parsed, begins, ends, now)
            detail = {"place": place_id, "terms": fees_json(parsed), "from": rfc3339(begins)}
            subject = f"fee_contract:{made}"
            await record_audit(
                sql, viewer, "set_fee_contract", subject, organisation_id, detail, now
            )
            return made

    return await retried(once)


async def contract_for(
    sql: Sql, organisation_id: int, place_id: int, at: datetime
) -> ContractRecord | None:
    """The most particular contract that holds at `at`: the lessor's at this place, else the
    lessor's, else the place's, else everybody's; None where nothing was ever agreed."""
    row = await sql.fetch_one(
        f"{SELECT_CONTRACTS} WHERE (k.organisation_id = $1 OR k.organisation_id IS NULL)"
        " AND (k.place_id = $2 OR k.place_id IS NULL)"
        " AND k.valid_from <= $3 AND (k.valid_until IS NULL OR k.valid_until > $3)"
        " ORDER BY k.organisation_id IS NULL, k.place_id IS NULL, k.id DESC LIMIT 1",
        organisation_id,
        place_id,
        at,
    )
    return None if row is None else contract_record(row)


async def _require_there(sql: Sql, table: str, key: int | None) -> None:
    if key is None:
        return
    if not await sql.fetch(f"SELECT 1 AS one FROM {table} WHERE id = $1", key):
        raise NotFound(f"there is no such {table}")


async def _end_the_one_before(
    sql: Sql, organisation_id: int | None, place_id: int | None, begins: datetime
) -> datetime | None:
    """Whoever holds at `begins` ends then; when the next one of this scope begins, None: never."""
    condition, scope = _scope(organisation_id, place_id)
    await sql.execute(
        f"UPDATE fee_contract SET valid_until = $1 WHERE {condition}"
        " AND valid_from <= $1 AND (valid_until IS NULL OR valid_until > $1)",
        begins,
        *scope,
    )
    row = await sql.fetch_one(
        f"SELECT MIN(valid_from) AS next FROM fee_contract WHERE {condition} AND valid_from > $1",
        begins,
        *scope,
    )
    return None if row is None or row["next"] is None else as_time(row["next"])


def _scope(organisation_id: int | None, place_id: int | None) -> tuple[str, list[int]]:
    """A condition whose arguments begin at `$2`."""
    said, values = [], []
    for name, value in (("organisation_id", organisation_id), ("place_id", place_id)):
        if value is None:
            said.append(f"{name} IS NULL")
        else:
            values.append(value)
            said.append(f"{name} = ${len(values) + 1}")
    return " AND ".join(said), values


async def _insert(
    sql: Sql,
    viewer: Viewer,
    organisation_id: int | None,
    place_id: int | None,
    terms: FeeTerms,
    begins: datetime,
    ends: datetime | None,
    now: datetime,
) -> int:
    values: Mapping[str, Any] = {
        "organisation_id": organisation_id, "place_id": place_id, "terms": fees_json(terms),
        "valid_from": begins, "valid_until": ends, "created_by": viewer.person_id,
        "created_at": now,
    }  # fmt: skip
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    rows = await sql.fetch(
        f"INSERT INTO fee_contract ({', '.join(values)}) VALUES ({marks}) RETURNING id",
        *values.values(),
    )
    return int(rows[0]["id"])

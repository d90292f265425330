"""Contracts: what an issuer may grant at a place; who runs the place offers, the issuer accepts.

Ending one ends granting; what was granted stays with its drivers, and is paid as agreed. Every verb
raises NotFound (also for what the viewer may not know of) and NotPermitted, and tells both sides.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.places.edits import KEEP, Or
from parking.places.guards import require_organisation
from parking.places.queries import place_by_id
from parking.places.records import PlaceRecord
from parking.places.rules import checked_text
from parking.rights.content import content_of
from parking.rights.contract_steps import (
    AFTER,
    Step,
    require_following,
    require_may,
    require_may_limit,
    require_not_below,
    require_version,
)
from parking.rights.fits import require_limited
from parking.rights.kinds import ContractState
from parking.rights.limits import REASON_CHARACTERS_MAX
from parking.rights.new_contract import NewContract, checked_contract, checked_limits
from parking.rights.records import (
    SELECT_CONTRACTS,
    SELECT_SPECIFICATIONS,
    ContractRecord,
    contract_record,
    specification_record,
)
from parking.rights.rules import may_contract, may_run
from parking.rights.topics import tell_rights
from parking.storage.locks import lock_places, lock_rights_contracts
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction


async def offer_contract(viewer: Viewer, new: NewContract, *, clock: Clock, bus: Bus) -> int:
    """Offer an issuer to grant rights at a place; the contract's id. For who runs the place.

    Where that is the issuer itself, nobody has to accept: it is ACTIVE at once. Raises
    InvalidInput.
    """
    place = await place_by_id(viewer, new.place_id)
    if not may_run(viewer, place.organisation_id):
        raise NotPermitted("only an OPERATOR of the place's organisation may offer contracts")
    at = clock.now()
    sound = checked_contract(new, place.organisation_id, at)

    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            await require_organisation(sql, sound.issuer_id)
            await lock_places(sql, [place.id])  # its currency stays as the contract has it
            now_there = await place_by_id(viewer, place.id)
            made = await _insert(sql, viewer, now_there, sound, at)
            detail = {"issuer": made.issuer_id, "place": place.id, "state": made.state.value}
            await _note(sql, held, viewer, "offer", made, detail, at)
            return made.id

    return await retried(once)


async def accept_contract(
    viewer: Viewer, contract_id: int, version: int, *, clock: Clock, bus: Bus
) -> None:
    """The issuer agrees to the contract as of the version that it saw; it may make codes now.
    Raises Conflict: `WRONG_STATE`, `VERSION_CHANGED`, or `VALIDITY_OVER` for an offer whose time is
    over."""
    await _go(Step.ACCEPT, viewer, contract_id, "", clock, bus, version)


async def decline_contract(
    viewer: Viewer, contract_id: int, reason: str = "", *, clock: Clock, bus: Bus
) -> None:
    """The issuer does not agree. Raises InvalidInput, and Conflict `WRONG_STATE`."""
    await _go(Step.DECLINE, viewer, contract_id, reason, clock, bus)


async def end_contract(
    viewer: Viewer, contract_id: int, reason: str, *, clock: Clock, bus: Bus
) -> None:
    """Either side ends it, or the operator takes an offer back: its codes grant nothing any more.
    Raises InvalidInput, and Conflict `WRONG_STATE`."""
    text = checked_text("reason", reason, REASON_CHARACTERS_MAX)
    await _go(Step.END, viewer, contract_id, text, clock, bus)


async def raise_contract_limits(
    viewer: Viewer,
    contract_id: int,
    quota: Or[int | None] = KEEP,
    budget_minor: Or[int | None] = KEEP,
    *,
    clock: Clock,
    bus: Bus,
) -> None:
    """Another quota or budget (None: no limit), never below what is used. Either side may lower
    them; who may raise them is `contract_steps.require_may_limit`'s.

    Raises InvalidInput, and Conflict: `LIMIT_IN_USE`, `WRONG_STATE` for a contract that is over,
    `BUDGET_NEEDS_LIMIT` where nobody can say what a right of one of its codes costs at most, or
    rights that it has granted without a budget may cost more than was promised for them.
    """

    async def once() -> None:
        at = clock.now()
        async with HeldBus(bus) as held, transaction() as sql:
            before = await locked_contract(sql, contract_id)
            after = before._replace(
                quota=before.quota if quota is KEEP else quota,
                budget_minor=before.budget_minor if budget_minor is KEEP else budget_minor,
            )
            await _require_limits(sql, viewer, before, after)
            if after != before:
                await _write_limits(sql, held, viewer, after, at)

    await retried(once)


async def locked_contract(sql: Sql, contract_id: int) -> ContractRecord:
    """The contract, locked until the transaction ends. Raises NotFound."""
    await lock_rights_contracts(sql, [contract_id])
    row = await sql.fetch_one(f"{SELECT_CONTRACTS} WHERE k.id = $1", contract_id)
    if row is None:
        raise NotFound("there is no such contract")
    return contract_record(row)


async def _insert(
    sql: Sql, viewer: Viewer, place: PlaceRecord, new: NewContract, at: datetime
) -> ContractRecord:
    operator_id = place.organisation_id
    is_agreed = new.issuer_id == operator_id and may_contract(viewer, new.issuer_id)
    state = ContractState.ACTIVE if is_agreed else ContractState.OFFERED
    [row] = await sql.fetch(
        "INSERT INTO rights_contract (state, issuer_id, operator_id, place_id, currency, quota,"
        " budget_minor, price_minor, worth_max_minor, per_stay_max, valid_from, valid_until,"
        " created_by, decided_by, created_at, changed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)"
        f" RETURNING {', '.join(ContractRecord._fields)}",
        state.value, new.issuer_id, operator_id, place.id, place.currency, new.quota,
        new.budget_minor, new.price_minor, new.worth_max_minor, new.per_stay_max, new.valid_from,
        new.valid_until, viewer.person_id, viewer.person_id if is_agreed else None, at,
    )  # fmt: skip
    return contract_record(row)


async def _go(
    step: Step,
    viewer: Viewer,
    contract_id: int,
    reason: str,
    clock: Clock,
    bus: Bus,
    version: int | None = None,
) -> None:
    """Take the contract, of this version if one is given, one step further; a step that is done
    already changes nothing."""
    text = checked_text("reason", reason, REASON_CHARACTERS_MAX, is_required=False)

    async def once() -> None:
        at = clock.now()
        async with HeldBus(bus) as held, transaction() as sql:
            before = await locked_contract(sql, contract_id)
            require_may(step, viewer, before)
            if before.state is AFTER[step]:
                return
            after = require_following(step, before.state)
            require_version(before, version)
            if step is Step.ACCEPT:
                _require_validity(before, at)
            await _write_state(sql, viewer, contract_id, after, text, at)
            told = before._replace(version=before.version + 1)
            await _note(sql, held, viewer, step.value, told, {"reason": text}, at)

    await retried(once)


def _require_validity(contract: ContractRecord, at: datetime) -> None:
    if contract.valid_until is not None and contract.valid_until <= at:
        message = "the time of this contract is over; ask for a new offer"
        raise Conflict(message, code="VALIDITY_OVER")


async def _write_state(
    sql: Sql, viewer: Viewer, contract_id: int, state: ContractState, reason: str, at: datetime
) -> None:
    await sql.execute(
        "UPDATE rights_contract SET state = $2, reason = $3, decided_by = $4, changed_at = $5,"
        " version = version + 1 WHERE id = $1",
        contract_id,
        state.value,
        reason,
        viewer.person_id,
        at,
    )


async def _require_limits(
    sql: Sql, viewer: Viewer, before: ContractRecord, after: ContractRecord
) -> None:
    require_may_limit(viewer, before, after.quota, after.budget_minor)
    if before.state not in (ContractState.OFFERED, ContractState.ACTIVE):
        message = f"the contract is {before.state}; make a new one"
        raise Conflict(message, code="WRONG_STATE")
    checked_limits(after.quota, after.budget_minor)
    require_not_below(before, after.quota, after.budget_minor)
    rows = await sql.fetch(
        f"{SELECT_SPECIFICATIONS} WHERE s.id IN (SELECT g.specification_id FROM grant_code g"
        " WHERE g.contract_id = $1 AND g.state = 'ACTIVE')",
        before.id,
    )
    for each in map(specification_record, rows):
        require_limited(content_of(each), after)
    if before.budget_minor is None and after.budget_minor is not None:
        await _require_promised(sql, before)


async def _require_promised(sql: Sql, contract: ContractRecord) -> None:
    """A first budget is kept only if all is promised of it that rights granted before may cost:
    what nothing limited may be in a stay already. Raises Conflict `BUDGET_NEEDS_LIMIT`."""
    is_priced = "FALSE" if contract.price_minor is None else "$2 <= a.commit_minor"
    given = [] if contract.price_minor is None else [contract.price_minor]
    row = await sql.fetch_one(
        "SELECT a.id FROM assigned_right a WHERE a.contract_id = $1"
        f" AND a.state IN ('HELD', 'REDEEMED') AND NOT ({is_priced}"
        " OR (a.worth_max_minor IS NOT NULL AND a.worth_max_minor <= a.commit_minor)"
        " OR (a.kind = 'AMOUNT' AND a.value <= a.commit_minor)) LIMIT 1",
        contract.id,
        *given,
    )
    if row is not None:
        message = (
            "rights were granted of which nothing is promised yet, and which may cost more than"
            " the budget; give it one when they are used, revoked or over"
        )
        raise Conflict(message, code="BUDGET_NEEDS_LIMIT")


async def _write_limits(
    sql: Sql, bus: Bus, viewer: Viewer, after: ContractRecord, at: datetime
) -> None:
    await sql.execute(
        "UPDATE rights_contract SET quota = $2, budget_minor = $3, changed_at = $4,"
        " version = version + 1 WHERE id = $1",
        after.id,
        after.quota,
        after.budget_minor,
        at,
    )
    detail = {"quota": after.quota, "budget_minor": after.budget_minor}
    told = after._replace(version=after.version + 1)
    await _note(sql, bus, viewer, "limit", told, detail, at)


async def _note(
    sql: Sql,
    bus: Bus,
    viewer: Viewer,
    verb: str,
    contract: ContractRecord,
    detail: Mapping[str, Any],
    at: datetime,
) -> None:
    subject, issuer = f"rights_contract:{contract.id}", contract.issuer_id
    await record_audit(sql, viewer, f"{verb}_rights_contract", subject, issuer, detail, at)
    sides = (contract.issuer_id, contract.operator_id)
    told = {"contract_id": contract.id, "version": contract.version}
    await tell_rights(sql, bus, at, None, sides, contract.place_id, **told)

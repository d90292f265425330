"""Disputes about a settlement: opened by driver or owner, argued, decided by the platform, closed
by the clock. What is disputed is frozen from the first moment on (CLAIMS C21)."""

from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import Clock
from parking.errors import Conflict
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.settlement.credits import left_parts
from parking.settlement.disputes.money import freeze, release
from parking.settlement.disputes.records import DisputeRecord
from parking.settlement.disputes.rows import (
    change_dispute,
    insert_dispute,
    locked_dispute,
    require_no_dispute,
    tell_dispute,
    visible_dispute,
    visible_settlement,
)
from parking.settlement.disputes.rules import (
    EVIDENCE_CHARACTERS_MAX,
    EVIDENCE_PER_PARTY_MAX,
    REASON_CHARACTERS_MAX,
    DisputeStep,
    checked_amount,
    checked_words,
    driver_part_minor,
    next_dispute_state,
    require_judge,
    require_side,
    require_speaker,
    require_still_appealable,
    require_still_disputable,
)
from parking.settlement.kinds import DisputeState
from parking.settlement.limits import DEFAULTS, MoneyLimits
from parking.settlement.split import unsplit
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

CLOSED_AT_ONCE_MAX = 200
"""So many are closed in one go of the worker; the rest in the next."""


async def open_dispute(
    viewer: Viewer,
    settlement_id: int,
    amount_minor: int,
    reason: str,
    *,
    clock: Clock,
    bus: Bus,
    limits: MoneyLimits = DEFAULTS,
) -> int:
    """Say that `amount_minor` of a settlement should go back to its driver; the dispute's id.

    For the driver and the lessor, within 28 days of the settlement (`limits`). The amount is
    frozen. Raises NotFound, NotPermitted, InvalidInput (`amountMinor`: more than is left of what
    the driver paid), and Conflict: `TOO_LATE`, `ALREADY_DISPUTED`.
    """
    text = checked_words("reason", reason, REASON_CHARACTERS_MAX)

    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            now = clock.now()
            settlement = await visible_settlement(sql, viewer, settlement_id)
            party = require_side(viewer, settlement)
            require_still_disputable(settlement.at, now, limits.dispute)
            await require_no_dispute(sql, settlement_id)
            left = await left_parts(sql, settlement.reservation_id)
            amount = checked_amount(
                "amountMinor", amount_minor, 1, driver_part_minor(settlement, left)
            )
            made = await insert_dispute(
                sql, settlement, viewer.person_id, party, text, unsplit(left, amount), now
            )
            await freeze(sql, made, now)
            await _record(sql, viewer, "open_dispute", made, now, amount_minor=amount)
            await tell_dispute(sql, held, made, now)
            return made.id

    return await retried(once)


async def add_dispute_evidence(
    viewer: Viewer, dispute_id: int, text: str, *, clock: Clock, bus: Bus
) -> int:
    """Say something in a dispute that is not closed; the evidence's id. For both sides, who runs
    the place, and the platform.

    Raises NotFound, NotPermitted, InvalidInput, and Conflict: `WRONG_STATE`, `TOO_MUCH_EVIDENCE`.
    """
    words = checked_words("text", text, EVIDENCE_CHARACTERS_MAX)

    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            dispute = await visible_dispute(sql, viewer, dispute_id)
            party = require_speaker(viewer, dispute)
            if dispute.state is DisputeState.CLOSED:
                raise Conflict("the dispute is closed", code="WRONG_STATE")
            await _require_room(sql, dispute, party)
            now = clock.now()
            made = await _add_evidence(sql, viewer, dispute, party, words, now)
            await change_dispute(sql, held, dispute, now)
            return made

    return await retried(once)


async def decide_dispute(
    viewer: Viewer,
    dispute_id: int,
    to_driver_minor: int,
    decision: str,
    *,
    clock: Clock,
    bus: Bus,
    limits: MoneyLimits = DEFAULTS,
) -> DisputeRecord:
    """Say how much goes back to the driver, and why. For the platform, and nobody who is a party.

    The first decision is carried out when nobody appeals within 28 days (`limits`), the one after
    an appeal at once. Raises NotFound, NotPermitted (`OWN_DISPUTE`), InvalidInput, Conflict
    `WRONG_STATE`.
    """
    text = checked_words("decision", decision, REASON_CHARACTERS_MAX)

    async def once() -> DisputeRecord:
        async with HeldBus(bus) as held, transaction() as sql:
            now = clock.now()
            dispute = await visible_dispute(sql, viewer, dispute_id)
            require_judge(viewer, dispute)
            following = next_dispute_state(DisputeStep.DECIDE, dispute)
            amount = checked_amount("toDriverMinor", to_driver_minor, 0, dispute.frozen_minor)
            is_final = following is DisputeState.CLOSED
            decided = dispute._replace(to_driver_minor=amount, decision=text)
            if is_final:
                await release(sql, decided, amount, now, held)
            await _record(sql, viewer, "decide_dispute", dispute, now, to_driver_minor=amount)
            return await change_dispute(
                sql, held, dispute, now, state=following, to_driver_minor=amount, decision=text,
                decided_by=viewer.person_id, decided_at=now,
                appeal_until=None if is_final else now + limits.appeal,
                closed_at=now if is_final else None,
            )  # fmt: skip

    return await retried(once)


async def appeal_dispute(
    viewer: Viewer, dispute_id: int, reason: str, *, clock: Clock, bus: Bus
) -> DisputeRecord:
    """Ask for another decision, which is final; what is frozen stays so. For either side, once.

    Raises NotFound, NotPermitted, InvalidInput, and Conflict: `WRONG_STATE`, `TOO_LATE`.
    """
    text = checked_words("reason", reason, EVIDENCE_CHARACTERS_MAX)

    async def once() -> DisputeRecord:
        async with HeldBus(bus) as held, transaction() as sql:
            now = clock.now()
            dispute = await visible_dispute(sql, viewer, dispute_id)
            party = require_side(viewer, dispute)
            following = next_dispute_state(DisputeStep.APPEAL, dispute)
            require_still_appealable(dispute, now)
            await _add_evidence(sql, viewer, dispute, party, text, now)
            await _record(sql, viewer, "appeal_dispute", dispute, now)
            return await change_dispute(sql, held, dispute, now, state=following, appealed_at=now)

    return await retried(once)


async def close_disputes(clock: Clock, bus: Bus) -> int:
    """Carry out what was decided and not appealed in time; how many. For the worker, of which any
    number may run: each dispute is looked at again under its settlement's lock."""
    rows = await database().fetch(
        "SELECT id FROM dispute WHERE state = 'DECIDED' AND appeal_until <= $1"
        f" ORDER BY appeal_until LIMIT {CLOSED_AT_ONCE_MAX}",
        clock.now(),
    )
    closed = 0
    for row in rows:
        closed += await _close(row["id"], clock, bus)
    return closed


async def _close(dispute_id: int, clock: Clock, bus: Bus) -> int:
    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            now = clock.now()
            dispute = await locked_dispute(sql, dispute_id)
            until = dispute.appeal_until
            if dispute.state is not DisputeState.DECIDED or until is None or until > now:
                return 0
            following = next_dispute_state(DisputeStep.CLOSE, dispute)
            await release(sql, dispute, dispute.to_driver_minor or 0, now, held)
            await _record(sql, SYSTEM, "close_dispute", dispute, now)
            await change_dispute(sql, held, dispute, now, state=following, closed_at=now)
            return 1

    return await retried(once)


async def _require_room(sql: Sql, dispute: DisputeRecord, party: str) -> None:
    row = await sql.fetch_one(
        "SELECT COUNT(*) AS said FROM dispute_evidence WHERE dispute_id = $1 AND party = $2",
        dispute.id,
        party,
    )
    if row is not None and row["said"] >= EVIDENCE_PER_PARTY_MAX:
        message = (
            f"your side has said {EVIDENCE_PER_PARTY_MAX} things, which is all there is room for"
        )
        raise Conflict(message, code="TOO_MUCH_EVIDENCE")


async def _add_evidence(
    sql: Sql, viewer: Viewer, dispute: DisputeRecord, party: str, text: str, at: datetime
) -> int:
    [row] = await sql.fetch(
        "INSERT INTO dispute_evidence (person_id, party, text, at, dispute_id)"
        " VALUES ($1, $2, $3, $4, $5) RETURNING id",
        viewer.person_id,
        party,
        text,
        at,
        dispute.id,
    )
    return int(row["id"])


async def _record(
    sql: Sql, viewer: Viewer, verb: str, dispute: DisputeRecord, at: datetime, **detail: int
) -> None:
    subject = f"dispute:{dispute.id}"
    await record_audit(sql, viewer, verb, subject, dispute.organisation_id, detail, at)

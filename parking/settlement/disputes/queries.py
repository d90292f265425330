"""Reading disputes and what was said in them: for who may see the settlement."""

from collections.abc import Mapping, Sequence
from typing import Any

from parking.accounts.viewer import Viewer
from parking.places.conditions import Conditions
from parking.settlement.disputes.records import (
    SELECT_DISPUTES,
    SELECT_EVIDENCE,
    DisputeRecord,
    EvidenceRecord,
    dispute_record,
    evidence_record,
)
from parking.settlement.kinds import DisputeState
from parking.settlement.queries import PAGE_ROWS_MAX, sees, visible
from parking.storage.sql import database


async def disputes_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, DisputeRecord]:
    """The disputes of these ids."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_DISPUTES} WHERE d.id {sql.any_of('$1')}", list(ids))
    return {each.id: each for each in _seen(viewer, rows)}


async def disputes_of_settlements(
    viewer: Viewer, settlement_ids: Sequence[int]
) -> Mapping[int, list[DisputeRecord]]:
    """The disputes of each of these settlements, the newest first."""
    sql = database()
    rows = await sql.fetch(
        f"{SELECT_DISPUTES} WHERE d.settlement_id {sql.any_of('$1')} ORDER BY d.id DESC",
        list(settlement_ids),
    )
    found: dict[int, list[DisputeRecord]] = {each: [] for each in settlement_ids}
    for dispute in _seen(viewer, rows):
        found[dispute.settlement_id].append(dispute)
    return found


async def find_disputes(
    viewer: Viewer,
    states: Sequence[DisputeState] | None = None,
    organisation_id: int | None = None,
    *,
    limit: int,
    before_id: int = 0,
) -> list[DisputeRecord]:
    """A page of disputes that the viewer may see, the newest first."""
    where = Conditions(database())
    if states is not None:
        where.add(f"d.state {where.any_of(states)}")
    if organisation_id is not None:
        where.add(f"t.organisation_id = {where.argument(organisation_id)}")
    if before_id:
        where.add(f"d.id < {where.argument(before_id)}")
    visible(where, viewer, "t")
    rows = await database().fetch(
        f"{SELECT_DISPUTES} WHERE {where} ORDER BY d.id DESC LIMIT {min(limit, PAGE_ROWS_MAX)}",
        *where.arguments,
    )
    return _seen(viewer, rows)


async def evidence_of(
    viewer: Viewer, dispute_ids: Sequence[int]
) -> Mapping[int, list[EvidenceRecord]]:
    """What was said in each of these disputes, in order."""
    seen = sorted(await disputes_by_id(viewer, dispute_ids))
    sql = database()
    rows = await sql.fetch(
        f"{SELECT_EVIDENCE} WHERE e.dispute_id {sql.any_of('$1')} ORDER BY e.id",
        seen,
    )
    found: dict[int, list[EvidenceRecord]] = {each: [] for each in seen}
    for evidence in map(evidence_record, rows):
        found[evidence.dispute_id].append(evidence)
    return found


def _seen(viewer: Viewer, rows: Sequence[Mapping[str, Any]]) -> list[DisputeRecord]:
    return [each for each in map(dispute_record, rows) if sees(viewer, each)]

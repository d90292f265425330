"""Reading payouts, what they are made of, and their terms: for who may see what an organisation
earns."""

from collections.abc import Mapping, Sequence

from parking.accounts.viewer import Viewer
from parking.places.conditions import Conditions
from parking.settlement.payouts.records import (
    SELECT_ITEMS,
    SELECT_PAYOUTS,
    SELECT_TERMS,
    PayoutItemRecord,
    PayoutRecord,
    PayoutTermsRecord,
    item_record,
    payout_record,
    terms_record,
)
from parking.settlement.queries import PAGE_ROWS_MAX
from parking.settlement.rules import may_earn
from parking.storage.sql import database


async def payouts_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, PayoutRecord]:
    """The payouts of these ids."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_PAYOUTS} WHERE u.id {sql.any_of('$1')}", list(ids))
    found = map(payout_record, rows)
    return {each.id: each for each in found if may_earn(viewer, each.organisation_id)}


async def find_payouts(
    viewer: Viewer, organisation_id: int, *, limit: int, before_id: int = 0
) -> list[PayoutRecord]:
    """A page of an organisation's payouts, the newest first; none for who may not see them."""
    if not may_earn(viewer, organisation_id):
        return []
    where = Conditions(database())
    where.add(f"u.organisation_id = {where.argument(organisation_id)}")
    if before_id:
        where.add(f"u.id < {where.argument(before_id)}")
    rows = await database().fetch(
        f"{SELECT_PAYOUTS} WHERE {where} ORDER BY u.id DESC LIMIT {min(limit, PAGE_ROWS_MAX)}",
        *where.arguments,
    )
    return [payout_record(row) for row in rows]


async def items_of_payout(
    viewer: Viewer, payout_id: int, *, limit: int, after_id: int = 0
) -> list[PayoutItemRecord]:
    """A page of what a payout is for, in order."""
    if payout_id not in await payouts_by_id(viewer, [payout_id]):
        return []
    rows = await database().fetch(
        f"{SELECT_ITEMS} WHERE i.payout_id = $1 AND i.id > $2"
        f" ORDER BY i.id LIMIT {min(limit, PAGE_ROWS_MAX)}",
        payout_id,
        after_id,
    )
    return [item_record(row) for row in rows]


async def payout_terms_of(
    viewer: Viewer, organisation_ids: Sequence[int]
) -> Mapping[int, PayoutTermsRecord]:
    """When and how each of these organisations is paid; nothing where it was not said yet."""
    sql = database()
    seen = [each for each in organisation_ids if may_earn(viewer, each)]
    rows = await sql.fetch(
        f"{SELECT_TERMS} WHERE w.organisation_id {sql.any_of('$1')}",
        seen,
    )
    return {each.organisation_id: each for each in map(terms_record, rows)}

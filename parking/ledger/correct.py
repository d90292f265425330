"""Taking back what should not have moved: a further transfer, with its reason and a link.

Nothing is ever edited (TigerBeetle, "correcting transfers": a transfer the other way, tied to the
first).
"""

from datetime import datetime

from parking.ledger.accounts import Account
from parking.ledger.models import TransferKind
from parking.ledger.records import TransferRecord
from parking.ledger.refusals import NotPosted, TransferMissing
from parking.ledger.rows import SELECT_ENTRIES, entries_in, entries_of, find_transfer
from parking.ledger.rules import Entries, Movement, balanced, require_within_original
from parking.ledger.transfers import transfer
from parking.storage.sql import Sql

CORRECTION = "correction"
"""The code of such a transfer."""


async def correct(
    sql: Sql,
    original: int | str,
    public_id: str,
    at: datetime,
    reason: str,
    entries: Entries | None = None,
    *,
    actor: str = "system",
) -> TransferRecord:
    """Take back what a transfer moved, or the part that `entries` says (from whom it had gone to,
    so with the signs turned). All that is taken back of one transfer is never more than it moved.

    Raises TransferMissing, NotPosted (what is only reserved is voided), ExceedsOriginal,
    Unbalanced, InsufficientFunds (who got it may have spent it), AboveLimit, TransferDiffers, and
    ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a correction says why")
    first = await find_transfer(sql, original, is_locked=True)
    if first is None:
        raise TransferMissing(original)
    if first.kind not in {TransferKind.DIRECT, TransferKind.POST}:
        raise NotPosted
    moved = await entries_of(sql, first.id)
    taken = balanced(
        {each: -amount for each, amount in moved.items()} if entries is None else entries
    )
    if await find_transfer(sql, public_id) is None:
        require_within_original(taken, moved, await _corrected(sql, first.id))
    movement = Movement(
        public_id, CORRECTION, taken, first.subject, reason, actor, corrects_id=first.id
    )
    return await transfer(sql, movement, at)


async def _corrected(sql: Sql, transfer_id: int) -> dict[Account, int]:
    """What was taken back before."""
    return entries_in(
        await sql.fetch(
            f"{SELECT_ENTRIES} JOIN ledger_transfer t ON t.id = p.transfer_id"
            " WHERE t.corrects_id = $1 AND t.code = $2",
            transfer_id,
            CORRECTION,
        )
    )

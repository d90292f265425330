"""Moving money: at once, or in two phases; inside the caller's transaction.

Each verb takes the transfer's `public_id` from whoever asks. The same id and the same input again
gives the first record and moves nothing; another input raises TransferDiffers. A refusal that is
named here leaves the transaction usable; one of the database's guards (`parking.ledger.guards`),
which speaks only where these looks are passed by, does not on PostgreSQL.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from parking.ledger.models import TransferKind
from parking.ledger.records import TransferRecord
from parking.ledger.refusals import LedgerRefusal, TransferDiffers, TransferMissing
from parking.ledger.rows import (
    entries_of,
    find_resolution,
    find_transfer,
    hold_accounts,
    write_transfer,
)
from parking.ledger.rules import (
    REASON_CHARACTERS_MAX,
    RESOLVED,
    Entries,
    Movement,
    balanced,
    input_hash,
    require_fitting,
    require_within,
    require_within_pending,
    resolution_fault,
)
from parking.storage.sql import Sql

__all__ = ["Entries", "Movement", "TransferRecord", "hold", "post", "transfer", "void"]

NEW = 0
"""The id of a record that is not written yet."""


async def transfer(sql: Sql, movement: Movement, at: datetime) -> TransferRecord:
    """Move money at once.

    Raises InsufficientFunds, AboveLimit and TransferDiffers.
    """
    return await _make(sql, TransferKind.DIRECT, movement, at, None)


async def hold(sql: Sql, movement: Movement, at: datetime, expires_at: datetime) -> TransferRecord:
    """Reserve money until `expires_at`: those who would pay cannot spend it otherwise, nobody has
    it yet. `post` moves it or a part of it, `void` gives it up, else the worker lets it expire.

    Raises ValueError for an expiry that is past, InsufficientFunds and TransferDiffers.
    """
    if expires_at <= at:
        raise ValueError(f"a pending transfer at {at} cannot expire at {expires_at}")
    return await _make(sql, TransferKind.PENDING, movement, at, expires_at)


async def _make(
    sql: Sql, kind: TransferKind, movement: Movement, at: datetime, expires_at: datetime | None
) -> TransferRecord:
    digest = input_hash(kind, movement, movement.entries)
    accounts = await hold_accounts(sql, movement.entries, at)
    try:
        require_within(kind, movement.entries, accounts.values())
    except LedgerRefusal:
        # What is asked for again may be what emptied the account.
        if (before := await find_transfer(sql, movement.public_id)) is None:
            raise
        return _repeated(before, digest)
    draft = TransferRecord(
        NEW, movement.public_id, kind, movement.code, movement.reason, movement.subject,
        movement.actor, digest, at, expires_at, None, movement.corrects_id,
    )  # fmt: skip
    made = await write_transfer(sql, draft, movement.entries, accounts)
    return made or await _made_before(sql, movement.public_id, digest)


async def post(
    sql: Sql,
    pending: int | str,
    public_id: str,
    at: datetime,
    entries: Entries | None = None,
    *,
    reason: str = "",
    actor: str = "system",
) -> TransferRecord:
    """Move what a pending transfer reserved, or the part that `entries` says; the rest is free
    again. `pending` is its id or public id.

    Raises TransferMissing, AlreadyPosted, AlreadyVoided, PendingExpired (at its very expiry too),
    ExceedsPending, Unbalanced, AboveLimit and TransferDiffers.
    """
    found = await _pending(sql, pending)
    reserved = await entries_of(sql, found.id)
    moving = balanced(reserved if entries is None else entries)
    wanted = _Resolution(TransferKind.POST, public_id, reason, actor)
    draft = wanted.draft(found, moving, at)
    resolution = await find_resolution(sql, found.id)
    if before := _repetition(resolution, draft):
        return before
    if fault := resolution_fault(found, resolution, at):
        raise fault
    require_within_pending(moving, reserved)
    accounts = await hold_accounts(sql, reserved, at)
    gains = {account: amount for account, amount in moving.items() if amount > 0}
    require_within(TransferKind.POST, gains, (accounts[account] for account in gains))
    return await write_transfer(sql, draft, moving, accounts) or _differs(public_id)


async def void(
    sql: Sql,
    pending: int | str,
    public_id: str,
    at: datetime,
    reason: str = "",
    *,
    actor: str = "system",
) -> TransferRecord:
    """Give up what a pending transfer reserved; `pending` is its id or public id.

    Raises TransferMissing, AlreadyPosted, AlreadyVoided, PendingExpired (when it was expired by
    the worker; until then its time is no matter) and TransferDiffers.
    """
    found = await _pending(sql, pending)
    return await _give_up(sql, found, _Resolution(TransferKind.VOID, public_id, reason, actor), at)


async def expire(sql: Sql, pending_id: int, at: datetime) -> TransferRecord | None:
    """Let a pending transfer expire; None when it was resolved before. For `parking.ledger.due`."""
    found = await _pending(sql, pending_id)
    if await find_resolution(sql, found.id) is not None:
        return None
    wanted = _Resolution(TransferKind.EXPIRE, f"expire:{found.id}", "", "system")
    return await _give_up(sql, found, wanted, at)


@dataclass(frozen=True, slots=True)
class _Resolution:
    kind: TransferKind
    public_id: str
    reason: str
    actor: str

    def draft(self, pending: TransferRecord, entries: Entries, at: datetime) -> TransferRecord:
        """The record to write; it is about what the pending transfer is about."""
        draft = pending._replace(
            id=NEW, public_id=self.public_id, kind=self.kind,
            reason=self.reason[:REASON_CHARACTERS_MAX], actor=self.actor, at=at,
            expires_at=None, pending_id=pending.id, corrects_id=None,
        )  # fmt: skip
        require_fitting(draft)
        return draft._replace(input_hash=input_hash(self.kind, draft, entries, pending.id))


async def _give_up(
    sql: Sql, pending: TransferRecord, wanted: _Resolution, at: datetime
) -> TransferRecord:
    draft = wanted.draft(pending, {}, at)
    resolution = await find_resolution(sql, pending.id)
    if before := _repetition(resolution, draft):
        return before
    if resolution is not None:
        raise RESOLVED[resolution.kind]
    accounts = await hold_accounts(sql, await entries_of(sql, pending.id), at)
    return await write_transfer(sql, draft, {}, accounts) or _differs(draft.public_id)


async def _pending(sql: Sql, which: int | str) -> TransferRecord:
    """Its lock makes others who would resolve it wait."""
    found = await find_transfer(sql, which, is_locked=True)
    if found is None or found.kind is not TransferKind.PENDING:
        raise TransferMissing(which)
    return found


async def _made_before(sql: Sql, public_id: str, digest: str) -> TransferRecord:
    before = await find_transfer(sql, public_id)
    assert before is not None, "nothing is ever deleted"
    return _repeated(before, digest)


def _repetition(before: TransferRecord | None, draft: TransferRecord) -> TransferRecord | None:
    """What was done before under the same id."""
    if before is None or before.public_id != draft.public_id:
        return None
    return _repeated(before, draft.input_hash)


def _repeated(before: TransferRecord, digest: str) -> TransferRecord:
    return before if before.input_hash == digest else _differs(before.public_id)


def _differs(public_id: str) -> NoReturn:
    raise TransferDiffers(public_id)

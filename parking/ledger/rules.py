"""Decisions of the ledger, pure: what balances, what fits, what is the same input."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from parking.ledger.accounts import Account
from parking.ledger.models import TransferKind
from parking.ledger.records import AccountRow, TransferRecord
from parking.ledger.refusals import (
    AboveLimit,
    AlreadyPosted,
    AlreadyVoided,
    ExceedsOriginal,
    ExceedsPending,
    InsufficientFunds,
    LedgerRefusal,
    PendingExpired,
    Unbalanced,
)

CHARACTERS_MAX = {"public_id": 64, "code": 32, "subject": 40, "actor": 64}
REASON_CHARACTERS_MAX = 500

Entries = Mapping[Account, int]
"""What each account gets, in minor units of its currency; negative is taken from it."""

RESOLVED: dict[TransferKind, type[AlreadyPosted | AlreadyVoided | PendingExpired]] = {
    TransferKind.POST: AlreadyPosted,
    TransferKind.VOID: AlreadyVoided,
    TransferKind.EXPIRE: PendingExpired,
}


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that is to move, all or none.

    `public_id` is made by who asks: a repetition has the same one. `code` says what for
    (`secure`, `split`, `payout` …), `subject` for whom (`reservation:12`). Entries of zero are
    left out; a reason is cut to what fits. Raises Unbalanced unless the rest sums to zero in each
    currency, ValueError for a word that is too long.
    """

    public_id: str
    code: str
    entries: Entries
    subject: str = ""
    reason: str = ""
    actor: str = "system"
    corrects_id: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        require_fitting(self)
        object.__setattr__(self, "entries", balanced(self.entries))
        object.__setattr__(self, "reason", self.reason[:REASON_CHARACTERS_MAX])


def require_fitting(words: Movement | TransferRecord) -> None:
    """Raises ValueError for an empty id or a word that is too long: SQLite would take them."""
    if not words.public_id:
        raise ValueError("a transfer has an id")
    for name, characters_max in CHARACTERS_MAX.items():
        text = getattr(words, name)
        if len(text) > characters_max:
            message = f"a transfer's {name} has 1 to {characters_max} characters"
            raise ValueError(f"{message}, not {len(text)}: {text!r}")


def balanced(entries: Entries) -> dict[Account, int]:
    """The entries that move something. Raises Unbalanced."""
    moving = {account: amount for account, amount in entries.items() if amount}
    if not moving:
        raise Unbalanced("the transfer moves nothing; leave it out")
    sums: dict[str, int] = {}
    for account, amount in moving.items():
        sums[account.currency] = sums.get(account.currency, 0) + amount
    for currency, total in sums.items():
        if total:
            raise Unbalanced(f"the postings in {currency} sum to {total}; they must sum to zero")
    return moving


def input_hash(
    kind: TransferKind,
    movement: Movement | TransferRecord,
    entries: Entries,
    pending_id: int | None = None,
) -> str:
    """A digest that is equal for equal inputs.

    Who asks and when is no part of it (an expiry neither): a repetition comes later, and may come
    from another process or person.
    """
    amounts = sorted((a.name, a.currency, amount) for a, amount in entries.items())
    parts = (
        kind,
        movement.code,
        movement.subject,
        movement.reason,
        movement.corrects_id,
        pending_id,
        amounts,
    )
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def require_within(kind: TransferKind, entries: Entries, accounts: Iterable[AccountRow]) -> None:
    """Raises InsufficientFunds or AboveLimit for the first account that the entries would bring
    beyond its limits. What is pending takes from its payers at once, and gives nobody anything."""
    for row in accounts:
        amount = entries[row.account]
        if amount < 0 and row.minimum_minor is not None:
            left = row.available_minor - row.minimum_minor
            if left + amount < 0:
                raise InsufficientFunds(row.account, left)
        elif amount > 0 and row.maximum_minor is not None and kind is not TransferKind.PENDING:
            room = row.maximum_minor - row.balance_minor
            if amount > room:
                raise AboveLimit(row.account, room)


def require_within_pending(entries: Entries, pending: Entries) -> None:
    """Raises ExceedsPending unless each entry is a part of what was reserved."""
    for account, amount in entries.items():
        reserved = pending.get(account, 0)
        if amount * reserved <= 0 or abs(amount) > abs(reserved):
            raise ExceedsPending(account)


def require_within_original(entries: Entries, original: Entries, corrected: Entries) -> None:
    """Raises ExceedsOriginal unless `entries`, after what was `corrected` before, take back no
    more from any account than the `original` gave it."""
    for account, amount in entries.items():
        left = -(original.get(account, 0) + corrected.get(account, 0))
        if amount * left <= 0 or abs(amount) > abs(left):
            raise ExceedsOriginal(account, abs(left))


def resolution_fault(
    pending: TransferRecord, resolution: TransferRecord | None, at: datetime
) -> LedgerRefusal | None:
    """Why a pending transfer cannot be posted at `at`; None when it can. At its very expiry it
    has expired."""
    if resolution is not None:
        return RESOLVED[resolution.kind]()
    assert pending.expires_at is not None
    return PendingExpired() if pending.expires_at <= at else None

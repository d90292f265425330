"""What a query gives of the ledger: plain rows, never the ORM's objects. Times are aware UTC."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.ledger.accounts import Account
from parking.ledger.models import TransferKind
from parking.storage.sql import as_time, as_time_or_none


class TransferRecord(NamedTuple):
    """A transfer; columns as `parking.ledger.models.LedgerTransfer` says."""

    id: int
    public_id: str
    kind: TransferKind
    code: str
    reason: str
    subject: str
    actor: str
    input_hash: str
    at: datetime
    expires_at: datetime | None
    pending_id: int | None
    corrects_id: int | None


TRANSFER_COLUMNS = ", ".join(f"t.{name}" for name in TransferRecord._fields)
SELECT_TRANSFERS = f"SELECT {TRANSFER_COLUMNS} FROM ledger_transfer t"
"""To be followed by a WHERE; each row is `transfer_record`'s."""


class AccountRow(NamedTuple):
    """An account as it stands; of one that is not tracked the balance is not in its row."""

    id: int
    account: Account
    is_tracked: bool
    minimum_minor: int | None
    maximum_minor: int | None
    balance_minor: int
    held_minor: int

    @property
    def available_minor(self) -> int:
        """What is posted and not held."""
        return self.balance_minor - self.held_minor


ACCOUNT_COLUMNS = (
    "id, name, currency, is_tracked, minimum_minor, maximum_minor, balance_minor, held_minor"
)


def transfer_record(row: Mapping[str, Any]) -> TransferRecord:
    """A row of `SELECT_TRANSFERS`, typed."""
    typed = {
        "kind": TransferKind(row["kind"]),
        "at": as_time(row["at"]),
        "expires_at": as_time_or_none(row["expires_at"]),
    }
    fields = {name: row[name] for name in TransferRecord._fields}
    return TransferRecord(**{**fields, **typed})


def account_row(row: Mapping[str, Any]) -> AccountRow:
    """A row of `ACCOUNT_COLUMNS`, typed."""
    return AccountRow(
        row["id"],
        Account(row["name"], row["currency"]),
        bool(row["is_tracked"]),
        row["minimum_minor"],
        row["maximum_minor"],
        row["balance_minor"],
        row["held_minor"],
    )

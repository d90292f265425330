"""What a query gives of payouts, their terms and items: plain rows, never the ORM's objects. Times
are aware UTC, amounts minor units of `currency`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.settlement.kinds import PayoutCause, PayoutParty, PayoutSchedule, PayoutState
from parking.storage.sql import as_time


class PayoutTermsRecord(NamedTuple):
    """When and how an organisation is paid (`parking.settlement.payouts.terms`)."""

    id: int
    schedule: PayoutSchedule
    day: int
    delay_days: int
    minimum_minor: int
    rail: str
    reference: str
    time_zone: str
    next_at: datetime
    changed_at: datetime
    organisation_id: int


TERMS_COLUMNS = ", ".join(f"w.{name}" for name in PayoutTermsRecord._fields)
SELECT_TERMS = f"SELECT {TERMS_COLUMNS} FROM payout_terms w"
"""To be followed by a WHERE; each row is `terms_record`'s."""


class PayoutRecord(NamedTuple):
    """What was sent, or is being sent, to an organisation."""

    id: int
    public_id: str
    state: PayoutState
    currency: str
    amount_minor: int
    rail: str
    reference: str
    rail_reference: str | None
    reason: str
    version: int
    created_at: datetime
    changed_at: datetime
    organisation_id: int


PAYOUT_COLUMNS = ", ".join(f"u.{name}" for name in PayoutRecord._fields)
SELECT_PAYOUTS = f"SELECT {PAYOUT_COLUMNS} FROM payout u"
"""To be followed by a WHERE; each row is `payout_record`'s."""


class PayoutItemRecord(NamedTuple):
    """What an organisation is owed of one settlement, or what changed it; without a payout it is
    still owed."""

    id: int
    organisation_id: int
    party: PayoutParty
    cause: PayoutCause
    currency: str
    amount_minor: int
    at: datetime
    payout_id: int | None
    settlement_id: int


ITEM_COLUMNS = ", ".join(f"i.{name}" for name in PayoutItemRecord._fields)
SELECT_ITEMS = f"SELECT {ITEM_COLUMNS} FROM payout_item i"
"""To be followed by a WHERE; each row is `item_record`'s."""


def terms_record(row: Mapping[str, Any]) -> PayoutTermsRecord:
    """A row of `SELECT_TERMS`, typed."""
    typed = {
        "schedule": PayoutSchedule(row["schedule"]),
        "next_at": as_time(row["next_at"]),
        "changed_at": as_time(row["changed_at"]),
    }
    return PayoutTermsRecord(**{**row, **typed})


def payout_record(row: Mapping[str, Any]) -> PayoutRecord:
    """A row of `SELECT_PAYOUTS`, typed."""
    typed = {
        "state": PayoutState(row["state"]),
        "created_at": as_time(row["created_at"]),
        "changed_at": as_time(row["changed_at"]),
    }
    return PayoutRecord(**{**row, **typed})


def item_record(row: Mapping[str, Any]) -> PayoutItemRecord:
    """A row of `SELECT_ITEMS`, typed."""
    typed = {
        "party": PayoutParty(row["party"]),
        "cause": PayoutCause(row["cause"]),
        "at": as_time(row["at"]),
    }
    return PayoutItemRecord(**{**row, **typed})

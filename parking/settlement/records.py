"""What a query gives of escrow accounts, settlements, charge records and validations: plain rows,
never the ORM's objects. Times are aware UTC, amounts minor units of `currency`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.settlement.kinds import ChargeKind, EscrowState, Outcome, ValidationKind
from parking.storage.sql import as_time, as_time_or_none


class EscrowRecord(NamedTuple):
    """The pocket of one reservation. `contract` is the fees' snapshot (JSON,
    `parking.settlement.contracts.fees`)."""

    id: int
    state: EscrowState
    person_id: int
    organisation_id: int
    operator_id: int
    place_id: int
    currency: str
    rail: str
    secured_minor: int
    contract: str
    opened_at: datetime
    settled_at: datetime | None
    payment_account_id: int | None
    reservation_id: int


ESCROW_COLUMNS = ", ".join(f"e.{name}" for name in EscrowRecord._fields)
SELECT_ESCROWS = f"SELECT {ESCROW_COLUMNS} FROM escrow_account e"
"""To be followed by a WHERE; each row is `escrow_record`'s."""


class SettlementRecord(NamedTuple):
    """Who got what of a reservation. `lines` and `parts` are JSON."""

    id: int
    outcome: Outcome
    person_id: int
    organisation_id: int
    operator_id: int
    place_id: int
    currency: str
    cost_minor: int
    secured_minor: int
    validation_minor: int
    topped_up_minor: int
    receivable_minor: int
    owner_minor: int
    property_minor: int
    platform_minor: int
    tax_minor: int
    refund_minor: int
    lines: str
    parts: str
    version: int
    at: datetime
    reservation_id: int


SETTLEMENT_COLUMNS = ", ".join(f"t.{name}" for name in SettlementRecord._fields)
SELECT_SETTLEMENTS = f"SELECT {SETTLEMENT_COLUMNS} FROM settlement t"
"""To be followed by a WHERE; each row is `settlement_record`'s."""


class ChargeRow(NamedTuple):
    """A bill as it was issued, or its reversal. `body` is JSON, `digest` its SHA-256 in hex."""

    id: int
    number: str
    kind: ChargeKind
    person_id: int
    organisation_id: int
    operator_id: int
    place_id: int
    currency: str
    amount_minor: int
    body: str
    digest: str
    issued_at: datetime
    corrects_id: int | None
    settlement_id: int


CHARGE_COLUMNS = ", ".join(f"c.{name}" for name in ChargeRow._fields)
SELECT_CHARGES = f"SELECT {CHARGE_COLUMNS} FROM charge_record c"
"""To be followed by a WHERE; each row is `charge_row`'s."""


class ValidationRecord(NamedTuple):
    """What a merchant (`organisation_id`) pays of a stay; for an assigned right where `right_id`
    names one.

    It is worth `most_minor` at most; of that the merchant pays `price_minor` at most, and
    `carrier_id` the rest. `paid_minor`, of which `carried_minor` is the carrier's, is known once
    settled. It stands in for `covered_minor` of the first amount.
    """

    id: int
    organisation_id: int
    kind: ValidationKind
    value: int
    label: str
    paid_minor: int | None
    created_by: int | None
    created_at: datetime
    returned_at: datetime | None
    settlement_id: int | None
    reservation_id: int
    right_id: int | None = None
    most_minor: int | None = None
    price_minor: int | None = None
    carrier_id: int | None = None
    carried_minor: int = 0
    covered_minor: int = 0

    @property
    def is_promise(self) -> bool:
        """Whether the merchant booked the stay itself and pays for that, not for a right or out of
        kindness: the only ones of a limited worth without a right."""
        return self.right_id is None and self.most_minor is not None

    @property
    def payers(self) -> tuple[int, ...]:
        """The organisations that pay for it: the merchant, and who carries the rest."""
        return (self.organisation_id, *([] if self.carrier_id is None else [self.carrier_id]))


VALIDATION_COLUMNS = ", ".join(f"v.{name}" for name in ValidationRecord._fields)
SELECT_VALIDATIONS = f"SELECT {VALIDATION_COLUMNS} FROM validation v"
"""To be followed by a WHERE; each row is `validation_record`'s."""


def escrow_record(row: Mapping[str, Any]) -> EscrowRecord:
    """A row of `SELECT_ESCROWS`, typed."""
    typed = {
        "state": EscrowState(row["state"]),
        "opened_at": as_time(row["opened_at"]),
        "settled_at": as_time_or_none(row["settled_at"]),
    }
    return EscrowRecord(**{**row, **typed})


def settlement_record(row: Mapping[str, Any]) -> SettlementRecord:
    """A row of `SELECT_SETTLEMENTS`, typed."""
    typed = {"outcome": Outcome(row["outcome"]), "at": as_time(row["at"])}
    return SettlementRecord(**{**row, **typed})


def charge_row(row: Mapping[str, Any]) -> ChargeRow:
    """A row of `SELECT_CHARGES`, typed."""
    typed = {"kind": ChargeKind(row["kind"]), "issued_at": as_time(row["issued_at"])}
    return ChargeRow(**{**row, **typed})


def validation_record(row: Mapping[str, Any]) -> ValidationRecord:
    """A row of `SELECT_VALIDATIONS`, typed."""
    typed = {
        "kind": ValidationKind(row["kind"]),
        "created_at": as_time(row["created_at"]),
        "returned_at": as_time_or_none(row["returned_at"]),
    }
    return ValidationRecord(**{**row, **typed})

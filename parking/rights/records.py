"""What a query gives of rights and what is around them: plain rows, never the ORM's objects.

Times are aware UTC, amounts minor units of `currency`; `organisation_id` is the issuer. The fields
of a record are the columns of its table, in the order of `…_COLUMNS`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from parking.rights.kinds import (
    ContractState,
    GrantCodeKind,
    GrantCodeState,
    RedemptionState,
    RedemptionWay,
    RightKind,
    RightState,
    SignalKind,
    SpecificationState,
)
from parking.storage.sql import as_time, as_time_or_none


class SpecificationRecord(NamedTuple):
    """The template of a right; `terms` is JSON (`parking.rights.terms`)."""

    id: int
    organisation_id: int
    state: SpecificationState
    name: str
    kind: RightKind
    value: int
    currency: str
    worth_max_minor: int | None
    terms: str
    version: int
    created_by: int | None
    created_at: datetime
    changed_at: datetime


SPECIFICATION_COLUMNS = ", ".join(f"s.{name}" for name in SpecificationRecord._fields)
SELECT_SPECIFICATIONS = f"SELECT {SPECIFICATION_COLUMNS} FROM right_specification s"
"""To be followed by a WHERE; each row is `specification_record`'s."""


class ContractRecord(NamedTuple):
    """What an issuer may grant at a place, over `[valid_from, valid_until)`, and what of it is
    granted, promised (`committed_minor`) and paid (`spent_minor`)."""

    id: int
    state: ContractState
    issuer_id: int
    operator_id: int
    place_id: int
    currency: str
    quota: int | None
    granted: int
    budget_minor: int | None
    committed_minor: int
    spent_minor: int
    price_minor: int | None
    worth_max_minor: int | None
    per_stay_max: int
    valid_from: datetime
    valid_until: datetime | None
    reason: str
    version: int
    created_by: int | None
    decided_by: int | None
    created_at: datetime
    changed_at: datetime


CONTRACT_COLUMNS = ", ".join(f"k.{name}" for name in ContractRecord._fields)
SELECT_CONTRACTS = f"SELECT {CONTRACT_COLUMNS} FROM rights_contract k"
"""To be followed by a WHERE; each row is `contract_record`'s."""


class GrantCodeRecord(NamedTuple):
    """A grant code over `[valid_from, valid_until)`, with how often it granted (`uses`)."""

    id: int
    public_id: str
    state: GrantCodeState
    kind: GrantCodeKind
    organisation_id: int
    place_id: int
    label: str
    uses: int
    uses_max: int | None
    needs_reference: bool
    valid_from: datetime
    valid_until: datetime | None
    latitude: float | None
    longitude: float | None
    radius_metres: int | None
    reason: str
    version: int
    created_by: int | None
    created_at: datetime
    revoked_at: datetime | None
    contract_id: int
    replaced_by_id: int | None
    specification_id: int


GRANT_CODE_COLUMNS = ", ".join(f"g.{name}" for name in GrantCodeRecord._fields)
SELECT_GRANT_CODES = f"SELECT {GRANT_CODE_COLUMNS} FROM grant_code g"
"""To be followed by a WHERE; each row is `grant_code_record`'s."""


class RightRecord(NamedTuple):
    """A right of a driver's vehicle, usable over `[valid_from, valid_until)`; `terms` is JSON as
    the specification's were when it was granted; `day` the date at the place."""

    id: int
    state: RightState
    person_id: int
    organisation_id: int
    operator_id: int
    place_id: int
    kind: RightKind
    value: int
    granted_value: int
    currency: str
    worth_max_minor: int | None
    commit_minor: int
    terms: str
    day: str
    ordinal: int
    reference: str
    valid_from: datetime
    valid_until: datetime
    reason: str
    version: int
    granted_at: datetime
    changed_at: datetime
    contract_id: int
    enrolment_id: int
    grant_code_id: int
    specification_id: int
    vehicle_id: int


RIGHT_COLUMNS = ", ".join(f"a.{name}" for name in RightRecord._fields)
SELECT_RIGHTS = f"SELECT {RIGHT_COLUMNS} FROM assigned_right a"
"""To be followed by a WHERE; each row is `right_record`'s."""


class RedemptionRecord(NamedTuple):
    """A right put into a stay; who paid what is known once it is finished."""

    id: int
    state: RedemptionState
    way: RedemptionWay
    person_id: int
    organisation_id: int
    operator_id: int
    place_id: int
    session_id: int | None
    validation_id: int | None
    plate: str
    day: str
    currency: str
    expected_minor: int
    issuer_minor: int | None
    operator_minor: int | None
    minutes_used: int | None
    at: datetime
    finished_at: datetime | None
    invoice_id: int | None
    assigned_right_id: int
    reservation_id: int


REDEMPTION_COLUMNS = ", ".join(f"d.{name}" for name in RedemptionRecord._fields)
SELECT_REDEMPTIONS = f"SELECT {REDEMPTION_COLUMNS} FROM redemption d"
"""To be followed by a WHERE; each row is `redemption_record`'s."""


class ExitCodeRecord(NamedTuple):
    """The code at a place's exits."""

    id: int
    public_id: str
    place_id: int
    label: str
    created_by: int | None
    created_at: datetime
    revoked_at: datetime | None


EXIT_CODE_COLUMNS = ", ".join(f"x.{name}" for name in ExitCodeRecord._fields)
SELECT_EXIT_CODES = f"SELECT {EXIT_CODE_COLUMNS} FROM exit_code x"
"""To be followed by a WHERE; each row is `exit_code_record`'s."""


class InvoiceRecord(NamedTuple):
    """What an issuer's redemptions of a month came to; `body` is JSON, `digest` its SHA-256."""

    id: int
    number: str
    organisation_id: int
    currency: str
    month: str
    redemptions: int
    amount_minor: int
    body: str
    digest: str
    issued_at: datetime


INVOICE_COLUMNS = ", ".join(f"i.{name}" for name in InvoiceRecord._fields)
SELECT_INVOICES = f"SELECT {INVOICE_COLUMNS} FROM rights_invoice i"
"""To be followed by a WHERE; each row is `invoice_record`'s."""


class SignalRecord(NamedTuple):
    """Something at a grant code that looks like fraud; `detail` is JSON."""

    id: int
    kind: SignalKind
    organisation_id: int
    operator_id: int
    place_id: int
    detail: str
    at: datetime
    seen_at: datetime | None
    seen_by: int | None
    grant_code_id: int


SIGNAL_COLUMNS = ", ".join(f"n.{name}" for name in SignalRecord._fields)
SELECT_SIGNALS = f"SELECT {SIGNAL_COLUMNS} FROM rights_signal n"
"""To be followed by a WHERE; each row is `signal_record`'s."""


class PlaceRuleRecord(NamedTuple):
    """How many rights of all issuers a stay takes at a place, and whether its operator wants proof
    of the vehicle."""

    place_id: int
    per_stay_max: int
    needs_proof: bool


def specification_record(row: Mapping[str, Any]) -> SpecificationRecord:
    """A row of `SELECT_SPECIFICATIONS`, typed."""
    typed = {
        "state": SpecificationState(row["state"]),
        "kind": RightKind(row["kind"]),
        "created_at": as_time(row["created_at"]),
        "changed_at": as_time(row["changed_at"]),
    }
    return SpecificationRecord(**{**row, **typed})


def contract_record(row: Mapping[str, Any]) -> ContractRecord:
    """A row of `SELECT_CONTRACTS`, typed."""
    typed = {
        "state": ContractState(row["state"]),
        "valid_from": as_time(row["valid_from"]),
        "valid_until": as_time_or_none(row["valid_until"]),
        "created_at": as_time(row["created_at"]),
        "changed_at": as_time(row["changed_at"]),
    }
    return ContractRecord(**{**row, **typed})


def grant_code_record(row: Mapping[str, Any]) -> GrantCodeRecord:
    """A row of `SELECT_GRANT_CODES`, typed."""
    typed = {
        "state": GrantCodeState(row["state"]),
        "kind": GrantCodeKind(row["kind"]),
        "needs_reference": bool(row["needs_reference"]),
        "valid_from": as_time(row["valid_from"]),
        "valid_until": as_time_or_none(row["valid_until"]),
        "created_at": as_time(row["created_at"]),
        "revoked_at": as_time_or_none(row["revoked_at"]),
    }
    return GrantCodeRecord(**{**row, **typed})


def right_record(row: Mapping[str, Any]) -> RightRecord:
    """A row of `SELECT_RIGHTS`, typed."""
    times = ("valid_from", "valid_until", "granted_at", "changed_at")
    typed = {
        "state": RightState(row["state"]),
        "kind": RightKind(row["kind"]),
        **{name: as_time(row[name]) for name in times},
    }
    return RightRecord(**{**row, **typed})


def redemption_record(row: Mapping[str, Any]) -> RedemptionRecord:
    """A row of `SELECT_REDEMPTIONS`, typed."""
    typed = {
        "state": RedemptionState(row["state"]),
        "way": RedemptionWay(row["way"]),
        "at": as_time(row["at"]),
        "finished_at": as_time_or_none(row["finished_at"]),
    }
    return RedemptionRecord(**{**row, **typed})


def exit_code_record(row: Mapping[str, Any]) -> ExitCodeRecord:
    """A row of `SELECT_EXIT_CODES`, typed."""
    typed = {
        "created_at": as_time(row["created_at"]),
        "revoked_at": as_time_or_none(row["revoked_at"]),
    }
    return ExitCodeRecord(**{**row, **typed})


def invoice_record(row: Mapping[str, Any]) -> InvoiceRecord:
    """A row of `SELECT_INVOICES`, typed."""
    return InvoiceRecord(**{**row, "issued_at": as_time(row["issued_at"])})


def signal_record(row: Mapping[str, Any]) -> SignalRecord:
    """A row of `SELECT_SIGNALS`, typed."""
    typed = {
        "kind": SignalKind(row["kind"]),
        "at": as_time(row["at"]),
        "seen_at": as_time_or_none(row["seen_at"]),
    }
    return SignalRecord(**{**row, **typed})

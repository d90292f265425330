"""What a query gives of merchants: plain rows, never the ORM's objects. Times are aware UTC."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from parking.merchants.kinds import (
    ConnectorKind,
    OrderSource,
    OrderState,
    Payer,
    ToldSteps,
    UnitState,
)
from parking.storage.sql import as_time, as_time_or_none
from parking.windows import Window


class UnitRecord(NamedTuple):
    """A unit of a merchant; position and level are on the mall's plan, in metres."""

    id: int
    organisation_id: int
    campus_id: int
    name: str
    external_id: str | None
    level: int
    x_metres: float
    y_metres: float
    lead_minutes: int
    tail_minutes: int
    stay_minutes: int
    raise_minutes: int | None
    payer: Payer
    locale: str
    orders_per_day_max: int | None
    state: UnitState
    version: int
    created_by: int | None
    created_at: datetime
    changed_at: datetime
    told_email: str | None = None
    told_phone: str | None = None
    told_steps: ToldSteps = ToldSteps.ALL


UNIT_COLUMNS = ", ".join(f"m.{name}" for name in UnitRecord._fields)
SELECT_UNITS = f"SELECT {UNIT_COLUMNS} FROM merchant_unit m"
"""To be followed by a WHERE; each row is `unit_record`'s."""


class ConnectorRecord(NamedTuple):
    """A door, lift, stairs or ramp at one level of the mall's plan, or of a place's."""

    id: int
    campus_id: int
    place_id: int | None
    kind: ConnectorKind
    name: str
    level: int
    x_metres: float
    y_metres: float


CONNECTOR_COLUMNS = ", ".join(f"c.{name}" for name in ConnectorRecord._fields)
SELECT_CONNECTORS = f"SELECT {CONNECTOR_COLUMNS} FROM plan_connector c"
"""To be followed by a WHERE; each row is `connector_record`'s."""


class SenderRecord(NamedTuple):
    """A phone number that sends orders for a unit."""

    id: int
    number: str
    unit_id: int
    organisation_id: int
    created_by: int | None
    created_at: datetime
    revoked_at: datetime | None


SELECT_SENDERS = """
SELECT n.id, n.number, n.unit_id, m.organisation_id, n.created_by, n.created_at, n.revoked_at
  FROM merchant_sender n JOIN merchant_unit m ON m.id = n.unit_id
"""


class HookRecord(NamedTuple):
    """A webhook's signer, without its secret."""

    id: int
    public_id: str
    organisation_id: int
    created_by: int | None
    created_at: datetime
    revoked_at: datetime | None


HOOK_COLUMNS = ", ".join(f"h.{name}" for name in HookRecord._fields)
SELECT_HOOKS = f"SELECT {HOOK_COLUMNS} FROM merchant_hook h"


class Needs(NamedTuple):
    """What the guest's bay has to have; heights are metres."""

    is_accessible: bool = False
    is_ev: bool = False
    height_metres: float | None = None


NO_NEEDS = Needs()


class OrderRecord(NamedTuple):
    """An order; `[starts_at, ends_at)` is what is parked, `needs` JSON of `Needs`."""

    id: int
    order_ref: str
    organisation_id: int
    unit_id: int
    source: OrderSource
    stamp: datetime
    digest: str
    state: OrderState
    is_due: bool
    wants_parking: bool
    service_at: datetime | None
    service_ends_at: datetime | None
    party: int | None
    guest_name: str
    guest_phone: str
    guest_locale: str
    plate: str
    needs: str
    person_id: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    place_id: int | None
    space_id: int | None
    reservation_id: int | None
    reservation_state: str
    waitlist_entry_id: int | None
    walk_metres: float | None
    look_at: datetime | None
    arrived_at: datetime | None
    reason_code: str
    reason: str
    version: int
    created_at: datetime
    changed_at: datetime

    @property
    def wanted(self) -> Needs:
        """What the bay has to have."""
        return Needs(**orjson.loads(self.needs))

    @property
    def window(self) -> Window | None:
        """What is parked, once it is worked out."""
        if self.starts_at is None or self.ends_at is None:
            return None
        return Window(self.starts_at, self.ends_at)


ORDER_COLUMNS = ", ".join(f"o.{name}" for name in OrderRecord._fields)
SELECT_ORDERS = f"SELECT {ORDER_COLUMNS} FROM merchant_order o"
"""To be followed by a WHERE; each row is `order_record`'s."""


class OrderEventRecord(NamedTuple):
    """One step in the life of an order. `detail` is JSON."""

    id: int
    order_id: int
    version: int
    kind: str
    at: datetime
    actor: str
    detail: str


def unit_record(row: Mapping[str, Any]) -> UnitRecord:
    """A row of `SELECT_UNITS`, typed."""
    typed = {
        "payer": Payer(row["payer"]),
        "state": UnitState(row["state"]),
        "told_steps": ToldSteps(row["told_steps"]),
        "created_at": as_time(row["created_at"]),
        "changed_at": as_time(row["changed_at"]),
    }
    return UnitRecord(**{**row, **typed})


def connector_record(row: Mapping[str, Any]) -> ConnectorRecord:
    """A row of `SELECT_CONNECTORS`, typed."""
    return ConnectorRecord(**{**row, "kind": ConnectorKind(row["kind"])})


def sender_record(row: Mapping[str, Any]) -> SenderRecord:
    """A row of `SELECT_SENDERS`, typed."""
    return SenderRecord(**{**row, **_born_and_gone(row)})


def hook_record(row: Mapping[str, Any]) -> HookRecord:
    """A row of `SELECT_HOOKS`, typed."""
    return HookRecord(**{**row, **_born_and_gone(row)})


def _born_and_gone(row: Mapping[str, Any]) -> dict[str, datetime | None]:
    return {
        "created_at": as_time(row["created_at"]),
        "revoked_at": as_time_or_none(row["revoked_at"]),
    }


_TIMES = ("stamp", "created_at", "changed_at")
_TIMES_OR_NONE = (
    "service_at", "service_ends_at", "starts_at", "ends_at", "look_at", "arrived_at",
)  # fmt: skip


def order_record(row: Mapping[str, Any]) -> OrderRecord:
    """A row of `SELECT_ORDERS`, typed."""
    typed: dict[str, Any] = {name: as_time(row[name]) for name in _TIMES}
    typed |= {name: as_time_or_none(row[name]) for name in _TIMES_OR_NONE}
    typed |= {name: bool(row[name]) for name in ("is_due", "wants_parking")}
    typed |= {"source": OrderSource(row["source"]), "state": OrderState(row["state"])}
    return OrderRecord(**{**row, **typed})


def order_event_record(row: Mapping[str, Any]) -> OrderEventRecord:
    """A row of `merchant_order_event`, typed."""
    return OrderEventRecord(**{**row, "at": as_time(row["at"])})


def minutes(count: int) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)

"""What handling a message needs of the rooms beside it: units by number, and their orders."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from parking.merchants.kinds import OrderState
from parking.merchants.sms.results import Understood


@dataclass(frozen=True, slots=True)
class SmsUnit:
    """For whom a number speaks; `zone` is that of the clocks on its walls."""

    id: int
    organisation_id: int
    name: str
    zone: ZoneInfo
    locale: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an order stands after its message; times are UTC. `place` and `space` as people call
    them, empty where none is booked; `reason_code` says why an order was refused or ended."""

    order_ref: str
    state: OrderState
    service_at: datetime | None = None
    place: str = ""
    space: str = ""
    reason_code: str = ""
    reason: str = ""
    order_id: int | None = None


class Units(Protocol):
    """Who speaks for which unit."""

    async def unit_of(self, number: str) -> SmsUnit | None:
        """The unit that a number (E.164) may send orders for; None for a stranger's."""
        ...


class Orders(Protocol):
    """The orders of units.

    Each verb is idempotent by unit, order and `stamp` (when the message came in, aware): a message
    that is handled again changes nothing, and an older one than what is recorded changes nothing.
    An order is found whatever the case of its reference. All raise Refusals; `move` and `status`
    NotFound for an order that is not there, and `cancel` for one that nobody ever sent.
    """

    async def take(self, unit: SmsUnit, order: Understood, stamp: datetime) -> Standing:
        """A BOOK: the order as it is told, all of it."""
        ...

    async def move(self, unit: SmsUnit, order: Understood, stamp: datetime) -> Standing:
        """A MOVE: what is told changes, the rest stays."""
        ...

    async def cancel(self, unit: SmsUnit, order_ref: str, stamp: datetime) -> Standing:
        """A CANCEL."""
        ...

    async def status(self, unit: SmsUnit, order_ref: str) -> Standing:
        """A STATUS: nothing changes."""
        ...

"""The port to payment rails: what they are asked, what they answer, how they fail.

    RailError
    ├── RailUnreachable   nothing is known: it may have happened; look up, then ask again
    ├── RailRefused       the rail understood and declines for good
    └── EventForged       what came as a webhook was not signed by the rail, or not now

A rail is never called inside a transaction. Whatever moves money is asked under a key that stays
the same however often it is repeated, and can be looked up afterwards by that key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from parking.errors import BerthError

WALLET = "wallet"
"""The embedded rail: money that Berth itself keeps for people."""


class RailError(BerthError):
    """Something about a payment rail."""

    code = "RAIL_ERROR"


class RailUnreachable(RailError):
    """No answer, or one that says nothing. `is_over`: the rail did answer (with an error of its
    own), so nothing of this call is still on its way and a look-up tells what became of it."""

    code = "RAIL_UNREACHABLE"

    def __init__(self, message: str, *, is_over: bool = False) -> None:
        super().__init__(message)
        self.is_over = is_over


class RailRefused(RailError):
    """The rail declines, and will each time; `reason_code` is its own word for why."""

    code = "RAIL_REFUSED"

    def __init__(self, message: str, reason_code: str = "") -> None:
        super().__init__(message)
        self.reason_code = reason_code


class EventForged(RailError):
    """The signature of a webhook is missing, wrong, or too old."""

    code = "EVENT_FORGED"


class Told(StrEnum):
    """Where a payment stands at its rail."""

    ACTION_NEEDED = "ACTION_NEEDED"
    PROCESSING = "PROCESSING"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"
    DECLINED = "DECLINED"


@dataclass(frozen=True, slots=True)
class RailPayment:
    """What a rail tells of a payment. `action` is where, or the secret with which, the driver
    agrees; `reason` why it was declined, for people."""

    told: Told
    reference: str
    captured_minor: int = 0
    action: str = ""
    reason: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A payment as it is asked for, and found again. `key` is its public id, `customer` and
    `method` who pays and with what in the rail's words, `reference` the rail's name for it once
    known. `is_captured` takes the money at once instead of reserving it; `is_attended` says that
    the driver is there and can agree at the rail."""

    key: str
    amount_minor: int
    currency: str
    customer: str
    method: str
    asked_at: datetime
    reference: str | None = None
    is_captured: bool = False
    is_attended: bool = True


@dataclass(frozen=True, slots=True)
class PayOut:
    """Money for an organisation; `destination` is its account at the rail."""

    key: str
    amount_minor: int
    currency: str
    destination: str


@dataclass(frozen=True, slots=True)
class BindingStarted:
    """The driver now tells the rail, not us, with what to pay; `client_secret` lets them."""

    reference: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Bound:
    """With what a driver pays: `label` is for people ("Visa, ends in 4242")."""

    customer: str
    method: str
    label: str


class EventKind(StrEnum):
    """What an event of a rail is about; OTHER is kept and ignored."""

    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    DISPUTE_OPENED = "DISPUTE_OPENED"
    DISPUTE_CLOSED = "DISPUTE_CLOSED"
    PAYOUT_FAILED = "PAYOUT_FAILED"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class RailEvent:
    """What a rail tells by webhook, reduced to what Berth needs: no secret, no card, no name.

    `payment` is the rail's reference, `key` the order's or payment's key that we gave it. A dispute
    has its own id in `dispute`, and `is_won` once it is closed in our favour. `status` is the
    rail's word.
    """

    event_id: str
    name: str
    kind: EventKind
    occurred_at: datetime
    payment: str = ""
    key: str = ""
    status: str = ""
    amount_minor: int = 0
    currency: str = ""
    reason: str = ""
    dispute: str = ""
    is_won: bool = False


class Rail(Protocol):
    """One payment rail. All raise `RailUnreachable`, and `RailRefused` where declared."""

    @property
    def name(self) -> str:
        """Its name in the ledger: `external:{name}`."""
        ...

    async def authorise(self, ask: Ask) -> RailPayment:
        """Reserve or take money. A card that is declined is an answer (DECLINED), what the rail
        will never do is `RailRefused`."""
        ...

    async def capture(self, ask: Ask, amount_minor: int, key: str) -> RailPayment:
        """Take the whole or a part of what is reserved; the rest is free again. Refusable."""
        ...

    async def release(self, ask: Ask, key: str) -> RailPayment | None:
        """Give up what is reserved; None when the rail never had it. Refusable."""
        ...

    async def look_up(self, ask: Ask) -> RailPayment | None:
        """Where the payment stands; None when the rail has none under this key."""
        ...

    async def refund(self, ask: Ask, amount_minor: int, key: str) -> str:
        """Give back; the rail's reference of it. Refusable."""
        ...

    async def look_up_refund(self, ask: Ask, key: str) -> str | None:
        """The reference of the refund that was asked for under this key, if there is one.
        `RailRefused` when it failed."""
        ...

    async def pay_out(self, payout: PayOut) -> str:
        """Send money; the rail's reference of it. Refusable."""
        ...

    async def look_up_payout(self, payout: PayOut) -> str | None:
        """The reference of the payout that was asked for under this key, if there is one."""
        ...

    async def begin_binding(self, person: str, customer: str, key: str) -> BindingStarted:
        """Let `person` (our name for them) tell the rail with what to pay. `customer` is who they
        are at the rail, empty when they are new. Refusable."""
        ...

    async def finish_binding(self, person: str, reference: str) -> Bound:
        """What was told in a binding of this person. `RailRefused` when it is somebody else's or
        not finished."""
        ...

    async def unbind(self, method: str) -> None:
        """Let the rail forget it; without effect when it has already."""
        ...

    def read_event(self, body: bytes, signature: str, now: datetime) -> RailEvent:
        """A webhook's event, its signature and time checked. Raises `EventForged`."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


Rails: TypeAlias = Mapping[str, Rail]
"""The rails of this program by name; the wallet is always there."""

"""A stay that was paid and settled, and whom it belongs to, for tests of pages and files."""

from dataclasses import dataclass
from typing import Any

from parking.clock import TestClock
from parking.events.bus import Bus
from parking.reservations.confirm import confirm
from parking.reservations.quote import Request
from parking.reservations.reserve import reserve_space
from parking.sessions.override import end_session, start_session
from parking.settlement.funding import EscrowFunding
from parking.settlement.models import ChargeRecord, Settlement
from parking.settlement.settle import settle_ended
from tests.support.leasing import Lease, hours, make_lease
from tests.support.wallets import fill_wallet

SECURED_MINOR = 400
"""What two hours cost."""


@dataclass
class Settled:
    """One lease with a stay of two hours that cost 4.00, from 20.00 in the wallet."""

    lease: Lease
    clock: TestClock
    bus: Bus
    reservation_id: int

    async def stay(self, minutes: float = 60) -> None:
        """The car comes at the beginning and leaves; the worker settles."""
        self.clock.advance(hours=1)
        staff = self.lease.operator
        stay = await start_session(staff, self.reservation_id, clock=self.clock, bus=self.bus)
        self.clock.advance(minutes=minutes)
        await end_session(staff, stay, clock=self.clock, bus=self.bus)
        await settle_ended(self.clock, self.bus)

    async def settlement_id(self) -> int:
        """The settlement's."""
        found: Any = await Settlement.get(reservation_id=self.reservation_id)
        return int(found.id)

    async def number(self) -> str:
        """The bill's."""
        found = await ChargeRecord.get(
            settlement__reservation_id=self.reservation_id, kind="CHARGE"
        )
        return str(found.number)

    async def charge_id(self) -> int:
        """The bill's."""
        found = await ChargeRecord.get(
            settlement__reservation_id=self.reservation_id, kind="CHARGE"
        )
        return int(found.id)


async def book_paid(clock: TestClock, bus: Bus, **listing: Any) -> Settled:
    """A confirmed booking from one to three hours from now; nobody has come yet."""
    lease = await make_lease(**listing)
    await fill_wallet(lease.driver, 2_000, at=clock.now())
    request = Request(lease.listing_id, lease.space_id, hours(clock.now(), 1, 3), "S-AB 12")
    made = await reserve_space(lease.driver, request, clock=clock, bus=bus)
    await confirm(lease.driver, made, clock=clock, bus=bus, funding=EscrowFunding())
    return Settled(lease, clock, bus, made)

"""A parked car that a friend is to fetch, with readers at its bay and at the gate, for tests."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from parking.access.admit import Answer, Shown, admit
from parking.access.base45 import b45decode
from parking.access.check import Outcome, Reader
from parking.access.delegations.codes import refresh_delegated_qr
from parking.access.delegations.records import DelegationRecord
from parking.access.models import CredentialKind, DelegationPayer, DelegationState
from parking.access.offline import Told, take_down
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision
from parking.events.bus import Bus, InProcessBus
from parking.locations.fetching.delegate import delegate_exit
from parking.locations.fetching.queries import delegation_by_token, token_of
from parking.locations.fetching.wish import ExitWish
from parking.sessions.override import end_session, start_session
from parking.settlement.settle import settle_ended
from tests.support.bays import SEALER
from tests.support.leasing import Lease, somebody
from tests.support.settled import Settled, book_paid
from tests.support.wallets import fill_wallet

KEYS = (b"a key of links that exists in tests only",)
BASE_URL = "https://berth.example"
MOST = 300
"""What the friend pays at most; the stay costs 4.00."""


@dataclass
class Fetching:
    """A paid booking of two hours that begins in an hour, its driver, and a friend with money."""

    settled: Settled
    friend: Viewer
    bay: Reader
    gate: Reader
    session_id: int = 0

    @property
    def lease(self) -> Lease:
        """The place, and the people of it."""
        return self.settled.lease

    @property
    def owner(self) -> Viewer:
        """Whose car it is."""
        return self.lease.driver

    @property
    def clock(self) -> TestClock:
        """The test's."""
        return self.settled.clock

    @property
    def bus(self) -> Bus:
        """The test's."""
        return self.settled.bus

    @property
    def both(self) -> dict[str, Any]:
        """What every verb takes."""
        return {"clock": self.clock, "bus": self.bus}

    @property
    def reservation_id(self) -> int:
        """The booking's."""
        return self.settled.reservation_id

    def wish(self, **values: Any) -> ExitWish:
        """A right that the owner pays for, for a day, unless told otherwise."""
        given: dict[str, Any] = {
            "reservation_id": self.reservation_id, "payer": DelegationPayer.OWNER,
            "valid_until": self.clock.now() + timedelta(days=1), "label": "Freda",
        }  # fmt: skip
        return ExitWish(**(given | values))

    def paid_by_friend(self, **values: Any) -> ExitWish:
        """One that the friend pays for, up to `MOST`."""
        paid = {"payer": DelegationPayer.FETCHER, "amount_max_minor": MOST}
        return self.wish(**(paid | values))

    async def delegate(self, wish: ExitWish | None = None) -> int:
        """Give the right; its id."""
        return await delegate_exit(
            self.owner, wish or self.wish(), keys=KEYS, base_url=BASE_URL, **self.both
        )

    async def token(self, delegation_id: int) -> str:
        """What stands behind `/f/` in its address."""
        found = await token_of(self.owner, delegation_id, KEYS, self.clock.now())
        assert found is not None
        return found

    async def right(self, delegation_id: int) -> DelegationRecord:
        """The right as who has its address finds it."""
        return await delegation_by_token(await self.token(delegation_id), self.clock.now())

    async def state(self, delegation_id: int) -> DelegationState:
        """What it counts as now."""
        return (await self.right(delegation_id)).state

    async def park(self) -> None:
        """The booking begins, and the car is in."""
        self.clock.advance(hours=1)
        self.session_id = await start_session(self.lease.operator, self.reservation_id, **self.both)

    async def leave(self) -> None:
        """The bay is free: the stay has ended."""
        await end_session(self.lease.operator, self.session_id, **self.both)

    async def settle(self) -> None:
        """The worker settles what has ended."""
        await settle_ended(self.clock, self.bus)

    async def code(self, delegation_id: int) -> bytes:
        """A fresh token of the friend's QR."""
        right = await self.right(delegation_id)
        qr = await refresh_delegated_qr(right, sealer=SEALER, **self.both)
        return b45decode(qr.text)

    async def show(self, token: bytes, reader: Reader) -> Answer:
        """Show a token at a reader."""
        shown = Shown(CredentialKind.QR_CODE, token=token)
        return await admit(reader, shown, sealer=SEALER, **self.both)

    async def try_at(self, reader: Reader, delegation_id: int) -> Outcome:
        """Show a fresh code at a reader; what comes of it."""
        return (await self.show(await self.code(delegation_id), reader)).outcome

    async def tell(self, token: bytes, reader: Reader, minutes_ago: float) -> Answer:
        """A reader tells that it let somebody out alone, so long ago."""
        at = self.clock.now() - timedelta(minutes=minutes_ago)
        told = Told(Shown(CredentialKind.QR_CODE, token=token), at, Outcome.GRANTED)
        return await take_down(reader, told, sealer=SEALER, **self.both)

    async def reader(self, space_id: int | None, name: str) -> Reader:
        """Another reader of the place: in a bay, or of the whole place."""
        return await make_reader(self.lease, self.clock, space_id, name)


async def make_fetching(clock: TestClock, *, has_gate: bool = True) -> Fetching:
    """A booking with a reader in its bay and, unless told otherwise, one at the gate."""
    settled = await book_paid(clock, InProcessBus())
    lease = settled.lease
    friend = await somebody("Freda")
    await fill_wallet(friend, 1_000, at=clock.now())
    bay = await make_reader(lease, clock, lease.space_id, "bay-reader")
    gate = Reader(None, lease.estate.place_id, None)
    if has_gate:
        gate = await make_reader(lease, clock, None, "gate")
    return Fetching(settled, friend, bay, gate)


async def make_reader(lease: Lease, clock: TestClock, space_id: int | None, name: str) -> Reader:
    """A provisioned reader."""
    place_id = lease.estate.place_id
    draft = DeviceDraft(endpoint=name, kind=DeviceKind.READER, place_id=place_id, space_id=space_id)
    made = await provision(SYSTEM, draft, clock, SEALER)
    return Reader(made.device_id, place_id, space_id)

"""Cars that come and go at bays that are booked."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from parking.access.models import AccessEvent, CredentialKind
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.devices.models import Device, DeviceHealth, DeviceKind
from parking.events.bus import InProcessBus
from parking.occupancy.models import Axis, Claim, Occupancy, Source
from parking.occupancy.record import Report, record
from parking.rates.lines import lines_from_json, recompute
from parking.reservations.funding import DUE_AT_END, Funding
from parking.reservations.models import ReservationState
from parking.sessions.follow import follow_places
from parking.sessions.overstay import find_overstays, protect_next
from parking.sessions.queries import segments_of, sessions_by_id, sessions_of_reservations
from parking.sessions.records import SessionRecord
from parking.sessions.sweep import sweep_stays
from tests.parking.reservations.steps import booked, claim, kinds, reservation
from tests.support.leasing import Lease


@dataclass
class Stage:
    """A listing, a clock, and what happens at its bays."""

    lease: Lease
    clock: TestClock
    bus: InProcessBus = field(default_factory=InProcessBus)
    sequences: Counter[int] = field(default_factory=Counter)
    funding: Funding = DUE_AT_END

    async def book(
        self, begin: float = 1, end: float = 3, *, space: int = 0, viewer: Viewer | None = None
    ) -> int:
        """A confirmed booking, hours from now."""
        return await booked(
            self.lease, self.clock, begin, end, space=space, viewer=viewer, funding=self.funding
        )

    async def see(
        self, value: Occupancy, space: int = 0, *, seconds_ago: float = 0, by_person: bool = False
    ) -> None:
        """The bay's sensor, or a person, says what it has been for so long."""
        self.sequences[space] += 1
        now = self.clock.now()
        since = now - timedelta(seconds=seconds_ago)
        report = Report(
            self.lease.estate.space_ids[space], self.lease.estate.place_id, Axis.OCCUPANCY, value,
            now, now, device_id=None if by_person else 700 + space, boot=1,
            sequence=self.sequences[space], since=since,
            source=Source.PERSON if by_person else Source.DEVICE,
        )  # fmt: skip
        await record([report], self.clock, self.bus)

    async def work(self) -> int:
        """What a worker does at each of its ticks."""
        changed = await follow_places(self.clock, self.bus)
        changed += await sweep_stays(self.clock, self.bus)
        changed += await find_overstays(self.clock, self.bus)
        return changed + await protect_next(self.clock, self.bus)

    async def come(self, space: int = 0) -> None:
        """A car drives in, and the worker sees it."""
        await self.see(Occupancy.OCCUPIED, space)
        await self.work()

    async def go(self, space: int = 0) -> None:
        """It drives away, and stays away."""
        await self.see(Occupancy.FREE, space)
        await self.work()
        self.clock.advance(minutes=1)
        await self.work()

    async def pass_time(self, **delta: float) -> None:
        """Time goes by, and the worker works."""
        self.clock.advance(**delta)
        await self.work()

    async def lock_bay(self, space: int = 0) -> None:
        """There is a lock in the bay."""
        made = await Device.create(
            endpoint=f"lock-{space}", kind=DeviceKind.LOCK, place_id=self.lease.estate.place_id,
            space_id=self.lease.estate.space_ids[space], created_at=self.clock.now(),
        )  # fmt: skip
        await DeviceHealth.create(device_id=made.id)

    async def admit(self, reservation_id: int, space: int = 0) -> None:
        """A credential of the booking opened the bay just now."""
        now = self.clock.now()
        await AccessEvent.create(
            place_id=self.lease.estate.place_id, space_id=self.lease.estate.space_ids[space],
            reservation_id=reservation_id, kind=CredentialKind.QR_CODE, outcome="GRANTED", at=now,
            received_at=now,
        )  # fmt: skip

    async def stays(self, reservation_id: int) -> list[SessionRecord]:
        """The stays of a booking."""
        return list((await sessions_of_reservations(SYSTEM, [reservation_id]))[reservation_id])

    async def stay(self, reservation_id: int) -> SessionRecord:
        """The one stay of a booking."""
        [found] = await self.stays(reservation_id)
        return found

    async def parts(self, session_id: int) -> list[tuple[str, int | None]]:
        """Kind and price of each part; lines, parts and the whole come to the same."""
        segments = (await segments_of(SYSTEM, [session_id]))[session_id]
        session = (await sessions_by_id(SYSTEM, [session_id]))[session_id]
        for each in segments:
            assert recompute(lines_from_json(each.lines)) == (each.amount_minor or 0)
        assert recompute(lines_from_json(session.lines)) == (session.amount_minor or 0)
        assert sum(each.amount_minor or 0 for each in segments) == (session.amount_minor or 0)
        return [(each.kind, each.amount_minor) for each in segments]

    async def state(self, reservation_id: int) -> ReservationState:
        """Where a booking stands."""
        return (await reservation(reservation_id)).state

    async def steps(self, reservation_id: int) -> list[str]:
        """What happened to it."""
        return await kinds(reservation_id)

    async def claim(self, space: int = 0) -> Claim:
        """What the bay shows."""
        return await claim(self.lease, space)

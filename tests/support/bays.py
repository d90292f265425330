"""Bays with sensors and locks, and bookings of them, for tests of what moves an arm."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from parking.access.command_rows import CommandRecord
from parking.access.commands import order
from parking.access.models import CommandCause, LockTarget
from parking.access.replies import command_by_id
from parking.accounts.models import Person
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.devices.health import HealthNote, write_notes
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, Provisioned, provision
from parking.devices.sealing import Sealer
from parking.events.bus import Bus, InProcessBus
from parking.listings.models import Listing, ListingSpace, ListingState
from parking.occupancy.change import changing_places
from parking.occupancy.models import Axis, LockState, Occupancy
from parking.occupancy.record import Report, record
from parking.rates.models import RateTable
from parking.reservations.models import Reservation, ReservationState
from parking.storage.sql import database
from tests.support.estate import Estate

SEALER = Sealer(b"a secret key of an installation that exists in tests only")
RAISED, LOWERED = LockTarget.RAISED, LockTarget.LOWERED


@dataclass
class Bays:
    """The spaces of an estate, by index."""

    estate: Estate
    clock: TestClock
    bus: Bus = field(default_factory=InProcessBus)
    sequence: int = 0
    listing_ids: dict[int, int] = field(default_factory=dict)

    def space(self, index: int = 0) -> int:
        """The id of a space."""
        return self.estate.space_ids[index]

    async def equip(self, index: int, kind: DeviceKind, **values: Any) -> Provisioned:
        """A device in a bay, heard of just now."""
        draft = DeviceDraft(
            endpoint=f"{kind.lower()}-{index}", kind=kind, place_id=self.estate.place_id,
            space_id=self.space(index), **values,
        )  # fmt: skip
        made = await provision(SYSTEM, draft, self.clock, SEALER)
        await self.hear(made)
        return made

    async def hear(self, device: Provisioned, lifetime_seconds: int = 93_600) -> None:
        """The device gives a sign of life."""
        note = HealthNote(device.device_id, lifetime_seconds, self.clock.now(), "127.0.0.1")
        await write_notes(database(), [note])

    async def see(self, value: Occupancy | LockState, device: Provisioned, index: int = 0) -> None:
        """The device reports an occupancy, or what its arm does."""
        self.sequence += 1
        axis = Axis.OCCUPANCY if isinstance(value, Occupancy) else Axis.LOCK
        now = self.clock.now()
        report = Report(
            self.space(index), self.estate.place_id, axis, value, now, now,
            device_id=device.device_id, boot=1, sequence=self.sequence,
        )  # fmt: skip
        await record([report], self.clock, self.bus)

    async def list_space(self, index: int = 0, organisation_id: int | None = None) -> int:
        """An active listing of the space; gives its id."""
        if index in self.listing_ids:
            return self.listing_ids[index]
        lessor, now = organisation_id or self.estate.organisation_id, self.clock.now()
        table = await RateTable.create(
            name="Flat", currency="EUR", document="{}", created_at=now, changed_at=now,
            organisation_id=lessor,
        )  # fmt: skip
        listing = await Listing.create(
            place_id=self.estate.place_id, organisation_id=lessor, rate_table_id=table.id,
            name="Bay", state=ListingState.ACTIVE, cancellation="{}", created_at=now,
            changed_at=now,
        )  # fmt: skip
        await ListingSpace.create(listing_id=listing.id, space_id=self.space(index))
        self.listing_ids[index] = listing.id
        return self.listing_ids[index]

    async def book(
        self,
        index: int = 0,
        state: ReservationState = ReservationState.CONFIRMED,
        starts: timedelta = timedelta(0),
        hours: float = 2,
        person_id: int | None = None,
    ) -> Reservation:
        """A booking that begins `starts` from now."""
        listing_id = await self.list_space(index)
        listing = await Listing.get(id=listing_id)
        now = self.clock.now()
        driver = person_id or (await Person.create(name="Ada", created_at=now)).id
        ends_at = now + starts + timedelta(hours=hours)
        return await Reservation.create(
            state=state, listing_id=listing_id, space_id=self.space(index),
            place_id=self.estate.place_id, organisation_id=listing.organisation_id,
            person_id=driver, starts_at=now + starts, ends_at=ends_at, blocked_until=ends_at,
            currency="EUR", amount_minor=500, lines="[]", terms="{}", created_at=now,
        )  # fmt: skip

    async def order(
        self,
        target: LockTarget = LOWERED,
        cause: CommandCause = CommandCause.OPERATOR,
        index: int = 0,
        reservation_id: int | None = None,
        expires_at: datetime | None = None,
    ) -> CommandRecord:
        """Order the arm of a bay to move, as a verb of its own."""
        async with changing_places([self.estate.place_id], self.clock, self.bus) as change:
            command_id = await order(
                change, self.space(index), target, cause, "test",
                reservation_id=reservation_id, expires_at=expires_at,
            )  # fmt: skip
        return await self.command(command_id)

    async def command(self, command_id: int) -> CommandRecord:
        """A command as it is stored now."""
        found = await command_by_id(database(), command_id)
        assert found is not None
        return found

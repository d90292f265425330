"""Credentials shown at readers, for tests: bays with a driver, whose bookings let somebody in."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from parking.access.admit import Answer, Shown, admit
from parking.access.base45 import b45decode
from parking.access.check import Outcome, Reader
from parking.access.credentials import Qr, refresh_qr
from parking.access.models import CredentialKind
from parking.access.offline import Told, take_down
from parking.accounts.viewer import Viewer
from parking.devices.models import DeviceKind
from parking.reservations.models import Reservation, ReservationState
from parking.reservations.record import changing_bookings, locked_reservation
from parking.reservations.rules import Step
from parking.storage.sql import database
from tests.support.bays import SEALER, Bays
from tests.support.leasing import somebody

QR, KEY, PLATE = CredentialKind


@dataclass
class Door:
    """A reader in the first bay, and a driver."""

    bays: Bays
    reader: Reader
    driver: Viewer

    async def book(self, **values: Any) -> Reservation:
        """A booking of the driver's."""
        return await self.bays.book(person_id=self.driver.person_id, **values)

    async def qr(self, reservation: Reservation) -> Qr:
        """The next QR of a booking."""
        return await refresh_qr(
            self.driver, reservation.id, clock=self.bays.clock, bus=self.bays.bus, sealer=SEALER
        )

    async def token(self, reservation: Reservation) -> bytes:
        """The next token of a booking."""
        return b45decode((await self.qr(reservation)).text)

    async def show(
        self, token: bytes = b"", *, reader: Reader | None = None, **shown: Any
    ) -> Answer:
        """Show something at the reader."""
        given = Shown(**{"kind": QR, "token": token} | shown)
        return await admit(
            reader or self.reader, given, clock=self.bays.clock, bus=self.bays.bus, sealer=SEALER
        )

    async def tell(
        self, token: bytes, at: datetime, decided: Outcome = Outcome.GRANTED, **shown: Any
    ) -> Answer:
        """Tell what the reader decided alone."""
        told = Told(Shown(QR, token=token, **shown), at, decided)
        return await take_down(
            self.reader, told, clock=self.bays.clock, bus=self.bays.bus, sealer=SEALER
        )

    async def elsewhere(self, index: int | None = 1) -> Reader:
        """A reader in another bay of the place, or for the whole place."""
        if index is None:
            return replace(self.reader, space_id=None, device_id=self.reader.device_id)
        made = await self.bays.equip(index, DeviceKind.READER)
        return Reader(made.device_id, self.bays.estate.place_id, self.bays.space(index))

    async def take_step(self, reservation: Reservation, step: Step, **changes: Any) -> None:
        """A step of the booking, as a verb would record it."""
        place_id = self.bays.estate.place_id
        async with changing_bookings([place_id], self.bays.clock, self.bays.bus) as change:
            held = await locked_reservation(change.sql, reservation.id)
            await change.step(held, step, self.driver, **changes)

    async def cancel(self, reservation: Reservation) -> None:
        """The booking is cancelled."""
        await self.take_step(reservation, Step.CANCEL, state=ReservationState.CANCELLED)


async def make_door(bays: Bays) -> Door:
    """A door to the first of these bays."""
    made = await bays.equip(0, DeviceKind.READER)
    reader = Reader(made.device_id, bays.estate.place_id, bays.space(0))
    return Door(bays, reader, await somebody("Dora"))


async def events() -> list[dict[str, Any]]:
    """The access events, in order."""
    return await database().fetch(
        "SELECT outcome, reservation_id, space_id, is_offline, reader_device_id, kind"
        " FROM access_event ORDER BY id"
    )


async def steps(reservation: Reservation) -> list[str]:
    """The kinds of the booking's events, in order."""
    rows = await database().fetch(
        "SELECT kind FROM reservation_event WHERE reservation_id = $1 ORDER BY version",
        reservation.id,
    )
    return [row["kind"] for row in rows]

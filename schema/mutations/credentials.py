"""Verbs on credentials: of the driver, and of who works at the place."""

from typing import Annotated, TypeAlias

import strawberry

from parking.access.admit_plate import admit_plate
from parking.access.check import Outcome
from parking.access.credentials import qr_again, refresh_qr, rotate_key
from parking.accounts.idempotency import Answer
from parking.reservations.attempts import CODES_PER_BOOKING
from parking.reservations.taking import take
from schema.context import Info, services_of, viewer_of
from schema.credentials import QrCode, qr_of
from schema.ids import wanted_key
from schema.mutations.counted import counted
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.reservations import ReservationId
from schema.refusals import TooManyTries, VerbRefusal
from schema.reservations import Reservation, load_known_reservation, load_reservation


@strawberry.type(description="A booking has its next QR.")
class QrRefreshed:
    """Outcome of `refreshQr`."""

    qr: QrCode = strawberry.field(description="To be shown until `renewAt`.")


@strawberry.type(description="A booking has another key number; the one before opens nothing.")
class KeyRotated:
    """Outcome of `rotateKey`."""

    reservation: Reservation = strawberry.field(description="The reservation.")
    number: str | None = strawberry.field(
        description="The six digits to be typed at the bay. Shown once: null when this answer was"
        " given before under the same idempotency key (rotate again if it was lost)."
    )


@strawberry.type(description="A plate was shown at a place.")
class PlateShown:
    """Outcome of `admitPlate`."""

    outcome: Outcome = strawberry.field(description="GRANTED, or why the vehicle stays outside.")
    reservation: Reservation | None = strawberry.field(
        description="The booking of this plate; null where there is none about now."
    )


RefreshQrResult: TypeAlias = Annotated[
    QrRefreshed | VerbRefusal | TooManyTries,
    strawberry.union("RefreshQrResult", description="What `refreshQr` answers."),
]
RotateKeyResult: TypeAlias = Annotated[
    KeyRotated | VerbRefusal,
    strawberry.union("RotateKeyResult", description="What `rotateKey` answers."),
]
AdmitPlateResult: TypeAlias = Annotated[
    PlateShown | VerbRefusal,
    strawberry.union("AdmitPlateResult", description="What `admitPlate` answers."),
]


@strawberry.type
class CredentialMutations:
    """Root fields."""

    @mutation(
        "The next QR of a booking; it opens once and lasts a minute. For the driver. A booking that"
        " opens nothing any more, or is not confirmed, is a Conflict `NOT_ADMITTED`."
    )
    async def refresh_qr(
        self, info: Info, reservation_id: ReservationId, idempotency_key: IdempotencyKey
    ) -> RefreshQrResult:
        key = wanted_key(reservation_id, "Reservation")
        await counted(info, CODES_PER_BOOKING, key)

        async def do(work: Work) -> Answer:
            sealer = work.services.sealer
            await take(work.viewer, key, clock=work.clock, bus=work.bus)
            made = await refresh_qr(work.viewer, key, clock=work.clock, bus=work.bus, sealer=sealer)
            return {"qr": made.token_id}

        done = await once(info, idempotency_key, {"reservation": key}, do)
        sealer = services_of(info.context).sealer
        made = await qr_again(viewer_of(info.context), done.answer["qr"], sealer=sealer)
        return QrRefreshed(qr=qr_of(made))

    @mutation("Give a booking a fresh key number, shown once. For the driver.")
    async def rotate_key(
        self, info: Info, reservation_id: ReservationId, idempotency_key: IdempotencyKey
    ) -> RotateKeyResult:
        key = wanted_key(reservation_id, "Reservation")

        async def do(work: Work) -> Answer:
            sealer = work.services.sealer
            await take(work.viewer, key, clock=work.clock, bus=work.bus)
            work.shown = await rotate_key(work.viewer, key, clock=work.clock, sealer=sealer)
            return {}

        done = await once(info, idempotency_key, {"reservation": key}, do)
        reservation = await load_known_reservation(info, key)
        return KeyRotated(reservation=reservation, number=done.shown)

    @mutation(
        "Let a vehicle in by its plate. For OPERATORs and ATTENDANTs of the place, and API keys"
        " with `devices:write`, such as a camera's."
    )
    async def admit_plate(
        self,
        info: Info,
        place_id: Annotated[strawberry.ID, strawberry.argument(description="The place's id.")],
        plate: Annotated[str, strawberry.argument(description="As it is on the vehicle.")],
        idempotency_key: IdempotencyKey,
    ) -> AdmitPlateResult:
        key = wanted_key(place_id, "Place")

        async def do(work: Work) -> Answer:
            answer = await admit_plate(
                work.viewer, key, plate, clock=work.clock, bus=work.bus, sealer=work.services.sealer
            )
            return {"outcome": answer.outcome, "reservation": answer.reservation_id}

        done = await once(info, idempotency_key, {"place": key, "plate": plate}, do)
        reservation = await load_reservation(info, done.answer["reservation"])
        return PlateShown(outcome=Outcome(done.answer["outcome"]), reservation=reservation)

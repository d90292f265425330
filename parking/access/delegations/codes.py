"""The QR that who fetches a car shows at the bay and at the gate: a token like the driver's, with
the delegated right's id in it. The right's token (of `/f/…`) is what proves who asks."""

import os
from datetime import datetime

from parking.access.credentials import QR_LASTS, Qr, kept_claims, same_qr, signed_qr
from parking.access.cwt import CTI_BYTES, Claims
from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rules import OPENING, OVER, ends_at, standing
from parking.access.signing_keys import signer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.reservations.models import ReservationState


async def refresh_delegated_qr(
    delegation: DelegationRecord, *, clock: Clock, bus: Bus, sealer: Sealer
) -> Qr:
    """The next QR of a delegated right, with a one-time id of its own.

    Raises Conflict: `NOT_DELEGATED` where the right lets nobody out (any more), `NOT_PARKED` while
    the car has not come.
    """
    now = clock.now()
    require_opening(delegation, now)
    claims = claims_for(delegation, os.urandom(CTI_BYTES), now.replace(microsecond=0))
    return await signed_qr(claims, await signer(clock, sealer, bus))


async def delegated_qr_again(delegation: DelegationRecord, token_id: int, *, sealer: Sealer) -> Qr:
    """A QR of the right that was made before, the same to the last character. Raises NotFound."""
    claims, kid = await kept_claims(token_id)
    if claims.delegation_id != delegation.id:
        raise NotFound("this code is gone; ask for a new one")
    return await same_qr(token_id, claims, kid, sealer)


def require_opening(delegation: DelegationRecord, now: datetime) -> None:
    """Raises Conflict unless the right lets the car out at `now`."""
    if standing(delegation, now) not in OPENING:
        raise Conflict(
            "this right to fetch the car is not agreed to, used, taken back or over",
            code="NOT_DELEGATED",
        )
    if delegation.stay_state not in OVER and delegation.stay_state is not ReservationState.ACTIVE:
        raise Conflict(
            "the car is not known to be there yet; the right only lets it out", code="NOT_PARKED"
        )


def claims_for(delegation: DelegationRecord, cti: bytes, now: datetime) -> Claims:
    """What the next token says, made at `now` (whole seconds); it never outlasts the right."""
    return Claims(
        reservation_id=delegation.reservation_id,
        place_id=delegation.place_id,
        space_id=delegation.stay_space_id,
        not_before=now,
        issued_at=now,
        expires_at=min(now + QR_LASTS, ends_at(delegation)),
        cti=cti,
        delegation_id=delegation.id,
    )

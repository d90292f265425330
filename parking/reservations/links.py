"""The link to a booking's page: `/b/{token}`. Who has it may do what its driver may, with this one
booking. Nothing secret is stored: the token is the booking's id with a code of authenticity (HMAC),
under a key of the installation and a generation, by which it is renewed and revoked."""

import hmac
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Sequence
from hashlib import sha256

from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.reservations.queries import reservations_by_id
from parking.reservations.record import (
    changing_bookings,
    locked_reservation,
    place_of_reservation,
)
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import Step, next_state, require_may

ID_BYTES = 8
CODE_BYTES = 17
"""136 bits: beyond guessing; with the id 25 bytes, which base32 writes as 40 characters."""
TOKEN_CHARACTERS = 40
LINK_PATH = "/b/"
"""Where the page of a link is; the token follows."""


def link_token(key: bytes, reservation_id: int, generation: int) -> str:
    """The token of a booking's link; letters and digits that are hard to confuse, lower case."""
    code = _code(key, reservation_id, generation)
    return b32encode(reservation_id.to_bytes(ID_BYTES, "big") + code).decode().lower()


async def reservation_by_token(keys: Sequence[bytes], token: str) -> ReservationRecord:
    """The booking whose present link has this token. `keys` are the installation's, the newest
    first. Raises NotFound for every other text: false, renewed and missing look the same."""
    reservation_id, code = _parsed(token)
    found = (await reservations_by_id(SYSTEM, [reservation_id])).get(reservation_id)
    generation = 0 if found is None else found.link_generation
    codes = [_code(key, reservation_id, generation) for key in keys]
    is_good = any(hmac.compare_digest(code, each) for each in codes)
    if found is None or not is_good:
        raise NotFound("there is no such booking, or its link was renewed")
    return found


def holder(reservation: ReservationRecord) -> Viewer:
    """Whoever has the link, as a viewer: the booking's driver, without any role, and with
    idempotency keys of the link's own.

    To be used with this one booking only.
    """
    return Viewer(person_id=reservation.person_id, link_of=reservation.id)


async def renew_link(viewer: Viewer, reservation_id: int, *, clock: Clock, bus: Bus) -> None:
    """Make the present link worthless, and another. For the driver. Raises NotFound,
    NotPermitted and Conflict `WRONG_STATE`."""
    place_id = await place_of_reservation(reservation_id)
    async with changing_bookings([place_id], clock, bus) as change:
        reservation = await locked_reservation(change.sql, reservation_id)
        require_may(Step.RENEW_LINK, viewer, reservation)
        next_state(Step.RENEW_LINK, reservation.state)
        generation = reservation.link_generation + 1
        await change.step(reservation, Step.RENEW_LINK, viewer, link_generation=generation)


def _code(key: bytes, reservation_id: int, generation: int) -> bytes:
    told = f"reservation {reservation_id} {generation}".encode()
    return hmac.new(key, told, sha256).digest()[:CODE_BYTES]


def _parsed(token: str) -> tuple[int, bytes]:
    try:
        if len(token) != TOKEN_CHARACTERS or not token.isascii():
            raise ValueError("not of our making")
        raw = b32decode(token.upper())
    except (ValueError, NotBase32):
        raise NotFound("there is no such booking, or its link was renewed") from None
    return int.from_bytes(raw[:ID_BYTES], "big") % 2**63, raw[ID_BYTES:]

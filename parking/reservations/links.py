"""The link to a booking's page: `/b/{token}`. Who has it may do what its driver may, with this one
booking. Nothing secret is stored: the token is the booking's id with a code of authenticity (HMAC),
under a key of the installation and a generation, by which it is renewed and revoked.

Who books for somebody else is lent a link: it opens the same page and the same bay, and spends
nothing. The account that pays is the driver's, who has not handed it out.
"""

import hmac
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Sequence
from hashlib import sha256

from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import Clock
from parking.errors import NotFound, NotPermitted
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


def link_token(key: bytes, reservation_id: int, generation: int, *, is_lent: bool = False) -> str:
    """The token of a booking's link; letters and digits that are hard to confuse, lower case. One
    that `is_lent` is for who booked for the driver."""
    code = _code(key, reservation_id, generation, is_lent=is_lent)
    return b32encode(reservation_id.to_bytes(ID_BYTES, "big") + code).decode().lower()


async def reservation_by_token(keys: Sequence[bytes], token: str) -> ReservationRecord:
    """The booking whose present link has this token. `keys` are the installation's, the newest
    first. Raises NotFound for every other text: false, renewed and missing look the same."""
    reservation_id, code = _parsed(token)
    found = (await reservations_by_id(SYSTEM, [reservation_id])).get(reservation_id)
    generation = 0 if found is None else found.link_generation
    is_own = _is_code(keys, code, reservation_id, generation, is_lent=False)
    is_lent = _is_code(keys, code, reservation_id, generation, is_lent=True)
    if found is None or not (is_own or is_lent):
        raise NotFound("there is no such booking, or its link was renewed")
    return found


def is_lent(keys: Sequence[bytes], token: str, reservation: ReservationRecord) -> bool:
    """Whether the token that has led to the booking is one that is lent."""
    _, code = _parsed(token)
    return not _is_code(keys, code, reservation.id, reservation.link_generation, is_lent=False)


def require_own(keys: Sequence[bytes], token: str, reservation: ReservationRecord) -> None:
    """Raises NotPermitted for a link that is lent: what costs the driver money is not for it."""
    if is_lent(keys, token, reservation):
        raise NotPermitted(
            "this link was given to who booked for the guest, and spends nothing; use the link in"
            " the guest's own message, or sign in as the guest"
        )


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


def _code(key: bytes, reservation_id: int, generation: int, *, is_lent: bool) -> bytes:
    told = f"{'lent ' if is_lent else ''}reservation {reservation_id} {generation}".encode()
    return hmac.new(key, told, sha256).digest()[:CODE_BYTES]


def _is_code(
    keys: Sequence[bytes], code: bytes, reservation_id: int, generation: int, *, is_lent: bool
) -> bool:
    codes = [_code(key, reservation_id, generation, is_lent=is_lent) for key in keys]
    return any(hmac.compare_digest(code, each) for each in codes)


def _parsed(token: str) -> tuple[int, bytes]:
    try:
        if len(token) != TOKEN_CHARACTERS or not token.isascii():
            raise ValueError("not of our making")
        raw = b32decode(token.upper())
    except (ValueError, NotBase32):
        raise NotFound("there is no such booking, or its link was renewed") from None
    return int.from_bytes(raw[:ID_BYTES], "big") % 2**63, raw[ID_BYTES:]

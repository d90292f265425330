"""What a driver shows at the bay: a QR that renews itself, a key number, the licence plate.

They belong to one reservation and are the driver's alone (whoever has the booking's link acts as
its driver). The reservation is the truth: what a credential opens, and until when, is read from it
at the reader.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.access.base45 import b45encode
from parking.access.cwt import CTI_BYTES, Claims, sign_token, token_hash
from parking.access.key_numbers import hashed_key, new_key
from parking.access.models import CredentialKind
from parking.access.rules import EARLY_MARGIN
from parking.access.signing_keys import Signer, signer, signer_of
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.errors import Conflict, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.reservations.links import renew_link
from parking.reservations.models import ReservationState
from parking.reservations.queries import reservations_by_id
from parking.reservations.records import ReservationRecord
from parking.reservations.rules import BOOKED, Side, sides
from parking.storage.sql import Sql, as_time, database
from parking.storage.transactions import transaction

QR_LASTS = timedelta(seconds=60)
"""A picture of a QR is worth nothing after this."""
QR_RENEWED_EVERY = timedelta(seconds=30)
"""When a page shows the next one: what is scanned is at least as fresh."""

INSERT_QR = """
INSERT INTO credential_token (cti, kid, token_hash, reservation_id, place_id, space_id, not_before,
                              issued_at, expires_at, delegation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR credential; times are aware UTC. `text` is what the code holds: Base45 of the token."""

    token_id: int
    text: str
    issued_at: datetime
    expires_at: datetime

    @property
    def renew_at(self) -> datetime:
        """When to show the next one."""
        return self.issued_at + QR_RENEWED_EVERY


@dataclass(frozen=True, slots=True)
class CredentialView:
    """A way in that a booking has; times are aware UTC, `[valid_from, valid_until)`.

    `made_at` is None for a key number that was not asked for yet.
    """

    kind: CredentialKind
    valid_from: datetime
    valid_until: datetime
    made_at: datetime | None


async def refresh_qr(
    viewer: Viewer, reservation_id: int, *, clock: Clock, bus: Bus, sealer: Sealer
) -> Qr:
    """The next QR of a booking, with a one-time id of its own; those before it last their minute.

    For the driver. It can be asked for ahead of the window, and opens nothing before that. Raises
    NotFound, NotPermitted, and Conflict `NOT_ADMITTED` where the booking is not one that opens.
    """
    now = clock.now().replace(microsecond=0)
    reservation = await _held(viewer, reservation_id, clock.now())
    claims = claims_for(reservation, os.urandom(CTI_BYTES), now)
    return await signed_qr(claims, await signer(clock, sealer, bus))


async def qr_again(viewer: Viewer, token_id: int, *, sealer: Sealer) -> Qr:
    """A QR that was made before, the same to the last character. For the driver.

    Raises NotFound.
    """
    claims, kid = await kept_claims(token_id)
    await _driven(viewer, claims.reservation_id)
    if claims.delegation_id is not None:
        raise NotFound("this code is gone; ask for a new one")
    return await same_qr(token_id, claims, kid, sealer)


async def signed_qr(claims: Claims, key: Signer) -> Qr:
    """A QR that says these claims, kept so that it can be revoked and shown again."""
    token = sign_token(claims, key.kid, key.key)
    token_id = await _keep(database(), claims, key, token)
    return Qr(token_id, b45encode(token), claims.issued_at, claims.expires_at)


async def kept_claims(token_id: int) -> tuple[Claims, bytes]:
    """What a QR that was made before says, and its key's id. Raises NotFound."""
    row = await database().fetch_one(
        "SELECT cti, kid, reservation_id, place_id, space_id, not_before, issued_at, expires_at,"
        " delegation_id FROM credential_token WHERE id = $1",
        token_id,
    )
    if row is None:
        raise NotFound("this code is gone; ask for a new one")
    claims = Claims(
        reservation_id=row["reservation_id"], place_id=row["place_id"], space_id=row["space_id"],
        not_before=as_time(row["not_before"]), issued_at=as_time(row["issued_at"]),
        expires_at=as_time(row["expires_at"]), cti=bytes.fromhex(row["cti"]),
        delegation_id=row["delegation_id"],
    )  # fmt: skip
    return claims, bytes.fromhex(row["kid"])


async def same_qr(token_id: int, claims: Claims, kid: bytes, sealer: Sealer) -> Qr:
    """The QR of `kept_claims`, the same to the last character."""
    key = await signer_of(database(), sealer, kid)
    token = sign_token(claims, key.kid, key.key)
    return Qr(token_id, b45encode(token), claims.issued_at, claims.expires_at)


async def rotate_key(viewer: Viewer, reservation_id: int, *, clock: Clock, sealer: Sealer) -> str:
    """Give a booking a fresh key number, which is shown once; the one before opens nothing more.

    For the driver. Raises NotFound, NotPermitted, Conflict `NOT_ADMITTED`.
    """
    now = clock.now()
    reservation = await _held(viewer, reservation_id, now)
    key = new_key()
    stored = await hashed_key(key, reservation_id, sealer)
    async with transaction() as sql:
        await _revoke_key(sql, reservation_id, now)
        valid_from, valid_until = admission(reservation)
        await sql.execute(
            "INSERT INTO credential (reservation_id, space_id, kind, key_hash, valid_from,"
            " valid_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            reservation_id, reservation.space_id, CredentialKind.KEY, stored, valid_from,
            valid_until, now,
        )  # fmt: skip
    return key


async def renew_access(viewer: Viewer, reservation_id: int, *, clock: Clock, bus: Bus) -> None:
    """Another link to the booking's page. Whoever had the old one may have taken a key number by
    it, so that opens nothing more either; a QR of theirs is over within `QR_LASTS`.

    For the driver. Raises as `parking.reservations.links.renew_link`.
    """
    async with HeldBus(bus) as held, transaction() as sql:
        await renew_link(viewer, reservation_id, clock=clock, bus=held)
        await _revoke_key(sql, reservation_id, clock.now())


async def _revoke_key(sql: Sql, reservation_id: int, now: datetime) -> None:
    await sql.execute(
        "UPDATE credential SET revoked_at = $2 WHERE reservation_id = $1 AND kind = $3"
        " AND revoked_at IS NULL",
        reservation_id,
        now,
        CredentialKind.KEY,
    )


async def credentials_of(
    viewer: Viewer, reservation_ids: Sequence[int]
) -> Mapping[int, list[CredentialView]]:
    """The ways in that each of the viewer's own bookings has; bookings of others are left out."""
    found = await reservations_by_id(viewer, reservation_ids)
    mine = {i: each for i, each in found.items() if Side.DRIVER in sides(viewer, each)}
    sql = database()
    rows = await sql.fetch(
        "SELECT reservation_id, created_at FROM credential"
        f" WHERE reservation_id {sql.any_of('$1')} AND kind = 'KEY' AND revoked_at IS NULL",
        sorted(mine),
    )
    keys = {row["reservation_id"]: as_time(row["created_at"]) for row in rows}
    return {i: _views(each, keys.get(i)) for i, each in mine.items()}


def admission(reservation: ReservationRecord) -> tuple[datetime, datetime]:
    """From when until when a booking lets its driver in, unless the stay is ended before."""
    return reservation.starts_at - EARLY_MARGIN, reservation.ends_at


def claims_for(reservation: ReservationRecord, cti: bytes, now: datetime) -> Claims:
    """What the next token says, made at `now` (whole seconds).

    A stay that has begun is let in until it is ended; otherwise the token ends with the window.
    """
    valid_from, valid_until = admission(reservation)
    expires_at = now + QR_LASTS
    if reservation.state is not ReservationState.ACTIVE:
        expires_at = min(expires_at, valid_until)
    return Claims(
        reservation.id, reservation.place_id, reservation.space_id, valid_from, now, expires_at, cti
    )


async def _held(viewer: Viewer, reservation_id: int, now: datetime) -> ReservationRecord:
    """The viewer's own booking, which opens its bay now or later."""
    reservation = await _driven(viewer, reservation_id)
    is_over = now >= admission(reservation)[1]
    if reservation.state not in BOOKED or (
        is_over and reservation.state is not ReservationState.ACTIVE
    ):
        raise Conflict(
            "this booking opens nothing: it is not confirmed, or over", code="NOT_ADMITTED"
        )
    return reservation


async def _driven(viewer: Viewer, reservation_id: int) -> ReservationRecord:
    found = (await reservations_by_id(viewer, [reservation_id])).get(reservation_id)
    if found is None:
        raise NotFound("there is no such reservation")
    if Side.DRIVER not in sides(viewer, found):
        raise NotPermitted("credentials are the driver's alone")
    return found


async def _keep(sql: Sql, claims: Claims, key: Signer, token: bytes) -> int:
    row = await sql.fetch_one(
        INSERT_QR, claims.cti.hex(), key.kid.hex(), token_hash(token).hex(),
        claims.reservation_id, claims.place_id, claims.space_id, claims.not_before,
        claims.issued_at, claims.expires_at, claims.delegation_id,
    )  # fmt: skip
    assert row is not None, "RETURNING gives the row"
    return int(row["id"])


def _views(reservation: ReservationRecord, key_made_at: datetime | None) -> list[CredentialView]:
    if reservation.state not in BOOKED:
        return []
    made: dict[CredentialKind, datetime | None] = {
        CredentialKind.QR_CODE: reservation.confirmed_at,
        CredentialKind.KEY: key_made_at,
    }
    if reservation.plate:
        made[CredentialKind.LICENSE_PLATE] = reservation.confirmed_at
    valid_from, valid_until = admission(reservation)
    return [CredentialView(kind, valid_from, valid_until, at) for kind, at in made.items()]

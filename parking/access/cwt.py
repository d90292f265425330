"""The QR credential: a CBOR Web Token (RFC 8392), and its hash in revocation lists (RFC 9770).

| claim | here |
|---|---|
| iss 1 | `berth` |
| sub 2 | the reservation's id |
| aud 3 | the bay: `<place id>/<space id>` |
| exp 4 | a minute after it was made, so that a picture of it is soon worth nothing |
| nbf 5 | from when the window (with its early margin) lets the holder in |
| iat 6 | when it was made |
| cti 7 | one-time id |
| -65537 | of who fetches the car: the id of their right (`access.delegations`) |

`nbf` and `exp` never leave the reservation's window: that binds the token to it. The last claim is
of the numbers for private use (RFC 8392 section 9.1); who does not know it may ignore it (section
3), so readers of before take such a token for what it is beside it, and the platform judges it.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from parking.access.cose import CoseError, Sign1, parse_sign1, sign1, verify

ISSUER = "berth"
ISS, SUB, AUD, EXP, NBF, IAT, CTI = range(1, 8)
DELEGATION = -65537
CTI_BYTES = 8
SHA_256 = b"\x01"
"""Suite of the Named Information hash algorithms (RFC 6920 section 9.4)."""
SECONDS_MAX = 2**40


class TokenUnreadable(ValueError):
    """It is not a token of this kind."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says; times are aware UTC, to the second. `delegation_id` is set where it lets
    out by a delegated exit right."""

    reservation_id: int
    place_id: int
    space_id: int
    not_before: datetime
    issued_at: datetime
    expires_at: datetime
    cti: bytes
    delegation_id: int | None = None

    @property
    def audience(self) -> str:
        """The bay."""
        return audience(self.place_id, self.space_id)


def audience(place_id: int, space_id: int | None = None) -> str:
    """Which tokens a reader is for: those of its bay, or of every bay of its place."""
    return f"{place_id}" if space_id is None else f"{place_id}/{space_id}"


def is_of_place(reader: str) -> bool:
    """Whether a reader with this audience is one of the whole place."""
    return bool(reader) and "/" not in reader


def is_for(claims: Claims, reader: str) -> bool:
    """Whether a token is for the reader with this audience."""
    return claims.audience == reader or claims.audience.startswith(f"{reader}/")


def sign_token(claims: Claims, kid: bytes, key: Ed25519PrivateKey) -> bytes:
    """The token; the same claims and key give the same bytes."""
    payload: dict[int, object] = {
        ISS: ISSUER,
        SUB: str(claims.reservation_id),
        AUD: claims.audience,
        EXP: _seconds(claims.expires_at),
        NBF: _seconds(claims.not_before),
        IAT: _seconds(claims.issued_at),
        CTI: claims.cti,
    }
    if claims.delegation_id is not None:
        payload[DELEGATION] = str(claims.delegation_id)
    return sign1(cbor2.dumps(payload), kid, key)


def parse_token(token: bytes) -> Sign1:
    """The token taken apart, to look for its key; nothing in it is proven. Raises
    TokenUnreadable."""
    try:
        return parse_sign1(token)
    except CoseError as error:
        raise TokenUnreadable(str(error)) from error


def verified_claims(message: Sign1, public_key: bytes) -> Claims:
    """What the token says, proven. Raises SignatureFalse, TokenUnreadable."""
    return _claims(verify(message, public_key))


def token_hash(token: bytes) -> bytes:
    """The token's name in a revocation list (RFC 9770 section 4): 33 bytes."""
    text = urlsafe_b64encode(token).rstrip(b"=")
    return SHA_256 + hashlib.sha256(text).digest()


def _claims(payload: bytes) -> Claims:
    try:
        said = cbor2.loads(payload)
        place, _, space = said[AUD].partition("/")
        claims = Claims(
            reservation_id=_number(said[SUB]),
            place_id=_number(place),
            space_id=_number(space),
            not_before=_instant(said, NBF),
            issued_at=_instant(said, IAT),
            expires_at=_instant(said, EXP),
            cti=_one_time_id(said[CTI]),
            delegation_id=_number(said[DELEGATION]) if DELEGATION in said else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise TokenUnreadable("its claims are not those of a Berth credential") from error
    if said.get(ISS) != ISSUER:
        raise TokenUnreadable("it was not made by Berth")
    return claims


def _one_time_id(cti: object) -> bytes:
    if not isinstance(cti, bytes) or len(cti) != CTI_BYTES:
        raise ValueError("not a one-time id")
    return cti


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise ValueError("not an id")
    return int(text)


def _instant(said: Mapping[int, Any], label: int) -> datetime:
    seconds = said[label]
    if type(seconds) is not int or not 0 <= seconds < SECONDS_MAX:
        raise ValueError("not a time")
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())

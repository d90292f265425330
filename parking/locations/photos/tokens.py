"""Addresses of pictures: short-lived, made without any row, authenticated (HMAC).

A ticket lets its holder send one picture for one position; a scope lets somebody look at one. Both
name by what right: whether that still holds is asked when they are used.
"""

import hmac
import struct
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256
from typing import NamedTuple

from parking.errors import NotFound

CODE_BYTES = 17
"""136 bits: beyond guessing."""
_LAYOUT = struct.Struct(">BqqqQ")


class Right(IntEnum):
    """By what right: as the signed-in person, by a secure link, or to send one."""

    PERSON = 1
    LINK = 2
    SEND = 3


class PhotoToken(NamedTuple):
    """`subject_id` is the photo's, of SEND the position's; `holder_id` the person's or link's.
    `nonce` tells one ticket from another; 0 of scopes."""

    right: Right
    subject_id: int
    holder_id: int
    expires_at: datetime
    nonce: int = 0


def sealed_token(key: bytes, token: PhotoToken) -> str:
    """The token as text: letters and digits, lower case; whole seconds."""
    told = _LAYOUT.pack(
        token.right, token.subject_id, token.holder_id, int(token.expires_at.timestamp()),
        token.nonce,
    )  # fmt: skip
    return b32encode(told + _code(key, told)).decode().rstrip("=").lower()


def opened_token(keys: Sequence[bytes], text: str, now: datetime) -> PhotoToken:
    """What a token says. `keys` are the installation's, the newest first. Raises NotFound for a
    false and an expired one alike."""
    told, code = _parted(text)
    if not any(hmac.compare_digest(code, _code(key, told)) for key in keys):
        raise _missing()
    right, subject_id, holder_id, expires, nonce = _LAYOUT.unpack(told)
    token = PhotoToken(
        Right(right), subject_id, holder_id, datetime.fromtimestamp(expires, UTC), nonce
    )
    if now >= token.expires_at:
        raise _missing()
    return token


def _parted(text: str) -> tuple[bytes, bytes]:
    try:
        raw = b32decode(text.upper() + "=" * (-len(text) % 8)) if text.isascii() else b""
    except (NotBase32, ValueError):
        raise _missing() from None
    if len(raw) != _LAYOUT.size + CODE_BYTES:
        raise _missing()
    return raw[: _LAYOUT.size], raw[_LAYOUT.size :]


def _code(key: bytes, told: bytes) -> bytes:
    return hmac.new(key, b"position photo " + told, sha256).digest()[:CODE_BYTES]


def _missing() -> NotFound:
    return NotFound("there is no such photo, or its address has expired; load the page again")

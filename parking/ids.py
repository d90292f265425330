"""Unguessable values: tokens for links, keys and secrets."""

import hashlib
import hmac
import secrets
from base64 import b32encode

TOKEN_BYTES = 24
"""192 bits: beyond guessing, and 32 characters in base64url."""


def new_token(prefix: str = "") -> str:
    """A fresh URL-safe token; `prefix` tells a reader (and a secret scanner) what it is."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


PUBLIC_ID_BYTES = 16
"""128 bits: beyond guessing, and 26 characters in base32."""
PUBLIC_ID_CHARACTERS = 26


def new_public_id() -> str:
    """A fresh name for something printed: lower-case letters and digits that are hard to confuse
    (RFC 4648 base32), so that it can be read out and typed, too."""
    return b32encode(secrets.token_bytes(PUBLIC_ID_BYTES)).decode().rstrip("=").lower()


def token_hash(token: str) -> str:
    """What is stored of a high-entropy token: SHA-256 in hex. Not for short codes or passwords."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(secret: bytes, value: str) -> str:
    """What is stored of a short code: HMAC-SHA-256 under the installation's secret, in hex."""
    return hmac.new(secret, value.encode(), hashlib.sha256).hexdigest()

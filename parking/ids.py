"""Unguessable values: tokens for links, keys and secrets."""

import hashlib
import hmac
import secrets

TOKEN_BYTES = 24
"""192 bits: beyond guessing, and 32 characters in base64url."""


def new_token(prefix: str = "") -> str:
    """A fresh URL-safe token; `prefix` tells a reader (and a secret scanner) what it is."""
    return prefix + secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is stored of a high-entropy token: SHA-256 in hex. Not for short codes or passwords."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_hash(secret: bytes, value: str) -> str:
    """What is stored of a short code: HMAC-SHA-256 under the installation's secret, in hex."""
    return hmac.new(secret, value.encode(), hashlib.sha256).hexdigest()

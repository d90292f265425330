"""Tokens of invitations and secure links: unguessable addresses (CLAIMS E13), given once.

A token is made of what it is for and the instant at which that was made, under a key of the
installation (HMAC). So it need not be kept to be answered again for the same idempotency key; what
is kept is its hash, by which it is found. The instant keeps a later row that a database gives a
former id from having the former's token.
"""

import hmac
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from parking.clock import rfc3339
from parking.ids import token_hash

TOKEN_BYTES = 17
"""136 bits: beyond guessing."""
TOKEN_CHARACTERS = 28
"""Base32 (RFC 4648), lower case, without padding."""
INVITATION_PATH = "/i/"
"""Where the page of an invitation is; the token follows."""
LINK_PATH = "/p/"
"""Where the page of a secure link is; the token follows."""


def made_token(key: bytes, what: str, row_id: int, made_at: datetime) -> str:
    """The token of one row; `what` keeps one kind from standing in for another."""
    told = f"position {what} {row_id} {rfc3339(made_at)}".encode()
    code = hmac.new(key, told, sha256).digest()[:TOKEN_BYTES]
    return b32encode(code).decode().rstrip("=").lower()


def token_again(
    keys: Sequence[bytes], what: str, row_id: int, made_at: datetime, hashed: str | None
) -> str | None:
    """The token that was given before, whose hash is kept; None where the installation's secret was
    changed since and forgotten, or the token was used up. `keys` are the newest first."""
    made = (made_token(key, what, row_id, made_at) for key in keys)
    return next((each for each in made if token_hash(each) == hashed), None)


def is_token(text: str) -> bool:
    """Whether a text may be a token at all; others are not looked for."""
    return len(text) == TOKEN_CHARACTERS and text.isascii() and text.isalnum()

"""Signatures of webhooks as Standard Webhooks says (standardwebhooks.com, version 1).

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.`
and the body, one for each secret, separated by spaces. A secret is `whsec_` and base64.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from datetime import datetime

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix
SECRET_BYTES = 32
"""The specification wants 24 to 64."""
TOLERANCE_SECONDS = 300
"""How far a receiver lets the timestamp be from its own clock."""


def new_secret() -> bytes:
    """Fresh random bytes."""
    return os.urandom(SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """As it is shown to whoever sets up the receiver."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def message_id(letter_id: int, created_at: datetime) -> str:
    """The same for every attempt, so that a receiver knows a repetition."""
    return f"msg_{letter_id}_{int(created_at.timestamp())}"


def signed_headers(
    message: str, at: datetime, body: bytes, secrets: Iterable[bytes]
) -> dict[str, str]:
    """The headers of one attempt at `at`."""
    stamp = str(int(at.timestamp()))
    return {
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(message, stamp, body, each) for each in secrets),
    }


def is_genuine(headers: Mapping[str, str], body: bytes, secret: bytes, now: datetime) -> bool:
    """What a receiver does: whether the message is ours, and young."""
    try:
        age = abs(int(now.timestamp()) - int(headers["webhook-timestamp"]))
        signatures = headers["webhook-signature"].split()
        wanted = _signature(headers["webhook-id"], headers["webhook-timestamp"], body, secret)
    except (KeyError, ValueError, binascii.Error):
        return False
    return age <= TOLERANCE_SECONDS and any(
        hmac.compare_digest(each.encode(), wanted.encode()) for each in signatures
    )


def _signature(message: str, stamp: str, body: bytes, secret: bytes) -> str:
    digest = hmac.new(secret, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()

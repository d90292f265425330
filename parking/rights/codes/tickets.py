"""A claim ticket: who scanned a picture while it was fresh may take some minutes to type. Pure.

A rotating picture is good for a minute at most, and a form takes longer to fill in. So the
verification page gets, with what the picture gives, a ticket for this one code, and sends that
instead. Nothing is stored; what a ticket may do is decided by its code's state when it is used.
"""

import hmac
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

TICKET_LIFE: Final = timedelta(minutes=10)
MARK: Final = "t"
"""Begins the middle part of a ticket, where a picture has digits alone."""
MAC_BYTES: Final = 15
"""120 bits, 24 characters of base32."""


def ticket_of(key: bytes, public_id: str, at: datetime) -> str:
    """The ticket for a code, given out at this instant (aware UTC)."""
    seconds = int(at.timestamp())
    return f"{public_id}.{MARK}{seconds}.{_mac(key, public_id, seconds)}"


def is_ticket(text: str) -> bool:
    """Whether the text has a ticket's form; whether it is good, `read_ticket` says."""
    return text.count(".") == 2 and text.split(".")[1].startswith(MARK)


def read_ticket(keys: Sequence[bytes], text: str, at: datetime) -> str | None:
    """The public id of the code that the ticket is for; None for one that is false or too old.

    `keys` are the installation's, the newest first.
    """
    if not is_ticket(text) or not text.isascii():
        return None
    public_id, middle, mac = text.split(".")
    digits = middle.removeprefix(MARK)
    if not digits.isdecimal():
        return None
    seconds = int(digits)
    is_good = any(hmac.compare_digest(mac, _mac(key, public_id, seconds)) for key in keys)
    age = int(at.timestamp()) - seconds
    return public_id if is_good and 0 <= age < TICKET_LIFE.total_seconds() else None


def _mac(key: bytes, public_id: str, seconds: int) -> str:
    told = f"claim ticket {public_id} {seconds}".encode()
    return b32encode(hmac.digest(key, told, sha256)[:MAC_BYTES]).decode().lower()

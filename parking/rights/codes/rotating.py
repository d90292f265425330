"""What a scan gives: a printed code's public id, or a picture that a screen shows. Pure.

A printed code is copied with any camera. A rotating one is shown as `public_id.step.mac`: `step`
counts `ROTATION`s since 1970 and `mac` is a code of authenticity (HMAC-SHA-256, 80 bits) under a
key of the installation, so nobody can make the picture of another time (CLAIMS A17). Nothing of it
is stored.
"""

import hmac
from base64 import b32encode
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from parking.ids import PUBLIC_ID_CHARACTERS
from parking.rights.codes.tickets import is_ticket, read_ticket
from parking.rights.limits import ROTATION

MAC_BYTES = 10
"""80 bits, 16 characters: a picture is good for a minute, and tries are counted."""
SCANNED_CHARACTERS_MAX = 300
"""Some scanners give the whole address that the picture holds."""
FRESH_STEPS_MAX = 1
"""A picture is good for its own step and the next one."""
AHEAD_STEPS_MAX = 1
"""The clock of whoever made the picture may go before that of whoever reads it."""
STALE = FRESH_STEPS_MAX + 1
"""The age of a ticket that is over: older than fresh, by how much nobody asks."""


class Scanned(NamedTuple):
    """What a text names: a grant code's public id, empty if it names none or its code of
    authenticity is false. `age` of the picture is in steps; None: no picture, the id alone.
    `ticket` is the text itself where it stands for a picture: nobody renews one by itself."""

    public_id: str
    age: int | None = None
    ticket: str = ""

    @property
    def is_fresh(self) -> bool:
        """Whether it is a picture that the screen shows, or showed a moment ago."""
        return self.age is not None and -AHEAD_STEPS_MAX <= self.age <= FRESH_STEPS_MAX


NOTHING = Scanned("")


def picture(key: bytes, public_id: str, at: datetime) -> str:
    """What the screen shows at this instant (aware UTC)."""
    step = step_of(at)
    return f"{public_id}.{step}.{_mac(key, public_id, step)}"


def renew_at(at: datetime) -> datetime:
    """When the screen has to show the next picture, in UTC."""
    seconds = (step_of(at) + 1) * int(ROTATION.total_seconds())
    return datetime.fromtimestamp(seconds, UTC)


def read_picture(keys: Sequence[bytes], text: str, at: datetime) -> Scanned:
    """What a scanned text names: a picture, a ticket (`tickets`) or the id on a printed code, also
    as the last part of an address. `keys` are the installation's, the newest first."""
    parts = text.strip().lower().rpartition("/")[2].split(".")
    if len(text) > SCANNED_CHARACTERS_MAX or not text.isascii() or not _is_public_id(parts[0]):
        return NOTHING
    if len(parts) == 1:
        return Scanned(parts[0])
    given = ".".join(parts)
    if is_ticket(given):
        is_good = read_ticket(keys, given, at) is not None
        return Scanned(parts[0], 0 if is_good else STALE, given)
    return _read(keys, parts, at)


def step_of(at: datetime) -> int:
    """The number of the step at this instant."""
    return int(at.timestamp()) // int(ROTATION.total_seconds())


def _read(keys: Sequence[bytes], parts: Sequence[str], at: datetime) -> Scanned:
    if len(parts) != 3 or not parts[1].isdecimal():
        return NOTHING
    public_id, step, mac = parts[0], int(parts[1]), parts[2]
    is_good = any(hmac.compare_digest(mac, _mac(key, public_id, step)) for key in keys)
    return Scanned(public_id, step_of(at) - step) if is_good else NOTHING


def _is_public_id(text: str) -> bool:
    return len(text) == PUBLIC_ID_CHARACTERS and text.isalnum()


def _mac(key: bytes, public_id: str, step: int) -> str:
    told = f"grant code {public_id} {step}".encode()
    return b32encode(hmac.digest(key, told, sha256)[:MAC_BYTES]).decode().lower()

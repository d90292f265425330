"""Key numbers: what a driver types at the bay. Short, so stored slowly hashed and under a key that
only the installation has; tries are few and counted in the database."""

import asyncio
import hashlib
import hmac
import os
import secrets
import unicodedata
from datetime import timedelta

from parking.accounts.attempts import Limit
from parking.devices.sealing import Sealer

KEY_DIGITS = 6
TRIES_PER_RESERVATION = Limit("key_of_reservation", 5, timedelta(minutes=15))
TRIES_PER_READER = Limit("key_at_reader", 20, timedelta(minutes=15))
"""Five guesses among a million each quarter of an hour, over all readers of a bay."""

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1
"""RFC 7914; about 40 ms and 16 MB a guess."""
SALT_BYTES = 16


def new_key() -> str:
    """A fresh key number."""
    return f"{secrets.randbelow(10**KEY_DIGITS):0{KEY_DIGITS}}"


def typed_key(text: str) -> str | None:
    """The key number in what was typed: full-width digits and spaces are forgiven; None if it is
    none."""
    digits = "".join(unicodedata.normalize("NFKC", text[:64]).replace("-", "").split())
    is_key = len(digits) == KEY_DIGITS and digits.isascii() and digits.isdigit()
    return digits if is_key else None


async def hashed_key(key: str, reservation_id: int, sealer: Sealer) -> str:
    """What is stored of a key number; every call gives another text."""
    salt = os.urandom(SALT_BYTES)
    return f"{salt.hex()}${(await _slow(key, reservation_id, salt, sealer)).hex()}"


async def is_key(stored: str, key: str, reservation_id: int, sealer: Sealer) -> bool:
    """Whether a key number is the one that was stored."""
    salt, _, kept = stored.partition("$")
    found = await _slow(key, reservation_id, bytes.fromhex(salt), sealer)
    return hmac.compare_digest(found.hex(), kept)


async def _slow(key: str, reservation_id: int, salt: bytes, sealer: Sealer) -> bytes:
    peppered = sealer.fingerprint(f"key number {reservation_id} {key}")
    return await asyncio.to_thread(
        hashlib.scrypt, peppered, salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=32
    )

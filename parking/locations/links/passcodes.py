"""Passcodes of secure links: short, so stored slowly hashed, under a key that only the installation
has. How often one is tried is counted in the link's row."""

import asyncio
import hashlib
import hmac
import os

from parking.devices.sealing import Sealer

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1
"""RFC 7914; about 40 ms and 16 MB a guess."""
SALT_BYTES = 16


async def hashed_passcode(digits: str, sealer: Sealer) -> str:
    """What is stored of a passcode; every call gives another text."""
    salt = os.urandom(SALT_BYTES)
    return f"{salt.hex()}${(await _slow(digits, salt, sealer)).hex()}"


async def is_passcode(stored: str, digits: str, sealer: Sealer) -> bool:
    """Whether these digits are those that were stored."""
    salt, _, kept = stored.partition("$")
    found = await _slow(digits, bytes.fromhex(salt), sealer)
    return hmac.compare_digest(found.hex(), kept)


async def _slow(digits: str, salt: bytes, sealer: Sealer) -> bytes:
    peppered = sealer.fingerprint(f"position link passcode {digits}")
    return await asyncio.to_thread(
        hashlib.scrypt, peppered, salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=32
    )

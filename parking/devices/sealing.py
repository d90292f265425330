"""Secrets of devices at rest: AES-GCM under a key that only the installation has."""

import hmac
import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parking.errors import BerthError

NONCE_BYTES = 12
_PURPOSE = b"berth device credentials 1"
"""Separates this key from all others derived from the same secret; counts up with the scheme."""
_FINGERPRINTS = b"berth fingerprints 1"


class Unsealable(BerthError):
    """A stored secret does not open: BERTH_SECRET_KEY is not the one it was sealed under."""

    code = "SECRET_KEY_CHANGED"


class Sealer:
    """Seals and opens small secrets. `label` binds a secret to its row: it opens nowhere else."""

    def __init__(self, secret_key: bytes) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret_key)
        self._cipher = AESGCM(derived)
        self._pepper = HKDF(SHA256(), 32, salt=None, info=_FINGERPRINTS).derive(secret_key)

    def seal(self, secret: bytes, label: str) -> str:
        """Text to be stored; every call gives another."""
        nonce = os.urandom(NONCE_BYTES)
        return b64encode(nonce + self._cipher.encrypt(nonce, secret, label.encode())).decode()

    def fingerprint(self, value: str) -> bytes:
        """HMAC-SHA-256 of a short secret: without the installation's key nobody can try values."""
        return hmac.digest(self._pepper, value.encode(), "sha256")

    def open(self, sealed: str, label: str) -> bytes:
        """The secret. Raises Unsealable."""
        raw = b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], label.encode())
        except InvalidTag as error:
            raise Unsealable(
                f"The secret of {label} does not open; set BERTH_SECRET_KEY to the key that the "
                "device was provisioned under, or rotate the device's credential."
            ) from error

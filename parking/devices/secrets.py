"""Making OSCORE material for a device, and how it is shown once."""

import os
from dataclasses import asdict, dataclass
from datetime import datetime

from parking.devices.sealing import Sealer

KID_BYTES = 6
"""The device's sender id. Random, so that no counter is shared; two in 100,000 devices are alike
with a probability of 2 in 100,000, and then the database says no. AES-CCM-16-64-128 allows 7."""

MASTER_SECRET_BYTES = 16
MASTER_SALT_BYTES = 8

GATEWAY_SENDER_ID = b"\x00"
"""The gateway's sender id with every device: one byte, never a device's kid."""

ALGORITHM = "AES-CCM-16-64-128"
HASH_NAME = "sha256"


@dataclass(frozen=True, slots=True)
class Secret:
    """What is put into the device (RFC 8613 section 3.2), all in hex; it is shown once.

    `sender_id` and `recipient_id` are as the device sees them.
    """

    master_secret: str
    master_salt: str
    sender_id: str
    recipient_id: str = GATEWAY_SENDER_ID.hex()
    algorithm: str = ALGORITHM
    hash_name: str = HASH_NAME
    id_context: str = ""

    def __repr__(self) -> str:
        return f"Secret(sender_id={self.sender_id!r}, …)"

    def as_dict(self) -> dict[str, str]:
        """For showing or writing into a file that the device reads."""
        return asdict(self)


def new_secret() -> Secret:
    """Fresh random material."""
    return Secret(
        master_secret=os.urandom(MASTER_SECRET_BYTES).hex(),
        master_salt=os.urandom(MASTER_SALT_BYTES).hex(),
        sender_id=os.urandom(KID_BYTES).hex(),
    )


def seal_label(kid: str, kid_context: str) -> str:
    """What binds a sealed secret to its credential."""
    return f"credential {kid}/{kid_context}"


CredentialValues = tuple[int, str, str, str, str, int, datetime]

INSERT_CREDENTIAL = """
INSERT INTO device_credential
       (device_id, kid, kid_context, secret_sealed, master_salt, generation, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

INSERT_SECURITY_STATES = """
INSERT INTO security_state (credential_id, updated_at)
SELECT c.id, c.created_at FROM device_credential c WHERE c.kid {any_kid}
"""


def credential_values(
    device_id: int, secret: Secret, sealer: Sealer, generation: int, at: datetime
) -> CredentialValues:
    """Values of `INSERT_CREDENTIAL`."""
    label = seal_label(secret.sender_id, secret.id_context)
    sealed = sealer.seal(bytes.fromhex(secret.master_secret), label)
    return (
        device_id,
        secret.sender_id,
        secret.id_context,
        sealed,
        secret.master_salt,
        generation,
        at,
    )

"""COSE_Sign1 with Ed25519 (RFC 9052 section 4.2, RFC 9053 section 2.2), and its keys as sets.

The few lines are ours because no library that is kept supports the cbor2 that Berth runs on
(docs/adr/0033-credentials.md); they are tested against the COSE working group's examples.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGN1_TAG = 18
ALG, KID = 1, 4
"""Header parameters (RFC 9052 section 3.1)."""
EDDSA = -8
"""Algorithm (RFC 9053 section 2.2)."""
KTY, KEY_ID, KEY_ALG, CURVE, X = 1, 2, 3, -1, -2
"""Key parameters (RFC 9052 section 7.1, RFC 9053 section 7.2)."""
OKP, ED25519 = 1, 6
SIGNATURE_BYTES = 64
MESSAGE_BYTES_MAX = 1024


class CoseError(ValueError):
    """It is no COSE_Sign1 that could be checked here."""


class SignatureFalse(CoseError):
    """The signature is not that of the key named."""


@dataclass(frozen=True, slots=True)
class Sign1:
    """A message that was taken apart, and is not checked yet. `kid` is b"" where none is named."""

    protected: bytes
    kid: bytes
    payload: bytes
    signature: bytes


def sign1(payload: bytes, kid: bytes, key: Ed25519PrivateKey) -> bytes:
    """The tagged message; the same input gives the same bytes (Ed25519 is deterministic)."""
    protected = cbor2.dumps({ALG: EDDSA, KID: kid})
    signature = key.sign(_to_be_signed(protected, payload))
    return cbor2.dumps(cbor2.CBORTag(SIGN1_TAG, [protected, {}, payload, signature]))


def parse_sign1(message: bytes) -> Sign1:
    """Take a message apart, tagged or not. Raises CoseError."""
    if len(message) > MESSAGE_BYTES_MAX:
        raise CoseError(f"longer than {MESSAGE_BYTES_MAX} bytes")
    parts = _decoded(message)
    if isinstance(parts, cbor2.CBORTag) and parts.tag == SIGN1_TAG:
        parts = parts.value
    if not isinstance(parts, list | tuple) or len(parts) != 4:
        raise CoseError("not a COSE_Sign1")
    protected, unprotected, payload, signature = parts
    if not all(isinstance(each, bytes) for each in (protected, payload, signature)):
        raise CoseError("not a COSE_Sign1")
    head = _decoded(protected) if protected else {}
    if not isinstance(head, Mapping) or not isinstance(unprotected, Mapping):
        raise CoseError("a COSE header is a map")
    if head.get(ALG) != EDDSA or 2 in head:
        raise CoseError("the algorithm must be EdDSA, without critical headers")
    kid = head.get(KID, unprotected.get(KID, b""))
    if not isinstance(kid, bytes):
        raise CoseError("a key id is a byte string")
    return Sign1(protected, kid, payload, signature)


def verify(message: Sign1, public_key: bytes) -> bytes:
    """The payload, once the signature is found to be that of the key. Raises SignatureFalse."""
    key = Ed25519PublicKey.from_public_bytes(public_key)
    try:
        key.verify(message.signature, _to_be_signed(message.protected, message.payload))
    except InvalidSignature as error:
        raise SignatureFalse("the signature is not of this key") from error
    return message.payload


def key_set(keys: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A COSE_KeySet of (kid, public key) pairs (RFC 9052 section 7)."""
    return cbor2.dumps(
        [{KTY: OKP, KEY_ID: kid, KEY_ALG: EDDSA, CURVE: ED25519, X: x} for kid, x in keys]
    )


def parse_key_set(data: bytes) -> dict[bytes, bytes]:
    """kid to public key of every Ed25519 key of a set; others are left out. Raises CoseError."""
    keys = _decoded(data)
    if not isinstance(keys, list):
        raise CoseError("a COSE_KeySet is an array")
    return {
        key[KEY_ID]: key[X]
        for key in keys
        if isinstance(key, Mapping) and (key.get(KTY), key.get(CURVE)) == (OKP, ED25519)
    }


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure (RFC 9052 section 4.4)."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def _decoded(data: bytes) -> Any:
    try:
        return cbor2.loads(data)
    except Exception as error:  # decoders of tags raise what they like
        raise CoseError("not CBOR") from error

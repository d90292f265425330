"""OSCORE contexts (RFC 8613): keys, nonces, additional data, sealing and opening.

Keys come from aiocoap's derivation and algorithm table. Sealing and opening are our own, on bytes:
AEAD objects, nonce bases and the constant part of the additional data are made once a context.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Protocol

from aiocoap import oscore as rfc8613
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import aead

from coap_gateway.stack.codes import Code
from coap_gateway.stack.errors import OscoreError
from coap_gateway.stack.replay import ReplayWindow
from coap_gateway.stack.security import SecurityMaterial

PARTIAL_IV_BYTES_MAX = 5
SEQUENCE_MAX = 2**40 - 1
FLAG_KID_CONTEXT = 0x10
FLAG_KID = 0x08
FLAGS_RESERVED = 0xE0
MARK_BYTES = 8


class Aead(Protocol):
    """What the `cryptography` ciphers have in common."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext with tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Plaintext, or InvalidTag."""
        ...


@dataclass(slots=True)
class OscoreOption:
    """The decoded OSCORE option (RFC 8613 6.1)."""

    partial_iv: bytes = b""
    kid: bytes | None = None
    kid_context: bytes | None = None

    @classmethod
    def decode(cls, value: bytes) -> OscoreOption:
        """From the option's bytes; raises `OscoreError` (4.02)."""
        if not value:
            return cls()
        flags = value[0]
        length = flags & 7
        at = 1 + length
        if flags & FLAGS_RESERVED or length > PARTIAL_IV_BYTES_MAX or at > len(value):
            raise OscoreError(Code.BAD_OPTION, "OSCORE option cannot be decoded")
        partial_iv = value[1:at]
        kid_context = None
        if flags & FLAG_KID_CONTEXT:
            end = at + 1 + value[at] if at < len(value) else len(value) + 1
            if end > len(value):
                raise OscoreError(Code.BAD_OPTION, "kid context is cut off")
            kid_context = value[at + 1 : end]
            at = end
        if flags & FLAG_KID:
            return cls(partial_iv, value[at:], kid_context)
        if at != len(value):
            raise OscoreError(Code.BAD_OPTION, "bytes after the OSCORE option")
        return cls(partial_iv, None, kid_context)

    def encode(self) -> bytes:
        """To the option's bytes."""
        flags = len(self.partial_iv)
        tail = b""
        if self.kid_context is not None:
            flags |= FLAG_KID_CONTEXT
            tail = bytes((len(self.kid_context),)) + self.kid_context
        if self.kid is not None:
            flags |= FLAG_KID
            tail += self.kid
        return bytes((flags,)) + self.partial_iv + tail if flags else b""


@dataclass(slots=True)
class Binding:
    """What ties a response to its request: additional data, and the request's nonce.

    The nonce may protect one response only, and none at all unless the request was proven new.
    """

    aad: bytes
    nonce: bytes
    reusable: bool

    def take_nonce(self) -> bytes | None:
        """The request's nonce if it may still be used, else None."""
        if not self.reusable:
            return None
        self.reusable = False
        return self.nonce


class Context:
    """One OSCORE security context with its volatile state.

    Sender sequence numbers come from blocks that the store reserved durably: `take_sequence`
    gives None when the block is used up and `add_sequences` has not brought the next. ``mark`` is
    random and tells this object from a later one of the same credential. ``route`` is where the
    peer's last proven request came from.
    """

    __slots__ = (
        "_aad_of_own",
        "_aad_of_peer",
        "_nonce_bytes",
        "_nonce_of_own",
        "_nonce_of_peer",
        "_open",
        "_seal",
        "_sequence",
        "_sequence_end",
        "_spare",
        "mark",
        "material",
        "refilling",
        "route",
        "window",
    )

    def __init__(self, material: SecurityMaterial, window_bits: int) -> None:
        keys = _derive(material)
        self.material = material
        self.window = ReplayWindow(window_bits)
        self.refilling = False
        self.route: tuple[Any, ...] | None = None
        self.mark = secrets.token_bytes(MARK_BYTES)
        self._seal = _cipher(keys.alg_aead, keys.sender_key).encrypt
        self._open = _cipher(keys.alg_aead, keys.recipient_key).decrypt
        self._nonce_bytes: int = keys.alg_aead.iv_bytes
        self._nonce_of_own = _nonce_base(keys.common_iv, material.sender_id, self._nonce_bytes)
        self._nonce_of_peer = _nonce_base(keys.common_iv, material.recipient_id, self._nonce_bytes)
        self._aad_of_own = _aad_head(keys.alg_aead.value, material.sender_id)
        self._aad_of_peer = _aad_head(keys.alg_aead.value, material.recipient_id)
        self._sequence = 0
        self._sequence_end = 0
        self._spare: tuple[int, int] | None = None

    @property
    def credential_id(self) -> int:
        """The store's key of this credential."""
        return self.material.credential_id

    @property
    def sequences_left(self) -> int:
        """Reserved sender sequence numbers that are not used yet."""
        spare = self._spare[1] - self._spare[0] if self._spare else 0
        return self._sequence_end - self._sequence + spare

    def add_sequences(self, first: int, count: int) -> None:
        """Take over a block that the store has reserved."""
        block = (first, min(first + count, SEQUENCE_MAX))
        if self._sequence < self._sequence_end:
            self._spare = block
        else:
            self._sequence, self._sequence_end = block

    def take_sequence(self) -> int | None:
        """The next sender sequence number, never the same twice; None when none is reserved."""
        if self._sequence >= self._sequence_end:
            if self._spare is None:
                return None
            self._sequence, self._sequence_end = self._spare
            self._spare = None
            if self._sequence >= self._sequence_end:
                return None
        self._sequence += 1
        return self._sequence - 1

    def open_request(self, partial_iv: bytes, ciphertext: bytes) -> tuple[bytes, Binding]:
        """Plaintext of the peer's request; raises `OscoreError` (4.00). Checks no replay."""
        nonce = (self._nonce_of_peer ^ int.from_bytes(partial_iv, "big")).to_bytes(
            self._nonce_bytes, "big"
        )
        aad = _aad(self._aad_of_peer, partial_iv)
        try:
            plaintext = self._open(nonce, ciphertext, aad)
        except (InvalidTag, ValueError):
            raise OscoreError(Code.BAD_REQUEST, "decryption failed") from None
        return plaintext, Binding(aad, nonce, reusable=True)

    def seal_response(
        self, binding: Binding, plaintext: bytes, sequence: int | None
    ) -> tuple[bytes, bytes]:
        """OSCORE option and ciphertext of a response.

        ``sequence`` None uses the request's nonce, which must still be free.
        """
        if sequence is None:
            nonce = binding.take_nonce()
            if nonce is None:
                raise ValueError("the request's nonce is used up: a sequence number is needed")
            return b"", self._seal(nonce, plaintext, binding.aad)
        partial_iv = encode_partial_iv(sequence)
        nonce = (self._nonce_of_own ^ sequence).to_bytes(self._nonce_bytes, "big")
        option = bytes((len(partial_iv),)) + partial_iv
        return option, self._seal(nonce, plaintext, binding.aad)

    def seal_request(self, sequence: int, plaintext: bytes) -> tuple[bytes, bytes, Binding]:
        """OSCORE option, ciphertext and binding of an own request."""
        partial_iv = encode_partial_iv(sequence)
        nonce = (self._nonce_of_own ^ sequence).to_bytes(self._nonce_bytes, "big")
        aad = _aad(self._aad_of_own, partial_iv)
        option = OscoreOption(partial_iv, self.material.sender_id, self.material.id_context)
        return option.encode(), self._seal(nonce, plaintext, aad), Binding(aad, nonce, True)

    def open_response(
        self, binding: Binding, option: OscoreOption, ciphertext: bytes
    ) -> tuple[bytes, int | None]:
        """Plaintext of the peer's response and its own sequence number, if it has one."""
        sequence = None
        nonce = binding.nonce
        if option.partial_iv:
            sequence = int.from_bytes(option.partial_iv, "big")
            nonce = (self._nonce_of_peer ^ sequence).to_bytes(self._nonce_bytes, "big")
        try:
            return self._open(nonce, ciphertext, binding.aad), sequence
        except (InvalidTag, ValueError):
            raise OscoreError(Code.BAD_REQUEST, "response cannot be decrypted") from None


def encode_partial_iv(sequence: int) -> bytes:
    """A sequence number as partial IV: no leading zeros, but at least one byte."""
    return sequence.to_bytes((sequence.bit_length() + 7) // 8 or 1, "big")


class _Derivation(rfc8613.SecurityContextUtils):  # type: ignore[misc]
    """aiocoap's key derivation, for the parameters of one material."""


def _derive(material: SecurityMaterial) -> Any:
    derivation = _Derivation()
    derivation.alg_aead = rfc8613.algorithms[material.algorithm]
    if not isinstance(derivation.alg_aead, rfc8613.AeadAlgorithm):
        raise ValueError(  # noqa: TRY004 - the name is wrong, not a type
            f"{material.algorithm} is no AEAD algorithm; OSCORE needs one"
        )
    derivation.hashfun = rfc8613.hashfunctions[material.hash_name]
    derivation.id_context = material.id_context
    derivation.sender_id = material.sender_id
    derivation.recipient_id = material.recipient_id
    longest = derivation.alg_aead.iv_bytes - 6
    if max(len(material.sender_id), len(material.recipient_id)) > longest:
        raise ValueError(f"OSCORE ids are at most {longest} bytes with {material.algorithm}")
    if material.sender_id == material.recipient_id:
        raise ValueError("sender and recipient id must differ")
    derivation.derive_keys(material.master_salt, material.master_secret)
    return derivation


def _cipher(algorithm: Any, key: bytes) -> Aead:
    if isinstance(algorithm, rfc8613.AES_CCM):
        return aead.AESCCM(key, algorithm.tag_bytes)
    if isinstance(algorithm, rfc8613.AES_GCM):
        return aead.AESGCM(key)
    return aead.ChaCha20Poly1305(key)


def _nonce_base(common_iv: bytes, identifier: bytes, length: int) -> int:
    """Nonce for partial IV 0 as an integer (RFC 8613 5.2); XOR with the sequence gives the rest."""
    padded = bytes(length - 6 - len(identifier)) + identifier
    components = bytes((len(identifier),)) + padded + bytes(5)
    return int.from_bytes(common_iv[:length], "big") ^ int.from_bytes(components, "big")


def _aad_head(algorithm: int, kid: bytes) -> bytes:
    """CBOR of external_aad up to the partial IV (RFC 8613 5.4)."""
    return b"\x85\x01\x81" + _cbor_int(algorithm) + bytes((0x40 | len(kid),)) + kid


def _cbor_int(value: int) -> bytes:
    return bytes((value,)) if value < 24 else bytes((0x18, value))


def _aad(head: bytes, partial_iv: bytes) -> bytes:
    """Enc_structure ["Encrypt0", h'', external_aad] as CBOR (RFC 8613 5.4)."""
    length = len(head) + len(partial_iv) + 2
    header = bytes((0x40 | length,)) if length < 24 else bytes((0x58, length))
    return b"\x83\x68Encrypt0\x40%b%b%c%b\x40" % (
        header,
        head,
        0x40 | len(partial_iv),
        partial_iv,
    )

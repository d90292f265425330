"""OSCORE security material and where it is kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class SecurityMaterial:
    """Input of an OSCORE context (RFC 8613 3.2), seen from the gateway.

    ``sender_id`` is the gateway's id, ``recipient_id`` the device's (its kid in requests).
    ``credential`` is opaque to the stack: resources find it in `Request.peer`.
    ``algorithm`` and ``hash_name`` are names of aiocoap's tables.
    """

    credential_id: int
    master_secret: bytes = field(repr=False)
    sender_id: bytes
    recipient_id: bytes
    master_salt: bytes = field(default=b"", repr=False)
    id_context: bytes | None = None
    algorithm: str = "AES-CCM-16-64-128"
    hash_name: str = "sha256"
    credential: Any = None


class SecurityStore(Protocol):
    """Where OSCORE material and its durable state live.

    The gateway keeps a cache of contexts over it. Raising from any method is answered 5.03.
    """

    async def find(self, kid: bytes, kid_context: bytes | None) -> SecurityMaterial | None:
        """The live (not revoked) material whose recipient id and id context are these, or None.

        One look-up by key, never a scan. Called once per context and process, not per request.
        """
        ...

    async def reserve(self, credential_id: int, count: int) -> int:
        """Reserve ``count`` sender sequence numbers durably; return the first of them.

        Atomic over all processes: no number is ever handed out twice (it is the AEAD nonce).
        """
        ...

    async def claim(self, credential_id: int, owner: str) -> None:
        """Note durably that the replay window of this context now lives in process ``owner``.

        Called after the peer proved freshness by Echo, and only then.
        """
        ...

    async def owned(self, credential_ids: Collection[int], owner: str) -> set[int]:
        """Those of ``credential_ids`` that are live and still belong to ``owner``.

        Called now and then for the contexts used since the last call, at most 1,000 at once; the
        others are dropped from the cache, so revocation and take-over work even where no one calls
        `Server.forget`.
        """
        ...


class MemorySecurityStore:
    """Everything in dictionaries: for tests, plug tests and benchmarks; not durable."""

    def __init__(self) -> None:
        self._material: dict[tuple[bytes, bytes | None], SecurityMaterial] = {}
        self._next: dict[int, int] = {}
        self._owner: dict[int, str] = {}

    def add(self, material: SecurityMaterial) -> None:
        """Provision a credential; its sender sequence starts at 0."""
        key = (material.recipient_id, material.id_context)
        if material.credential is None:
            material = replace(material, credential=material.credential_id)
        self._material[key] = material
        self._next.setdefault(material.credential_id, 0)

    def remove(self, credential_id: int) -> None:
        """Revoke a credential."""
        self._material = {
            key: value
            for key, value in self._material.items()
            if value.credential_id != credential_id
        }

    async def find(self, kid: bytes, kid_context: bytes | None) -> SecurityMaterial | None:
        """See `SecurityStore.find`."""
        return self._material.get((kid, kid_context))

    async def reserve(self, credential_id: int, count: int) -> int:
        """See `SecurityStore.reserve`."""
        first = self._next.get(credential_id, 0)
        self._next[credential_id] = first + count
        return first

    async def claim(self, credential_id: int, owner: str) -> None:
        """See `SecurityStore.claim`."""
        self._owner[credential_id] = owner

    async def owned(self, credential_ids: Collection[int], owner: str) -> set[int]:
        """See `SecurityStore.owned`."""
        live = {material.credential_id for material in self._material.values()}
        return {i for i in credential_ids if i in live and self._owner.get(i) == owner}

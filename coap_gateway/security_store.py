"""OSCORE's durable state in the database (docs/adr/0022-security-state.md).

Whatever many contexts need at once (after a restart: all of them) is done in groups.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from coap_gateway.reporters import reporter_of
from coap_gateway.stack import SecurityMaterial
from parking.clock import Clock
from parking.devices.announce import announce_forget
from parking.devices.credentials import (
    Kid,
    KnownCredential,
    Reservation,
    claim_contexts,
    find_credentials,
    owned_contexts,
    reserve_sequences,
)
from parking.devices.gathering import Gathering
from parking.devices.sealing import Sealer
from parking.devices.secrets import ALGORITHM, GATEWAY_SENDER_ID, HASH_NAME, seal_label
from parking.events.bus import Bus
from parking.storage.sql import database
from parking.storage.transactions import retried, transaction


class DatabaseSecurityStore:
    """The `SecurityStore` of a gateway; many gateways share one database."""

    def __init__(self, clock: Clock, bus: Bus, sealer: Sealer, gateway: str) -> None:
        self._clock = clock
        self._bus = bus
        self._sealer = sealer
        self._gateway = gateway
        self._finds: Gathering[Kid, KnownCredential | None] = Gathering(self._find_group)
        self._reservations: Gathering[Reservation, int] = Gathering(self._reserve_group)
        self._claims: Gathering[int, None] = Gathering(self._claim_group)

    async def find(self, kid: bytes, kid_context: bytes | None) -> SecurityMaterial | None:
        """See `SecurityStore.find`. Raises Unsealable where the installation's key has changed."""
        known = await self._finds.result((kid.hex(), (kid_context or b"").hex()))
        if known is None:
            return None
        label = seal_label(known.kid, known.kid_context)
        return SecurityMaterial(
            credential_id=known.credential_id,
            master_secret=self._sealer.open(known.secret_sealed, label),
            sender_id=GATEWAY_SENDER_ID,
            recipient_id=bytes.fromhex(known.kid),
            master_salt=bytes.fromhex(known.master_salt),
            id_context=bytes.fromhex(known.kid_context) or None,
            algorithm=ALGORITHM,
            hash_name=HASH_NAME,
            credential=reporter_of(known.device, known.credential_id, known.generation),
        )

    async def reserve(self, credential_id: int, count: int) -> int:
        """See `SecurityStore.reserve`. Durable before it returns."""
        return await self._reservations.result(Reservation(credential_id, count))

    async def claim(self, credential_id: int, owner: str) -> None:
        """See `SecurityStore.claim`. The first use of a rotated credential revokes the older."""
        assert owner == self._gateway, "the store belongs to one gateway"
        await self._claims.result(credential_id)

    async def owned(self, credential_ids: Collection[int], owner: str) -> set[int]:
        """See `SecurityStore.owned`."""
        return await owned_contexts(database(), credential_ids, owner)

    async def drain(self) -> None:
        """Wait for what is under way."""
        for gathering in (self._finds, self._reservations, self._claims):
            await gathering.drain()

    async def _find_group(self, kids: Sequence[Kid]) -> list[KnownCredential | None]:
        found = await find_credentials(database(), kids)
        return [found.get(kid) for kid in kids]

    async def _reserve_group(self, wishes: Sequence[Reservation]) -> list[int]:
        async def reserve() -> list[int]:
            async with transaction() as sql:
                return await reserve_sequences(sql, wishes, self._clock.now())

        return await retried(reserve)

    async def _claim_group(self, credential_ids: Sequence[int]) -> list[None]:
        async def claim() -> list[int]:
            async with transaction() as sql:
                return await claim_contexts(sql, credential_ids, self._gateway, self._clock.now())

        await announce_forget(self._bus, await retried(claim))
        return [None] * len(credential_ids)

"""A bus that waits for the commit."""

from types import TracebackType
from typing import Self

from parking.events.bus import Bus, SubscriptionContext


class HeldBus:
    """Keeps messages until its block ends well, then publishes them; after an error, none.

    For verbs that run inside a larger transaction: put the block around that transaction.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._held: list[tuple[str, bytes]] = []

    async def publish(self, topic: str, body: bytes) -> None:
        """Keep the message."""
        self._held.append((topic, body))

    def forget(self) -> None:
        """Drop what is kept: the transaction is run again."""
        self._held.clear()

    def subscribe(self, *topics: str) -> SubscriptionContext:
        """As the bus behind."""
        return self._bus.subscribe(*topics)

    async def close(self) -> None:
        """The bus behind is not this one's to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            for topic, body in self._held:
                await self._bus.publish(topic, body)

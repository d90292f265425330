"""A subscriber's end of a connection, as a group of subscribers sees it."""

from collections.abc import Sequence
from typing import Any, Protocol

from api.graphql.payload import Payload


class Sink(Protocol):
    """Takes the results of one subscription operation."""

    def offer(self, payload: Payload) -> bool:
        """Send it if the connection takes it at once; False when not, and nothing was sent.

        Raises:
            Gone: the connection is closed.
        """

    async def deliver(self, payload: Payload) -> None:
        """Send it, waiting for the connection as long as a slow client may.

        Raises:
            Gone: the connection is closed, or was closed because it took too long.
        """

    async def until_writable(self) -> None:
        """Wait for the connection as long as a slow client may.

        Raises:
            Gone: as `deliver`.
        """

    def finish(self, errors: Sequence[dict[str, Any]] = ()) -> None:
        """The operation is over; with errors it failed. Called once, by the group."""

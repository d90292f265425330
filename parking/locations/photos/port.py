"""Where pictures are kept: a port of three verbs. Keys are ours, and never hold what a person
typed."""

from typing import Protocol


class PhotoStoreDown(Exception):
    """The store cannot be used now; the message says what it said."""


class PhotoStore(Protocol):
    """A directory, or a bucket. Each verb raises `PhotoStoreDown`."""

    async def put(self, key: str, data: bytes) -> None:
        """Keep a picture; one of the same key is replaced."""

    async def get(self, key: str) -> bytes | None:
        """The picture; None where there is none."""

    async def erase(self, key: str) -> None:
        """Let go of it; one that is not there is no fault."""

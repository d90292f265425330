"""Loaders of what may be seen now and not a minute later: the domain is told the time."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from schema.context import services_of
from schema.execution import Context
from schema.loaders import load

T = TypeVar("T")

ReadNow: TypeAlias = Callable[[Viewer, Sequence[int], datetime], Awaitable[Mapping[int, T]]]
"""A domain query: what of these keys exists for this viewer at an instant."""


@dataclass(frozen=True, slots=True)
class _Now(Generic[T]):
    """Equal for equal queries, so that they share a loader."""

    read: ReadNow[T]
    clock: Clock

    async def __call__(self, viewer: Viewer, keys: Sequence[int]) -> Mapping[int, T]:
        return await self.read(viewer, keys, self.clock.now())


async def load_now(context: Context, read: ReadNow[T], key: int | None) -> T | None:
    """One object through the execution's loader; what is missing or denied now loads as None."""
    return await load(context, _Now(read, services_of(context).clock), key)

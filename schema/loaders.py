"""Batching within one execution: what a query asks for many times is read once.

Authorised by construction: a loader belongs to one execution and so to one viewer, and hands that
viewer to a domain query which leaves out what the viewer may not see. There is no other way in.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from strawberry.dataloader import DataLoader

from parking.accounts.viewer import Viewer
from schema.context import viewer_of
from schema.execution import Context

T = TypeVar("T")

ReadMany: TypeAlias = Callable[[Viewer, Sequence[int]], Awaitable[Mapping[int, T]]]
"""A domain query: what of these keys exists for this viewer."""

BATCH_MAX = 1_000


def loader(context: Context, read: ReadMany[T]) -> DataLoader[int, T | None]:
    """This execution's loader over `read`; what is missing or denied loads as None."""
    held: DataLoader[int, T | None] | None = context.loaders.get(read)
    if held is None:
        viewer = viewer_of(context)

        async def batch(keys: list[int]) -> list[T | None]:
            found = await read(viewer, keys)
            return [found.get(key) for key in keys]

        held = context.loaders[read] = DataLoader(load_fn=batch, max_batch_size=BATCH_MAX)
    return held


async def load(context: Context, read: ReadMany[T], key: int | None) -> T | None:
    """One object through the execution's loader; None for no key."""
    return None if key is None else await loader(context, read).load(key)

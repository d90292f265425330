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


def loader(
    context: Context, read: ReadMany[T], viewer: Viewer | None = None
) -> DataLoader[int, T | None]:
    """This execution's loader over `read`; what is missing or denied loads as None.

    `viewer` is for who is shown something by another proof than a sign-in, such as a vehicle code.
    """
    seer = viewer_of(context) if viewer is None else viewer
    name = (read, seer.actor)
    held: DataLoader[int, T | None] | None = context.loaders.get(name)
    if held is None:

        async def batch(keys: list[int]) -> list[T | None]:
            found = await read(seer, keys)
            return [found.get(key) for key in keys]

        held = context.loaders[name] = DataLoader(load_fn=batch, max_batch_size=BATCH_MAX)
    return held


async def load(
    context: Context, read: ReadMany[T], key: int | None, viewer: Viewer | None = None
) -> T | None:
    """One object through the execution's loader; None for no key."""
    return None if key is None else await loader(context, read, viewer).load(key)

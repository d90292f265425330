"""Encoded answers, kept as long as nothing they depend on has changed.

The promise: an answer is never older than the last change committed before the request arrived.
It holds because the versions are read after the request arrived (`GroupCall`), and because they
are read *before* an answer is computed: what is kept can be newer than its versions, never older.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from hashlib import blake2b

from api.graphql.group_call import GroupCall
from api.graphql.lru import Lru
from schema.execution import VersionReader

Key = tuple[bytes, str]
"""What is asked (`Plan.key`) and for whom (`Viewer.visibility`)."""
Versions = tuple[int, ...]
Compute = Callable[[], Awaitable[tuple[bytes, bool]]]

_ENTRY_OVERHEAD_BYTES = 600


@dataclass(slots=True, eq=False)
class Answer:
    """An encoded response."""

    body: bytes
    versions: Versions = ()
    _etag: bytes = b""

    @property
    def etag(self) -> bytes:
        """A strong validator: the hash of the body."""
        if not self._etag:
            self._etag = b'"' + blake2b(self.body, digest_size=12).hexdigest().encode() + b'"'
        return self._etag


class Answers:
    """The kept answers of one process."""

    def __init__(self, reader: VersionReader, bytes_max: int) -> None:
        self._reader = reader
        self._kept: Lru[Key, Answer] = Lru(bytes_max)
        self._flights: dict[Key, tuple[Versions, asyncio.Task[Answer]]] = {}
        self._versions: GroupCall[str, int] = GroupCall(self._read)
        self.hits = 0
        self.misses = 0

    async def answer(self, key: Key, tags: Sequence[str], compute: Compute) -> Answer:
        """The kept answer if it is as new as the last commit, else one computed now; those who ask
        meanwhile for the same share that."""
        versions = await self._current(tags)
        kept = self._kept.get(key)
        if kept is not None and kept.versions == versions:
            self.hits += 1
            return kept
        self.misses += 1
        return await asyncio.shield(self._flight(key, versions, compute))

    async def _current(self, tags: Sequence[str]) -> Versions:
        if len(tags) == 1:
            return (await self._versions.ask(tags[0]),)
        return tuple(await asyncio.gather(*map(self._versions.ask, tags)))

    async def _read(self, tags: list[str]) -> list[int]:
        return list(await self._reader.versions(tags))

    def _flight(self, key: Key, versions: Versions, compute: Compute) -> asyncio.Task[Answer]:
        flying = self._flights.get(key)
        if flying is not None and flying[0] == versions:
            return flying[1]
        fly = self._compute(key, versions, compute)
        task = asyncio.get_running_loop().create_task(fly, context=Context())
        self._flights[key] = (versions, task)
        task.add_done_callback(lambda done: self._landed(key, done))
        return task

    async def _compute(self, key: Key, versions: Versions, compute: Compute) -> Answer:
        body, is_whole = await compute()
        answer = Answer(body, versions)
        if is_whole and not self._has_newer(key, versions):
            self._kept.put(key, answer, len(body) + _ENTRY_OVERHEAD_BYTES)
        return answer

    def _has_newer(self, key: Key, versions: Versions) -> bool:
        kept = self._kept.get(key)
        return kept is not None and any(
            have > mine for have, mine in zip(kept.versions, versions, strict=True)
        )

    def _landed(self, key: Key, task: asyncio.Task[Answer]) -> None:
        if self._flights.get(key, (None, None))[1] is task:
            del self._flights[key]
        if not task.cancelled():
            task.exception()  # every waiter may have gone: it counts as seen

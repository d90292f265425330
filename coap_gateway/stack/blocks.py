"""Block-wise transfer (RFC 7959): bodies in pieces, both ways, within bounds."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from coap_gateway.stack.counters import Counters
from coap_gateway.stack.errors import BadRequest, EntityIncomplete, EntityTooLarge
from coap_gateway.stack.limits import Limits
from coap_gateway.stack.requests import Response

SIZE_EXPONENT_MAX = 6


@dataclass(frozen=True, slots=True)
class Block:
    """Value of a Block1 or Block2 option: block ``number`` of 2**(``size_exponent``+4) bytes."""

    number: int
    more: bool
    size_exponent: int

    @property
    def size(self) -> int:
        """Bytes in a block."""
        return 16 << self.size_exponent

    @property
    def start(self) -> int:
        """Offset of the block in the body."""
        return self.number << (self.size_exponent + 4)

    @classmethod
    def decode(cls, value: bytes) -> Block:
        """From the option's bytes; size exponent 7 is for the caller to refuse."""
        packed = int.from_bytes(value, "big")
        return cls(packed >> 4, bool(packed & 8), packed & 7)

    def encode(self) -> bytes:
        """To the option's bytes."""
        packed = self.number << 4 | self.more << 3 | self.size_exponent
        return packed.to_bytes((packed.bit_length() + 7) // 8, "big")


@dataclass(slots=True)
class _Assembly:
    owner: Hashable
    started: float
    body: bytearray = field(default_factory=bytearray)


class Assemblies:
    """Request bodies under way: bounded in count, bytes and age, per peer and in all.

    Over a count the oldest goes (its peer gets 4.08 and starts again), first the peer's own.
    """

    def __init__(self, limits: Limits, counters: Counters) -> None:
        self._limits = limits
        self._counters = counters
        self._open: dict[Hashable, _Assembly] = {}
        self._of_owner: dict[Hashable, list[Hashable]] = {}

    def __len__(self) -> int:
        return len(self._open)

    @property
    def bytes_held(self) -> int:
        """Bytes of all bodies under way."""
        return sum(len(assembly.body) for assembly in self._open.values())

    def feed(
        self, key: Hashable, owner: Hashable, block: Block, payload: bytes, now: float
    ) -> bytes | None:
        """Take one block; the whole body when it was the last, None when more are to come.

        Raises `BadRequest` (length does not fit the block size), `EntityIncomplete` (gap, or the
        start was lost) or `EntityTooLarge`.
        """
        self._expire(now)
        if (block.more and len(payload) != block.size) or len(payload) > block.size:
            self._drop(key)
            raise BadRequest("block length and size exponent disagree")
        if block.number == 0:
            self._start(key, owner, now)
        assembly = self._open.get(key)
        if assembly is None or len(assembly.body) != block.start:
            self._drop(key)
            raise EntityIncomplete("a block is missing: start again at block 0")
        if len(assembly.body) + len(payload) > self._limits.body_bytes_max:
            self._drop(key)
            raise EntityTooLarge("body too long", size=self._limits.body_bytes_max)
        assembly.body += payload
        if block.more:
            return None
        self._drop(key)
        return bytes(assembly.body)

    def _start(self, key: Hashable, owner: Hashable, now: float) -> None:
        self._drop(key)
        mine = self._of_owner.get(owner, [])
        if len(mine) >= self._limits.block1_per_peer_max:
            self._evict(mine[0])
        if len(self._open) >= self._limits.block1_total_max:
            self._evict(next(iter(self._open)))
        self._open[key] = _Assembly(owner, now)
        self._of_owner.setdefault(owner, []).append(key)

    def _expire(self, now: float) -> None:
        horizon = now - self._limits.block1_age_s
        while self._open:
            key, oldest = next(iter(self._open.items()))
            if oldest.started > horizon:
                return
            self._evict(key)

    def _evict(self, key: Hashable) -> None:
        self._counters.blocks_evicted += 1
        self._drop(key)

    def _drop(self, key: Hashable) -> None:
        assembly = self._open.pop(key, None)
        if assembly is None:
            return
        keys = self._of_owner[assembly.owner]
        keys.remove(key)
        if not keys:
            del self._of_owner[assembly.owner]


class LongAnswers:
    """Answers longer than a block, kept so that later blocks do not run the handler again.

    Bounded in count and age; a later block of an answer that is gone runs a GET again and gets
    4.08 for any other method.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept: dict[Hashable, tuple[float, Response]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, key: Hashable, response: Response, now: float) -> None:
        """Keep an answer for `Limits.block2_age_s`."""
        self._kept.pop(key, None)
        while self._kept and self._overdue(now):
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (now, response)

    def find(self, key: Hashable, now: float) -> Response | None:
        """The kept answer, or None."""
        kept = self._kept.get(key)
        if kept is None or kept[0] < now - self._limits.block2_age_s:
            return None
        return kept[1]

    def _overdue(self, now: float) -> bool:
        oldest = next(iter(self._kept.values()))[0]
        full = len(self._kept) >= self._limits.block2_kept_max
        return full or oldest < now - self._limits.block2_age_s


def cut(payload: bytes, wanted: Block | None, exponent_max: int) -> tuple[bytes, Block | None]:
    """The block of ``payload`` to send and its Block2 option; None where it fits and none is asked.

    Raises `BadRequest` for a block beyond the end.
    """
    if wanted is None:
        if len(payload) <= 16 << exponent_max:
            return payload, None
        wanted = Block(0, more=False, size_exponent=exponent_max)
    exponent = min(wanted.size_exponent, exponent_max)
    number = wanted.start >> (exponent + 4)
    start = number << (exponent + 4)
    if start >= len(payload) and number > 0:
        raise BadRequest("block beyond the end")
    end = start + (16 << exponent)
    return payload[start:end], Block(number, end < len(payload), exponent)

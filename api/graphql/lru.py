"""A least-recently-used store bounded by entries and by weight."""

from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Lru(Generic[K, V]):
    """Forgets what was used longest ago once `entries_max` or `weight_max` is passed.

    Weights are the caller's measure, usually bytes. A single value heavier than the whole is not
    kept at all.
    """

    __slots__ = ("_entries", "_entries_max", "_weight_max", "weight")

    def __init__(self, weight_max: int, entries_max: int = 1_000_000) -> None:
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight_max = weight_max
        self._entries_max = entries_max
        self.weight = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The value, now the most recently used; None when it is not kept."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, weight: int) -> None:
        """Keep a value, in place of what the key had before."""
        self.remove(key)
        if weight > self._weight_max:
            return
        self._entries[key] = (value, weight)
        self.weight += weight
        while self.weight > self._weight_max or len(self._entries) > self._entries_max:
            self.weight -= self._entries.popitem(last=False)[1][1]

    def remove(self, key: K) -> None:
        """Forget a key; one that is not kept is no error."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.weight -= entry[1]

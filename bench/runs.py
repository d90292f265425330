"""How long and how often to measure."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the benchmarks; `say` shows progress."""

    seconds: float
    turn_count: int
    is_quick: bool
    say: Callable[[str], None]

    def turns(self, name: str) -> Iterator[int]:
        """The numbers of the turns, each announced."""
        for number in range(1, self.turn_count + 1):
            self.say(f"{name}, turn {number} of {self.turn_count}")
            yield number

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of something asynchronous."""
        return asyncio.run(work)


def share(mine: dict[str, float], floor: dict[str, float], name: str) -> float:
    """How a figure compares with the floor's."""
    return mine[name] / floor[name]

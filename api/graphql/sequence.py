"""Where a shared stream stands, and which deltas take whom there. Pure."""

from collections import deque
from collections.abc import Collection, Sequence

from schema.execution import Event


class Broken(Exception):
    """Deltas do not follow each other: something between them is missing."""


class Position:
    """The version a stream has reached, and the last deltas that led to it."""

    def __init__(self, retained_max: int) -> None:
        self.version: int | None = None
        self._recent: deque[Event] = deque(maxlen=retained_max)

    def fresh(self, events: Sequence[Event]) -> list[Event]:
        """Those deltas that lead on from here; what is already behind is left out.

        Raises:
            Broken: they do not lead on without a hole.
        """
        kept = [e for e in events if self.version is None or e.version > self.version]
        if kept and self.version is None:
            self.version = kept[0].previous_version
        at = self.version
        for event in kept:
            if event.previous_version != at:
                raise Broken
            at = event.version
        return kept

    def advance(self, events: Sequence[Event]) -> None:
        """These deltas have been executed: the stream stands after the last of them."""
        self._recent.extend(events)
        self.version = events[-1].version

    def since(self, version: int) -> list[Event] | None:
        """The deltas from that version to now; None when they are not retained."""
        found: list[Event] = []
        for event in reversed(self._recent):
            if event.version <= version:
                break
            found.append(event)
        found.reverse()
        return found if found and found[0].previous_version == version else None

    def restart(self, version: int | None = None) -> None:
        """Forget: the next snapshot says where the stream stands, unless it is told."""
        self.version = version
        self._recent.clear()


def parts(events: Sequence[Event], cuts: Collection[int]) -> list[list[Event]]:
    """Split deltas after the versions in `cuts`, so that who stands there gets whole parts."""
    found: list[list[Event]] = []
    part: list[Event] = []
    for event in events:
        part.append(event)
        if event.version in cuts:
            found.append(part)
            part = []
    if part:
        found.append(part)
    return found

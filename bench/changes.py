"""Changes of one place, by the domain's own verb: reports that are recorded and published."""

from collections.abc import Sequence

from parking.clock import SystemClock
from parking.events.bus import Bus, InProcessBus
from parking.occupancy.models import Axis
from parking.occupancy.record import Report, record

DEVICE_IDS = 1_000_000
"""The reports speak in the name of devices that are not in the tables."""


class Changes:
    """Makes changes; each flips the occupancy of one space, and is one version of the place."""

    def __init__(self, place_id: int, space_ids: Sequence[int]) -> None:
        self._place_id, self._space_ids = place_id, space_ids
        self._clock = SystemClock()
        self._count = 0

    async def make(self, count: int, bus: Bus) -> int:
        """Commit so many changes in one transaction and publish them; the place's version."""
        reports = [self._next() for _ in range(count)]
        updates = await record(reports, self._clock, bus)
        (update,) = updates
        assert len(update.spaces) == count, "every report changes its space"
        return update.version

    def _next(self) -> Report:
        round_, index = divmod(self._count, len(self._space_ids))
        self._count += 1
        space, at = self._space_ids[index], self._clock.now()
        is_occupied_first = space % 2 == 0  # odd spaces begin occupied
        value = "OCCUPIED" if (round_ % 2 == 0) == is_occupied_first else "FREE"
        return Report(
            space_id=space,
            place_id=self._place_id,
            axis=Axis.OCCUPANCY,
            value=value,
            observed_at=at,
            received_at=at,
            device_id=DEVICE_IDS + space,
            sequence=self._count,
        )


class Keeping(InProcessBus):
    """A bus that keeps what is published, to be told later."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[str, bytes]] = []

    async def publish(self, topic: str, body: bytes) -> None:
        """Keep it."""
        self.kept.append((topic, body))

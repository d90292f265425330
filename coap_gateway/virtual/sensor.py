"""A virtual parking sensor: reports on change, and what it sees at start-up and once a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coap_gateway.senml import Record
from coap_gateway.virtual.device import Event, VirtualDevice

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

PARKING_SENSOR = 3431
QUALITY_PERCENT = 97


class VirtualSensor(VirtualDevice):
    """Watches one space. `is_occupied` is what stands there, whether reported yet or not."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.is_occupied = False
        self._since = self._loop.time()
        self._since_at: datetime | None = None

    def objects(self) -> tuple[int, ...]:
        """See `VirtualDevice`."""
        return (PARKING_SENSOR,)

    def stand(self, is_occupied: bool, since: datetime | None = None) -> None:
        """What stands there, and since when, before the sensor first looks: nothing is reported."""
        self.is_occupied = is_occupied
        self._since, self._since_at = self._loop.time(), since

    def change(self, is_occupied: bool, at: datetime | None = None) -> None:
        """A car came or left, now or `at` an absolute time; the same again is not reported."""
        if is_occupied == self.is_occupied:
            return
        self.is_occupied = is_occupied
        self._since, self._since_at = self._loop.time(), at
        self._post(lambda event: self._records(event, is_occupied, 0), at)

    def state_records(self, event: Event) -> list[Record]:
        """What stands there, and for how long."""
        now = self._loop.time()
        if self._since_at is not None:
            seconds = ((event.at or self.clock.now()) - self._since_at).total_seconds()
        else:
            seconds = now - self._since
        return self._records(event, self.is_occupied, max(0, int(seconds)))

    def _records(self, event: Event, is_occupied: bool, seconds: int) -> list[Record]:
        """The duration is of the present occupation; a free place has none (OMA registry)."""
        time = event.time(self._loop.time())
        duration = [Record(f"/{PARKING_SENSOR}/0/2", seconds)] if is_occupied else []
        return [
            Record(f"/{PARKING_SENSOR}/0/1", is_occupied, time),
            *duration,
            Record(f"/{PARKING_SENSOR}/0/6049", QUALITY_PERCENT),
        ]

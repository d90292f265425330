"""Prices worked out one increment at a time, in local time: slow, and by another way than ours."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from parking.windows import Window

DAY_NAMES = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
HOUR_RANGES = [(0, 24), (18, 6), (6, 6), (8, 20), (15, 6), (9, 12)]


@dataclass
class Hours:
    """A cap on the hours `first` to `last` of the days named; or on rolling 24 hours."""

    max_minor: int
    first: int = 0
    last: int = 24
    days: tuple[str, ...] = DAY_NAMES
    is_rolling: bool = False
    used: dict[object, int] = field(default_factory=dict)

    @property
    def length(self) -> int:
        return 24 if self.first == self.last else (self.last - self.first) % 24 or 24

    def document(self, number: int) -> dict[str, Any]:
        cap: dict[str, Any] = {"id": f"cap-{number}", "maxMinor": self.max_minor}
        if self.is_rolling:
            return {**cap, "over": "ROLLING"}
        hours = {"from": f"{self.first:02}:00", "to": f"{self.last:02}:00"}
        return {**cap, "over": "BAND", "when": [{"days": list(self.days), **hours}]}

    def period(self, instant: datetime, entry: datetime, zone: ZoneInfo) -> object:
        """Which of its periods the instant lies in; None for none."""
        if self.is_rolling:
            return (instant - entry) // timedelta(hours=24)
        local = instant.astimezone(zone)
        day: date = local.date()
        if self.last <= self.first and local.hour < self.first:
            day -= timedelta(days=1)
            inside = local.hour < self.last
        else:
            inside = local.hour >= self.first and (
                self.last <= self.first or local.hour < self.last
            )
        return day if inside and DAY_NAMES[day.weekday()] in self.days else None


def brute_price(
    window: Window, zone: ZoneInfo, minutes: int, amounts: tuple[int, int, int], caps: list[Hours]
) -> int:
    """`amounts`: price of the first increments, how many those are, price of further ones."""
    first, times, further = amounts
    total, at, number = 0, window.starts_at, 0
    for cap in caps:
        cap.used.clear()
    while at < window.ends_at:
        amount = first if number < times else further
        for cap in sorted(caps, key=lambda each: each.length):
            period = cap.period(at, window.starts_at, zone)
            if period is not None:
                amount = min(amount, cap.max_minor - cap.used.get(period, 0))
                cap.used[period] = cap.used.get(period, 0) + amount
        total, at, number = total + amount, at + timedelta(minutes=minutes), number + 1
    return total

"""The local calendar of a place: kinds of days, and when bands begin and end, in UTC.

A time of day that the clocks skip lies as far behind the gap as it claims; of one that comes twice
the first is meant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

from parking.clock import as_utc
from parking.rates.effort import DAY_STEPS, Effort
from parking.rates.tariff import Band, Day, Holidays
from parking.windows import Window, joined

ONE_DAY = timedelta(days=1)
_WEEK = tuple(Day)[:7]
_MINUTES_A_DAY = 24 * 60


@lru_cache(maxsize=1_000)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """The public holidays of a year. Raises NotImplementedError for a country or subdivision that
    the library does not know."""
    return frozenset(country_holidays(country, subdiv=subdivision, years=year))


@dataclass(frozen=True, slots=True)
class LocalCalendar:
    """Days as they are where the place is."""

    zone: ZoneInfo
    holidays: Holidays | None = None

    def day(self, instant: datetime) -> date:
        """The local date."""
        return instant.astimezone(self.zone).date()

    def kind(self, day: date) -> Day:
        """Which kind of day a date is."""
        return Day.HOLIDAY if self.is_holiday(day) else _WEEK[day.weekday()]

    def is_holiday(self, day: date) -> bool:
        """Whether it is a public holiday of the tariff's region."""
        region = self.holidays
        if region is None or day in region.remove:
            return False
        found = public_holidays(region.country, region.subdivision, day.year)
        return day in region.add or day in found

    def at(self, day: date, minutes: int) -> datetime:
        """The instant of a local time of day, in UTC; 1440 minutes are the end of the day."""
        days, minute = divmod(minutes, _MINUTES_A_DAY)
        there = day + days * ONE_DAY
        hour, minute = divmod(minute, 60)
        return as_utc(datetime(there.year, there.month, there.day, hour, minute, tzinfo=self.zone))

    def begins_on(self, band: Band, day: date) -> bool:
        """Whether an occurrence of the band begins on the date."""
        return (
            (band.days is None or self.kind(day) in band.days)
            and (band.season is None or day in band.season)
            and (band.dates is None or day in band.dates)
            and (band.not_before is None or band.not_before <= day)
            and (band.not_after is None or day <= band.not_after)
        )

    def occurrences(self, bands: Sequence[Band], window: Window, effort: Effort) -> list[Window]:
        """The bands' occurrences that touch the window, whole, in order of their beginning."""
        found = {each for band in bands for each in self._occurrences(band, window, effort)}
        return sorted(found)

    def held(self, bands: Sequence[Band], window: Window, effort: Effort) -> list[Window]:
        """When one of the bands holds. Whole days that touch are one piece; of bands with times of
        day each occurrence is a piece of its own."""
        whole = [each for each in bands if each.starts is None]
        timed = [each for each in bands if each.starts is not None]
        days = joined(self.occurrences(whole, window, effort))
        return sorted({*days, *self.occurrences(timed, window, effort)})

    def is_within(self, bands: Sequence[Band], instant: datetime, effort: Effort) -> bool:
        """Whether one of the bands holds at the instant; no bands hold always."""
        moment = Window(instant, instant + timedelta(microseconds=1))
        return not bands or bool(self.occurrences(bands, moment, effort))

    def _occurrences(self, band: Band, window: Window, effort: Effort) -> Iterator[Window]:
        starts, ends = _minutes(band)
        day = self.day(window.starts_at) - (ends - 1) // _MINUTES_A_DAY * ONE_DAY
        last = self.day(window.ends_at)
        while day <= last:
            effort.take(DAY_STEPS)
            if self.begins_on(band, day):
                start, end = self.at(day, starts), self.at(day, ends)
                # A band of minutes within the hour that the clocks skip does not take place.
                if start < end and start < window.ends_at and window.starts_at < end:
                    yield Window(start, end)
            day += ONE_DAY


def _minutes(band: Band) -> tuple[int, int]:
    """Begin and end of the band, counted from the midnight before it begins."""
    if band.starts is None or band.ends is None:
        return 0, _MINUTES_A_DAY
    nights = band.nights
    if nights is None:
        nights = 1 if band.ends <= band.starts else 0
    return band.starts, band.ends + nights * _MINUTES_A_DAY

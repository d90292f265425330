"""The words and forms of a page below a link, in one language and time zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from api.formats import amount_text, clock_text, time_text, window_text
from api.pages.booking_texts import TEXTS

Texts: TypeAlias = Mapping[str, Mapping[str, str]]
"""By language and key."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words and forms of one language and time zone; a booking's, or those of `texts`."""

    language: str
    zone: ZoneInfo
    locale: str = ""
    """How the reader writes numbers; empty: as the language does."""
    texts: Texts = field(default_factory=lambda: TEXTS, repr=False)

    @classmethod
    def of(cls, language: str) -> "Words":
        """Where no time is told."""
        return cls(language, ZoneInfo("UTC"))

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with `{name}` filled in."""
        return self.texts[self.language][key].format(**values)

    def there(self, time_zone: str) -> "Words":
        """The same words, with the times of another place."""
        return replace(self, zone=ZoneInfo(time_zone))

    def list(self, names: Sequence[str]) -> str:
        """Names beside each other."""
        return ("、" if self.language == "zh" else ", ").join(names)

    def has(self, key: str) -> bool:
        """Whether there are words for it."""
        return key in self.texts[self.language]

    def time(self, text: str) -> str:
        """An instant of the schema as local date and time."""
        return time_text(datetime.fromisoformat(text), self.zone, self.language)

    def clock(self, text: str) -> str:
        """An instant of the schema as local time of day."""
        return clock_text(datetime.fromisoformat(text), self.zone)

    def window(self, starts_at: str, ends_at: str) -> str:
        """From when until when."""
        ends = (datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))
        return window_text(*ends, self.zone, self.language)

    def money(self, money: Mapping[str, Any]) -> str:
        """An amount of the schema."""
        return amount_text(money["amountMinor"], money["currency"], self.locale or self.language)

    def stay(self, minutes: int) -> str:
        """So many minutes, in hours where they are whole."""
        hours, rest = divmod(minutes, 60)
        return self("minutes", n=minutes) if rest else self("hours", n=hours)

    def refusal(self, code: str, message: str) -> str:
        """Why something was declined; what we have no words for tells itself."""
        own = self.texts[self.language].get(code)
        return own if own is not None else self("problem", message=message)

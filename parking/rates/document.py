"""The rate table's JSON document: what an operator writes, read strictly into a `Tariff`.

The format is described in docs/rates.md. Every fault names its JSON path and says what to give.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from parking.places.rules import currency_fault
from parking.rates.checks import check
from parking.rates.codec import FLAG, Codec, fault, few, integer, many, shape, text, word, worded
from parking.rates.durations import (
    Increment,
    duration_text,
    exact_duration,
    parse_increment,
)
from parking.rates.tariff import (
    Band,
    Boundary,
    Cap,
    CapOver,
    Collection,
    Condition,
    Counting,
    Day,
    Free,
    Holidays,
    LineType,
    Overstay,
    Pass,
    PassOver,
    RateLine,
    Rounding,
    RoundingMode,
    Season,
    Steps,
    Tariff,
    Tax,
    UsedUp,
)

__all__ = ["Tariff", "parse_tariff", "tariff_json"]

DOCUMENT_CHARACTERS_MAX = 200_000
AMOUNT_MINOR_MAX = 10**9
"""Each second for three months it comes to less than 2^53: what all clients count exactly."""
TEXTS_KEPT_MAX = 256
COLLECTIONS_MAX = 50
LINES_MAX = 300
NIGHTS_MAX = 14
CAPS_MAX = 50
PASSES_MAX = 20
BANDS_MAX = 30
DATES_MAX = 400
PASS_DAYS_MAX = 366
TIMES_MAX = 10_000
PERCENT_MAX = Decimal(1000)

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAY_OF_YEAR = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
_PERCENT = re.compile(r"\d{1,4}(\.\d{1,4})?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def parse_tariff(document: str | Mapping[str, Any]) -> Tariff:
    """The tariff of a document, given as JSON text or as read from it.

    Raises InvalidInput whose `field` is the path, such as `document.collections.0.lines.2.times`.
    """
    return _parsed_text(document) if isinstance(document, str) else _parsed(document)


def tariff_json(tariff: Tariff) -> str:
    """The document of a tariff, without what is as by default; parsed again it is the same."""
    return json.dumps(TARIFF.write(tariff), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=TEXTS_KEPT_MAX)
def _parsed_text(document: str) -> Tariff:
    """Kept, for the same few texts are read again and again; a tariff never changes."""
    return _parsed(_loaded(document))


def _parsed(value: Any) -> Tariff:
    tariff = TARIFF.read(value, "document")
    check(tariff)
    return tariff


def _loaded(document: str) -> Any:
    if len(document) > DOCUMENT_CHARACTERS_MAX:
        raise fault("document", f"it has more than {DOCUMENT_CHARACTERS_MAX} characters")
    try:
        return json.loads(document, object_pairs_hook=_unrepeated)
    except (ValueError, RecursionError) as error:
        raise fault("document", f"it is not JSON: {error}") from error


def _unrepeated(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} is given twice")
        found[key] = value
    return found


def _matching(pattern: re.Pattern[str], wanted: str) -> Callable[[str], str]:
    def parse(given: str) -> str:
        if not pattern.fullmatch(given):
            raise ValueError(f"{given[:80]!r} is not {wanted}")
        return given

    return parse


def _currency(given: str) -> str:
    message = currency_fault(given)
    if message is not None:
        raise ValueError(message)
    return given


def _minutes(given: str) -> int:
    if not _TIME.fullmatch(given):
        raise ValueError(f"{given[:80]!r} is not a time of day; write it like 18:00")
    return int(given[:2]) * 60 + int(given[3:])


def _minutes_text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _day_of_year(given: str) -> tuple[int, int]:
    found = _DAY_OF_YEAR.fullmatch(given)
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    try:
        date(2024, month, day)  # a leap year
    except ValueError as error:
        raise ValueError(f"{given[:80]!r} is not a month and day; write it like 05-31") from error
    return month, day


def _date(given: str) -> date:
    try:
        if not _DATE.fullmatch(given):
            raise ValueError
        return date.fromisoformat(given)
    except ValueError as error:
        raise ValueError(f"{given[:80]!r} is not a date; write it like 2026-05-31") from error


def _percent(given: str) -> Decimal:
    try:
        if not _PERCENT.fullmatch(given) or Decimal(given) > PERCENT_MAX:
            raise ValueError
        return Decimal(given)
    except (ValueError, InvalidOperation) as error:
        message = f'{given[:80]!r} is not a percentage; write it like "19" or "7.7"'
        raise ValueError(message) from error


def _percent_text(percent: Decimal) -> str:
    return f"{percent:f}"


ID: Codec[str] = worded(
    _matching(_ID, "an id: 1 to 64 letters, digits and _.:- after a letter or digit"), str
)
NAME = text()
AMOUNT = integer(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)
LIMIT = integer(0, AMOUNT_MINOR_MAX)
EXACT: Codec[timedelta] = worded(exact_duration, duration_text)
INCREMENT: Codec[Increment] = worded(parse_increment, lambda increment: increment.text)
DATE: Codec[date] = worded(_date, date.isoformat)
MINUTES: Codec[int] = worded(_minutes, _minutes_text)
PERCENT: Codec[Decimal] = worded(_percent, _percent_text)
DAY_OF_YEAR: Codec[tuple[int, int]] = worded(_day_of_year, lambda day: f"{day[0]:02}-{day[1]:02}")
TAX = shape(Tax, percent=PERCENT, included=FLAG, name=NAME)
BAND = shape(
    Band,
    days=few(word(Day), len(Day), [*Day].index),
    starts=MINUTES,
    ends=MINUTES,
    nights=integer(1, NIGHTS_MAX),
    season=shape(Season, first=DAY_OF_YEAR, last=DAY_OF_YEAR),
    dates=few(DATE, DATES_MAX),
    not_before=DATE,
    not_after=DATE,
)
BANDS = many(BAND, BANDS_MAX)
CONDITION = shape(
    Condition,
    entry=BANDS,
    exit=BANDS,
    stay_min=EXACT,
    stay_max=EXACT,
    booked_ahead_min=EXACT,
    option=ID,
)
LINE = shape(
    RateLine,
    id=ID,
    type=word(LineType),
    amount_minor=AMOUNT,
    increment=INCREMENT,
    per=EXACT,
    times=integer(1, TIMES_MAX),
    calendar=FLAG,
    tolerance=EXACT,
    up_to=EXACT,
    tax=TAX,
    name=NAME,
)
COLLECTION = shape(
    Collection,
    id=ID,
    lines=many(LINE, LINES_MAX, least=1),
    name=NAME,
    adds=FLAG,
    when=BANDS,
    after=EXACT,
    until=EXACT,
    condition=CONDITION,
    counts=word(Counting),
    at_boundary=word(Boundary),
    when_used_up=word(UsedUp),
    min_minor=LIMIT,
    max_minor=LIMIT,
    tax=TAX,
)
CAP = shape(
    Cap,
    id=ID,
    max_minor=LIMIT,
    over=word(CapOver),
    every=INCREMENT,
    when=BANDS,
    after=EXACT,
    until=EXACT,
    collections=few(ID, COLLECTIONS_MAX),
    condition=CONDITION,
    name=NAME,
)
PASS = shape(
    Pass,
    id=ID,
    days=integer(1, PASS_DAYS_MAX),
    amount_minor=LIMIT,
    over=word(PassOver),
    condition=CONDITION,
    name=NAME,
)
TARIFF = shape(
    Tariff,
    currency=worded(_currency, str),
    collections=many(COLLECTION, COLLECTIONS_MAX),
    caps=many(CAP, CAPS_MAX),
    passes=many(PASS, PASSES_MAX),
    free=shape(Free, duration=EXACT, stays_free=FLAG),
    min_minor=LIMIT,
    max_minor=LIMIT,
    tax=TAX,
    rounding=shape(Rounding, step_minor=integer(1, 100_000), mode=word(RoundingMode)),
    steps=word(Steps),
    holidays=shape(
        Holidays,
        country=worded(_matching(_COUNTRY, "an ISO 3166-1 code such as DE"), str),
        subdivision=ID,
        add=few(DATE, DATES_MAX),
        remove=few(DATE, DATES_MAX),
    ),
    overstay=shape(
        Overstay,
        grace=EXACT,
        percent=PERCENT,
        fee_minor=LIMIT,
        collections=many(COLLECTION, COLLECTIONS_MAX),
    ),
)

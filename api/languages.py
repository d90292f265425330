"""Which of our languages a browser wants."""

from starlette.requests import Request

from api.formats import NUMBERS_OF, is_number_locale
from parking.accounts.texts import LOCALE_DEFAULT, LOCALES, best_locale

LANGUAGE_RANGES_MAX = 20


def language_of(request: Request, chosen: str | None = None) -> str:
    """The language `chosen` (by a link or form), else the browser's best one that we have."""
    if chosen in LOCALES:
        return chosen
    for tag in _preferred(request.headers.get("accept-language", "")):
        language = best_locale(tag)
        if language == tag.partition("-")[0].lower():
            return language
    return LOCALE_DEFAULT


def number_locale_of(request: Request, language: str, chosen: str | None = None) -> str:
    """Under which tag the reader's numbers are written: the browser's best one that we know. Where
    somebody chose a language, one of that language, so that a page chosen in Chinese reads so."""
    for tag in _preferred(request.headers.get("accept-language", "")):
        is_near = chosen not in LOCALES or tag.partition("-")[0].lower() == chosen
        if is_near and is_number_locale(tag):
            return tag
    return NUMBERS_OF[language]


def _preferred(header: str) -> list[str]:
    """Language tags by falling weight (RFC 9110 section 12.5.4)."""
    weighed = []
    for part in header.split(",")[:LANGUAGE_RANGES_MAX]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag.strip()))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighed, key=lambda pair: pair[0]) if weight < 0]

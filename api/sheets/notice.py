"""What a printed code says around itself, in words. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from api.formats import amount_text, time_text
from api.right_words import gift_text
from api.sheets.words import OTHER, TEXTS

Said: TypeAlias = tuple[str, str]
"""The same in the first and in the second language."""
VEHICLES_PATH = "/vehicles"


@dataclass(frozen=True, slots=True)
class Facts:
    """A code as it is known. `path` is `/g/…`, or `/x/…` of an exit; `gift` and `issuer` only of a
    grant code: the first is what `api.right_words.gift_text` wants; `valid_until` is told in the
    place's `zone`."""

    path: str
    place: str
    address: str = ""
    label: str = ""
    issuer: str = ""
    gift: Mapping[str, Any] | None = None
    valid_until: datetime | None = None
    zone: str = "UTC"
    is_for_one: bool = False
    needs_reference: bool = False
    needs_position: bool = False
    is_exit: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """All words of a sheet. `language` is the first of the two."""

    link: str
    language: str
    title: Said
    gives: Said | None
    place: str
    address: str
    issuer: Said | None
    steps: tuple[Said, ...]
    notes: tuple[Said, ...]
    enrol: Said
    label: str


def notice_of(facts: Facts, base_url: str, language: str) -> Notice:
    """The words for a code at this Berth (`base_url` without a slash at its end)."""
    noun = "exit" if facts.is_exit else "grant"
    return Notice(
        link=base_url + facts.path,
        language=language,
        title=_said(language, f"{noun}_title"),
        gives=None if facts.gift is None else _both(language, facts.gift),
        place=facts.place,
        address=facts.address,
        issuer=_said(language, "from", issuer=facts.issuer) if facts.issuer else None,
        steps=tuple(_said(language, f"{noun}_{step}") for step in (1, 2, 3)),
        notes=tuple(_notes(facts, language)),
        enrol=_said(language, "enrol", address=_bare(base_url) + VEHICLES_PATH),
        label=facts.label,
    )


def _both(language: str, gift: Mapping[str, Any]) -> Said:
    """What it gives, in a few words; up to how much is a note."""
    plain = {**gift, "worthMax": None}
    return gift_text(plain, language), gift_text(plain, OTHER[language])


def _notes(facts: Facts, language: str) -> Iterator[Said]:
    for note in (_valid_until, _worth_max):
        first, second = note(facts, language), note(facts, OTHER[language])
        if first is not None and second is not None:
            yield first, second
    for key, is_so in (
        ("one_vehicle", facts.is_for_one),
        ("needs_reference", facts.needs_reference),
        ("needs_position", facts.needs_position),
    ):
        if is_so:
            yield _said(language, key)


def _valid_until(facts: Facts, language: str) -> str | None:
    if facts.valid_until is None:
        return None
    at = time_text(facts.valid_until, ZoneInfo(facts.zone), language)
    return TEXTS[language]["valid_until"].format(at=at)


def _worth_max(facts: Facts, language: str) -> str | None:
    worth = facts.gift and facts.gift["worthMax"]
    if not worth or facts.gift is None:
        return None
    if facts.gift["kind"] == "AMOUNT" and worth["amountMinor"] >= facts.gift["value"]:
        return None
    amount = amount_text(worth["amountMinor"], worth["currency"], language)
    return TEXTS[language]["worth_max"].format(amount=amount)


def _said(language: str, key: str, **values: str) -> Said:
    first, second = (TEXTS[each][key].format(**values) for each in (language, OTHER[language]))
    return first, second


def _bare(base_url: str) -> str:
    return base_url.partition("://")[2]

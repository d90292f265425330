"""From a stored agreement to the sheet that people read. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.agreements.sheet import Columns, Part, Row, Sheet
from api.agreements.words import TEXTS
from api.formats import amount_text, time_text, window_text
from api.price_words import line_label, quantity_text

HOUR, DAY = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class _Words:
    language: str
    zone: ZoneInfo
    currency: str

    def __call__(self, key: str, **values: object) -> str:
        return TEXTS[self.language][key].format(**values)

    def time(self, text: str) -> str:
        return time_text(datetime.fromisoformat(text), self.zone, self.language)

    def window(self, starts_at: str, ends_at: str) -> str:
        ends = (datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))
        return window_text(*ends, self.zone, self.language)

    def amount(self, amount_minor: int) -> str:
        return amount_text(amount_minor, self.currency, self.language)

    def stretch(self, minutes: int) -> str:
        """So many minutes, in the largest unit in which they are whole."""
        for unit, length in (("days", DAY), ("hours", HOUR)):
            if minutes >= 2 * length and minutes % length == 0:
                return self(unit, n=minutes // length)
        return self("hours", n=1) if minutes == HOUR else self("minutes", n=minutes)


def sheet_of(agreement: Mapping[str, Any], reservation: str, language: str) -> Sheet:
    """The sheet of one version as the schema gives it; times in the place's time zone.

    `reservation` is the number by which both know the booking.
    """
    terms = json.loads(agreement["terms"])
    zone = ZoneInfo(terms["place"]["time_zone"])
    words = _Words(language, zone, terms["price"]["currency"])
    told = {"number": reservation, "version": agreement["version"]}
    return Sheet(
        title=words("title"),
        subtitle=words("subtitle", **told, at=words.time(agreement["createdAt"])),
        language=language,
        foot=words("foot", **told, digest=agreement["digest"]),
        parts=(
            Part(words("parties"), tuple(_parties(terms, words))),
            Part(words("subject"), tuple(_subject(terms, words))),
            Part(words("price"), columns=_price(terms["price"], words)),
            Part(
                words("cancellation"),
                sentences=tuple(_cancellation(terms["cancellation"], words)),
            ),
            Part(words("changes"), sentences=(words("changes_text"),)),
            Part(words("acceptances"), tuple(_acceptances(agreement, words))),
        ),
    )


def _parties(terms: Mapping[str, Any], words: _Words) -> Iterator[Row]:
    yield Row(words("lessor"), terms["lessor"]["name"])
    yield Row(words("renter"), terms["renter"]["name"] or words("unnamed"))
    if terms["renter"].get("guest_name"):
        yield Row(words("guest"), terms["renter"]["guest_name"])
    if terms["operator"]["organisation_id"] != terms["lessor"]["organisation_id"]:
        yield Row(words("operator"), terms["operator"]["name"])


def _subject(terms: Mapping[str, Any], words: _Words) -> Iterator[Row]:
    place, window, listing = terms["place"], terms["window"], terms["listing"]
    yield Row(words("place"), place["name"])
    if place["address"]:
        yield Row(words("address"), place["address"])
    yield Row(words("bay"), terms["space"]["number"])
    yield Row(words("window"), words.window(window["starts_at"], window["ends_at"]))
    yield Row(words("zone"), place["time_zone"])
    if terms["vehicle"]["plate"]:
        yield Row(words("vehicle"), terms["vehicle"]["plate"])
    name = words("listing_value", name=listing["name"], version=listing["version"])
    yield Row(words("listing"), name)
    if listing["turnover_minutes"]:
        yield Row(words("turnover"), words.stretch(listing["turnover_minutes"]))


def _price(price: Mapping[str, Any], words: _Words) -> Columns:
    lines = tuple(_line(line, words) for line in price["lines"])
    return Columns(
        head=(words("line"), words("window"), words("quantity"), words("amount")),
        rows=lines,
        numbers=2,
        total=(words("total"), "", "", words.amount(price["amount_minor"])),
    )


def _line(line: Mapping[str, Any], words: _Words) -> tuple[str, str, str, str]:
    label, quantity = line_label(line, words.language), quantity_text(line, words.language)
    return (
        label,
        words.window(line["from"], line["to"]),
        quantity,
        words.amount(line["amountMinor"]),
    )


def _cancellation(terms: Mapping[str, Any], words: _Words) -> Iterator[str]:
    """The rules in the order in which the first that fits decides (`listings.cancellation`)."""
    yield words("owner_cancels")
    yield from _early(terms, words)
    for tier in terms["tiers"]:
        minutes, percent = tier["minutes_before"], tier["percent"]
        key = f"tier_{tier['bound']}" if minutes else "tier_zero"
        yield words(key, time=words.stretch(minutes), percent=percent)
    if not any(tier["minutes_before"] == 0 for tier in terms["tiers"]):
        yield words("later")
    unused = terms["unused_percent"]
    yield words("unused", percent=unused) if unused else words("started")
    if terms["fee_minor"]:
        yield words("fee", amount=words.amount(terms["fee_minor"]))
    percent, fee = terms["no_show_percent"], terms["no_show_fee_minor"]
    key = "no_show_fee" if fee else "no_show"
    yield words(key, percent=percent, amount=words.amount(fee))


def _early(terms: Mapping[str, Any], words: _Words) -> Iterator[str]:
    grace, near = terms["grace_minutes"], terms["grace_lead_minutes_max"]
    if grace and near is None:
        yield words("grace", time=words.stretch(grace))
    elif grace:
        yield words("grace_near", time=words.stretch(grace), lead=words.stretch(near))
    if terms["reconsider_minutes"]:
        lead = words.stretch(terms["reconsider_lead_minutes"])
        yield words("reconsider", time=words.stretch(terms["reconsider_minutes"]), lead=lead)


def _acceptances(agreement: Mapping[str, Any], words: _Words) -> Iterator[Row]:
    for key, field in (("lessor", "lessorAcceptedAt"), ("renter", "renterAcceptedAt")):
        at = agreement[field]
        yield Row(words(key), words("accepted", at=words.time(at)) if at else words("open"))
    yield Row(words("digest"), agreement["digest"])

"""From charge records as they were issued to the sheet that people read. Pure.

Everything comes from the records' bodies, which prove themselves (`parking.settlement.receipts`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from api.agreements.sheet import Columns, Part, Row, Sheet
from api.formats import amount_text, time_text, window_text
from api.price_words import COUNTED, line_label, quantity_text
from api.receipts.words import TEXTS

RAIL_NAMES = {"stripe": "Stripe"}
UNKNOWN_ZONE = "UTC"
"""A credit record alone does not say where the place is."""


@dataclass(frozen=True, slots=True)
class _Words:
    language: str
    locale: str
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
        return amount_text(amount_minor, self.currency, self.locale)


def sheet_of(records: Sequence[Mapping[str, Any]], language: str, locale: str = "") -> Sheet:
    """The sheet of a bill and the credit records after it, or of one record alone.

    `records` are the schema's (`number`, `body`, `digest`); times are told in the place's zone.
    """
    bodies = [json.loads(each["body"]) for each in records]
    bill, number = bodies[0], bodies[0]["number"]
    zone = bill["reservation"].get("timeZone", UNKNOWN_ZONE)
    words = _Words(language, locale or language, ZoneInfo(zone), bill["currency"])
    is_credit = bill["kind"] == "CREDIT"
    return Sheet(
        title=words("credit_title" if is_credit else "title"),
        subtitle=words("subtitle", number=number, at=words.time(bill["issuedAt"])),
        language=language,
        foot=words("foot", number=number, digest=records[0]["digest"]),
        parts=(
            *(_credit(bill, words) if is_credit else _bill(bill, words)),
            *_credits(bill, bodies[1:], words),
            _proof(records, words),
        ),
    )


def _bill(bill: Mapping[str, Any], words: _Words) -> Iterator[Part]:
    yield Part(words("parties"), tuple(_parties(bill["parties"], words)))
    yield Part(words("subject"), tuple(_subject(bill, words)))
    for segment in bill["stay"]:
        if segment["lines"]:
            yield Part(words(f"stay_{segment['kind']}"), columns=_lines(segment["lines"], words))
    yield Part(words("total"), tuple(_totals(bill, words)))
    yield Part(words("payment"), tuple(_payment(bill["payments"], words)))
    yield Part(words("split"), columns=_split(bill, words))


def _parties(parties: Mapping[str, Any], words: _Words) -> Iterator[Row]:
    yield Row(words("driver"), parties["driver"]["name"] or words("unnamed"))
    yield Row(words("lessor"), parties["lessor"]["name"])
    if parties["operator"]["id"] != parties["lessor"]["id"]:
        yield Row(words("operator"), parties["operator"]["name"])


def _subject(bill: Mapping[str, Any], words: _Words) -> Iterator[Row]:
    booked = bill["reservation"]
    yield Row(words("booking"), str(booked["id"]))
    yield Row(words("place"), booked["place"])
    yield Row(words("bay"), booked["space"])
    yield Row(words("booked"), words.window(booked["startsAt"], booked["endsAt"]))
    if booked["startedAt"] and booked["endedAt"]:
        yield Row(words("stayed"), words.window(booked["startedAt"], booked["endedAt"]))
    if booked["plate"]:
        yield Row(words("vehicle"), booked["plate"])
    yield Row(words("outcome"), words(bill["outcome"]))
    yield Row(words("rate_table"), words("version", version=booked["rateTableVersion"]))
    yield Row(words("zone"), booked["timeZone"])


def _lines(lines: Sequence[Mapping[str, Any]], words: _Words) -> Columns:
    total = words.amount(sum(line["amountMinor"] for line in lines))
    return Columns(
        head=tuple(map(words, ("line", "window", "quantity", "unit_amount", "amount"))),
        rows=tuple(_line(line, words) for line in lines),
        numbers=3,
        total=(words("sum"), "", "", "", total),
    )


def _line(line: Mapping[str, Any], words: _Words) -> tuple[str, ...]:
    source = "/".join(filter(None, (line.get("collectionId"), line["lineId"])))
    label = line_label(line, words.language)
    return (
        f"{label} [{source}]" if source else label,
        words.window(line["from"], line["to"]),
        quantity_text(line, words.language),
        _unit_amount(line, words),
        words.amount(line["amountMinor"]),
    )


def _unit_amount(line: Mapping[str, Any], words: _Words) -> str:
    """What one unit costs; a fraction of the minor unit is told as it is reckoned: `50/3`."""
    if line["kind"] not in COUNTED:
        return ""
    exact = Fraction(line["unitAmountMinor"])
    if exact.denominator == 1:
        return words.amount(exact.numerator)
    return f"{words.amount(exact.numerator)} / {exact.denominator}"


def _totals(bill: Mapping[str, Any], words: _Words) -> Iterator[Row]:
    yield Row(words("total"), words.amount(bill["amountMinor"]))
    for tax in bill["taxes"]:
        name = tax["name"] or words("taxes")
        label = words("tax", name=name, percent=tax["percent"]) if tax["percent"] else name
        yield Row(label, words.amount(tax["amountMinor"]))
    if bill["taxMinor"]:
        yield Row(words("net"), words.amount(bill["amountMinor"] - bill["taxMinor"]))


def _payment(payments: Mapping[str, Any], words: _Words) -> Iterator[Row]:
    rail = payments["rail"]
    name = words("wallet") if rail == "wallet" else RAIL_NAMES.get(rail, rail)
    yield Row(words("by"), name)
    yield Row(words("secured"), words.amount(payments["securedMinor"]))
    for each in payments["validations"]:
        carrier = each.get("carrier") if each.get("carriedMinor") else None
        payers = " + ".join(filter(None, (each["merchant"], carrier)))
        merchant = " · ".join(filter(None, (payers, each["label"])))
        label = words("validation", merchant=merchant)
        yield Row(label, words.amount(each["paidMinor"]))
    for key, field in (("topped_up", "toppedUpMinor"), ("receivable", "receivableMinor")):
        if payments[field]:
            yield Row(words(key), words.amount(payments[field]))
    yield Row(words("refund"), words.amount(payments["refundMinor"]))


def _split(bill: Mapping[str, Any], words: _Words) -> Columns:
    return Columns(
        head=tuple(map(words, ("party", "how", "amount"))),
        rows=tuple(
            (words(each["party"]), _reason(each, words), words.amount(each["amountMinor"]))
            for each in bill["shares"]
        ),
        total=(words("total"), "", words.amount(sum(bill["split"].values()))),
    )


def _reason(share: Mapping[str, Any], words: _Words) -> str:
    why = share["why"]
    if why == "PERCENT" and share["percent"] is None:
        why = "REST"
    basis = words.amount(share["basisMinor"])
    return words(f"why_{why}", percent=share["percent"], basis=basis)


def _credit(credit: Mapping[str, Any], words: _Words) -> Iterator[Part]:
    """A credit record by itself."""
    rows = [
        Row(words("corrects"), credit["corrects"]),
        Row(words("booking"), str(credit["reservation"]["id"])),
        Row(words("reason"), credit["reason"]),
        Row(words("total"), words.amount(credit["amountMinor"])),
    ]
    yield Part(words("subject"), tuple(rows))
    told = (Row(words(f"to_{each['to']}"), words.amount(each["amountMinor"]))
            for each in credit["given"])  # fmt: skip
    yield Part(words("returned"), tuple(told))


def _credits(
    bill: Mapping[str, Any], credits: Sequence[Mapping[str, Any]], words: _Words
) -> Iterator[Part]:
    """The credit records after a bill, and what is left of it."""
    if not credits:
        return
    rows = [
        Row(
            words("credit", number=each["number"], at=words.time(each["issuedAt"])),
            words("credit_value", amount=words.amount(each["amountMinor"]), reason=each["reason"]),
        )
        for each in credits
    ]
    left = bill["amountMinor"] + sum(each["amountMinor"] for each in credits)
    yield Part(words("credits"), (*rows, Row(words("left"), words.amount(left))))


def _proof(records: Sequence[Mapping[str, Any]], words: _Words) -> Part:
    label = words("digest")
    rows = tuple(Row(f"{label} · {each['number']}", each["digest"]) for each in records)
    return Part(words("proof"), rows, sentences=(words("proof_text"),))

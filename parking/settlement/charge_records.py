"""Charge records: bills as they were issued, and what reverses them; never edited (OCPI: a CDR is
corrected by a credit CDR). The body has all that a receipt shows, so that it can be shown, and
reckoned again, from itself alone (`parking.settlement.receipts`)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from parking.clock import rfc3339
from parking.rates.lines import lines_json
from parking.reservations.terms import terms_of
from parking.settlement.ending import Ending
from parking.settlement.funds import Funds, Paid
from parking.settlement.kinds import ChargeKind
from parking.settlement.records import EscrowRecord, SettlementRecord
from parking.settlement.split import Parts, Share
from parking.storage.sql import Sql

BODY_VERSION = 1

_INSERT = """
INSERT INTO charge_record (number, kind, person_id, organisation_id, operator_id, place_id,
       currency, amount_minor, body, digest, issued_at, corrects_id, settlement_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id
"""

_NAMES = """
SELECT p.name AS place, p.time_zone, s.number AS space, d.name AS driver, l.name AS lessor,
       o.name AS operator
  FROM reservation r JOIN place p ON p.id = r.place_id JOIN space s ON s.id = r.space_id
  JOIN person d ON d.id = r.person_id JOIN organisation l ON l.id = r.organisation_id
  JOIN organisation o ON o.id = p.organisation_id
 WHERE r.id = $1
"""


class Bill(NamedTuple):
    """What a charge record is made of."""

    settlement_id: int
    pocket: EscrowRecord
    ending: Ending
    funds: Funds
    shares: tuple[Share, ...]
    parts: Parts
    validations: list[Paid]
    at: datetime


def charge_number(settlement_id: int, at: datetime) -> str:
    """The number of a settlement's bill: `2026-00000042`."""
    return f"{at:%Y}-{settlement_id:08d}"


def digest_of(body: str) -> str:
    """SHA-256 of the body as stored, in hex."""
    return sha256(body.encode()).hexdigest()


async def issue_charge(sql: Sql, bill: Bill) -> int:
    """Write the bill of a settlement; the charge record's id."""
    number = charge_number(bill.settlement_id, bill.at)
    names = await sql.fetch_one(_NAMES, bill.pocket.reservation_id)
    assert names is not None, "a reservation has a place, a space and people"
    payers = [payer for each in bill.validations for payer in each.validation.payers]
    merchants = await _merchants(sql, payers)
    body = written(charge_body(bill, number, names, merchants))
    pocket = bill.pocket
    [row] = await sql.fetch(
        _INSERT, number, ChargeKind.CHARGE, pocket.person_id, pocket.organisation_id,
        pocket.operator_id, pocket.place_id, pocket.currency, bill.ending.cost.amount_minor, body,
        digest_of(body), bill.at, None, bill.settlement_id,
    )  # fmt: skip
    return int(row["id"])


async def issue_credit(
    sql: Sql,
    settlement: SettlementRecord,
    corrects_id: int,
    number: str,
    body: Mapping[str, Any],
    at: datetime,
) -> int:
    """Write a credit record; its amount is negative, as what it adds to the bill."""
    text = written(body)
    [row] = await sql.fetch(
        _INSERT, number, ChargeKind.CREDIT, settlement.person_id, settlement.organisation_id,
        settlement.operator_id, settlement.place_id, settlement.currency, body["amountMinor"], text,
        digest_of(text), at, corrects_id, settlement.id,
    )  # fmt: skip
    return int(row["id"])


def charge_body(
    bill: Bill, number: str, names: Mapping[str, Any], merchants: Mapping[int, str]
) -> dict[str, Any]:
    """All that a receipt shows. Times are RFC 3339 in UTC; the place's time zone is beside."""
    cost, pocket, booked = bill.ending.cost, bill.pocket, bill.ending.reservation
    return {
        "version": BODY_VERSION,
        "number": number,
        "kind": ChargeKind.CHARGE,
        "issuedAt": rfc3339(bill.at),
        "currency": pocket.currency,
        "amountMinor": cost.amount_minor,
        "taxMinor": cost.tax_minor,
        "outcome": cost.outcome,
        "reservation": {
            "id": booked.id,
            "startsAt": rfc3339(booked.starts_at),
            "endsAt": rfc3339(booked.ends_at),
            "confirmedAt": _time(booked.confirmed_at),
            "startedAt": _time(bill.ending.started_at),
            "endedAt": _time(bill.ending.ended_at),
            "plate": booked.plate,
            "place": names["place"],
            "space": names["space"],
            "timeZone": names["time_zone"],
            "rateTableVersion": terms_of(booked.terms).rate_table_version,
        },
        "parties": {
            "driver": {"id": pocket.person_id, "name": names["driver"]},
            "lessor": {"id": pocket.organisation_id, "name": names["lessor"]},
            "operator": {"id": pocket.operator_id, "name": names["operator"]},
        },
        "stay": [
            {"kind": part.kind, "lines": orjson.loads(lines_json(part.lines))}
            for part in cost.parts
        ],
        "taxes": tax_summary(bill.ending),
        "fees": orjson.loads(pocket.contract),
        "shares": shares_told(bill.shares),
        "split": parts_told(bill.parts),
        "payments": {
            "rail": pocket.rail,
            **_camel(asdict(bill.funds)),
            "validations": [_validation(each, merchants) for each in bill.validations],
        },
    }


def tax_summary(ending: Ending) -> list[dict[str, Any]]:
    """The tax by name and percent; where less is due than the lines come to, the last line says
    what of it is not."""
    sums: dict[tuple[str, str], int] = {}
    for each in ending.cost.counted:
        if each.line.tax_minor:
            key = (each.line.name, each.line.percent or "")
            sums[key] = sums.get(key, 0) + each.tax_minor
    told = [
        {"name": name, "percent": percent, "amountMinor": amount}
        for (name, percent), amount in sums.items()
        if amount
    ]
    rest = ending.cost.tax_minor - sum(sums.values())
    if rest:
        told.append({"name": "on what is not due", "percent": "", "amountMinor": rest})
    return told


def shares_told(found: tuple[Share, ...]) -> list[dict[str, Any]]:
    """The shares, as settlement and receipt keep them."""
    return [
        {
            "party": share.party,
            "why": share.why,
            "percent": share.percent,
            "basisMinor": share.basis_minor,
            "amountMinor": share.amount_minor,
        }
        for share in found
    ]


def parts_told(parts: Parts) -> dict[str, int]:
    """The parts, as receipts keep them."""
    return _camel(parts._asdict())


def parts_read(told: Mapping[str, int]) -> Parts:
    """The same, back."""
    return Parts(*(told[name] for name in _camel(Parts()._asdict())))


def written(body: Mapping[str, Any]) -> str:
    """As it is stored and digested."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()


def _validation(paid: Paid, merchants: Mapping[int, str]) -> dict[str, Any]:
    """Who paid; the right that was redeemed for it, if one was, and who carried what beside."""
    each, carrier_id = paid.validation, paid.validation.carrier_id
    return {
        "merchantId": each.organisation_id,
        "merchant": merchants.get(each.organisation_id, ""),
        "kind": each.kind,
        "value": each.value,
        "label": each.label,
        "rightId": each.right_id,
        "paidMinor": paid.amount_minor,
        "carrierId": carrier_id,
        "carrier": "" if carrier_id is None else merchants.get(carrier_id, ""),
        "carriedMinor": paid.carried_minor,
    }


async def _merchants(sql: Sql, ids: list[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = await sql.fetch(f"SELECT id, name FROM organisation WHERE id {sql.any_of('$1')}", ids)
    return {row["id"]: row["name"] for row in rows}


def _camel(values: Mapping[str, int]) -> dict[str, int]:
    told = {}
    for name, value in values.items():
        first, *rest = name.split("_")
        told[first + "".join(word.capitalize() for word in rest)] = value
    return told


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else rfc3339(instant)

"""Receipts proven: every amount of a charge record's body worked out again from the body alone.
Pure, and without anything that made the record but the rules themselves."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from parking.rates.lines import lines_from_json, recompute
from parking.sessions.models import SegmentKind
from parking.settlement.charge_records import digest_of, parts_read, shares_told
from parking.settlement.contracts.fees import parse_fees
from parking.settlement.kinds import ChargeKind
from parking.settlement.split import Parts, parts_of, shares
from parking.settlement.tax import StayPart, counted, stay_tax


class Receipt(NamedTuple):
    """What a receipt comes to, in minor units of its currency."""

    cost_minor: int
    tax_minor: int
    parts: Parts


def recompute_receipt(body: str | Mapping[str, Any]) -> Receipt:
    """Each line from its quantity, limit or percentage, the cost from the lines, the tax, the split
    from the fees, and that what came in is what went out.

    Raises ValueError naming what does not follow.
    """
    told: Mapping[str, Any] = orjson.loads(body) if isinstance(body, str) else body
    if told["kind"] == ChargeKind.CREDIT:
        return _credit(told)
    stay = [_part(each) for each in told["stay"]]
    cost = sum(recompute(part.lines) for part in stay)
    _same("amountMinor", told["amountMinor"], cost)
    tax = stay_tax(stay)
    _same("taxMinor", told["taxMinor"], tax)
    _same("taxes", sum(each["amountMinor"] for each in told["taxes"]), tax)
    fees = parse_fees(orjson.dumps(told["fees"]).decode())
    found = shares(cost, tax, fees, counted(stay))
    _same("shares", told["shares"], orjson.loads(orjson.dumps(shares_told(found))))
    _same("split", parts_read(told["split"]), parts_of(found))
    _paid(told["payments"], cost)
    return Receipt(cost, tax, parts_of(found))


def require_digest(body: str, digest: str) -> None:
    """Raises ValueError when the body is not what was digested."""
    _same("digest", digest, digest_of(body))


def _paid(payments: Mapping[str, Any], cost: int) -> None:
    validations = sum(each["paidMinor"] for each in payments["validations"])
    _same("payments.validationMinor", payments["validationMinor"], validations)
    names = ("securedMinor", "validationMinor", "toppedUpMinor", "receivableMinor")
    came_in = sum(payments[name] for name in names)
    _same("payments", came_in, cost + payments["refundMinor"])


def _credit(told: Mapping[str, Any]) -> Receipt:
    parts = parts_read(told["split"])
    _same("amountMinor", told["amountMinor"], -parts.whole_minor)
    _same("taxMinor", told["taxMinor"], -parts.tax_minor)
    negative = Parts(*(-part for part in parts))
    return Receipt(told["amountMinor"], told["taxMinor"], negative)


def _part(told: Mapping[str, Any]) -> StayPart:
    lines = lines_from_json(orjson.dumps(told["lines"]).decode())
    return StayPart(SegmentKind(told["kind"]), lines)


def _same(what: str, told: object, wanted: object) -> None:
    if told != wanted:
        raise ValueError(f"the receipt says {told} for {what}; its own values say {wanted}")

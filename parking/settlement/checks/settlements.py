"""Each settlement against its transfers, its bills, its items, and its empty escrow account."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from parking.ledger.findings import Finding
from parking.settlement.charge_records import digest_of, parts_read
from parking.settlement.disputes.records import SELECT_DISPUTES, dispute_record
from parking.settlement.kinds import ChargeKind, PayoutParty
from parking.settlement.receipts import recompute_receipt
from parking.settlement.records import (
    SELECT_CHARGES,
    SELECT_SETTLEMENTS,
    ChargeRow,
    SettlementRecord,
    charge_row,
    settlement_record,
)
from parking.settlement.split import Parts
from parking.storage.sql import Sql

BATCH_ROWS = 500

_POSTINGS = """
SELECT t.subject, t.public_id, a.kind, SUM(p.amount_minor) AS minor
  FROM ledger_transfer t JOIN ledger_posting p ON p.transfer_id = t.id
  JOIN ledger_account a ON a.id = p.account_id
 WHERE NOT p.is_pending AND t.subject {wanted} GROUP BY t.subject, t.public_id, a.kind
"""
_ESCROWS = """
SELECT e.reservation_id, e.state, r.settled_at,
       (SELECT COUNT(*) FROM ledger_account a WHERE a.name = 'escrow:' || e.reservation_id
           AND (a.balance_minor <> 0 OR a.held_minor <> 0)) AS not_empty
  FROM escrow_account e JOIN reservation r ON r.id = e.reservation_id
 WHERE e.reservation_id {wanted}
"""
_ITEMS = """
SELECT settlement_id, party, SUM(amount_minor) AS minor FROM payout_item
 WHERE settlement_id {wanted} GROUP BY settlement_id, party
"""

Moved = Mapping[str, Mapping[str, int]]
"""By transfer, what it moved into the accounts of each kind."""
NOTHING: Mapping[str, int] = {}


class _Settled(NamedTuple):
    """A settlement with all that tells of it."""

    settlement: SettlementRecord
    escrow: Mapping[str, Any] | None
    moved: Moved
    charges: Sequence[ChargeRow]
    frozen: Parts
    items: Mapping[str, int]


async def settlement_faults(sql: Sql) -> AsyncIterator[Finding]:
    """What is wrong with settlements, the oldest first."""
    last = 0
    query = f"{SELECT_SETTLEMENTS} WHERE t.id > $1 ORDER BY t.id LIMIT {BATCH_ROWS}"
    while batch := [settlement_record(row) for row in await sql.fetch(query, last)]:
        last = batch[-1].id
        for each in await _gathered(sql, batch):
            for finding in _faults(each):
                yield finding


async def _gathered(sql: Sql, batch: Sequence[SettlementRecord]) -> list[_Settled]:
    ids = [each.id for each in batch]
    reservations = [each.reservation_id for each in batch]
    escrows = {
        row["reservation_id"]: row
        for row in await sql.fetch(_ESCROWS.format(wanted=sql.any_of("$1")), reservations)
    }
    moved = await _moved(sql, reservations)
    charges, items = await _charges(sql, ids), await _items(sql, ids)
    frozen = await _frozen(sql, ids)
    return [
        _Settled(
            settlement=each,
            escrow=escrows.get(each.reservation_id),
            moved=moved.get(_subject(each), {}),
            charges=charges.get(each.id, []),
            frozen=frozen.get(each.id, Parts()),
            items=items.get(each.id, NOTHING),
        )
        for each in batch
    ]


def _subject(settlement: SettlementRecord) -> str:
    return f"reservation:{settlement.reservation_id}"


async def _moved(sql: Sql, reservations: Sequence[int]) -> dict[str, dict[str, dict[str, int]]]:
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    subjects = [f"reservation:{each}" for each in reservations]
    for row in await sql.fetch(_POSTINGS.format(wanted=sql.any_of("$1")), subjects):
        found[row["subject"]][row["public_id"]][row["kind"]] = int(row["minor"])
    return found


async def _charges(sql: Sql, ids: Sequence[int]) -> dict[int, list[ChargeRow]]:
    found: dict[int, list[ChargeRow]] = defaultdict(list)
    rows = await sql.fetch(
        f"{SELECT_CHARGES} WHERE c.settlement_id {sql.any_of('$1')} ORDER BY c.id", list(ids)
    )
    for charge in map(charge_row, rows):
        found[charge.settlement_id].append(charge)
    return found


async def _items(sql: Sql, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in await sql.fetch(_ITEMS.format(wanted=sql.any_of("$1")), list(ids)):
        found[row["settlement_id"]][row["party"]] = int(row["minor"])
    return found


async def _frozen(sql: Sql, ids: Sequence[int]) -> dict[int, Parts]:
    """What disputes and chargebacks that are not closed have taken."""
    rows = await sql.fetch(
        f"{SELECT_DISPUTES} WHERE d.settlement_id {sql.any_of('$1')} AND d.state <> 'CLOSED'",
        list(ids),
    )
    found: dict[int, Parts] = {}
    for dispute in map(dispute_record, rows):
        taken = Parts(**orjson.loads(dispute.frozen))
        found[dispute.settlement_id] = found.get(dispute.settlement_id, Parts()).plus(taken)
    return found


def _faults(settled: _Settled) -> Iterator[Finding]:
    row = settled.settlement
    name = f"settlement {row.id} of reservation {row.reservation_id}"
    for code, message in (
        *_escrow_faults(settled),
        *_transfer_faults(settled),
        *_bill_faults(settled),
        *_left_faults(settled),
    ):
        yield Finding(code, f"{name}: {message}")


def _escrow_faults(settled: _Settled) -> Iterator[tuple[str, str]]:
    escrow = settled.escrow
    if escrow is None or escrow["state"] != "SETTLED" or escrow["settled_at"] is None:
        yield "ESCROW_STATE", "its escrow account or reservation is not marked as settled"
    if escrow is not None and escrow["not_empty"]:
        yield "ESCROW_NOT_EMPTY", "its escrow account is not empty"


def _transfer_faults(settled: _Settled) -> Iterator[tuple[str, str]]:
    row, moved = settled.settlement, settled.moved
    out = {
        "OWNER": row.owner_minor, "PROPERTY": row.property_minor, "PLATFORM": row.platform_minor,
        "TAX": row.tax_minor, "DRIVER": row.refund_minor,
        "ESCROW": -row.cost_minor - row.refund_minor,
    }  # fmt: skip
    came = {
        "MERCHANT": -row.validation_minor, "DRIVER": -row.topped_up_minor,
        "RECEIVABLE": -row.receivable_minor,
        "ESCROW": row.validation_minor + row.topped_up_minor + row.receivable_minor,
    }  # fmt: skip
    for public_id, told in (
        (f"split:{row.reservation_id}", out),
        (f"in:{row.reservation_id}", came),
    ):
        wanted = {kind: amount for kind, amount in told.items() if amount}
        if dict(moved.get(public_id, NOTHING)) != wanted:
            yield "TRANSFERS", f"it tells of {wanted}; {public_id} moved {moved.get(public_id)}"


def _bill_faults(settled: _Settled) -> Iterator[tuple[str, str]]:
    row, bills = settled.settlement, [c for c in settled.charges if c.kind is ChargeKind.CHARGE]
    if len(bills) != 1 or bills[0].amount_minor != row.cost_minor:
        yield "BILL", f"it cost {row.cost_minor} and has the bills {[c.number for c in bills]}"
    if sum(charge.amount_minor for charge in settled.charges) < 0:
        yield "CREDITS", "its credit records give back more than it cost"
    for charge in settled.charges:
        if charge.digest != digest_of(charge.body):
            yield "DIGEST", f"charge record {charge.number} is not what was digested"
        try:
            receipt = recompute_receipt(charge.body)
        except (ValueError, KeyError, TypeError) as error:
            yield "RECEIPT", f"charge record {charge.number} does not follow from itself: {error}"
            continue
        if receipt.cost_minor != charge.amount_minor:
            yield "RECEIPT", f"charge record {charge.number} comes to {receipt.cost_minor}"
        if charge in bills and receipt.parts != _parts(row):
            yield "BILL", f"bill {charge.number} divides it as {receipt.parts}"


def _parts(row: SettlementRecord) -> Parts:
    return Parts(row.owner_minor, row.property_minor, row.platform_minor, row.tax_minor)


def _left_faults(settled: _Settled) -> Iterator[tuple[str, str]]:
    """What each party still has: by the settlement, by the ledger, and by what is to be paid."""
    row = settled.settlement
    told = _parts(row).less(settled.frozen)
    for charge in settled.charges:
        if charge.kind is ChargeKind.CREDIT:
            told = told.less(parts_read(orjson.loads(charge.body)["split"]))
    kinds = ("OWNER", "PROPERTY", "PLATFORM", "TAX")
    sums = [sum(each.get(kind, 0) for each in settled.moved.values()) for kind in kinds]
    if Parts(*sums) != told:
        yield "LEFT", f"after credits and disputes {told} is left; the ledger has {Parts(*sums)}"
    owed = (settled.items.get(PayoutParty.OWNER, 0), settled.items.get(PayoutParty.PROPERTY, 0))
    if owed != (told.owner_minor, told.property_minor):
        yield "ITEMS", f"its payout items come to {owed}, of {told[:2]} that are left"

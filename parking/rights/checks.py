"""Contracts, rights and redemptions against each other and against the settlements: what is shown
of quota, budget and spending is what was granted and paid. For `berth ledger verify`."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, TypeAlias

from parking.ledger.findings import Finding, Findings
from parking.settlement.charge_records import digest_of
from parking.storage.sql import Sql

BATCH_ROWS = 500

Row: TypeAlias = Mapping[str, Any]

_CONTRACTS = """
SELECT k.id, k.granted, k.committed_minor, k.spent_minor,
       (SELECT COUNT(*) FROM assigned_right a WHERE a.contract_id = k.id
           AND a.state IN ('HELD', 'REDEEMED', 'USED')) AS wanted_granted,
       (SELECT COALESCE(SUM(a.commit_minor), 0) FROM assigned_right a WHERE a.contract_id = k.id
           AND a.state IN ('HELD', 'REDEEMED')) AS wanted_committed,
       (SELECT COALESCE(SUM(d.issuer_minor), 0) FROM redemption d
          JOIN assigned_right a ON a.id = d.assigned_right_id
         WHERE a.contract_id = k.id AND d.state = 'FINISHED') AS wanted_spent
  FROM rights_contract k WHERE k.id > $1 ORDER BY k.id LIMIT $2
"""
_CODES = """
SELECT g.id, g.uses, (SELECT COUNT(*) FROM assigned_right a WHERE a.grant_code_id = g.id
           AND a.state IN ('HELD', 'REDEEMED', 'USED')) AS wanted_uses
  FROM grant_code g WHERE g.id > $1 ORDER BY g.id LIMIT $2
"""
_REDEMPTIONS = """
SELECT d.id, d.state, d.issuer_minor, d.operator_minor, a.state AS right_state,
       (SELECT COUNT(*) FROM redemption o WHERE o.assigned_right_id = d.assigned_right_id
           AND o.state = 'LIVE') AS live,
       v.id AS validation_id, v.right_id, v.organisation_id AS payer_id,
       v.reservation_id AS stay_id, v.paid_minor, v.carried_minor, v.settlement_id,
       v.returned_at, v.price_minor, v.most_minor,
       d.organisation_id, d.reservation_id, d.assigned_right_id
  FROM redemption d JOIN assigned_right a ON a.id = d.assigned_right_id
  LEFT JOIN validation v ON v.id = d.validation_id
 WHERE d.id > $1 ORDER BY d.id LIMIT $2
"""

_INVOICES = """
SELECT i.id, i.number, i.redemptions, i.amount_minor, i.body, i.digest,
       (SELECT COUNT(*) FROM redemption d WHERE d.invoice_id = i.id)
       + (SELECT COUNT(*) FROM redemption d WHERE d.carrier_invoice_id = i.id) AS wanted_count,
       (SELECT COALESCE(SUM(d.issuer_minor), 0) FROM redemption d WHERE d.invoice_id = i.id)
       + (SELECT COALESCE(SUM(d.operator_minor), 0) FROM redemption d
           WHERE d.carrier_invoice_id = i.id) AS wanted_minor
  FROM rights_invoice i WHERE i.id > $1 ORDER BY i.id LIMIT $2
"""


async def verify_rights(sql: Sql) -> list[Finding]:
    """Everything that does not fit together at this instant; nothing when all does."""
    findings = Findings()
    for query, faults in (
        (_CONTRACTS, _contract_faults),
        (_CODES, _code_faults),
        (_REDEMPTIONS, _redemption_faults),
        (_INVOICES, _invoice_faults),
    ):
        async for row in _rows(sql, query):
            findings.extend(faults(row))
    return findings.told()


async def _rows(sql: Sql, query: str) -> AsyncIterator[Row]:
    last = 0
    while batch := await sql.fetch(query, last, BATCH_ROWS):
        last = batch[-1]["id"]
        for row in batch:
            yield row


def _contract_faults(row: Row) -> Iterator[Finding]:
    for name in ("granted", "committed_minor", "spent_minor"):
        wanted = int(row[f"wanted_{name.removesuffix('_minor')}"])
        if row[name] != wanted:
            message = f"contract {row['id']} says {row[name]} {name}; its rights say {wanted}"
            yield Finding("RIGHTS_CONTRACT", message)


def _code_faults(row: Row) -> Iterator[Finding]:
    if row["uses"] != row["wanted_uses"]:
        message = f"code {row['id']} says {row['uses']} uses; its rights {row['wanted_uses']}"
        yield Finding("GRANT_CODE", message)


def _invoice_faults(row: Row) -> Iterator[Finding]:
    told = (row["redemptions"], row["amount_minor"])
    wanted = (int(row["wanted_count"]), int(row["wanted_minor"]))
    if told != wanted:
        message = f"invoice {row['number']} says {told}; its redemptions come to {wanted}"
        yield Finding("RIGHTS_INVOICE", message)
    if digest_of(row["body"]) != row["digest"]:
        yield Finding("DIGEST", f"invoice {row['number']} is not what was digested")


def _redemption_faults(row: Row) -> Iterator[Finding]:
    for message in _told_faults(row):
        yield Finding("REDEMPTION", f"redemption {row['id']}: {message}")


def _told_faults(row: Row) -> list[str]:
    if row["validation_id"] is None:
        return ["it has no validation"]
    found = []
    told = (row["right_id"], row["payer_id"], row["stay_id"])
    wanted = (row["assigned_right_id"], row["organisation_id"], row["reservation_id"])
    if told != wanted:
        found.append(f"its validation is of right, issuer and stay {told}, not {wanted}")
    if row["state"] == "LIVE" and (row["right_state"], row["live"]) != ("REDEEMED", 1):
        found.append(f"it is live, its right {row['right_state']}, {row['live']} times")
    if row["state"] == "FINISHED":
        found += _paid_faults(row)
    if row["state"] == "CANCELLED" and row["returned_at"] is None:
        found.append("it was taken back, and its promise was not")
    return found


def _paid_faults(row: Row) -> list[str]:
    if row["settlement_id"] is None:
        return ["it is finished, and its stay is not settled"]
    issuer, carried = row["issuer_minor"], row["operator_minor"]
    settled = (row["paid_minor"] - row["carried_minor"], row["carried_minor"])
    found = []
    if (issuer, carried) != settled:
        found.append(f"it says {issuer} and {carried} were paid; its settlement {settled}")
    if row["price_minor"] is not None and issuer > row["price_minor"]:
        found.append(f"its issuer paid {issuer}, above its price {row['price_minor']}")
    if row["most_minor"] is not None and issuer + carried > row["most_minor"]:
        found.append(f"{issuer + carried} were paid for it, at most {row['most_minor']} agreed")
    return found

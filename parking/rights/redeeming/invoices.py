"""Monthly invoices: what an organisation's rights came to, in lines (CLAIMS A26; APDS C.2.4).

One for each organisation and currency, for what was finished in a month by UTC: what it paid as the
issuer, and what it carried as the operator of a place where an issuer pays a price. It says what
the settlements have taken from the organisation's merchant account already, and is settled like any
merchant's debt: `berth organisation paid`, with its number as the key. Nobody edits one; what was
finished too late for its month's is in the next.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from parking.accounts.audit import record_audit
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock, as_utc, rfc3339
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.rights.topics import organisation_rights_topic
from parking.settlement.charge_records import digest_of, written
from parking.settlement.topics import tell_money
from parking.storage.faults import Contended, Unreachable
from parking.storage.locks import lock_organisation
from parking.storage.sql import Sql, as_time, database
from parking.storage.transactions import retried, transaction

log = logging.getLogger(__name__)

BODY_VERSION = 1
CLOSES_AFTER = timedelta(hours=1)
"""So long after its end a month is billed: whatever was begun in it is written by then."""


class _Part(NamedTuple):
    """A way to owe something: the columns of `redemption` that say who, what, and on which bill."""

    name: str
    payer: str
    minor: str
    bill: str

    @property
    def unbilled(self) -> str:
        """What of one payer in one currency is on no bill: $1, $2, finished before $3."""
        return (
            f"d.{self.payer} = $1 AND d.currency = $2 AND d.finished_at < $3"
            f" AND d.{self.bill} IS NULL AND d.{self.minor} > 0 AND d.state = 'FINISHED'"
        )


_PARTS = (
    _Part("ISSUED", "organisation_id", "issuer_minor", "invoice_id"),
    _Part("CARRIED", "operator_id", "operator_minor", "carrier_invoice_id"),
)

_INSERT = """
INSERT INTO rights_invoice (number, organisation_id, currency, month, redemptions, amount_minor,
                            body, digest, issued_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
"""


def invoice_number(month: str, organisation_id: int, currency: str) -> str:
    """`RI-2026-01-7-EUR`: one for each, and short enough for a payment's reference."""
    return f"RI-{month}-{organisation_id}-{currency}"


def last_closed(now: datetime) -> tuple[str, datetime]:
    """The last month that is billed, as `2026-01`, and the instant at which it ended (UTC)."""
    present = as_utc(now - CLOSES_AFTER)
    ended_at = present.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return f"{ended_at - timedelta(days=1):%Y-%m}", ended_at


async def issue_invoices(clock: Clock, bus: Bus) -> int:
    """Bill the last month to whoever owes something of it; how many. Any number of workers may
    run.

    One that cannot be billed is a bug, and no reason that others are not: it is raised at last.
    """
    month, ended_at = last_closed(clock.now())
    owing = set[tuple[int, str]]()
    for part in _PARTS:
        rows = await database().fetch(
            f"SELECT DISTINCT d.{part.payer} AS payer_id, d.currency FROM redemption d"
            f" WHERE d.finished_at < $1 AND d.{part.bill} IS NULL AND d.{part.minor} > 0",
            ended_at,
        )
        owing |= {(row["payer_id"], row["currency"]) for row in rows}
    done, faults = 0, list[Exception]()
    for payer_id, currency in sorted(owing):
        issue = partial(_issue, payer_id, currency, month, ended_at, clock, bus)
        try:
            done += await retried(issue)
        except Unreachable:
            raise
        except Exception as fault:
            log.exception("organisation %d cannot be billed in %s", payer_id, currency)
            faults.append(fault)
    if faults:
        raise faults[0]
    return done


async def _issue(
    payer_id: int, currency: str, month: str, ended_at: datetime, clock: Clock, bus: Bus
) -> int:
    async with HeldBus(bus) as held, transaction() as sql:
        await lock_organisation(sql, payer_id)
        number, at = invoice_number(month, payer_id, currency), clock.now()
        if await sql.fetch_one("SELECT id FROM rights_invoice WHERE number = $1", number):
            return 0
        lines = [
            line
            for part in _PARTS
            for line in await _lines(sql, part, payer_id, currency, ended_at)
        ]
        if not lines:
            return 0
        body = await _body(sql, payer_id, currency, month, number, lines, at)
        text = written(body)
        [row] = await sql.fetch(
            _INSERT, number, payer_id, currency, month, body["redemptions"], body["amountMinor"],
            text, digest_of(text), at,
        )  # fmt: skip
        await _mark(sql, payer_id, currency, ended_at, row["id"], lines)
        detail = {"number": number, "amount_minor": body["amountMinor"]}
        subject = f"rights_invoice:{row['id']}"
        await record_audit(sql, SYSTEM, "issue_rights_invoice", subject, payer_id, detail, at)
        topic = organisation_rights_topic(payer_id)
        await tell_money(sql, held, at, topic, invoice_id=row["id"], version=1)
    return 1


async def _lines(
    sql: Sql, part: _Part, payer_id: int, currency: str, ended_at: datetime
) -> list[dict[str, Any]]:
    rows = await sql.fetch(
        "SELECT d.place_id, p.name AS place, a.contract_id, a.specification_id,"
        " s.name AS specification, s.kind, d.organisation_id, o.name AS issuer,"
        f" COUNT(*) AS redemptions, SUM(d.{part.minor}) AS minor,"
        " MIN(d.finished_at) AS first_at, MAX(d.finished_at) AS last_at"
        " FROM redemption d JOIN assigned_right a ON a.id = d.assigned_right_id"
        " JOIN right_specification s ON s.id = a.specification_id"
        " JOIN place p ON p.id = d.place_id JOIN organisation o ON o.id = d.organisation_id"
        f" WHERE {part.unbilled}"
        " GROUP BY d.place_id, p.name, a.contract_id, a.specification_id, s.name, s.kind,"
        " d.organisation_id, o.name ORDER BY d.place_id, a.contract_id, a.specification_id",
        payer_id,
        currency,
        ended_at,
    )
    return [_line(part, row) for row in rows]


def _line(part: _Part, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "part": part.name,
        "placeId": row["place_id"],
        "place": row["place"],
        "issuerId": row["organisation_id"],
        "issuer": row["issuer"],
        "contractId": row["contract_id"],
        "specificationId": row["specification_id"],
        "specification": row["specification"],
        "kind": row["kind"],
        "redemptions": int(row["redemptions"]),
        "amountMinor": int(row["minor"]),
        "firstAt": rfc3339(as_time(row["first_at"])),
        "lastAt": rfc3339(as_time(row["last_at"])),
    }


async def _body(
    sql: Sql,
    payer_id: int,
    currency: str,
    month: str,
    number: str,
    lines: Sequence[Mapping[str, Any]],
    at: datetime,
) -> dict[str, Any]:
    [payer] = await sql.fetch("SELECT name FROM organisation WHERE id = $1", payer_id)
    return {
        "version": BODY_VERSION,
        "number": number,
        "month": month,
        "issuedAt": rfc3339(at),
        "organisation": {"id": payer_id, "name": payer["name"]},
        "currency": currency,
        "amountMinor": sum(line["amountMinor"] for line in lines),
        "redemptions": sum(line["redemptions"] for line in lines),
        "lines": list(lines),
    }


async def _mark(
    sql: Sql,
    payer_id: int,
    currency: str,
    ended_at: datetime,
    invoice_id: int,
    lines: Sequence[Mapping[str, Any]],
) -> None:
    """Nothing is billed twice, and what is marked is what was summed."""
    for part in _PARTS:
        marked = await sql.execute(
            f"UPDATE redemption SET {part.bill} = $4 WHERE id IN"
            f" (SELECT d.id FROM redemption d WHERE {part.unbilled})",
            payer_id,
            currency,
            ended_at,
            invoice_id,
        )
        if marked != sum(line["redemptions"] for line in lines if line["part"] == part.name):
            raise Contended("something was finished meanwhile; bill it, too")

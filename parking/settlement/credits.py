"""Giving back what was charged: a credit record reverses a bill, or a part of it (CLAIMS C22).

Everybody gives back in proportion to what they still have of it; the bill itself stays as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock, rfc3339
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ledger.accounts import (
    Account,
    driver,
    merchant,
    owner,
    platform,
    property_of,
    tax,
)
from parking.ledger.models import AccountKind
from parking.ledger.transfers import Movement, transfer
from parking.places.rules import checked_text
from parking.settlement.charge_records import BODY_VERSION, issue_credit, parts_told
from parking.settlement.debts import collect_debts
from parking.settlement.escrow import find_escrow
from parking.settlement.kinds import ChargeKind, PayoutCause
from parking.settlement.payments.outer import send_back
from parking.settlement.rails.port import WALLET
from parking.settlement.records import (
    SELECT_CHARGES,
    SELECT_SETTLEMENTS,
    ChargeRow,
    EscrowRecord,
    SettlementRecord,
    charge_row,
    settlement_record,
)
from parking.settlement.rules import may_credit, may_see
from parking.settlement.settled import write_items
from parking.settlement.split import Parts, unsplit
from parking.settlement.topics import tell_settlement
from parking.storage.locks import lock_settlement
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

REASON_CHARACTERS_MAX = 500

_PAID_BY = """
SELECT w.payer_id, SUM(w.minor) AS minor FROM (
       SELECT 2 * id AS place, organisation_id AS payer_id, paid_minor - carried_minor AS minor
         FROM validation WHERE settlement_id = $1
        UNION ALL
       SELECT 2 * id + 1, carrier_id, carried_minor FROM validation
        WHERE settlement_id = $1 AND carrier_id IS NOT NULL) w
 GROUP BY w.payer_id ORDER BY MIN(w.place)
"""
"""What each merchant paid, and who carried for others; one that did so twice is one payer."""
_LEFT = """
SELECT a.kind, SUM(p.amount_minor) AS amount_minor FROM ledger_transfer t
  JOIN ledger_posting p ON p.transfer_id = t.id JOIN ledger_account a ON a.id = p.account_id
 WHERE t.subject = $1 AND a.kind IN ('OWNER', 'PROPERTY', 'PLATFORM', 'TAX') AND NOT p.is_pending
 GROUP BY a.kind
"""


@dataclass(frozen=True, slots=True)
class Payee:
    """Who paid for a stay, and so gets it back: the driver (None) or a merchant."""

    merchant_id: int | None
    amount_minor: int

    def account(self, settlement: SettlementRecord) -> Account:
        """Where it goes."""
        if self.merchant_id is None:
            return driver(settlement.person_id, settlement.currency)
        return merchant(self.merchant_id, settlement.currency)


async def credit_charge(
    viewer: Viewer,
    charge_id: int,
    amount_minor: int,
    reason: str,
    *,
    clock: Clock,
    bus: Bus,
) -> int:
    """Give back a part of a bill, or all of it; the credit record's id. For the lessor's OWNERs and
    OPERATORs, and the platform.

    It goes to the driver as far as they paid, then to the merchants. Raises NotFound, NotPermitted,
    InvalidInput, and Conflict `EXCEEDS_CHARGE` for more than is left of it, `WRONG_STATE` for a
    credit record.
    """
    text = checked_text("reason", reason, REASON_CHARACTERS_MAX)

    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            charge = await _creditable(sql, viewer, charge_id)
            at = clock.now()
            made = await credit_in(sql, held, charge.settlement_id, amount_minor, text, viewer, at)
            detail = {"charge": charge.number, "amount_minor": amount_minor, "reason": text}
            subject = f"charge_record:{charge_id}"
            await record_audit(
                sql, viewer, "credit_charge", subject, charge.organisation_id, detail, at
            )
            return made

    return await retried(once)


async def credit_in(
    sql: Sql,
    bus: Bus,
    settlement_id: int,
    amount_minor: int,
    reason: str,
    viewer: Viewer,
    at: datetime,
) -> int:
    """`credit_charge` in the caller's transaction; who may is the caller's to say. `bus` has to
    hold its messages until the commit."""
    settlement = await locked_settlement(sql, settlement_id)
    left = await left_parts(sql, settlement.reservation_id)
    if amount_minor < 1:
        raise InvalidInput("amount", f"it is {amount_minor}; give at least 1 minor unit")
    if amount_minor > left.whole_minor:
        message = f"{left.whole_minor} minor units are left of the charge; give back no more"
        raise Conflict(message, code="EXCEEDS_CHARGE")
    parts = unsplit(left, amount_minor)
    given = await _given_to(sql, settlement, amount_minor)
    number, corrects = await _next_number(sql, settlement.id)
    await _move(sql, settlement, parts, given, number, reason, viewer.actor, at)
    pocket = await find_escrow(sql, settlement.reservation_id)
    assert pocket is not None, "what was settled had an escrow account"
    await write_items(sql, settlement.id, pocket, _negative(parts), at, PayoutCause.CORRECTION)
    made = await write_credit(sql, settlement, parts, given, reason, at, number, corrects)
    await _to_driver(sql, bus, pocket, given, number, at)
    await tell_credit(sql, bus, settlement, made, at)
    return made


async def locked_settlement(sql: Sql, settlement_id: int) -> SettlementRecord:
    """The settlement, under lock: what is left of it does not change. Raises NotFound."""
    await lock_settlement(sql, settlement_id)
    row = await sql.fetch_one(f"{SELECT_SETTLEMENTS} WHERE t.id = $1", settlement_id)
    if row is None:
        raise NotFound("there is no such settlement")
    return settlement_record(row)


async def left_parts(sql: Sql, reservation_id: int) -> Parts:
    """What each still has of a reservation's cost, by the ledger: the split, less what any transfer
    about the reservation (`reservation:12`) took back since. Under the settlement's lock."""
    rows = await sql.fetch(_LEFT, f"reservation:{reservation_id}")
    sums = {AccountKind(row["kind"]): int(row["amount_minor"]) for row in rows}
    kinds = (AccountKind.OWNER, AccountKind.PROPERTY, AccountKind.PLATFORM, AccountKind.TAX)
    return Parts(*(sums.get(kind, 0) for kind in kinds))


async def write_credit(
    sql: Sql,
    settlement: SettlementRecord,
    parts: Parts,
    given: Sequence[Payee],
    reason: str,
    at: datetime,
    number: str = "",
    corrects_id: int = 0,
) -> int:
    """The credit record of what was taken from `parts` and given to these, without moving anything;
    its id. Number and bill are found where they are not given. Under the settlement's lock."""
    if not number:
        number, corrects_id = await _next_number(sql, settlement.id)
    body: dict[str, Any] = {
        "version": BODY_VERSION,
        "number": number,
        "kind": ChargeKind.CREDIT,
        "corrects": number.rpartition("-C")[0],
        "issuedAt": rfc3339(at),
        "currency": settlement.currency,
        "amountMinor": -parts.whole_minor,
        "taxMinor": -parts.tax_minor,
        "reason": reason,
        "reservation": {"id": settlement.reservation_id},
        "split": parts_told(parts),
        "given": [
            {"to": _name(each), "merchantId": each.merchant_id, "amountMinor": each.amount_minor}
            for each in given
        ],
    }
    await sql.execute("UPDATE settlement SET version = version + 1 WHERE id = $1", settlement.id)
    return await issue_credit(sql, settlement, corrects_id, number, body, at)


async def tell_credit(
    sql: Sql, bus: Bus, settlement: SettlementRecord, charge_record_id: int, at: datetime
) -> None:
    """Tell all whom the settlement is about."""
    await tell_settlement(
        sql, bus, at, settlement.reservation_id, settlement.person_id,
        (settlement.organisation_id, settlement.operator_id), settlement.place_id,
        settlement_id=settlement.id, charge_record_id=charge_record_id,
        version=settlement.version + 1,
    )  # fmt: skip


def spread(caps: Sequence[Payee], amount_minor: int) -> list[Payee]:
    """Who gets how much of an amount: in this order, each at most what they can still get; what is
    beyond all of them is the driver's. Pure."""
    left, given = amount_minor, list[Payee]()
    for cap in caps:
        mine = min(left, cap.amount_minor)
        if mine > 0:
            given.append(Payee(cap.merchant_id, mine))
            left -= mine
    return [*given, Payee(None, left)] if left else given


async def _given_to(sql: Sql, settlement: SettlementRecord, amount_minor: int) -> list[Payee]:
    rows = await sql.fetch(_PAID_BY, settlement.id)
    back = await _merchants_got(sql, settlement)
    left = [
        Payee(row["payer_id"], int(row["minor"]) - back.get(row["payer_id"], 0)) for row in rows
    ]
    driver_got = await _given_minor(sql, settlement) - sum(back.values())
    own = settlement.cost_minor - settlement.validation_minor - driver_got
    return spread([Payee(None, own), *left], amount_minor)


async def _merchants_got(sql: Sql, settlement: SettlementRecord) -> dict[int, int]:
    """What each merchant was given back before."""
    rows = await sql.fetch(
        "SELECT a.name, SUM(p.amount_minor) AS minor FROM ledger_transfer t"
        " JOIN ledger_posting p ON p.transfer_id = t.id"
        " JOIN ledger_account a ON a.id = p.account_id"
        " WHERE t.subject = $1 AND a.kind = 'MERCHANT' AND p.amount_minor > 0 GROUP BY a.name",
        f"reservation:{settlement.reservation_id}",
    )
    return {int(row["name"].split(":")[1]): int(row["minor"]) for row in rows}


async def _given_minor(sql: Sql, settlement: SettlementRecord) -> int:
    """What was given back to anybody, and what is frozen: a dispute is about the driver's part."""
    [row] = await sql.fetch(
        "SELECT COALESCE((SELECT -SUM(amount_minor) FROM charge_record"
        "   WHERE settlement_id = $1 AND kind = 'CREDIT'), 0)"
        " + COALESCE((SELECT SUM(frozen_minor) FROM dispute"
        "   WHERE settlement_id = $1 AND state <> 'CLOSED'), 0) AS minor",
        settlement.id,
    )
    return int(row["minor"])


async def _move(
    sql: Sql,
    settlement: SettlementRecord,
    parts: Parts,
    given: Sequence[Payee],
    number: str,
    reason: str,
    actor: str,
    at: datetime,
) -> None:
    currency = settlement.currency
    entries = {
        owner(settlement.organisation_id, currency): -parts.owner_minor,
        property_of(settlement.operator_id, currency): -parts.property_minor,
        platform(currency): -parts.platform_minor,
        tax(currency): -parts.tax_minor,
    }
    for each in given:
        account = each.account(settlement)
        entries[account] = entries.get(account, 0) + each.amount_minor
    split = await sql.fetch_one(
        "SELECT id FROM ledger_transfer WHERE public_id = $1", f"split:{settlement.reservation_id}"
    )
    movement = Movement(
        f"credit:{number}", "credit", entries, f"reservation:{settlement.reservation_id}", reason,
        actor, corrects_id=None if split is None else split["id"],
    )  # fmt: skip
    await transfer(sql, movement, at)


async def _to_driver(
    sql: Sql, bus: Bus, pocket: EscrowRecord, given: Sequence[Payee], number: str, at: datetime
) -> None:
    """Debts are paid from it first; what is left goes back by the rail it came by."""
    own = sum(each.amount_minor for each in given if each.merchant_id is None)
    if not own:
        return
    cause = f"credit:{number}"
    own -= await collect_debts(sql, pocket.person_id, pocket.currency, cause, at, bus)
    if own > 0 and pocket.rail != WALLET:
        await send_back(sql, pocket, own, f"refund:{number}", at)


async def _next_number(sql: Sql, settlement_id: int) -> tuple[str, int]:
    """The number of the next credit record, and the id of the bill that it corrects."""
    rows = await sql.fetch(
        "SELECT id, number, kind FROM charge_record WHERE settlement_id = $1 ORDER BY id",
        settlement_id,
    )
    bill = next((row for row in rows if row["kind"] == ChargeKind.CHARGE), None)
    if bill is None:
        raise NotFound("there is no charge record of this settlement")
    return f"{bill['number']}-C{len(rows)}", bill["id"]


async def _creditable(sql: Sql, viewer: Viewer, charge_id: int) -> ChargeRow:
    row = await sql.fetch_one(f"{SELECT_CHARGES} WHERE c.id = $1", charge_id)
    found = None if row is None else charge_row(row)
    if found is None or not may_see(
        viewer, found.person_id, found.organisation_id, found.operator_id
    ):
        raise NotFound("there is no such charge record")
    if not may_credit(viewer, found.organisation_id):
        raise NotPermitted("only the lessor's OWNERs and OPERATORs, and the platform, give back")
    if found.kind is not ChargeKind.CHARGE:
        raise Conflict("a credit record is not credited; credit its charge", code="WRONG_STATE")
    return found


def _negative(parts: Parts) -> Parts:
    return Parts(*(-part for part in parts))


def _name(payee: Payee) -> str:
    return "DRIVER" if payee.merchant_id is None else "MERCHANT"

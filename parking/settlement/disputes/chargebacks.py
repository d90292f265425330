"""Chargebacks: the driver's bank takes a payment back, and the rail takes it from the platform.

What the stay's parties still have of it they give back at once, as in a dispute; what is beyond
that (the stay is not settled yet, the money went into the wallet, or was given back before) is a
debt of the driver's. When the bank decides for us, everybody gets theirs back.
"""

from datetime import datetime

from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ledger.accounts import Account, driver, external, receivable
from parking.ledger.models import AccountKind
from parking.ledger.rows import entries_of, find_transfer
from parking.ledger.transfers import Movement, transfer
from parking.settlement.credits import left_parts, locked_settlement
from parking.settlement.debts import collect_debts
from parking.settlement.disputes.money import (
    credit_driver,
    frozen_parts,
    party_entries,
    release,
    write_dispute_items,
)
from parking.settlement.disputes.records import SELECT_DISPUTES, DisputeRecord, dispute_record
from parking.settlement.disputes.rows import (
    change_dispute,
    insert_dispute,
    live_dispute,
    tell_dispute,
)
from parking.settlement.disputes.rules import RAIL, REASON_CHARACTERS_MAX, driver_part_minor
from parking.settlement.kinds import DisputeState
from parking.settlement.payments.records import PaymentRecord
from parking.settlement.rails.port import EventKind, RailEvent
from parking.settlement.records import SettlementRecord
from parking.settlement.split import Parts, unsplit
from parking.settlement.topics import person_money_topic, tell_money
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

CHARGEBACK = "chargeback"
INQUIRY = "warning"
"""What the status of a dispute begins with while no money was taken."""
WON = "chargeback_won"
SUPERSEDED = "closed because the driver's bank has taken it up"
UNTOLD = "the driver's bank gave no reason"


async def take_in_chargeback(
    payment: PaymentRecord, event: RailEvent, clock: Clock, bus: Bus
) -> str:
    """What a rail tells of a bank's dispute, in a transaction of its own; a sentence of what was
    done. An inquiry (Stripe: `warning_…`) moves no money yet, and is the rail's to show."""
    if event.status.startswith(INQUIRY):
        return f"the bank inquires ({event.reason or 'no reason given'}); answer it at the rail"
    if event.currency != payment.currency:
        return f"a chargeback in {event.currency} of a payment in {payment.currency}; look at it"

    async def once() -> bool:
        async with HeldBus(bus) as held, transaction() as sql:
            given = (sql, payment, event.dispute, event.amount_minor, event.reason, clock.now())
            if event.kind is EventKind.DISPUTE_CLOSED:
                return await chargeback_closed(*given, held, is_won=event.is_won)
            return await chargeback_opened(*given, held)

    is_new = await retried(once)
    what = "closed" if event.kind is EventKind.DISPUTE_CLOSED else "opened"
    return f"chargeback {event.dispute} {what if is_new else 'was known'}"


async def chargeback_opened(
    sql: Sql,
    payment: PaymentRecord,
    reference: str,
    amount_minor: int,
    reason: str,
    at: datetime,
    bus: Bus,
) -> bool:
    """The rail has taken `amount_minor` of the payment; `reference` is its name for that. False
    when this was known. A dispute that is live is closed for it, in favour of nobody.

    In the caller's transaction; `bus` holds its messages until the commit.
    """
    public_id = _name(payment, reference)
    settlement = await _settlement_of(sql, payment)
    if await find_transfer(sql, public_id) is not None:
        return False
    given = Parts()
    if settlement is not None:
        given = await _given(sql, settlement, amount_minor, at, bus)
    debt = amount_minor - given.whole_minor
    entries: dict[Account, int] = {}
    if settlement is not None:
        entries |= party_entries(settlement, Parts().less(given))
    entries[receivable(payment.person_id, payment.currency)] = -debt
    entries[external(payment.rail, payment.currency)] = amount_minor
    movement = Movement(public_id, CHARGEBACK, entries, _subject(payment), reason)
    await transfer(sql, movement, at)
    if settlement is not None and given.whole_minor:
        await write_dispute_items(sql, settlement, Parts().less(given), at)
        told = (reason or UNTOLD)[:REASON_CHARACTERS_MAX]
        made = await insert_dispute(sql, settlement, None, RAIL, told, given, at, public_id)
        await tell_dispute(sql, bus, made, at)
    if debt:
        await collect_debts(sql, payment.person_id, payment.currency, public_id, at, bus)
        await _tell(sql, bus, payment, at)
    return True


async def chargeback_closed(
    sql: Sql,
    payment: PaymentRecord,
    reference: str,
    amount_minor: int,
    reason: str,
    at: datetime,
    bus: Bus,
    *,
    is_won: bool,
) -> bool:
    """The bank has decided. `is_won`: for us, and the rail gave the money back. Comes in whatever
    order: one that was never opened is opened first. False when this was known."""
    await chargeback_opened(sql, payment, reference, amount_minor, reason, at, bus)
    public_id = _name(payment, reference)
    row = await sql.fetch_one(f"{SELECT_DISPUTES} WHERE d.rail_reference = $1", public_id)
    dispute = None if row is None else dispute_record(row)
    if dispute is not None and dispute.state is DisputeState.CLOSED:
        return False
    if is_won and not await _give_back(sql, payment, public_id, dispute, at, bus):
        return False
    if dispute is None:
        return True
    to_driver = 0 if is_won else dispute.frozen_minor
    decision = f"the driver's bank decided for {'the platform' if is_won else 'the driver'}"
    if not is_won:
        await credit_driver(sql, dispute, frozen_parts(dispute), decision, at)
    await change_dispute(
        sql, bus, dispute, at, state=DisputeState.CLOSED, to_driver_minor=to_driver,
        decision=decision, decided_at=at, closed_at=at,
    )  # fmt: skip
    return True


async def _given(
    sql: Sql, settlement: SettlementRecord, amount_minor: int, at: datetime, bus: Bus
) -> Parts:
    """What each party gives back of the amount, after a dispute that is live is out of the way."""
    live = await live_dispute(sql, settlement.id)
    if live is not None and live.party != RAIL:
        closed = live._replace(decision=SUPERSEDED)
        await release(sql, closed, 0, at, bus)
        await change_dispute(
            sql, bus, live, at, state=DisputeState.CLOSED, to_driver_minor=0,
            decision=SUPERSEDED, closed_at=at,
        )  # fmt: skip
    elif live is not None:
        return Parts()
    left = await left_parts(sql, settlement.reservation_id)
    return unsplit(left, min(amount_minor, driver_part_minor(settlement, left)))


async def _give_back(
    sql: Sql,
    payment: PaymentRecord,
    public_id: str,
    dispute: DisputeRecord | None,
    at: datetime,
    bus: Bus,
) -> bool:
    """All that was taken, back; what was the driver's debt goes to their wallet, for they may have
    paid it meanwhile, and the rest of it is paid from there."""
    if await find_transfer(sql, f"{public_id}:won") is not None:
        return False
    taken = await find_transfer(sql, public_id)
    assert taken is not None, "it was opened above"
    wallet, entries = driver(payment.person_id, payment.currency), dict[Account, int]()
    for account, amount in (await entries_of(sql, taken.id)).items():
        back = wallet if account.kind is AccountKind.RECEIVABLE else account
        entries[back] = entries.get(back, 0) - amount
    movement = Movement(f"{public_id}:won", WON, entries, _subject(payment), corrects_id=taken.id)
    await transfer(sql, movement, at)
    if dispute is not None:
        await write_dispute_items(sql, dispute, frozen_parts(dispute), at)
    if wallet in entries:
        await collect_debts(sql, payment.person_id, payment.currency, f"{public_id}:won", at, bus)
        await _tell(sql, bus, payment, at)
    return True


async def _settlement_of(sql: Sql, payment: PaymentRecord) -> SettlementRecord | None:
    """The settlement that the payment went into, under its lock; None before that."""
    row = await sql.fetch_one(
        "SELECT id FROM settlement WHERE reservation_id = $1", payment.reservation_id
    )
    return None if row is None else await locked_settlement(sql, row["id"])


def _name(payment: PaymentRecord, reference: str) -> str:
    return f"chargeback:{payment.rail}:{reference}"


def _subject(payment: PaymentRecord) -> str:
    if payment.reservation_id is None:
        return f"person:{payment.person_id}"
    return f"reservation:{payment.reservation_id}"


async def _tell(sql: Sql, bus: Bus, payment: PaymentRecord, at: datetime) -> None:
    topic = person_money_topic(payment.person_id)
    await tell_money(sql, bus, at, topic, person_id=payment.person_id, currency=payment.currency)

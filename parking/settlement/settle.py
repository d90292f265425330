"""Settling: what a reservation cost is divided, the rest goes back, and its escrow is empty.

By a worker, soon after a booking has ended in whatever way; each in a transaction of its own, under
the lock of its escrow account. Nothing of it can happen twice: the account is settled once, the
database has one settlement for a reservation, and its transfers have their names.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ledger.accounts import (
    Account,
    driver,
    escrow,
    merchant,
    owner,
    platform,
    property_of,
    receivable,
    tax,
)
from parking.ledger.credit import room_minor
from parking.ledger.rows import hold_accounts
from parking.ledger.transfers import Movement, transfer
from parking.reservations.record import locked_reservation
from parking.reservations.taking import was_taken
from parking.settlement.brought import without_guest
from parking.settlement.charge_records import Bill, issue_charge
from parking.settlement.contracts.fees import parse_fees
from parking.settlement.ending import ENDED, Ending, read_ending
from parking.settlement.escrow import find_escrow, present_escrow
from parking.settlement.funds import Funds, Paid, fund, validated
from parking.settlement.kinds import Outcome
from parking.settlement.payments.outer import settle_outside
from parking.settlement.records import EscrowRecord, ValidationRecord
from parking.settlement.settled import insert_settlement, mark_settled, write_items, write_paid
from parking.settlement.split import Parts, parts_of, shares
from parking.settlement.topics import tell_settlement
from parking.settlement.validations import live_validations, promised_minor
from parking.storage.faults import Unreachable
from parking.storage.locks import claim_escrow
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

SETTLED_MAX = 200
"""So many reservations one go looks at; when a run settled so many, the next follows at once."""
PAGES_MAX = 50
"""So many goes one run makes, past those that cannot be settled: 10,000 hold up nobody."""

log = logging.getLogger(__name__)

_UNSETTLED = """
SELECT id FROM reservation
 WHERE settled_at IS NULL AND confirmed_at IS NOT NULL
   AND state IN ('COMPLETED', 'CANCELLED', 'NO_SHOW')
   AND id > $1
 ORDER BY id LIMIT $2
"""


async def settle_ended(clock: Clock, bus: Bus) -> int:
    """Settle what has ended; how many. Any number of workers may run.

    One that cannot be settled is a bug, and no reason that others wait, however many there are in
    front of them: it is raised at last.
    """
    done, after, faults = 0, 0, list[Exception]()
    for _ in range(PAGES_MAX):
        rows = await database().fetch(_UNSETTLED, after, SETTLED_MAX)
        for row in rows:
            done += await _tried(row["id"], clock, bus, faults)
        if len(rows) < SETTLED_MAX or done >= SETTLED_MAX:
            break
        after = rows[-1]["id"]
    if faults:
        raise faults[0]
    return done


async def _tried(reservation_id: int, clock: Clock, bus: Bus, faults: list[Exception]) -> int:
    """Settle one; its fault, unless all have it, is noted and the next one's turn comes."""
    try:
        return await retried(partial(_settle, reservation_id, clock, bus))
    except Unreachable:
        raise
    except Exception as fault:
        log.exception("reservation %d cannot be settled", reservation_id)
        faults.append(fault)
        return 0


async def _settle(reservation_id: int, clock: Clock, bus: Bus) -> int:
    async with HeldBus(bus) as held, transaction() as sql:
        return int(await settle_in(sql, reservation_id, clock.now(), held))


async def settle_in(sql: Sql, reservation_id: int, at: datetime, bus: Bus) -> bool:
    """Settle one reservation in the caller's transaction; false when it is not to be: not over, or
    settled, or somebody else is at it. `bus` has to hold its messages until the commit."""
    is_claimed = await claim_escrow(sql, reservation_id)
    pocket = await find_escrow(sql, reservation_id)
    if pocket is not None and not is_claimed:
        return False
    reservation = await locked_reservation(sql, reservation_id)
    if reservation.state not in ENDED or reservation.confirmed_at is None:
        return False
    if pocket is None:  # confirmed without money: there is nothing to divide
        return await mark_settled(sql, reservation_id, at)
    pocket = await present_escrow(sql, pocket, reservation)
    await _divide(sql, pocket, await read_ending(sql, reservation), at, bus)
    return await mark_settled(sql, reservation_id, at)


async def _divide(sql: Sql, pocket: EscrowRecord, ending: Ending, at: datetime, bus: Bus) -> None:
    promised = await live_validations(sql, pocket.reservation_id)
    rows = await hold_accounts(sql, _accounts(pocket, promised), at)
    payers = {payer for each in promised for payer in each.payers}
    rooms = {each: room_minor(rows[merchant(each, pocket.currency)]) for each in payers}
    paid = _paid(ending, promised, rooms)
    if not await was_taken(sql, ending.reservation):
        left = await _rooms_elsewhere(sql, pocket, rooms)
        cost, paid = without_guest(ending.cost, paid, left)
        ending = replace(ending, cost=cost)
    cost = ending.cost
    wallet = rows[driver(pocket.person_id, pocket.currency)]
    validation_minor = sum(each.amount_minor for each in paid)
    funds = fund(cost.amount_minor, pocket.secured_minor, validation_minor, wallet.available_minor)
    found = shares(cost.amount_minor, cost.tax_minor, parse_fees(pocket.contract), cost.counted)
    parts = parts_of(found)
    await _move(sql, pocket, funds, paid, parts, at)
    made = await insert_settlement(sql, pocket, cost, funds, parts, found, at)
    await write_paid(sql, made, paid)
    await write_items(sql, made, pocket, parts, at)
    bill = Bill(made, pocket, ending, funds, found, parts, paid, at)
    charge_id = await issue_charge(sql, bill)
    await settle_outside(sql, pocket, funds, at, bus)
    merchants = sorted(payers)
    await tell_settlement(
        sql, bus, at, pocket.reservation_id, pocket.person_id,
        (pocket.organisation_id, pocket.operator_id, *merchants), pocket.place_id,
        settlement_id=made, charge_record_id=charge_id, version=1,
    )  # fmt: skip


async def _rooms_elsewhere(
    sql: Sql, pocket: EscrowRecord, rooms: Mapping[int, int]
) -> dict[int, int]:
    """The rooms, less what is promised for other stays; under the accounts' locks."""
    but, currency = pocket.reservation_id, pocket.currency
    return {
        payer: room - await promised_minor(sql, payer, currency, but)
        for payer, room in rooms.items()
    }


def _paid(
    ending: Ending, promised: Sequence[ValidationRecord], rooms: Mapping[int, int]
) -> list[Paid]:
    """A merchant pays for a stay, within its credit; where there was none, only for what it booked
    itself: who did not come, or cancelled late, was never asked whether to pay."""
    cost = ending.cost
    if cost.outcome is Outcome.COMPLETED:
        return validated(promised, cost.amount_minor, ending.minutes_minor, rooms)
    booked = [each for each in promised if each.is_promise]
    others = [Paid(each, 0) for each in promised if each not in booked]
    return [*validated(booked, cost.amount_minor, ending.minutes_minor, rooms), *others]


async def _move(
    sql: Sql, pocket: EscrowRecord, funds: Funds, paid: Sequence[Paid], parts: Parts, at: datetime
) -> None:
    """What is still missing comes in, then everything goes out; the escrow is empty after it."""
    subject = f"reservation:{pocket.reservation_id}"
    incoming = _incoming(pocket, funds, paid)
    if any(incoming.values()):
        movement = Movement(f"in:{pocket.reservation_id}", "settle", incoming, subject)
        await transfer(sql, movement, at)
    outgoing = _outgoing(pocket, funds, parts)
    if any(outgoing.values()):
        movement = Movement(f"split:{pocket.reservation_id}", "split", outgoing, subject)
        await transfer(sql, movement, at)


def _incoming(pocket: EscrowRecord, funds: Funds, paid: Sequence[Paid]) -> dict[Account, int]:
    currency = pocket.currency
    entries = {
        driver(pocket.person_id, currency): -funds.topped_up_minor,
        receivable(pocket.person_id, currency): -funds.receivable_minor,
    }
    for payer, amount in (part for each in paid for part in each.by_payer):
        account = merchant(payer, currency)
        entries[account] = entries.get(account, 0) - amount
    entries[escrow(pocket.reservation_id, currency)] = -sum(entries.values())
    return entries


def _outgoing(pocket: EscrowRecord, funds: Funds, parts: Parts) -> dict[Account, int]:
    currency = pocket.currency
    return {
        owner(pocket.organisation_id, currency): parts.owner_minor,
        property_of(pocket.operator_id, currency): parts.property_minor,
        platform(currency): parts.platform_minor,
        tax(currency): parts.tax_minor,
        driver(pocket.person_id, currency): funds.refund_minor,
        escrow(pocket.reservation_id, currency): -(parts.whole_minor + funds.refund_minor),
    }


def _accounts(pocket: EscrowRecord, promised: Sequence[ValidationRecord]) -> list[Account]:
    """All that settling touches, to be locked at once: two settlements never wait in a ring."""
    return list(dict.fromkeys(_touched(pocket, promised)))


def _touched(pocket: EscrowRecord, promised: Sequence[ValidationRecord]) -> Iterator[Account]:
    nothing = Funds(0, 0, 0, 0, 0)
    yield from _incoming(pocket, nothing, [Paid(each, 0) for each in promised])
    yield from _outgoing(pocket, nothing, Parts())

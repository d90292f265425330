"""Paying organisations what they are owed: on their day, what was settled before, in one sum a
currency; each payout names the settlements it is for (APDS PaymentAssignment).

What is owed is `payout_item`s without a payout; they sum to the payable accounts. A payout takes
the items that are old enough (what a card paid, older still), and everything that was taken back
since (a dispute freezes at once, whatever its day). It is held in the ledger until the rail says;
one that fails gives its items up, and they are owed again (CLAIMS C20).
"""

import logging
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ledger.accounts import Account, external, owner, property_of
from parking.ledger.transfers import Movement, hold, post, transfer, void
from parking.settlement.kinds import PayoutParty, PayoutState, RailOrderKind
from parking.settlement.limits import DEFAULTS, MoneyLimits
from parking.settlement.payments.rows import order_rail
from parking.settlement.payouts.records import (
    SELECT_PAYOUTS,
    SELECT_TERMS,
    PayoutRecord,
    PayoutTermsRecord,
    payout_record,
    terms_record,
)
from parking.settlement.payouts.schedule import DuePayout, Rhythm, last_due, next_due
from parking.settlement.rails.port import WALLET
from parking.settlement.topics import organisation_money_topic, tell_money
from parking.storage.faults import Contended, Unreachable
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

log = logging.getLogger(__name__)

PAYOUT = "payout"
ORGANISATIONS_AT_ONCE_MAX = 200
"""So many are read at a time."""
SENDING_MAX = timedelta(days=3650)
"""The ledger keeps what is on its way until the rail says; a rail may take its time, and money that
may have left must not look as if it were here again."""
REASON_CHARACTERS_MAX = 500

_OWED = """
    organisation_id = $1 AND payout_id IS NULL AND (amount_minor < 0 OR at < $2 AND NOT EXISTS (
        SELECT 1 FROM settlement s JOIN ledger_account a
            ON a.name = 'receivable:' || s.person_id AND a.currency = s.currency
         WHERE s.id = payout_item.settlement_id AND s.receivable_minor > 0 AND a.balance_minor < 0)
    AND NOT EXISTS (
        SELECT 1 FROM settlement s JOIN payment p ON p.person_id = s.person_id
         WHERE s.id = payout_item.settlement_id
           AND p.rail <> 'wallet' AND p.state IN ('AUTHORISED', 'CAPTURED')
           AND (p.reservation_id = s.reservation_id AND s.at >= $3
             OR p.state = 'CAPTURED' AND p.secured_at IS NULL AND p.currency = s.currency
                AND p.created_at >= $3 AND (p.created_at <= s.at OR s.receivable_minor > 0))))
"""
"""Not while the driver still owes what the stay cost beyond what they had: the platform pays out
nothing that nobody has paid, however much a stay may cost by the lessor's own tariff. Nor while a
card that paid it, itself or by filling the wallet before, may yet turn out to be stolen: its owner
has a few days to find out, and a lessor who is in league with the thief waits as long."""
_DUE = """
SELECT organisation_id FROM payout_terms WHERE next_at <= $1 AND organisation_id > $2
 ORDER BY organisation_id LIMIT $3
"""
_SUMS = f"""
SELECT currency, party, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor
  FROM payout_item WHERE {_OWED} GROUP BY currency, party ORDER BY currency, party
"""
_INSERT = """
INSERT INTO payout (public_id, state, currency, amount_minor, rail, reference, created_at,
       changed_at, organisation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) RETURNING id
"""


class _Due(NamedTuple):
    """`card_before`: what a card paid must be older than this."""

    of: DuePayout
    card_before: datetime


async def run_payouts(clock: Clock, bus: Bus, limits: MoneyLimits = DEFAULTS) -> int:
    """Make the payouts that are due; how many. Any number of workers may run: the organisation's
    terms are claimed first, and the payout's name is that of its day. One that cannot be made is a
    bug, and no reason that others wait: it is raised at last."""
    made, faults = 0, list[Exception]()
    async for organisation_id in _due(clock):
        try:
            made += await _pay(organisation_id, clock, bus, limits)
        except Unreachable:
            raise
        except Exception as fault:
            log.exception("the payouts of organisation %d failed", organisation_id)
            faults.append(fault)
    if faults:
        raise faults[0]
    return made


async def _due(clock: Clock) -> AsyncIterator[int]:
    """The organisations whose day it is, each once; those that fail hold up nobody."""
    after = 0
    while True:
        rows = await database().fetch(_DUE, clock.now(), after, ORGANISATIONS_AT_ONCE_MAX)
        for row in rows:
            after = row["organisation_id"]
            yield after
        if len(rows) < ORGANISATIONS_AT_ONCE_MAX:
            return


async def payout_paid(
    sql: Sql, payout_id: int, rail_reference: str | None, at: datetime, bus: Bus
) -> PayoutRecord:
    """The rail says that the money has gone; without effect when that is known, or when it has
    said since that it came back. `bus` holds its messages until the commit. Raises NotFound."""
    payout = await _locked(sql, payout_id)
    if payout.state is not PayoutState.SENDING:
        return payout
    await post(sql, payout.public_id, f"{payout.public_id}:paid", at)
    return await _change(
        sql, bus, payout, at, PayoutState.PAID, rail_reference=rail_reference or None
    )


async def payout_failed(
    sql: Sql, payout_id: int, reason: str, at: datetime, bus: Bus
) -> PayoutRecord:
    """The rail did not send it, or it came back, maybe days after it was said to be paid: the items
    are owed again and go into the next payout. Without effect when that is known. `bus` holds its
    messages until the commit. Raises NotFound."""
    payout = await _locked(sql, payout_id)
    if payout.state is PayoutState.FAILED:
        return payout
    if payout.state is PayoutState.SENDING:
        await void(sql, payout.public_id, f"{payout.public_id}:failed", at, reason)
    else:
        back = {account: -amount for account, amount in (await _entries(sql, payout)).items()}
        movement = Movement(
            f"{payout.public_id}:returned", "payout_returned", back, _subject(payout), reason
        )
        await transfer(sql, movement, at)
    # Only then: what it was for is read above.
    await sql.execute("UPDATE payout_item SET payout_id = NULL WHERE payout_id = $1", payout.id)
    return await _change(
        sql, bus, payout, at, PayoutState.FAILED, reason=reason[:REASON_CHARACTERS_MAX]
    )


async def _pay(organisation_id: int, clock: Clock, bus: Bus, limits: MoneyLimits) -> int:
    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            now = clock.now()
            terms = await _claimed(sql, organisation_id, now)
            if terms is None:
                return 0
            rhythm = Rhythm(terms.schedule, terms.day, terms.delay_days)
            zone = ZoneInfo(terms.time_zone)
            due = _Due(
                last_due(rhythm, zone, now),
                last_due(_by_card(rhythm, limits), zone, now).settled_before,
            )
            made = 0
            for currency, owed in (await _owed(sql, organisation_id, due)).items():
                if sum(owed.values()) >= max(terms.minimum_minor, 1):
                    await _send(sql, held, terms, due, currency, owed, now)
                    made += 1
            await sql.execute(
                "UPDATE payout_terms SET next_at = $2 WHERE id = $1",
                terms.id,
                next_due(rhythm, zone, now).at,
            )
            return made

    return await retried(once)


def _by_card(rhythm: Rhythm, limits: MoneyLimits) -> Rhythm:
    """The rhythm for what came by an outer rail."""
    return rhythm._replace(delay_days=max(rhythm.delay_days, limits.card_payout_days))


async def _claimed(sql: Sql, organisation_id: int, now: datetime) -> PayoutTermsRecord | None:
    """The terms if they are still due, for this worker alone; on SQLite a transaction is alone."""
    alone = " FOR UPDATE SKIP LOCKED" if sql.dialect == "postgres" else ""
    row = await sql.fetch_one(
        f"{SELECT_TERMS} WHERE w.organisation_id = $1 AND w.next_at <= $2{alone}",
        organisation_id,
        now,
    )
    return None if row is None else terms_record(row)


async def _owed(
    sql: Sql, organisation_id: int, due: _Due
) -> Mapping[str, Mapping[PayoutParty, int]]:
    """By currency and as what; may be negative."""
    found: dict[str, dict[PayoutParty, int]] = {}
    for row in await sql.fetch(_SUMS, organisation_id, due.of.settled_before, due.card_before):
        found.setdefault(row["currency"], {})[PayoutParty(row["party"])] = row["amount_minor"]
    return found


async def _send(
    sql: Sql,
    bus: Bus,
    terms: PayoutTermsRecord,
    due: _Due,
    currency: str,
    owed: Mapping[PayoutParty, int],
    now: datetime,
) -> None:
    """The embedded wallet pays at once: what it pays is handed over outside of Berth. Another
    rail is asked after the commit."""
    is_done = terms.rail == WALLET
    payout = await _insert(sql, terms, due.of, currency, sum(owed.values()), now, is_done=is_done)
    await sql.execute(
        f"UPDATE payout_item SET payout_id = $5 WHERE {_OWED} AND currency = $4",
        terms.organisation_id,
        due.of.settled_before,
        due.card_before,
        currency,
        payout.id,
    )
    entries = await _entries(sql, payout)
    if entries != _moved(payout, owed):
        raise Contended("what is owed has changed since it was summed; run it again")
    movement = Movement(payout.public_id, PAYOUT, entries, _subject(payout))
    await order_rail(
        sql, RailOrderKind.PAYOUT, payout.public_id, payout.rail, currency, payout.amount_minor,
        now, payout_id=payout.id,
    )  # fmt: skip
    if is_done:
        await transfer(sql, movement, now)
        await sql.execute(
            "UPDATE rail_order SET state = 'DONE', done_at = $2 WHERE key = $1",
            payout.public_id,
            now,
        )
    else:
        await hold(sql, movement, now, now + SENDING_MAX)
    await _tell(sql, bus, payout)


async def _insert(
    sql: Sql,
    terms: PayoutTermsRecord,
    due: DuePayout,
    currency: str,
    amount_minor: int,
    now: datetime,
    *,
    is_done: bool,
) -> PayoutRecord:
    state = PayoutState.PAID if is_done else PayoutState.SENDING
    public_id = f"payout:{terms.organisation_id}:{currency}:{due.at:%Y%m%dT%H%MZ}"
    rows = await sql.fetch(
        _INSERT, public_id, state.value, currency, amount_minor, terms.rail, terms.reference, now,
        terms.organisation_id,
    )  # fmt: skip
    return await _locked(sql, rows[0]["id"])


async def _entries(sql: Sql, payout: PayoutRecord) -> dict[Account, int]:
    """What the payout takes from where, by its items."""
    rows = await sql.fetch(
        "SELECT party, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor FROM payout_item"
        " WHERE payout_id = $1 GROUP BY party",
        payout.id,
    )
    return _moved(payout, {PayoutParty(row["party"]): row["amount_minor"] for row in rows})


def _moved(payout: PayoutRecord, owed: Mapping[PayoutParty, int]) -> dict[Account, int]:
    payable = {PayoutParty.OWNER: owner, PayoutParty.PROPERTY: property_of}
    entries = {
        payable[party](payout.organisation_id, payout.currency): -amount
        for party, amount in owed.items()
        if amount
    }
    return {**entries, external(payout.rail, payout.currency): sum(owed.values())}


def _subject(payout: PayoutRecord) -> str:
    return f"organisation:{payout.organisation_id}"


async def _locked(sql: Sql, payout_id: int) -> PayoutRecord:
    lock = " FOR UPDATE" if sql.dialect == "postgres" else ""
    row = await sql.fetch_one(f"{SELECT_PAYOUTS} WHERE u.id = $1{lock}", payout_id)
    if row is None:
        raise NotFound("there is no such payout")
    return payout_record(row)


async def _change(
    sql: Sql,
    bus: Bus,
    payout: PayoutRecord,
    at: datetime,
    state: PayoutState,
    *,
    rail_reference: str | None = None,
    reason: str = "",
) -> PayoutRecord:
    changed = payout._replace(
        state=state, version=payout.version + 1, changed_at=at, reason=reason,
        rail_reference=rail_reference or payout.rail_reference,
    )  # fmt: skip
    await sql.execute(
        "UPDATE payout SET state = $2, version = $3, changed_at = $4, reason = $5,"
        " rail_reference = $6 WHERE id = $1",
        payout.id,
        changed.state.value,
        changed.version,
        at,
        changed.reason,
        changed.rail_reference,
    )
    await _tell(sql, bus, changed)
    return changed


async def _tell(sql: Sql, bus: Bus, payout: PayoutRecord) -> None:
    topic = organisation_money_topic(payout.organisation_id)
    await tell_money(
        sql, bus, payout.changed_at, topic,
        payout_id=payout.id, version=payout.version, state=payout.state,
    )  # fmt: skip

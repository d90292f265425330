"""What a dispute does to money: a part of a settlement is frozen, then goes where it was decided.

    freeze   owner, property, platform, tax  ▶ dispute:{id}
    close    dispute:{id}  ▶ driver (then back to where the driver paid from), and the rest back

Each gives in proportion to what it still has, and gets back what the driver does not. Owner's and
property's parts are payout items, too, so that what is owed stays the sum of its items.
"""

from collections.abc import Mapping
from datetime import datetime

import orjson

from parking.events.bus import Bus
from parking.ledger.accounts import Account, driver, owner, platform, property_of, tax
from parking.ledger.accounts import dispute as dispute_account
from parking.ledger.transfers import Movement, transfer
from parking.settlement.credits import Payee, write_credit
from parking.settlement.debts import collect_debts
from parking.settlement.disputes.records import DisputeRecord
from parking.settlement.escrow import find_escrow
from parking.settlement.kinds import PayoutCause
from parking.settlement.payments.refunds import give_back
from parking.settlement.records import (
    SELECT_SETTLEMENTS,
    SettlementRecord,
    settlement_record,
)
from parking.settlement.settled import write_items
from parking.settlement.split import Parts, unsplit
from parking.storage.sql import Sql

FREEZE = "dispute_freeze"
CLOSE = "dispute_close"


def subject_of(about: SettlementRecord | DisputeRecord) -> str:
    """What every transfer of a booking's money says that it is for: what is left with each party is
    summed by it."""
    return f"reservation:{about.reservation_id}"


def party_entries(about: SettlementRecord | DisputeRecord, parts: Parts) -> dict[Account, int]:
    """The parts as entries of a transfer, into the parties' accounts."""
    currency = about.currency
    return {
        owner(about.organisation_id, currency): parts.owner_minor,
        property_of(about.operator_id, currency): parts.property_minor,
        platform(currency): parts.platform_minor,
        tax(currency): parts.tax_minor,
    }


async def freeze(sql: Sql, dispute: DisputeRecord, at: datetime) -> None:
    """Take what is disputed from the parties, whether it was paid out or not: who was paid
    already owes it to their next payout."""
    taken = Parts().less(frozen_parts(dispute))
    entries = party_entries(dispute, taken)
    entries[dispute_account(dispute.id, dispute.currency)] = dispute.frozen_minor
    await transfer(
        sql, Movement(f"dispute:{dispute.id}:freeze", FREEZE, entries, subject_of(dispute)), at
    )
    await write_dispute_items(sql, dispute, taken, at)


async def release(
    sql: Sql, dispute: DisputeRecord, to_driver_minor: int, at: datetime, bus: Bus
) -> Parts:
    """Move what was frozen to where it belongs, with a credit record of what the driver gets; what
    they got of each party's part. A debt of the driver's is paid from it first."""
    frozen = frozen_parts(dispute)
    lost = unsplit(frozen, to_driver_minor)
    back = frozen.less(lost)
    currency, person_id = dispute.currency, dispute.person_id
    entries = party_entries(dispute, back)
    entries[driver(person_id, currency)] = to_driver_minor
    entries[dispute_account(dispute.id, currency)] = -dispute.frozen_minor
    public_id = f"dispute:{dispute.id}:close"
    movement = Movement(public_id, CLOSE, entries, subject_of(dispute), dispute.decision)
    await transfer(sql, movement, at)
    await write_dispute_items(sql, dispute, back, at)
    if to_driver_minor:
        await credit_driver(sql, dispute, lost, dispute.decision, at)
        paid = await collect_debts(sql, person_id, currency, public_id, at, bus)
        await give_back(
            sql, dispute.reservation_id, person_id, currency, to_driver_minor - paid,
            f"dispute:{dispute.id}:refund", at,
        )  # fmt: skip
    return lost


async def write_dispute_items(
    sql: Sql, about: SettlementRecord | DisputeRecord, parts: Parts, at: datetime
) -> None:
    """What a dispute changes of what lessor and place are owed."""
    pocket = await find_escrow(sql, about.reservation_id)
    assert pocket is not None, "what was settled had an escrow account"
    settlement_id = about.settlement_id if isinstance(about, DisputeRecord) else about.id
    await write_items(sql, settlement_id, pocket, parts, at, PayoutCause.DISPUTE)


async def credit_driver(
    sql: Sql, dispute: DisputeRecord, lost: Parts, reason: str, at: datetime
) -> None:
    """The credit record of what the driver got of each party's part."""
    [row] = await sql.fetch(f"{SELECT_SETTLEMENTS} WHERE t.id = $1", dispute.settlement_id)
    given = [Payee(None, lost.whole_minor)]
    await write_credit(sql, settlement_record(row), lost, given, reason, at)


def frozen_parts(dispute: DisputeRecord) -> Parts:
    """Of whom how much was frozen."""
    told: Mapping[str, int] = orjson.loads(dispute.frozen)
    return Parts(**told)


def frozen_json(parts: Parts) -> str:
    """As a dispute keeps it."""
    return orjson.dumps(parts._asdict()).decode()

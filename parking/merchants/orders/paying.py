"""The merchant pays: a validation for the whole price, within its credit, instead of the guest's
first amount (CLAIMS D19). What a stay costs more is the guest's own if they took the booking, else
the merchant's (`parking.settlement.brought`)."""

from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.viewer import SYSTEM
from parking.errors import Refusal
from parking.events.bus import Bus
from parking.ledger.accounts import merchant
from parking.ledger.credit import room_minor
from parking.ledger.rows import hold_accounts
from parking.merchants.records import OrderRecord, UnitRecord
from parking.reservations.records import ReservationRecord
from parking.settlement.kinds import ValidationKind
from parking.settlement.topics import tell_settlement
from parking.settlement.validations import LABEL_CHARACTERS_MAX, promised_minor
from parking.storage.sql import Sql

_INSERT = """
INSERT INTO validation (organisation_id, kind, value, label, most_minor, covered_minor, created_at,
                        reservation_id)
VALUES ($1, $2, 0, $3, $4, $4, $5, $6) RETURNING id
"""


class NoCredit(Refusal):
    """What the merchant may promise does not cover the price."""

    code = "NO_CREDIT"


async def promise(
    sql: Sql,
    bus: Bus,
    unit: UnitRecord,
    order: OrderRecord,
    booked: ReservationRecord,
    at: datetime,
) -> None:
    """Promise the price of a hold in the merchant's name, before it is confirmed; the merchant's
    account stays locked until the transaction ends, so no two orders promise the same credit.

    Raises NoCredit unless what is left of it, less what is promised to other stays, covers it.
    """
    payer = unit.organisation_id
    left = await room_left(sql, payer, booked.currency, at)
    if left < booked.amount_minor:
        raise NoCredit(
            f"{booked.amount_minor} minor units of {booked.currency} are needed, and {left} are"
            " left of the merchant's credit; have it raised, or pay what is owed"
        )
    label = f"{unit.name} {order.order_ref}"[:LABEL_CHARACTERS_MAX]
    [row] = await sql.fetch(
        _INSERT, payer, ValidationKind.FREE, label, booked.amount_minor, at, booked.id
    )
    subject, detail = f"validation:{row['id']}", {"order": order.id, "reservation": booked.id}
    await record_audit(sql, SYSTEM, "promise_parking", subject, payer, detail, at)
    await tell_settlement(
        sql, bus, at, booked.id, booked.person_id,
        (booked.organisation_id, booked.operator_id, payer), booked.place_id,
        validation_id=row["id"],
    )  # fmt: skip


async def room_left(sql: Sql, organisation_id: int, currency: str, at: datetime) -> int:
    """What a merchant may still promise, in minor units; its account is locked."""
    account = merchant(organisation_id, currency)
    room = room_minor((await hold_accounts(sql, [account], at))[account])
    return max(room - await promised_minor(sql, organisation_id, currency), 0)

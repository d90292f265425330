"""Validations: what a merchant pays of a stay, promised before it is settled, paid inside of it."""

from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.places.rules import checked_text
from parking.settlement.escrow import find_escrow
from parking.settlement.funds import PERCENT_MAX
from parking.settlement.kinds import EscrowState, ValidationKind
from parking.settlement.merchants import require_credit
from parking.settlement.records import (
    SELECT_VALIDATIONS,
    EscrowRecord,
    ValidationRecord,
    validation_record,
)
from parking.settlement.rules import may_validate, require_validator
from parking.settlement.topics import tell_settlement
from parking.storage.locks import lock_escrow
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

VALIDATIONS_MAX = 10
"""So many validations one stay takes, those of rights among them."""
LABEL_CHARACTERS_MAX = 100
MINUTES_MAX = 31 * 24 * 60
AMOUNT_MINOR_MAX = 10**9

_MOST = {
    ValidationKind.MINUTES: MINUTES_MAX,
    ValidationKind.AMOUNT: AMOUNT_MINOR_MAX,
    ValidationKind.PERCENT: PERCENT_MAX,
}

_PROMISED = """
SELECT COALESCE(SUM(v.covered_minor), 0) AS promised
  FROM validation v JOIN reservation r ON r.id = v.reservation_id
 WHERE v.organisation_id = $1 AND r.currency = $2 AND r.id <> $3
   AND v.settlement_id IS NULL AND v.returned_at IS NULL
"""


async def add_validation(
    viewer: Viewer,
    merchant_id: int,
    reservation_id: int,
    kind: ValidationKind,
    value: int = 0,
    label: str = "",
    *,
    clock: Clock,
    bus: Bus,
) -> int:
    """Promise to pay a part of a stay, in the merchant's name; the validation's id.

    `value` is minutes, minor units or percent; without use for FREE. For MERCHANTs, OWNERs and
    OPERATORs of the merchant. Raises NotFound, NotPermitted, InvalidInput, and Conflict:
    `WRONG_STATE` unless the booking is confirmed and not settled, `ALREADY_VALIDATED` by the same
    merchant, `TOO_MANY_VALIDATIONS`, `NO_CREDIT`. What its credit does not reach for in the end the
    driver pays.
    """
    require_validator(viewer, merchant_id)
    text = checked_text("label", label, LABEL_CHARACTERS_MAX, is_required=False)
    amount = _checked(kind, value)

    async def once() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            pocket = await _open_escrow(sql, reservation_id)
            await _require_room(sql, reservation_id, merchant_id)
            at = clock.now()
            await require_credit(sql, merchant_id, pocket.currency, at)
            [row] = await sql.fetch(
                "INSERT INTO validation (organisation_id, kind, value, label, created_by,"
                " created_at, reservation_id) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
                merchant_id, kind, amount, text, viewer.person_id, at, reservation_id,
            )  # fmt: skip
            made = int(row["id"])
            await _note(sql, held, viewer, "add_validation", pocket, merchant_id, made, at)
            return made

    return await retried(once)


async def return_validation(viewer: Viewer, validation_id: int, *, clock: Clock, bus: Bus) -> None:
    """Take a promise back before the stay is settled. For the same merchant.

    Raises NotFound, and Conflict `WRONG_STATE` when it is settled or returned, or the booking was
    confirmed on the strength of it.
    """

    async def once() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            found = await _seen(sql, viewer, validation_id)
            pocket = await _open_escrow(sql, found.reservation_id)
            at = clock.now()
            require_returnable(found)
            written = await sql.execute(
                "UPDATE validation SET returned_at = $2 WHERE id = $1 AND returned_at IS NULL",
                validation_id,
                at,
            )
            if not written:
                raise Conflict("the validation was returned already", code="WRONG_STATE")
            merchant_id = found.organisation_id
            await _note(
                sql, held, viewer, "return_validation", pocket, merchant_id, validation_id, at
            )

    await retried(once)


def require_returnable(validation: ValidationRecord) -> None:
    """Raises Conflict for a promise without which the driver would have had to secure more."""
    if validation.covered_minor or validation.is_promise:
        message = "the booking was confirmed on the strength of it; it cannot be taken back"
        raise Conflict(message, code="WRONG_STATE")


async def covered_minor(sql: Sql, reservation_id: int) -> int:
    """How much of the first amount promises stand in for."""
    return sum(each.covered_minor for each in await live_validations(sql, reservation_id))


async def promised_minor(
    sql: Sql, organisation_id: int, currency: str, but_reservation_id: int | None = None
) -> int:
    """What a merchant has promised to pay of stays that are not settled; the lock of its account is
    the caller's. `but_reservation_id`: of all stays but this one."""
    [row] = await sql.fetch(_PROMISED, organisation_id, currency, but_reservation_id or 0)
    return int(row["promised"])


async def live_validations(sql: Sql, reservation_id: int) -> list[ValidationRecord]:
    """What merchants have promised for a stay and not taken back, the oldest first."""
    rows = await sql.fetch(
        f"{SELECT_VALIDATIONS} WHERE v.reservation_id = $1 AND v.returned_at IS NULL ORDER BY v.id",
        reservation_id,
    )
    return [validation_record(row) for row in rows]


async def validations_by_id(viewer: Viewer, ids: list[int]) -> dict[int, ValidationRecord]:
    """Those of these ids that are of a merchant for whom the viewer acts."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_VALIDATIONS} WHERE v.id {sql.any_of('$1')}", ids)
    found = [validation_record(row) for row in rows]
    return {each.id: each for each in found if may_validate(viewer, each.organisation_id)}


def _checked(kind: ValidationKind, value: int) -> int:
    most = _MOST.get(kind)
    if most is None:
        return 0
    if not 1 <= value <= most:
        raise InvalidInput("value", f"it is {value}; give a whole number from 1 to {most}")
    return value


async def _open_escrow(sql: Sql, reservation_id: int) -> EscrowRecord:
    """The pocket under lock: it cannot be settled meanwhile."""
    await lock_escrow(sql, reservation_id)
    pocket = await find_escrow(sql, reservation_id)
    if pocket is None or pocket.state is not EscrowState.OPEN:
        raise Conflict(
            "there is no confirmed reservation of this id that is not settled yet",
            code="WRONG_STATE",
        )
    return pocket


async def _require_room(sql: Sql, reservation_id: int, merchant_id: int) -> None:
    live = await live_validations(sql, reservation_id)
    if any(each.organisation_id == merchant_id and each.right_id is None for each in live):
        message = "you have validated this stay already; return that validation first"
        raise Conflict(message, code="ALREADY_VALIDATED")
    if len(live) >= VALIDATIONS_MAX:
        message = f"a stay takes {VALIDATIONS_MAX} validations; this one has them"
        raise Conflict(message, code="TOO_MANY_VALIDATIONS")


async def _seen(sql: Sql, viewer: Viewer, validation_id: int) -> ValidationRecord:
    row = await sql.fetch_one(f"{SELECT_VALIDATIONS} WHERE v.id = $1", validation_id)
    found = None if row is None else validation_record(row)
    if found is None or not may_validate(viewer, found.organisation_id):
        raise NotFound("there is no such validation")
    return found


async def _note(
    sql: Sql,
    bus: Bus,
    viewer: Viewer,
    verb: str,
    pocket: EscrowRecord,
    merchant_id: int,
    validation_id: int,
    at: datetime,
) -> None:
    detail = {"reservation": pocket.reservation_id}
    await record_audit(sql, viewer, verb, f"validation:{validation_id}", merchant_id, detail, at)
    await tell_settlement(
        sql, bus, at, pocket.reservation_id, pocket.person_id,
        (pocket.organisation_id, pocket.operator_id, merchant_id), pocket.place_id,
        validation_id=validation_id,
    )  # fmt: skip

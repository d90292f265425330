"""The pocket of a reservation: opened when it is confirmed, with the fees as they are then."""

from datetime import datetime

from parking.reservations.records import ReservationRecord
from parking.settlement.contracts.dated import contract_for
from parking.settlement.contracts.fees import DEFAULT_TERMS, fees_json
from parking.settlement.rails.port import WALLET
from parking.settlement.records import SELECT_ESCROWS, EscrowRecord, escrow_record
from parking.storage.sql import Sql

_INSERT = """
INSERT INTO escrow_account (state, person_id, organisation_id, operator_id, place_id, currency,
       rail, payment_account_id, secured_minor, contract, opened_at, reservation_id)
VALUES ('OPEN', $1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)
"""


async def find_escrow(sql: Sql, reservation_id: int) -> EscrowRecord | None:
    """The pocket of a reservation, whoever asks; None where nothing was secured."""
    row = await sql.fetch_one(f"{SELECT_ESCROWS} WHERE e.reservation_id = $1", reservation_id)
    return None if row is None else escrow_record(row)


async def ready_escrow(sql: Sql, reservation: ReservationRecord, at: datetime) -> EscrowRecord:
    """The pocket of a reservation, opened if there is none yet: on the rail of the driver's default
    account, with the fee contract that holds now. Under the lock of the reservation's place."""
    found = await find_escrow(sql, reservation.id)
    if found is None:
        rail, account_id = await bound_rail(sql, reservation.person_id)
        contract = await _fees_at(sql, reservation, at)
        await sql.execute(
            _INSERT, reservation.person_id, reservation.organisation_id, reservation.operator_id,
            reservation.place_id, reservation.currency, rail, account_id, contract, at,
            reservation.id,
        )  # fmt: skip
        found = await find_escrow(sql, reservation.id)
        assert found is not None
    return found


async def present_escrow(
    sql: Sql, pocket: EscrowRecord, reservation: ReservationRecord
) -> EscrowRecord:
    """The pocket of a reservation as it is now: one that was moved to another lessor's bay pays
    that one, by the fees that held for them when it was confirmed. Under the pocket's lock."""
    lessor_id = reservation.organisation_id
    if pocket.organisation_id == lessor_id:
        return pocket
    contract = await _fees_at(sql, reservation, pocket.opened_at)
    await sql.execute(
        "UPDATE escrow_account SET organisation_id = $2, contract = $3 WHERE id = $1",
        pocket.id,
        lessor_id,
        contract,
    )
    return pocket._replace(organisation_id=lessor_id, contract=contract)


async def bound_rail(sql: Sql, person_id: int) -> tuple[str, int | None]:
    """The rail and id of the account that the driver pays with; the wallet when none is bound."""
    row = await sql.fetch_one(
        "SELECT rail, id FROM payment_account"
        " WHERE person_id = $1 AND is_default AND removed_at IS NULL",
        person_id,
    )
    return (WALLET, None) if row is None else (row["rail"], row["id"])


async def _fees_at(sql: Sql, reservation: ReservationRecord, at: datetime) -> str:
    """The snapshot: what becomes of the contract later does not matter (CLAIMS C23)."""
    place_id, lessor_id = reservation.place_id, reservation.organisation_id
    contract = await contract_for(sql, lessor_id, place_id, at)
    return fees_json(DEFAULT_TERMS) if contract is None else contract.terms

"""What a stay is priced by, read from the versions of its booking's agreement."""

import json
from typing import Any

from parking.rates.lines import lines_from_json
from parking.reservations.records import ReservationRecord
from parking.reservations.terms import terms_of
from parking.sessions.pricing import Agreed, Contract
from parking.storage.sql import Sql, as_time


async def read_contract(sql: Sql, reservation: ReservationRecord) -> Contract:
    """The contract of a booking, with every extension as it was agreed."""
    rows = await sql.fetch(
        "SELECT terms FROM lease_agreement WHERE reservation_id = $1 ORDER BY version",
        reservation.id,
    )
    terms = terms_of(reservation.terms)
    return Contract(
        starts_at=reservation.starts_at,
        agreed=_agreed([json.loads(row["terms"]) for row in rows], reservation),
        booked_at=reservation.confirmed_at or reservation.created_at,
        tariff=terms.tariff,
        zone=terms.zone,
        cancellation=terms.refunds,
    )


def _agreed(versions: list[dict[str, Any]], reservation: ReservationRecord) -> list[Agreed]:
    """The price until each end that was agreed; of versions with the same end (a move to another
    bay, which may be cheaper) the last."""
    present = Agreed(
        reservation.ends_at, reservation.amount_minor, lines_from_json(reservation.lines)
    )
    by_end = {each.ends_at: each for each in map(_version, versions)}
    earlier = [by_end[end] for end in sorted(by_end) if end < present.ends_at]
    return [*earlier, present]


def _version(terms: dict[str, Any]) -> Agreed:
    told = terms["price"]
    lines = lines_from_json(json.dumps(told["lines"]))
    return Agreed(as_time(terms["window"]["ends_at"]), told["amount_minor"], lines)

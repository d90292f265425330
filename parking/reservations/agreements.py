"""The contract of a booking. What was agreed is never edited: a change is the next version.

Version 1 is written with the booking, for both to read; the lessor accepts by publishing an instant
listing, or by accepting a request; the renter by confirming. An extension, or a move to another
bay, is within what was agreed: its version says so, accepted by whoever asked for it.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from parking.clock import rfc3339
from parking.reservations.quote import Offered
from parking.reservations.records import ReservationRecord
from parking.storage.sql import Sql

INSERT_AGREEMENT = """
INSERT INTO lease_agreement
       (reservation_id, version, terms, digest, renter_accepted_at, lessor_accepted_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


def digest_of(text: str) -> str:
    """SHA-256 of the terms as stored, in hex: what both sides can compare."""
    return sha256(text.encode()).hexdigest()


async def write_agreement(
    sql: Sql,
    reservation_id: int,
    terms: Mapping[str, Any],
    at: datetime,
    *,
    version: int = 1,
    renter_accepted_at: datetime | None = None,
    lessor_accepted_at: datetime | None = None,
) -> None:
    """Write one version."""
    text = orjson.dumps(terms, option=orjson.OPT_SORT_KEYS).decode()
    await sql.execute(
        INSERT_AGREEMENT,
        reservation_id,
        version,
        text,
        digest_of(text),
        renter_accepted_at,
        lessor_accepted_at,
        at,
    )


async def renter_accepts(sql: Sql, reservation_id: int, at: datetime) -> None:
    """The renter accepts what is still open to them."""
    await sql.execute(
        "UPDATE lease_agreement SET renter_accepted_at = $2"
        " WHERE reservation_id = $1 AND renter_accepted_at IS NULL",
        reservation_id,
        at,
    )


async def lessor_accepts(sql: Sql, reservation_id: int, at: datetime) -> None:
    """The lessor accepts what is still open to them."""
    await sql.execute(
        "UPDATE lease_agreement SET lessor_accepted_at = $2"
        " WHERE reservation_id = $1 AND lessor_accepted_at IS NULL",
        reservation_id,
        at,
    )


async def amend_agreement(
    sql: Sql, reservation: ReservationRecord, at: datetime, **further: Any
) -> None:
    """The next version: window and price as the booking has them now, and what else is given
    (`space`, after a move). Who had accepted the version before accepts this one: both agreed
    beforehand that the booking can be extended and moved."""
    row = await sql.fetch_one(
        "SELECT version, terms, renter_accepted_at, lessor_accepted_at FROM lease_agreement"
        " WHERE reservation_id = $1 ORDER BY version DESC LIMIT 1",
        reservation.id,
    )
    assert row is not None, f"reservation {reservation.id} was made without an agreement"
    terms = {**orjson.loads(row["terms"]), **price_terms(reservation), **further}
    await write_agreement(
        sql,
        reservation.id,
        terms,
        at,
        version=row["version"] + 1,
        renter_accepted_at=None if row["renter_accepted_at"] is None else at,
        lessor_accepted_at=None if row["lessor_accepted_at"] is None else at,
    )


def price_terms(reservation: ReservationRecord) -> dict[str, Any]:
    """The part of the terms that says when and for how much. Times are RFC 3339 in UTC."""
    return {
        "window": {
            "starts_at": rfc3339(reservation.starts_at),
            "ends_at": rfc3339(reservation.ends_at),
        },
        "price": {
            "amount_minor": reservation.amount_minor,
            "currency": reservation.currency,
            "lines": orjson.loads(reservation.lines),
        },
    }


def agreement_terms(offered: Offered, made: ReservationRecord) -> dict[str, Any]:
    """Version 1 of the contract, in words that last: names and addresses as they are now."""
    facts, listing, terms = offered.facts, offered.facts.listing, offered.terms
    return {
        **price_terms(made),
        "renter": {
            "person_id": made.person_id, "name": facts.renter_name, "guest_name": made.guest_name,
        },
        "lessor": {"organisation_id": listing.organisation_id, "name": facts.lessor_name},
        "operator": {"organisation_id": listing.operator_id, "name": facts.operator_name},
        "place": {
            "id": listing.place_id, "name": listing.place_name, "address": listing.address,
            "time_zone": listing.time_zone,
        },
        "space": {"id": facts.space_id, "number": facts.number},
        "vehicle": {"plate": made.plate},
        "cancellation": terms.cancellation,
        "listing": {
            "id": listing.id, "version": listing.version, "name": listing.name,
            "mode": terms.mode, "turnover_minutes": terms.turnover_minutes,
        },
    }  # fmt: skip

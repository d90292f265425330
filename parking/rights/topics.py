"""Who hears that something of rights has changed: a bare id and version, on which they read the
row. What is told is a row of `money_event`, too, so that no crash swallows it."""

from datetime import datetime

from parking.events.bus import Bus
from parking.rights.records import RedemptionRecord, RightRecord
from parking.settlement.topics import tell_money
from parking.storage.sql import Sql


def person_rights_topic(person_id: int) -> str:
    """The rights of a driver's vehicles, and their redemptions."""
    return f"person:{person_id}:rights"


def organisation_rights_topic(organisation_id: int) -> str:
    """What an organisation issues, and what is granted and redeemed at places that it runs."""
    return f"organisation:{organisation_id}:rights"


def place_rights_topic(place_id: int) -> str:
    """What is granted for a place and redeemed there."""
    return f"place:{place_id}:rights"


async def tell_rights(
    sql: Sql,
    bus: Bus,
    at: datetime,
    person_id: int | None,
    organisations: tuple[int, ...],
    place_id: int,
    **changed: int | str | None,
) -> None:
    """Tell all whom a change is about: its driver (None: no driver's business), issuer and
    operator (`organisations` may name one twice), and who follows the place.

    In the caller's transaction; `bus` has to hold its messages until the commit (`HeldBus`).
    """
    topics = (
        *(() if person_id is None else (person_rights_topic(person_id),)),
        *dict.fromkeys(map(organisation_rights_topic, organisations)),
        place_rights_topic(place_id),
    )
    await tell_money(sql, bus, at, *topics, place_id=place_id, **changed)


async def tell_right(
    sql: Sql, bus: Bus, at: datetime, right: RightRecord, **changed: int | str | None
) -> None:
    """Tell that a right is new or has this version now, as `tell_rights` does."""
    organisations = (right.organisation_id, right.operator_id)
    told = {"right_id": right.id, "version": right.version, **changed}
    await tell_rights(sql, bus, at, right.person_id, organisations, right.place_id, **told)


async def tell_redemption(
    sql: Sql, bus: Bus, at: datetime, redemption: RedemptionRecord, **changed: int | str | None
) -> None:
    """Tell that a redemption is new or has changed, as `tell_rights` does."""
    organisations = (redemption.organisation_id, redemption.operator_id)
    told = {"redemption_id": redemption.id, "right_id": redemption.assigned_right_id, **changed}
    await tell_rights(
        sql, bus, at, redemption.person_id, organisations, redemption.place_id, **told
    )

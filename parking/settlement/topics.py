"""How everyone hears that money has moved: a bare id and version, on which they read the rows.

What is told is a row of the transaction, too: `parking.settlement.relay` tells it again, so that no
crash between the commit and the bus swallows it.
"""

from datetime import datetime

import orjson

from parking.events.bus import Bus
from parking.storage.sql import Sql


def settlement_topic(reservation_id: int) -> str:
    """The settlement of one reservation, and what corrects it."""
    return f"settlement:{reservation_id}"


def person_money_topic(person_id: int) -> str:
    """A person's wallet, debts, payments and receipts."""
    return f"person:{person_id}:money"


def organisation_money_topic(organisation_id: int) -> str:
    """What an organisation earns, pays for others, and is paid."""
    return f"organisation:{organisation_id}:money"


def place_money_topic(place_id: int) -> str:
    """What is settled of a place's bookings."""
    return f"place:{place_id}:money"


async def tell_money(
    sql: Sql, bus: Bus, at: datetime, *topics: str, **changed: int | str | None
) -> None:
    """Tell the followers of these topics what changed, such as `settlement_id=7, version=1`.

    In the caller's transaction, begun about `at`; `bus` has to hold its messages until the commit
    (`HeldBus`).
    """
    body = orjson.dumps({name: value for name, value in changed.items() if value is not None})
    await sql.execute(
        "INSERT INTO money_event (at, topics, body) VALUES ($1, $2, $3)",
        at,
        orjson.dumps(topics).decode(),
        body.decode(),
    )
    for topic in topics:
        await bus.publish(topic, body)


async def tell_settlement(
    sql: Sql,
    bus: Bus,
    at: datetime,
    reservation_id: int,
    person_id: int,
    organisations: tuple[int, ...],
    place_id: int,
    **changed: int | str | None,
) -> None:
    """Tell all whom a settlement is about; `organisations` may name one twice."""
    topics = (
        settlement_topic(reservation_id),
        person_money_topic(person_id),
        *dict.fromkeys(map(organisation_money_topic, organisations)),
        place_money_topic(place_id),
    )
    await tell_money(sql, bus, at, *topics, reservation_id=reservation_id, **changed)

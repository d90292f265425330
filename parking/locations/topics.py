"""Who hears that something about a position has changed: bare ids, on which they read the rows.

They are rows of `money_event`, too (`parking.settlement.topics`), so that no crash swallows them.
"""

from collections.abc import Iterable
from datetime import datetime

from parking.access.delegations.rows import delegation_topic
from parking.events.bus import Bus
from parking.settlement.topics import tell_money
from parking.storage.sql import Sql


def position_topic(position_id: int) -> str:
    """One position: its versions, its end, and who may see it."""
    return f"position:{position_id}"


def person_positions_topic(person_id: int) -> str:
    """A person's own positions and bindings, and the positions that they are shown."""
    return f"person:{person_id}:positions"


def place_refinements_topic(place_id: int) -> str:
    """The queue of questions that a place's attendants answer."""
    return f"place:{place_id}:refinements"


def position_link_topic(link_id: int) -> str:
    """Whether one secure link still works."""
    return f"position_link:{link_id}"


async def tell_position(
    sql: Sql,
    bus: Bus,
    at: datetime,
    position_id: int,
    person_ids: Iterable[int] = (),
    *,
    place_id: int | None = None,
    link_ids: Iterable[int] = (),
    delegation_id: int | None = None,
) -> None:
    """Tell whoever follows the position, these persons' positions, the place's queue, these links
    and the delegation. In the caller's transaction; `bus` holds its messages until the commit
    (`HeldBus`)."""
    topics = (
        position_topic(position_id),
        *map(person_positions_topic, sorted(set(person_ids))),
        *(() if place_id is None else (place_refinements_topic(place_id),)),
        *map(position_link_topic, sorted(set(link_ids))),
        *(() if delegation_id is None else (delegation_topic(delegation_id),)),
    )
    await tell_money(sql, bus, at, *topics, position_id=position_id)

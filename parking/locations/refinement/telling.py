"""Telling that a question has changed: the sharer, and the queue of its place. Receivers of the
position need not hear of questions; they hear of the version that an answer becomes."""

from datetime import datetime

from parking.events.bus import Bus
from parking.locations.positions.rows import bump
from parking.locations.records import PositionRecord, RefinementRecord
from parking.locations.topics import tell_position
from parking.storage.sql import Sql


async def announce_question(
    sql: Sql, bus: Bus, position: PositionRecord, question: RefinementRecord, at: datetime
) -> None:
    """In the caller's transaction, with the position locked; it counts as a change of that."""
    await bump(sql, position, at)
    await tell_position(sql, bus, at, position.id, [position.person_id], place_id=question.place_id)

"""Who hears of the steps of a delegated exit right: whose car it is, who fetches it, and whoever
follows the right or the position."""

from datetime import datetime

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rows import delegation_topic
from parking.events.bus import Bus
from parking.locations.topics import person_positions_topic, tell_position
from parking.settlement.topics import tell_money
from parking.storage.sql import Sql


async def tell_all(sql: Sql, bus: Bus, delegation: DelegationRecord, at: datetime) -> None:
    """Tell all of them, in the caller's transaction; no crash swallows it."""
    fetchers = [] if delegation.fetcher_id is None else [delegation.fetcher_id]
    people = [delegation.person_id, *fetchers]
    if delegation.position_id is not None:
        await tell_position(
            sql, bus, at, delegation.position_id, people, delegation_id=delegation.id
        )
        return
    topics = [delegation_topic(delegation.id), *map(person_positions_topic, people)]
    await tell_money(sql, bus, at, *topics, delegation_id=delegation.id)

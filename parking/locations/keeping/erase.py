"""Erasing: one position, or all that a person has shared and been shown.

What is live is ended first, with everything that this ends: links close, receivers see nothing any
more, a right to fetch the car is taken back. Then nothing of it is kept.
"""

from dataclasses import dataclass

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.bindings.revoke import revoke_binding
from parking.locations.fetching.keeping import erase_delegations
from parking.locations.guards import require_signed_in
from parking.locations.keeping.forget import forget_in
from parking.locations.positions.end import end_in
from parking.locations.positions.revise import own_position
from parking.locations.positions.rows import locked_position
from parking.locations.records import PositionRecord
from parking.notices.erasing import erase_notices
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

ERASED = "ERASED"
"""Why links closed, for the page that still shows one."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How much there was."""

    positions: int
    bindings: int


async def erase_position(viewer: Viewer, position_id: int, *, clock: Clock, bus: Bus) -> None:
    """Forget one position of the viewer's. Raises `NotFound`, and as `require_signed_in`."""
    require_signed_in(viewer)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            position = await own_position(sql, viewer, position_id)
            await _erase(sql, held, position, clock)
            await _audit(sql, viewer, "erase_position", {"position": position_id}, clock)

    await retried(write)


async def erase_all(viewer: Viewer, *, clock: Clock, bus: Bus) -> Erased:
    """Forget all positions of the viewer's, every binding on either side, and rights to fetch a
    car that they gave or were given. One after another: what a crash leaves is erased by asking
    again. Raises what `require_signed_in` raises."""
    person_id = require_signed_in(viewer)
    positions = await _ids(
        "SELECT id FROM parking_position WHERE person_id = $1 ORDER BY id", person_id
    )
    for position_id in positions:
        await _erase_one(position_id, clock, bus)
    bindings = await _ids(
        "SELECT id FROM position_binding WHERE sharer_id = $1 OR receiver_id = $1 ORDER BY id",
        person_id,
    )
    for binding_id in bindings:
        await _erase_binding(viewer, binding_id, clock, bus)
    await erase_delegations(person_id, clock=clock, bus=bus)
    async with transaction() as sql:
        detail = {"positions": len(positions), "bindings": len(bindings)}
        await _audit(sql, viewer, "erase_positions", detail, clock)
    return Erased(len(positions), len(bindings))


async def _ids(query: str, person_id: int) -> list[int]:
    return [row["id"] for row in await database().fetch(query, person_id)]


async def _erase_one(position_id: int, clock: Clock, bus: Bus) -> None:
    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            position = await locked_position(sql, position_id)
            if position is not None:
                await _erase(sql, held, position, clock)

    await retried(write)


async def _erase(sql: Sql, bus: Bus, position: PositionRecord, clock: Clock) -> None:
    if position.ended_at is None:
        await end_in(sql, bus, position, clock.now(), ERASED)
    await forget_in(sql, [position.id], clock.now())


async def _erase_binding(viewer: Viewer, binding_id: int, clock: Clock, bus: Bus) -> None:
    try:
        await revoke_binding(viewer, binding_id, clock=clock, bus=bus)
    except NotFound:
        return  # the other side was quicker
    async with transaction() as sql:
        about = [f"position_binding:{binding_id}"]  # the number that an invitation was sent to
        await erase_notices(sql, about, clock.now(), of_everybody=True)
        await sql.execute("DELETE FROM position_binding WHERE id = $1", binding_id)


async def _audit(sql: Sql, viewer: Viewer, verb: str, detail: dict[str, int], clock: Clock) -> None:
    subject = f"person:{viewer.person_id}"
    await record_audit(sql, viewer, verb, subject, None, detail, clock.now())

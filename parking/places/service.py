"""Opening, closing and retiring. Nothing is deleted: history keeps what it was about.

Every verb raises NotFound (also for what the viewer may not know of) and NotPermitted; doing again
what is done already changes nothing.
"""

from collections.abc import Sequence

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput
from parking.events.bus import Bus
from parking.places.guards import operated_place, operated_spaces, operated_subplace
from parking.places.recording import Service, changing_places, remove_states

SPACES_AT_ONCE_MAX = 1_000


async def open_place(viewer: Viewer, place_id: int, *, clock: Clock, bus: Bus) -> None:
    """Offer the place again."""
    await _set_open(viewer, place_id, True, clock, bus)


async def close_place(viewer: Viewer, place_id: int, *, clock: Clock, bus: Bus) -> None:
    """Stop offering the place: its state is CLOSED, its spaces keep theirs."""
    await _set_open(viewer, place_id, False, clock, bus)


async def set_space_service(
    viewer: Viewer, space_ids: Sequence[int], service: Service, *, clock: Clock, bus: Bus
) -> None:
    """Open or close spaces, of any places that the viewer operates, all or none.

    Raises InvalidInput for none or too many.
    """
    if not 1 <= len(space_ids) <= SPACES_AT_ONCE_MAX:
        message = f"{len(space_ids)} spaces are given; 1 to {SPACES_AT_ONCE_MAX} change at once"
        raise InvalidInput("spaceIds", message)
    spaces = await operated_spaces(viewer, space_ids)
    place_ids = sorted({space.place_id for space in spaces})
    async with changing_places(place_ids, clock, bus) as change:
        states = await change.states([space.id for space in spaces])
        for state in states.values():
            if state.service is not service:
                state.service = service
                change.put(state)
        for place_id in place_ids:
            mine = [space.id for space in spaces if space.place_id == place_id]
            detail = {"service": service, "spaces": mine}
            place = await operated_place(viewer, place_id)
            await record_audit(
                change.sql, viewer, "set_space_service", f"place:{place_id}",
                place.organisation_id, detail, change.at,
            )  # fmt: skip


async def retire_space(viewer: Viewer, space_id: int, *, clock: Clock, bus: Bus) -> None:
    """Take a space out of the place for good; its number can be given to a new one."""
    [space] = await operated_spaces(viewer, [space_id])
    place = await operated_place(viewer, space.place_id)
    async with changing_places([place.id], clock, bus) as change:
        sql = change.sql
        await sql.execute("UPDATE space SET retired_at = $2 WHERE id = $1", space_id, change.at)
        await remove_states(sql, [space_id])
        await change.inventory_changed(place.id)
        subject, detail = f"space:{space_id}", {"number": space.number}
        await record_audit(
            sql, viewer, "retire_space", subject, place.organisation_id, detail, change.at
        )


async def retire_subplace(viewer: Viewer, subplace_id: int, *, clock: Clock, bus: Bus) -> None:
    """Remove a subplace that has nothing in it any more. Raises Conflict `NOT_EMPTY`."""
    subplace = await operated_subplace(viewer, subplace_id)
    place = await operated_place(viewer, subplace.place_id)
    async with changing_places([place.id], clock, bus) as change:
        sql = change.sql
        held = await sql.fetch(
            "SELECT 1 AS held FROM space WHERE subplace_id = $1 AND retired_at IS NULL"
            " UNION SELECT 1 AS held FROM subplace WHERE parent_id = $1",
            subplace_id,
        )
        if held:
            raise Conflict(
                "there are spaces or subplaces in it; move or retire them first", code="NOT_EMPTY"
            )
        # The foreign key would take retired spaces along, and with them their history.
        await sql.execute("UPDATE space SET subplace_id = NULL WHERE subplace_id = $1", subplace_id)
        await sql.execute("DELETE FROM subplace WHERE id = $1", subplace_id)
        change.place_changed(place.id)
        subject, detail = f"subplace:{subplace_id}", {"name": subplace.name}
        await record_audit(
            sql, viewer, "retire_subplace", subject, place.organisation_id, detail, change.at
        )


async def retire_place(viewer: Viewer, place_id: int, *, clock: Clock, bus: Bus) -> None:
    """Close the place for good: nobody finds it any more."""
    place = await operated_place(viewer, place_id)
    async with changing_places([place_id], clock, bus) as change:
        sql = change.sql
        await sql.execute(
            "UPDATE place SET retired_at = $2, is_open = $3 WHERE id = $1",
            place_id,
            change.at,
            False,
        )
        change.place(place_id).is_open = False
        change.place_changed(place_id)
        subject, detail = f"place:{place_id}", {"name": place.name}
        await record_audit(
            sql, viewer, "retire_place", subject, place.organisation_id, detail, change.at
        )


async def _set_open(viewer: Viewer, place_id: int, is_open: bool, clock: Clock, bus: Bus) -> None:
    place = await operated_place(viewer, place_id)
    async with changing_places([place_id], clock, bus) as change:
        row = change.place(place_id)
        if row.is_open is is_open:
            return
        await change.sql.execute("UPDATE place SET is_open = $2 WHERE id = $1", place_id, is_open)
        row.is_open = is_open
        change.place_changed(place_id)
        verb, subject = ("open_place" if is_open else "close_place"), f"place:{place_id}"
        await record_audit(change.sql, viewer, verb, subject, place.organisation_id, {}, change.at)

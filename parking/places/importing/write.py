"""Writing drafts of whole places inside one transaction."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from parking.places.guards import uses_currency
from parking.places.importing.codes import Code
from parking.places.importing.difference import Difference, difference
from parking.places.importing.drafts import PlaceDraft
from parking.places.importing.problems import Problems
from parking.places.importing.report import ImportReport, SensorHint, Tally
from parking.places.importing.values import shown
from parking.places.importing.write_places import (
    HeldPlace,
    find_places,
    insert_place,
    update_place,
)
from parking.places.importing.write_spaces import (
    held_spaces,
    held_subplaces,
    space_ids,
    write_spaces,
    write_subplaces,
)
from parking.places.recording import PlaceChange, add_states, begin_change
from parking.storage.sql import Sql


async def write_drafts(
    sql: Sql,
    organisation_id: int,
    drafts: Sequence[PlaceDraft],
    problems: Problems,
    at: datetime,
) -> tuple[ImportReport, PlaceChange]:
    """Write all that differs; what was written, and the change to be published after commit.

    The organisation's row must be locked, so that nobody makes the same places meanwhile. What
    cannot be written is left out and reported.
    """
    places, new_ids = await _found_or_made(sql, organisation_id, drafts, problems, at)
    change = await begin_change(sql, sorted(place.id for place in places), at)
    ids = [place.id for place in places]
    spaces_held, subplaces_held = await held_spaces(sql, ids), await held_subplaces(sql, ids)
    tally_places, tally_spaces = Tally(), Tally()
    for place in places:
        if "currency" in place.wanted and await uses_currency(sql, place.id):
            _report_currency(place.draft, problems)
            continue
        is_edited = place.id not in new_ids and await update_place(sql, place)
        if place.is_retired:
            change.place(place.id).is_open = True
        names = subplaces_held.get(place.id, {})
        is_edited |= await write_subplaces(sql, place.id, place.draft.subplaces, names) > 0
        held = spaces_held.get(place.id, [])
        # In a thread: comparing and drawing thousands of bays would stop everybody else meanwhile.
        changed = await asyncio.to_thread(difference, place.draft.spaces, held, names, place.anchor)
        _report_taken(changed, problems)
        await write_spaces(sql, place.id, changed)
        await _record(change, place.id, changed, is_edited=is_edited)
        tally_places += _place_tally(place.id in new_ids, is_edited)
        tally_spaces += Tally(len(changed.created), len(changed.updated), changed.unchanged_count)
    await change.write()
    report = ImportReport(
        is_written=True,
        format=None,
        places=tally_places,
        spaces=tally_spaces,
        place_ids=tuple(ids),
        sensors=await _sensors(sql, places),
    )
    return report, change


async def _found_or_made(
    sql: Sql,
    organisation_id: int,
    drafts: Sequence[PlaceDraft],
    problems: Problems,
    at: datetime,
) -> tuple[list[HeldPlace], set[int]]:
    """The place of each draft, and the ids of those that were just made."""
    places, new_ids = [], set()
    for draft, held in await find_places(sql, organisation_id, drafts, problems):
        if held is None:
            place = await insert_place(sql, organisation_id, draft, at)
            new_ids.add(place.id)
        else:
            place = held
        places.append(place)
    return places, new_ids


async def _record(
    change: PlaceChange, place_id: int, changed: Difference, *, is_edited: bool
) -> None:
    """The place's next version, if anything in it was written."""
    if not changed.is_empty:
        await add_states(change.sql, place_id)
        await change.inventory_changed(place_id)
    elif is_edited:
        change.place_changed(place_id)


def _place_tally(is_new: bool, is_edited: bool) -> Tally:
    return Tally(int(is_new), int(is_edited and not is_new), int(not is_new and not is_edited))


def _report_currency(draft: PlaceDraft, problems: Problems) -> None:
    message = (
        f"listings on offer or bookings of {shown(draft.name)} have prices in another currency; "
        "leave the currency as it is, or pause the listings and wait for the bookings to be over"
    )
    problems.add(draft.where, "currency", Code.CURRENCY_IN_USE, message)


def _report_taken(changed: Difference, problems: Problems) -> None:
    for draft in changed.taken:
        message = (
            f"the number {shown(draft.number)} is that of another space of the place, which the "
            "file does not mention; renumber or retire that one first"
        )
        problems.add(draft.where, "number", Code.NUMBER_TAKEN, message)


async def _sensors(sql: Sql, places: Sequence[HeldPlace]) -> tuple[SensorHint, ...]:
    """Which sensor sits in which space, as far as the file says."""
    told = [
        (place.id, space)
        for place in places
        for space in place.draft.spaces
        if space.sensor_id is not None
    ]
    if not told:
        return ()
    ids = await space_ids(sql, sorted({place_id for place_id, _ in told}))
    return tuple(
        SensorHint(ids[place_id, space.number], space.sensor_id or "")
        for place_id, space in told
        if (place_id, space.number) in ids
    )

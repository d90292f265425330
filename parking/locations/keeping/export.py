"""All that is kept of a person's positions, as data: for who asks for their own (GDPR, article 20).

Tokens and passcodes are kept hashed, so nobody can give them out. Who else had a part in it is told
as this person calls them, or as what they were: attendant, receiver.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from parking.accounts.viewer import Viewer
from parking.clock import Clock, rfc3339
from parking.locations.fetching.keeping import exported_delegations
from parking.locations.guards import require_signed_in
from parking.locations.kinds import BindingSide
from parking.locations.photos.port import PhotoStore
from parking.locations.photos.rows import photos_by_id
from parking.locations.records import (
    SELECT_ACCESSES,
    SELECT_BINDINGS,
    SELECT_LINKS,
    SELECT_PHOTOS,
    SELECT_POSITIONS,
    SELECT_REFINEMENTS,
    SELECT_VERSIONS,
    BindingRecord,
    access_record,
    binding_record,
    link_record,
    photo_record,
    position_record,
    refinement_record,
    version_record,
)
from parking.storage.outlast import outlast
from parking.storage.snapshots import snapshot
from parking.storage.sql import Sql, database

FORMAT = "berth.positions/1"
DOCUMENT = "positions.json"
_LEFT_OUT = frozenset(
    {
        "person_id", "sharer_id", "receiver_id", "actor", "taken_by", "answered_by", "created_by",
        "position_id", "tell_at", "told_at", "due_at", "attempts", "key",
    }
)  # fmt: skip
"""Other people's ids, and what only our own work needs."""
_HANGING: tuple[tuple[str, str, str, Callable[[Mapping[str, Any]], Any]], ...] = (
    ("versions", SELECT_VERSIONS, "v", version_record),
    ("photos", SELECT_PHOTOS, "f", photo_record),
    ("questions", SELECT_REFINEMENTS, "q", refinement_record),
    ("links", SELECT_LINKS, "l", link_record),
    ("accesses", SELECT_ACCESSES, "a", access_record),
)


async def exported(viewer: Viewer, *, clock: Clock) -> dict[str, Any]:
    """The viewer's positions with all that hangs on them, and their bindings on either side, as it
    was at one instant. Raises what `require_signed_in` raises."""
    person_id = require_signed_in(viewer)
    async with snapshot() as sql:
        query = f"{SELECT_POSITIONS} WHERE p.person_id = $1 ORDER BY p.id"
        positions = [position_record(row) for row in await sql.fetch(query, person_id)]
        hanging = await _hanging(sql, [each.id for each in positions])
        query = f"{SELECT_BINDINGS} WHERE b.sharer_id = $1 OR b.receiver_id = $1 ORDER BY b.id"
        bindings = [binding_record(row) for row in await sql.fetch(query, person_id)]
        rights = await exported_delegations(sql, person_id)
    return {
        "format": FORMAT,
        "exportedAt": rfc3339(clock.now()),
        "positions": [_told(each) | hanging[each.id] for each in positions],
        "bindings": [_binding(each, person_id) for each in bindings],
        "exitDelegations": rights,
    }


async def _hanging(sql: Sql, position_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What hangs on each position, by its name in the document."""
    found: dict[int, dict[str, Any]] = {each: {} for each in position_ids}
    for name, select, alias, record in _HANGING:
        rows = await sql.fetch(
            f"{select} WHERE {alias}.position_id {sql.any_of('$1')} ORDER BY {alias}.id",
            list(position_ids),
        )
        for each in found.values():
            each[name] = []
        for row in rows:
            found[row["position_id"]][name].append(_told(record(row)))
    return found


def _told(record: Any) -> dict[str, Any]:
    """A record as JSON, in the schema's way of writing names."""
    return {
        _camel(name): rfc3339(value) if isinstance(value, datetime) else value
        for name, value in record._asdict().items()
        if name not in _LEFT_OUT
    }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


def _binding(binding: BindingRecord, person_id: int) -> dict[str, Any]:
    """As this side sees it: not what the other one calls them, nor in which language they read."""
    told = _told(binding) | {"side": _side(binding, person_id)}
    is_sharer = told["side"] is BindingSide.SHARER
    others = ("sharerName", "locale") if is_sharer else ("receiverName",)
    return {name: value for name, value in told.items() if name not in others}


def _side(binding: BindingRecord, person_id: int) -> BindingSide:
    return BindingSide.SHARER if binding.sharer_id == person_id else BindingSide.RECEIVER


async def write_archive(
    file: IO[bytes], viewer: Viewer, store: PhotoStore | None, *, clock: Clock
) -> None:
    """A ZIP of the document and of the photos that it names (`photos/{id}.jpg`), written beside the
    event loop, entry by entry. Raises as `exported`, and PhotoStoreDown."""
    document = await exported(viewer, clock=clock)
    ids = [photo["id"] for each in document["positions"] for photo in each["photos"]]
    with ZipFile(file, "w") as archive:
        text = await asyncio.to_thread(json.dumps, document, ensure_ascii=False, indent=1)
        await _write(archive, DOCUMENT, text, ZIP_DEFLATED)
        known = await photos_by_id(database(), ids)
        for photo in known.values():
            data = None if store is None else await store.get(photo.key)
            if data is not None:
                await _write(archive, f"photos/{photo.id}.jpg", data, ZIP_STORED)


async def _write(archive: ZipFile, name: str, content: str | bytes, compression: int) -> None:
    """One entry; a JPEG is compressed already. Nobody closes the archive in the midst of it."""
    work = asyncio.to_thread(archive.writestr, name, content, compression)
    await outlast(asyncio.ensure_future(work))

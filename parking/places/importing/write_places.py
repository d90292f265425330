"""Finding the places that drafts mean, making those that are new, changing those that differ."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from parking.places.create import INSERT_PLACE
from parking.places.importing.codes import Code
from parking.places.importing.drafts import PlaceDraft
from parking.places.importing.geometry import Point
from parking.places.importing.problems import Problems
from parking.places.importing.values import shown
from parking.places.models import PlaceKind
from parking.places.new import NewPlace
from parking.storage.sql import Sql

SAID = ("name", "kind", "time_zone", "currency", "address", "latitude", "longitude")
"""Fields of a draft that are columns of the same name; `external_id` is what it is found by."""

SELECT_PLACES = """
SELECT id, name, kind, time_zone, currency, address, latitude, longitude, external_id, retired_at
  FROM place
 WHERE organisation_id = $1
"""


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """A place and the draft that means it; `row` is as it was before anything is written."""

    id: int
    draft: PlaceDraft
    row: Mapping[str, Any]

    @property
    def wanted(self) -> dict[str, Any]:
        """The columns in which the place differs from what the draft says, with its values."""
        wanted: dict[str, Any] = {}
        for name in SAID:
            value = getattr(self.draft, name)
            is_said = value is not None and name not in self.draft.assumed
            if (is_said or self.row[name] is None) and self.row[name] != value:
                wanted[name] = value
        if self.is_retired:
            wanted |= {"retired_at": None, "is_open": True}
        return wanted

    @property
    def is_retired(self) -> bool:
        """Whether the place was retired; an import puts it in use again."""
        return self.row["retired_at"] is not None

    @property
    def anchor(self) -> Point | None:
        """Where plan coordinate (0, 0) lies: the place's (longitude, latitude)."""
        after = {**self.row, **self.wanted}
        if after["latitude"] is None or after["longitude"] is None:
            return None
        return after["longitude"], after["latitude"]


async def find_places(
    sql: Sql, organisation_id: int, drafts: Sequence[PlaceDraft], problems: Problems
) -> list[tuple[PlaceDraft, HeldPlace | None]]:
    """Each draft with its place: by external id if it has one, else by name; None for a new one.

    A name that several places have is reported, and its draft left out.
    """
    ids = [draft.external_id for draft in drafts if draft.external_id is not None]
    names = [draft.name for draft in drafts if draft.external_id is None]
    rows = await sql.fetch(
        f"{SELECT_PLACES} AND (external_id {sql.any_of('$2')}"
        f" OR (name {sql.any_of('$3')} AND retired_at IS NULL)) ORDER BY id",
        organisation_id,
        ids,
        names,
    )
    by_id = {row["external_id"]: row for row in rows if row["external_id"] is not None}
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["retired_at"] is None:
            by_name.setdefault(row["name"], []).append(row)
    found: list[tuple[PlaceDraft, HeldPlace | None]] = []
    for draft in drafts:
        meant = by_name.get(draft.name, []) if draft.external_id is None else []
        if draft.external_id in by_id:
            meant = [by_id[draft.external_id]]
        if len(meant) > 1:
            _report_ambiguous(draft, len(meant), problems)
            continue
        found.append((draft, HeldPlace(meant[0]["id"], draft, meant[0]) if meant else None))
    return found


def _report_ambiguous(draft: PlaceDraft, count: int, problems: Problems) -> None:
    message = (
        f"{count} places of the organisation are named {shown(draft.name)}; "
        "give the place's external id to tell which is meant"
    )
    problems.add(draft.where, "place", Code.PLACE_AMBIGUOUS, message)


async def insert_place(
    sql: Sql, organisation_id: int, draft: PlaceDraft, at: datetime
) -> HeldPlace:
    """Make the draft's place; what is in it comes later."""
    new = NewPlace(
        organisation_id=organisation_id,
        name=draft.name,
        kind=draft.kind or PlaceKind.LOT,
        time_zone=draft.time_zone or "",
        currency=draft.currency or "",
        address=draft.address or "",
        latitude=draft.latitude,
        longitude=draft.longitude,
        external_id=draft.external_id,
    )
    [row] = await sql.fetch(INSERT_PLACE, *astuple(new), at)
    values = {name: getattr(new, name) for name in SAID}
    return HeldPlace(row["id"], draft, {**values, "retired_at": None})


async def update_place(sql: Sql, place: HeldPlace) -> bool:
    """Write what differs; whether anything did. Column names are our own, never the file's."""
    wanted = place.wanted
    if not wanted:
        return False
    assignments = ", ".join(f"{name} = ${i}" for i, name in enumerate(wanted, start=2))
    await sql.execute(f"UPDATE place SET {assignments} WHERE id = $1", place.id, *wanted.values())
    return True

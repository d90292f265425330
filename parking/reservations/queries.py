"""Reading bookings: only what the viewer may see, in batches and in pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput
from parking.places.conditions import Conditions
from parking.reservations.models import ReservationState
from parking.reservations.records import (
    QUOTE_COLUMNS,
    SELECT_RESERVATIONS,
    AgreementRecord,
    EventRecord,
    QuoteRecord,
    ReservationRecord,
    agreement_record,
    event_record,
    quote_record,
    reservation_record,
)
from parking.reservations.rules import may_see
from parking.storage.sql import Sql, as_time, database

Key: TypeAlias = tuple[Any, ...]

PAGE_ROWS_MAX = 10_001


@dataclass(frozen=True, slots=True)
class ReservationFilter:
    """Which bookings are asked for; None asks for nothing. `[starts_at, ends_at)` is a window that
    they overlap."""

    person_id: int | None = None
    organisation_id: int | None = None
    place_id: int | None = None
    space_id: int | None = None
    listing_id: int | None = None
    series_id: int | None = None
    states: Sequence[ReservationState] | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


async def reservations_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, ReservationRecord]:
    """The bookings of these ids."""
    sql = database()
    rows = await sql.fetch(f"{SELECT_RESERVATIONS} WHERE r.id {sql.any_of('$1')}", list(ids))
    found = [reservation_record(row) for row in rows]
    return {each.id: each for each in found if may_see(viewer, each)}


async def find_reservations(
    viewer: Viewer, wanted: ReservationFilter, *, limit: int, after: Key | None = None
) -> list[ReservationRecord]:
    """A page of bookings that the viewer may see, the latest start first; see
    `reservation_key`."""
    sql = database()
    where = Conditions(sql)
    _filter(where, wanted)
    _visible(where, viewer)
    if after is not None:
        starts_at, key = map(where.argument, _checked_key(after))
        where.add(f"r.starts_at < {starts_at} OR (r.starts_at = {starts_at} AND r.id < {key})")
    rows = await sql.fetch(
        f"{SELECT_RESERVATIONS} WHERE {where} ORDER BY r.starts_at DESC, r.id DESC"
        f" LIMIT {min(limit, PAGE_ROWS_MAX)}",
        *where.arguments,
    )
    return [reservation_record(row) for row in rows]


def reservation_key(reservation: ReservationRecord) -> Key:
    """What the list is sorted by."""
    return (reservation.starts_at.isoformat(), reservation.id)


def _checked_key(after: Key) -> tuple[datetime, int]:
    try:
        starts_at, reservation_id = after
        return as_time(datetime.fromisoformat(starts_at)), int(reservation_id)
    except (TypeError, ValueError):
        message = "the cursor is of another list; begin without one"
        raise InvalidInput("after", message) from None


def _filter(where: Conditions, wanted: ReservationFilter) -> None:
    for column in ("person_id", "organisation_id", "place_id", "space_id", "listing_id"):
        value = getattr(wanted, column)
        if value is not None:
            where.add(f"r.{column} = {where.argument(value)}")
    if wanted.series_id is not None:
        where.add(f"r.series_id = {where.argument(wanted.series_id)}")
    if wanted.states is not None:
        where.add(f"r.state {where.any_of(wanted.states)}")
    if wanted.starts_at is not None:
        where.add(f"r.ends_at > {where.argument(wanted.starts_at)}")
    if wanted.ends_at is not None:
        where.add(f"r.starts_at < {where.argument(wanted.ends_at)}")


def _visible(where: Conditions, viewer: Viewer) -> None:
    """The same as `rules.may_see`, for the database."""
    if viewer.is_system:
        return
    if viewer.api_key_id is not None:
        where.add("1 = 0")
        return
    leasing = sorted(viewer.organisations(Role.OWNER, Role.OPERATOR))
    working = sorted(viewer.organisations(Role.OPERATOR, Role.ATTENDANT))
    said = ["1 = 0"]
    if viewer.person_id is not None:
        said.append(f"r.person_id = {where.argument(viewer.person_id)}")
    if leasing:
        said.append(f"r.organisation_id {where.any_of(leasing)}")
    if working:
        said.append(f"p.organisation_id {where.any_of(working)}")
    where.add(" OR ".join(said))


async def events_of(
    viewer: Viewer, reservation_ids: Sequence[int]
) -> Mapping[int, list[EventRecord]]:
    """The steps of each of these bookings, in order."""
    seen = sorted(await reservations_by_id(viewer, reservation_ids))
    sql = database()
    rows = await sql.fetch(
        "SELECT id, reservation_id, version, kind, at, actor, detail FROM reservation_event"
        f" WHERE reservation_id {sql.any_of('$1')} ORDER BY reservation_id, version",
        seen,
    )
    found: dict[int, list[EventRecord]] = {each: [] for each in seen}
    for row in rows:
        found[row["reservation_id"]].append(event_record(row))
    return found


async def agreements_of(
    viewer: Viewer, reservation_ids: Sequence[int]
) -> Mapping[int, list[AgreementRecord]]:
    """The versions of each of these bookings' contracts, the present one last."""
    seen = sorted(await reservations_by_id(viewer, reservation_ids))
    sql = database()
    rows = await sql.fetch(
        "SELECT id, reservation_id, version, terms, digest, renter_accepted_at,"
        " lessor_accepted_at, created_at FROM lease_agreement"
        f" WHERE reservation_id {sql.any_of('$1')} ORDER BY reservation_id, version",
        seen,
    )
    found: dict[int, list[AgreementRecord]] = {each: [] for each in seen}
    for row in rows:
        found[row["reservation_id"]].append(agreement_record(row))
    return found


async def quotes_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, QuoteRecord]:
    """The viewer's own quotes of these ids."""
    if viewer.person_id is None:
        return {}
    sql = database()
    rows = await _quotes(sql, ids)
    return {each.id: each for each in rows if each.person_id == viewer.person_id}


async def _quotes(sql: Sql, ids: Sequence[int]) -> list[QuoteRecord]:
    rows = await sql.fetch(
        f"SELECT {QUOTE_COLUMNS} FROM quote q WHERE q.id {sql.any_of('$1')}", list(ids)
    )
    return [quote_record(row) for row in rows]

"""Reading settlements, pockets, bills and validations: only what the viewer may see, in batches
and in pages."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput, NotFound
from parking.places.conditions import Conditions
from parking.settlement.disputes.records import DisputeRecord
from parking.settlement.kinds import ChargeKind
from parking.settlement.records import (
    SELECT_CHARGES,
    SELECT_ESCROWS,
    SELECT_SETTLEMENTS,
    VALIDATION_COLUMNS,
    ChargeRow,
    EscrowRecord,
    SettlementRecord,
    ValidationRecord,
    charge_row,
    escrow_record,
    settlement_record,
    validation_record,
)
from parking.settlement.rules import acts_for_platform, may_see, may_validate
from parking.storage.sql import as_time, database

Key: TypeAlias = tuple[Any, ...]

PAGE_ROWS_MAX = 10_001
EXPORT_PAGE_ROWS = 500


@dataclass(frozen=True, slots=True)
class MoneyFilter:
    """Which settlements or bills are asked for; None asks for nothing. Those of
    `[starts_at, ends_at)` were made in that time."""

    person_id: int | None = None
    organisation_id: int | None = None
    place_id: int | None = None
    kind: ChargeKind | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def visible(where: Conditions, viewer: Viewer, alias: str) -> None:
    """The same as `rules.may_see`, for the database: on a table with `person_id`,
    `organisation_id` and `operator_id`. Who holds a booking's link reads no lists."""
    if acts_for_platform(viewer):
        return
    if viewer.api_key_id is not None or viewer.link_of is not None:
        where.add("1 = 0")
        return
    said = ["1 = 0"]
    if viewer.person_id is not None:
        said.append(f"{alias}.person_id = {where.argument(viewer.person_id)}")
    letting = sorted(viewer.organisations(Role.OWNER, Role.OPERATOR))
    if letting:
        said.append(f"{alias}.organisation_id {where.any_of(letting)}")
    running = sorted(viewer.organisations(Role.OPERATOR))
    if running:
        said.append(f"{alias}.operator_id {where.any_of(running)}")
    where.add(" OR ".join(said))


def sees(viewer: Viewer, row: SettlementRecord | EscrowRecord | ChargeRow | DisputeRecord) -> bool:
    """`rules.may_see` of a row that names its three sides."""
    reservation_id = getattr(row, "reservation_id", None)
    return may_see(viewer, row.person_id, row.organisation_id, row.operator_id, reservation_id)


async def settlements_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, SettlementRecord]:
    """The settlements of these ids."""
    return {each.id: each for each in await _settlements(viewer, "id", ids)}


async def settlements_of_reservations(
    viewer: Viewer, reservation_ids: Sequence[int]
) -> Mapping[int, SettlementRecord]:
    """The settlement of each of these bookings that has one."""
    found = await _settlements(viewer, "reservation_id", reservation_ids)
    return {each.reservation_id: each for each in found}


async def _settlements(viewer: Viewer, column: str, ids: Sequence[int]) -> list[SettlementRecord]:
    sql = database()
    rows = await sql.fetch(f"{SELECT_SETTLEMENTS} WHERE t.{column} {sql.any_of('$1')}", list(ids))
    return [each for each in map(settlement_record, rows) if sees(viewer, each)]


async def escrows_of_reservations(
    viewer: Viewer, reservation_ids: Sequence[int]
) -> Mapping[int, EscrowRecord]:
    """The pocket of each of these bookings that has one."""
    sql = database()
    rows = await sql.fetch(
        f"{SELECT_ESCROWS} WHERE e.reservation_id {sql.any_of('$1')}",
        list(reservation_ids),
    )
    found = [each for each in map(escrow_record, rows) if sees(viewer, each)]
    return {each.reservation_id: each for each in found}


async def find_settlements(
    viewer: Viewer, wanted: MoneyFilter, *, limit: int, after: Key | None = None
) -> list[SettlementRecord]:
    """A page of settlements that the viewer may see, the newest first; see `settlement_key`."""
    rows = await _page(viewer, wanted, SELECT_SETTLEMENTS, "t.at", limit, after)
    return [settlement_record(row) for row in rows]


def settlement_key(settlement: SettlementRecord) -> Key:
    """What the list is sorted by."""
    return (settlement.at.isoformat(), settlement.id)


async def settlements_of_period(
    viewer: Viewer, wanted: MoneyFilter
) -> AsyncIterator[SettlementRecord]:
    """All that `find_settlements` would give, the newest first, in constant memory: for exports."""
    after: Key | None = None
    while True:
        found = await find_settlements(viewer, wanted, limit=EXPORT_PAGE_ROWS, after=after)
        for each in found:
            yield each
        if len(found) < EXPORT_PAGE_ROWS:
            return
        after = settlement_key(found[-1])


async def charges_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, ChargeRow]:
    """The bills and credit records of these ids."""
    return {each.id: each for each in await _charges(viewer, "id", ids)}


async def charges_of_settlements(
    viewer: Viewer, settlement_ids: Sequence[int]
) -> Mapping[int, list[ChargeRow]]:
    """The bill of each of these settlements, then its credit records in order."""
    found: dict[int, list[ChargeRow]] = {each: [] for each in settlement_ids}
    for charge in await _charges(viewer, "settlement_id", settlement_ids):
        found[charge.settlement_id].append(charge)
    return found


async def charges_of_reservation(viewer: Viewer, reservation_id: int) -> list[ChargeRow]:
    """A booking's bill, then its credit records in order; for who may see the booking's settlement,
    so also for who holds its link."""
    seen = (await settlements_of_reservations(viewer, [reservation_id])).get(reservation_id)
    if seen is None:
        return []
    rows = await database().fetch(
        f"{SELECT_CHARGES} WHERE c.settlement_id = $1 ORDER BY c.id", seen.id
    )
    return [charge_row(row) for row in rows]


async def credits_of_charges(
    viewer: Viewer, charge_ids: Sequence[int]
) -> Mapping[int, list[ChargeRow]]:
    """What reverses each of these bills, in order."""
    found: dict[int, list[ChargeRow]] = {each: [] for each in charge_ids}
    for credit in await _charges(viewer, "corrects_id", charge_ids):
        if credit.corrects_id is not None:
            found[credit.corrects_id].append(credit)
    return found


async def _charges(viewer: Viewer, column: str, ids: Sequence[int]) -> list[ChargeRow]:
    sql = database()
    rows = await sql.fetch(
        f"{SELECT_CHARGES} WHERE c.{column} {sql.any_of('$1')} ORDER BY c.id", list(ids)
    )
    return [each for each in map(charge_row, rows) if sees(viewer, each)]


async def charge_by_number(viewer: Viewer, number: str) -> ChargeRow | None:
    """The bill or credit record with this number; None if there is none for the viewer."""
    row = await database().fetch_one(f"{SELECT_CHARGES} WHERE c.number = $1", number)
    found = None if row is None else charge_row(row)
    return found if found is not None and sees(viewer, found) else None


async def find_charges(
    viewer: Viewer, wanted: MoneyFilter, *, limit: int, after: Key | None = None
) -> list[ChargeRow]:
    """A page of bills that the viewer may see, the newest first; see `charge_key`."""
    rows = await _page(viewer, wanted, SELECT_CHARGES, "c.issued_at", limit, after)
    return [charge_row(row) for row in rows]


def charge_key(charge: ChargeRow) -> Key:
    """What the list is sorted by."""
    return (charge.issued_at.isoformat(), charge.id)


async def validations_of_reservations(
    viewer: Viewer, reservation_ids: Sequence[int]
) -> Mapping[int, list[ValidationRecord]]:
    """What merchants pay of each of these bookings, in order; for who may see the booking's money,
    and of a merchant's own for who may give them."""
    sql = database()
    rows = await sql.fetch(
        f"SELECT {VALIDATION_COLUMNS}, r.person_id, r.organisation_id AS lessor_id,"
        " p.organisation_id AS operator_id FROM validation v"
        " JOIN reservation r ON r.id = v.reservation_id JOIN place p ON p.id = r.place_id"
        f" WHERE v.reservation_id {sql.any_of('$1')} ORDER BY v.id",
        list(reservation_ids),
    )
    found: dict[int, list[ValidationRecord]] = {each: [] for each in reservation_ids}
    for row in rows:
        sides = row.pop("person_id"), row.pop("lessor_id"), row.pop("operator_id")
        validation = validation_record(row)
        if may_see(viewer, *sides, validation.reservation_id) or may_validate(
            viewer, validation.organisation_id
        ):
            found[validation.reservation_id].append(validation)
    return found


class SeenValidation(NamedTuple):
    """A validation, and the currency of its booking."""

    validation: ValidationRecord
    currency: str


_VALIDATIONS = (
    f"SELECT {VALIDATION_COLUMNS}, r.currency FROM validation v"
    " JOIN reservation r ON r.id = v.reservation_id"
)


async def find_validations(
    viewer: Viewer, merchant_id: int, *, limit: int, before_id: int = 0
) -> list[SeenValidation]:
    """A page of what a merchant has promised and paid, the newest first. Raises NotFound for who
    does not act for it."""
    if not may_validate(viewer, merchant_id):
        raise NotFound("there is no such organisation")
    where = Conditions(database())
    where.add(f"v.organisation_id = {where.argument(merchant_id)}")
    if before_id:
        where.add(f"v.id < {where.argument(before_id)}")
    rows = await database().fetch(
        f"{_VALIDATIONS} WHERE {where} ORDER BY v.id DESC LIMIT {min(limit, PAGE_ROWS_MAX)}",
        *where.arguments,
    )
    return [_seen_validation(row) for row in rows]


async def validations_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, SeenValidation]:
    """The validations of these ids that are a merchant's for whom the viewer acts."""
    sql = database()
    rows = await sql.fetch(f"{_VALIDATIONS} WHERE v.id {sql.any_of('$1')}", list(ids))
    return {
        each.validation.id: each
        for each in map(_seen_validation, rows)
        if may_validate(viewer, each.validation.organisation_id)
    }


def _seen_validation(row: dict[str, Any]) -> SeenValidation:
    currency = row.pop("currency")
    return SeenValidation(validation_record(row), currency)


async def _page(
    viewer: Viewer, wanted: MoneyFilter, select: str, at: str, limit: int, after: Key | None
) -> list[dict[str, Any]]:
    sql = database()
    where = Conditions(sql)
    alias = at.partition(".")[0]
    for column in ("person_id", "organisation_id", "place_id", "kind"):
        value = getattr(wanted, column)
        if value is not None:
            where.add(f"{alias}.{column} = {where.argument(value)}")
    if wanted.starts_at is not None:
        where.add(f"{at} >= {where.argument(wanted.starts_at)}")
    if wanted.ends_at is not None:
        where.add(f"{at} < {where.argument(wanted.ends_at)}")
    visible(where, viewer, alias)
    if after is not None:
        instant, key = map(where.argument, checked_key(after))
        where.add(f"{at} < {instant} OR ({at} = {instant} AND {alias}.id < {key})")
    return await sql.fetch(
        f"{select} WHERE {where} ORDER BY {at} DESC, {alias}.id DESC"
        f" LIMIT {min(limit, PAGE_ROWS_MAX)}",
        *where.arguments,
    )


def checked_key(after: Key) -> tuple[datetime, int]:
    """The instant and the id in a cursor. Raises InvalidInput for one of another list."""
    try:
        instant, key = after
        return as_time(datetime.fromisoformat(instant)), int(key)
    except (TypeError, ValueError):
        message = "the cursor is of another list; begin without one"
        raise InvalidInput("after", message) from None

"""Writing rate tables. What was quoted or booked keeps the price it was made with."""

from dataclasses import dataclass
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput
from parking.places.guards import require_organisation
from parking.places.rules import NAME_CHARACTERS_MAX, checked_text
from parking.rates.accepting import accepted_tariff
from parking.rates.document import tariff_json
from parking.rates.queries import rate_table_by_id
from parking.rates.records import RateTableRecord
from parking.rates.rules import require_setter
from parking.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class NewRateTable:
    """What a new rate table needs; `document` is JSON (docs/rates.md)."""

    organisation_id: int
    name: str
    document: str


@dataclass(frozen=True, slots=True)
class RateTableEdit:
    """Changes of a rate table; None leaves it. `version` is the one that the caller has seen."""

    id: int
    version: int
    name: str | None = None
    document: str | None = None


async def create_rate_table(viewer: Viewer, new: NewRateTable, *, clock: Clock) -> int:
    """A new rate table; its id. Raises InvalidInput, NotFound and NotPermitted."""
    require_setter(viewer, new.organisation_id, "organisation")
    name = checked_text("name", new.name, NAME_CHARACTERS_MAX)
    tariff, now = accepted_tariff(new.document), clock.now()
    async with transaction() as sql:
        await require_organisation(sql, new.organisation_id)
        [row] = await sql.fetch(
            "INSERT INTO rate_table (organisation_id, name, currency, document, created_at,"
            " changed_at) VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
            new.organisation_id, name, tariff.currency, tariff_json(tariff), now,
        )  # fmt: skip
        made: int = row["id"]
        await record_audit(
            sql, viewer, "create_rate_table", f"rate_table:{made}", new.organisation_id,
            {"name": name, "currency": tariff.currency}, now,
        )  # fmt: skip
    return made


async def update_rate_table(viewer: Viewer, edit: RateTableEdit, *, clock: Clock) -> None:
    """Change a rate table's name or document; its version goes up by one when something changes.

    Raises InvalidInput (also for another currency), NotFound, NotPermitted, and Conflict
    `VERSION_CHANGED` or `RETIRED`.
    """
    found = await _settable(viewer, edit.id)
    name, document = found.name, found.document
    if edit.name is not None:
        name = checked_text("name", edit.name, NAME_CHARACTERS_MAX)
    if edit.document is not None:
        document = _same_currency(edit.document, found.currency)
    if edit.version != found.version:
        raise _changed(f"at version {found.version}, not {edit.version}")
    if (name, document) == (found.name, found.document):
        return
    await _write(viewer, found, clock, "update_rate_table", name=name, document=document)


async def retire_rate_table(viewer: Viewer, rate_table_id: int, *, clock: Clock) -> None:
    """Take a rate table out of use: no listing can choose it any more; those that use it go on.

    Doing it again changes nothing. Raises NotFound and NotPermitted.
    """
    found = await rate_table_by_id(viewer, rate_table_id)
    require_setter(viewer, found.organisation_id)
    if found.retired_at is None:
        await _write(viewer, found, clock, "retire_rate_table", retired_at=clock.now())


async def _settable(viewer: Viewer, rate_table_id: int) -> RateTableRecord:
    found = await rate_table_by_id(viewer, rate_table_id)
    require_setter(viewer, found.organisation_id)
    if found.retired_at is not None:
        raise Conflict("the rate table is retired; make a new one", code="RETIRED")
    return found


def _same_currency(document: str, currency: str) -> str:
    tariff = accepted_tariff(document)
    if tariff.currency != currency:
        message = f"the table is in {currency}; make another table for {tariff.currency}"
        raise InvalidInput("document.currency", message)
    return tariff_json(tariff)


def _changed(how: str) -> Conflict:
    return Conflict(f"the rate table is {how}; read it again", code="VERSION_CHANGED")


async def _write(
    viewer: Viewer, found: RateTableRecord, clock: Clock, verb: str, **values: Any
) -> None:
    """Write columns on top of the version that was read, and the entry in the audit trail."""
    now = clock.now()
    written = {**values, "changed_at": now}
    columns = ", ".join(f"{column} = ${place}" for place, column in enumerate(written, start=3))
    async with transaction() as sql:
        changed = await sql.execute(
            f"UPDATE rate_table SET {columns}, version = version + 1"
            " WHERE id = $1 AND version = $2 AND retired_at IS NULL",
            found.id, found.version, *written.values(),
        )  # fmt: skip
        if not changed:
            raise _changed("being changed by somebody else")
        subject, detail = f"rate_table:{found.id}", {"version": found.version + 1}
        await record_audit(sql, viewer, verb, subject, found.organisation_id, detail, now)

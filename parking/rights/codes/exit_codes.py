"""The codes at a place's exits: they say which place is left, and are secret to nobody."""

from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound, NotPermitted
from parking.ids import new_public_id
from parking.places.queries import place_by_id
from parking.places.rules import checked_text
from parking.rights.limits import NAME_CHARACTERS_MAX
from parking.rights.records import SELECT_EXIT_CODES, ExitCodeRecord, exit_code_record
from parking.rights.rules import may_read_run, may_run
from parking.storage.locks import lock_places
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

PER_PLACE_MAX = 200
"""So many codes in use one place has."""
_WITH_PLACE = (
    f"SELECT {', '.join(f'x.{name}' for name in ExitCodeRecord._fields)}, p.organisation_id"
    " FROM exit_code x JOIN place p ON p.id = x.place_id"
)


async def create_exit_code(viewer: Viewer, place_id: int, label: str = "", *, clock: Clock) -> int:
    """A code for an exit; its id. For who runs the place.

    Raises NotFound, NotPermitted, InvalidInput, and Conflict `TOO_MANY_EXIT_CODES`.
    """
    place = await place_by_id(viewer, place_id)
    if not may_run(viewer, place.organisation_id):
        raise NotPermitted("only an OPERATOR of the place's organisation may do this")
    text = checked_text("label", label, NAME_CHARACTERS_MAX, is_required=False)

    async def once() -> int:
        at = clock.now()
        async with transaction() as sql:
            await lock_places(sql, [place_id])
            await _require_room(sql, place_id)
            [row] = await sql.fetch(
                "INSERT INTO exit_code (public_id, place_id, label, created_by, created_at)"
                " VALUES ($1, $2, $3, $4, $5) RETURNING id",
                new_public_id(), place_id, text, viewer.person_id, at,
            )  # fmt: skip
            made = int(row["id"])
            subject, detail = f"exit_code:{made}", {"place": place_id, "label": text}
            operator_id = place.organisation_id
            await record_audit(sql, viewer, "create_exit_code", subject, operator_id, detail, at)
            return made

    return await retried(once)


async def revoke_exit_code(viewer: Viewer, exit_code_id: int, *, clock: Clock) -> None:
    """Take a code down, for good; doing it again changes nothing. Raises NotFound, NotPermitted."""

    async def once() -> None:
        at = clock.now()
        async with transaction() as sql:
            row = await sql.fetch_one(f"{_WITH_PLACE} WHERE x.id = $1", exit_code_id)
            if row is None or not may_read_run(viewer, row["organisation_id"]):
                raise NotFound("there is no such exit code")
            operator_id = int(row["organisation_id"])
            if not may_run(viewer, operator_id):
                raise NotPermitted("only an OPERATOR of the place's organisation may do this")
            written = await sql.execute(
                "UPDATE exit_code SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
                exit_code_id,
                at,
            )
            if written:
                subject = f"exit_code:{exit_code_id}"
                await record_audit(sql, viewer, "revoke_exit_code", subject, operator_id, {}, at)

    await retried(once)


async def scanned_exit_code(text: str, sql: Sql | None = None) -> ExitCodeRecord:
    """The code in use that a text names, also as the last part of an address. For everybody.

    Raises NotFound for all others: a revoked one and one that never was look the same.
    """
    row = await _scanned(sql or database(), text.strip().lower().rpartition("/")[2])
    if row is None:
        raise NotFound("there is no such exit code; scan the code at the exit again")
    return exit_code_record(row)


async def _scanned(sql: Sql, public_id: str) -> dict[str, Any] | None:
    if not (public_id.isascii() and public_id.isalnum()):
        return None  # there are texts, such as with a NUL, that a database cannot be asked for
    return await sql.fetch_one(
        f"{SELECT_EXIT_CODES} JOIN place p ON p.id = x.place_id WHERE x.public_id = $1"
        " AND x.revoked_at IS NULL AND p.retired_at IS NULL",
        public_id,
    )


async def _require_room(sql: Sql, place_id: int) -> None:
    row = await sql.fetch_one(
        "SELECT COUNT(*) AS held FROM exit_code WHERE place_id = $1 AND revoked_at IS NULL",
        place_id,
    )
    if row is not None and row["held"] >= PER_PLACE_MAX:
        message = f"the place has {PER_PLACE_MAX} exit codes in use; revoke one first"
        raise Conflict(message, code="TOO_MANY_EXIT_CODES")

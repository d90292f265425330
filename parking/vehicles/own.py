"""What a verb on one's own vehicle must know before it writes."""

from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.storage.locks import lock_enrolments
from parking.storage.sql import Sql
from parking.vehicles.records import SELECT_ENROLMENTS, EnrolmentRecord, enrolment_record
from parking.vehicles.rules import require_driver


async def own_enrolment(sql: Sql, viewer: Viewer, enrolment_id: int) -> EnrolmentRecord:
    """The vehicle in use, which the signed-in driver may change, locked until the transaction ends.
    Raises NotFound, also for those of others; `Unauthenticated`; `NotPermitted` for who is no
    signed-in person."""
    person_id = require_driver(viewer)
    await lock_enrolments(sql, [enrolment_id])
    row = await sql.fetch_one(
        f"{SELECT_ENROLMENTS} WHERE e.id = $1 AND e.person_id = $2 AND e.removed_at IS NULL",
        enrolment_id,
        person_id,
    )
    if row is None:
        raise NotFound("there is no such vehicle")
    return enrolment_record(row)

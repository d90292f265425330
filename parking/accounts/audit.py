"""The trail of who did what."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from parking.accounts.viewer import Viewer
from parking.storage.sql import Sql


async def record_audit(
    sql: Sql,
    viewer: Viewer,
    verb: str,
    subject: str,
    organisation_id: int | None,
    detail: Mapping[str, Any],
    at: datetime,
) -> None:
    """Write one entry in the caller's transaction, so it exists exactly when the deed does.

    `subject` is like `place:12`. `detail` becomes JSON; secrets do not belong in it.
    """
    await sql.execute(
        "INSERT INTO audit_entry (actor, verb, subject, organisation_id, at, detail)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        viewer.actor,
        verb,
        subject,
        organisation_id,
        at,
        json.dumps(detail, ensure_ascii=False, sort_keys=True),
    )

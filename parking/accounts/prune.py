"""Forgetting what has served: for the worker, every hour or so."""

from datetime import datetime, timedelta

from parking.accounts.idempotency import prune_answers
from parking.storage.sql import database

KEPT_AFTER_EXPIRY = timedelta(days=1)
"""Expired codes, tokens and sign-ins are kept a little, for whoever looks into a complaint."""

_EXPIRING = ("sign_in_code", "attempt_window", "refresh_token", "sign_in")


async def prune(now: datetime) -> dict[str, int]:
    """Delete what expired before `now - KEPT_AFTER_EXPIRY`, and old idempotent answers.

    Used refresh tokens stay until they expire, because their reuse must be recognised. Gives the
    number of rows deleted by table.
    """
    deleted = {"idempotent_answer": await prune_answers(now)}
    for table in _EXPIRING:  # refresh tokens before the sign-ins they point to
        condition = "expires_at < $1"
        if table == "sign_in":
            condition += (
                " AND NOT EXISTS (SELECT 1 FROM refresh_token r WHERE r.sign_in_id = sign_in.id)"
            )
        deleted[table] = await database().execute(
            f"DELETE FROM {table} WHERE {condition}", now - KEPT_AFTER_EXPIRY
        )
    return deleted

"""Refresh: a used token for new ones, and the alarm when one comes twice."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.accounts.access_tokens import issue_access
from parking.accounts.audit import record_audit
from parking.accounts.keys import Keys
from parking.accounts.people import person_of
from parking.accounts.sign_in_rules import Verdict, judge_refresh, refresh_expiry
from parking.accounts.sign_ins import SignedIn, derived_token, keep_refresh_token
from parking.accounts.standings import Standings
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.errors import Unauthenticated
from parking.ids import token_hash
from parking.storage.sql import Sql, as_time, as_time_or_none
from parking.storage.transactions import retried, transaction

REFRESH_CHARACTERS_MAX = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Link:
    """A stored refresh token together with its sign-in."""

    id: int
    sign_in_id: int
    person_id: int
    family: str
    started_at: datetime
    ended_at: datetime | None
    expires_at: datetime
    used_at: datetime | None


async def refresh(
    refresh_token: str, *, clock: Clock, keys: Keys, standings: Standings
) -> SignedIn:
    """New tokens for a refresh token that is thereby used up.

    Presenting a used one ends its whole sign-in, except for a repeat within `REPEAT_GRACE`, which
    gets the same successor (see `sign_ins`). Raises `Unauthenticated`.
    """
    if len(refresh_token) > REFRESH_CHARACTERS_MAX:
        raise _refusal()
    now = clock.now()

    async def once() -> SignedIn | _Link | None:
        async with transaction() as sql:
            return await _exchange(sql, refresh_token, keys, now)

    answer = await retried(once)
    if isinstance(answer, SignedIn):
        return answer
    if answer is not None:
        standings.forget_sign_in(answer.family)
        log.warning("a used refresh token of person %d came back; ended", answer.person_id)
    raise _refusal()


async def _exchange(sql: Sql, token: str, keys: Keys, now: datetime) -> SignedIn | _Link | None:
    """The new tokens, the link that was ended for theft, or None for a token that is not good."""
    link = await _locked_link(sql, token)
    if link is None:
        return None
    successor = derived_token(keys, "successor", token)
    fresh = link.used_at is not None and await _is_fresh(sql, successor)
    verdict = judge_refresh(link.expires_at, link.used_at, fresh, link.ended_at is not None, now)
    if verdict is Verdict.THEFT:
        await _end_for_theft(sql, link, now)
        return link
    if verdict is Verdict.REJECT:
        return None
    expires_at = refresh_expiry(link.started_at, now)
    if verdict is Verdict.ACCEPT:
        await _rotate(sql, link, successor, now, expires_at)
    return await _signed_in(sql, link, successor, keys, now)


async def _locked_link(sql: Sql, token: str) -> _Link | None:
    # Writing the row, even with what it holds, locks it: of two uses at once the second waits
    # here and then sees what the first did.
    rows = await sql.fetch(
        "UPDATE refresh_token SET used_at = used_at WHERE token_hash = $1"
        " RETURNING id, sign_in_id, expires_at, used_at",
        token_hash(token),
    )
    if not rows:
        return None
    sign_in = await sql.fetch(
        "SELECT person_id, family, started_at, ended_at FROM sign_in WHERE id = $1",
        rows[0]["sign_in_id"],
    )
    return _link({**rows[0], **sign_in[0]})


def _link(row: dict[str, Any]) -> _Link:
    times = {name: as_time(row[name]) for name in ("started_at", "expires_at")}
    maybe = {name: as_time_or_none(row[name]) for name in ("ended_at", "used_at")}
    return _Link(**{**row, **times, **maybe})


async def _is_fresh(sql: Sql, successor: str) -> bool:
    row = await sql.fetch_one(
        "SELECT 1 AS one FROM refresh_token WHERE token_hash = $1 AND used_at IS NULL",
        token_hash(successor),
    )
    return row is not None


async def _rotate(
    sql: Sql, link: _Link, successor: str, now: datetime, expires_at: datetime
) -> None:
    await sql.execute("UPDATE refresh_token SET used_at = $2 WHERE id = $1", link.id, now)
    await keep_refresh_token(sql, link.sign_in_id, successor, now, expires_at)
    await sql.execute(
        "UPDATE sign_in SET expires_at = $2 WHERE id = $1", link.sign_in_id, expires_at
    )


async def _end_for_theft(sql: Sql, link: _Link, now: datetime) -> None:
    await sql.execute(
        "UPDATE sign_in SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", link.sign_in_id, now
    )
    await record_audit(
        sql, SYSTEM, "end_sign_in", f"person:{link.person_id}", None, {"reason": "reuse"}, now
    )


async def _signed_in(
    sql: Sql, link: _Link, successor: str, keys: Keys, now: datetime
) -> SignedIn | None:
    person = await person_of(sql, link.person_id)
    kept = await sql.fetch(
        "SELECT expires_at FROM refresh_token WHERE token_hash = $1", token_hash(successor)
    )
    if person is None:
        return None
    access_token, access_expires_at = issue_access(keys, person.id, link.family, now)
    expires_at = as_time(kept[0]["expires_at"])
    return SignedIn(access_token, access_expires_at, successor, expires_at, person)


def _refusal() -> Unauthenticated:
    return Unauthenticated("this sign-in has ended; sign in again")

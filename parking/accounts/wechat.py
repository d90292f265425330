"""WeChat accounts of people: to sign in by, and to be told by subscribe messages.

A person is known by (mini program, open id), as by any external identity; the open id to which
messages go stands with their wishes. WeChat is asked outside of transactions, because none may wait
for it.
"""

import secrets
from datetime import datetime

from parking.accounts.attempts import Limit, source_network, take_attempt
from parking.accounts.audit import record_audit
from parking.accounts.idempotency import check_key
from parking.accounts.keys import Keys
from parking.accounts.people import Profile, make_nameless_person, person_of
from parking.accounts.rules import require_person
from parking.accounts.sign_in_rules import REPEAT_GRACE
from parking.accounts.sign_ins import (
    SignedIn,
    derived_token,
    open_sign_in,
    sign_in_begun_with,
)
from parking.accounts.texts import LOCALE_DEFAULT
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotPermitted
from parking.ids import token_hash
from parking.notices.preferences import bind_wechat as keep_open_id
from parking.notices.preferences import preference_of
from parking.notices.wechat_login import CODE_CHARACTERS_MAX, WeChatLogin
from parking.storage.locks import lock_person
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

CODES_PER_SOURCE = Limit("wechat_code_from_source", 100)
CODES_PER_PERSON = Limit("wechat_code_of_person", 20)
"""WeChat counts what the whole mini program asks: nobody uses up everybody's."""
ISSUER = "wechat:"
"""Of external identities; the mini program follows."""


async def sign_in_with_wechat(
    code: str,
    source: str,
    *,
    wechat: WeChatLogin,
    clock: Clock,
    keys: Keys,
    locale: str = LOCALE_DEFAULT,
    idempotency_key: str | None = None,
) -> SignedIn:
    """Sign in whom WeChat gave the login code to; who is new is made now, with `locale`, and told
    by subscribe messages. A repeat with the same `idempotency_key` within `REPEAT_GRACE` gives the
    same sign-in, though the code is used up.

    Raises `TooManyTries`, `InvalidInput`, and what `WeChatLogin.open_id_of` raises.
    """
    if idempotency_key is not None:
        check_key(idempotency_key)
    await _count(CODES_PER_SOURCE, source_network(source), keys.codes, clock)
    nonce = secrets.token_hex(16) if idempotency_key is None else idempotency_key
    first_token = derived_token(keys, "wechat", ascii(code[:CODE_CHARACTERS_MAX]), nonce)
    again = await _begun(first_token, keys, clock.now())
    if again is not None:
        return again
    open_id = await wechat.open_id_of(code)

    async def once() -> SignedIn:
        async with transaction() as sql:
            now = clock.now()
            person = await _person(sql, ISSUER + wechat.app_id, open_id, locale, now)
            viewer, subject = Viewer(person_id=person.id), f"person:{person.id}"
            await record_audit(sql, viewer, "sign_in", subject, None, {"by": "wechat"}, now)
            return await open_sign_in(sql, person, first_token, keys, now)

    return await retried(once)


async def bind_wechat(viewer: Viewer, code: str, *, wechat: WeChatLogin, clock: Clock) -> None:
    """Let the viewer sign in by the WeChat account that the code is of, and be told there; instead
    of another account of theirs, if they have one.

    Raises `Conflict` (WECHAT_TAKEN) where it signs in somebody else, `TooManyTries`,
    `Unauthenticated`, `NotPermitted`, and what `WeChatLogin.open_id_of` raises. Not inside a
    transaction.
    """
    person_id = _own(viewer)
    await _count(CODES_PER_PERSON, str(person_id), b"", clock)
    open_id = await wechat.open_id_of(code)

    async def write() -> None:
        async with transaction() as sql:
            now, issuer = clock.now(), ISSUER + wechat.app_id
            await lock_person(sql, person_id)
            holder = await _find(sql, issuer, open_id)
            if holder not in (None, person_id):
                raise _taken()
            if holder is None:
                await _forget(sql, person_id)
                if await _link(sql, person_id, issuer, open_id, now) is None:
                    raise _taken()
            await keep_open_id(sql, person_id, open_id, now)
            subject = f"person:{person_id}"
            await record_audit(sql, viewer, "bind_wechat", subject, None, {}, now)

    await retried(write)


async def unbind_wechat(viewer: Viewer, *, clock: Clock) -> None:
    """Forget the viewer's WeChat account; who has none is none the wiser.

    Raises `Conflict` (ONLY_SIGN_IN) for who could sign in by nothing else, `Unauthenticated` and
    `NotPermitted`.
    """
    person_id = _own(viewer)

    async def write() -> None:
        async with transaction() as sql:
            now = clock.now()
            await lock_person(sql, person_id)
            await _require_another_way(sql, person_id)
            await _forget(sql, person_id)
            if (await preference_of(sql, person_id)).wechat_open_id is not None:
                await keep_open_id(sql, person_id, None, now)
            subject = f"person:{person_id}"
            await record_audit(sql, viewer, "unbind_wechat", subject, None, {}, now)

    await retried(write)


def _own(viewer: Viewer) -> int:
    person_id = require_person(viewer)
    if viewer.is_stand_in:
        raise NotPermitted("this is for people who have signed in themselves")
    return person_id


async def _count(limit: Limit, who: str, key: bytes, clock: Clock) -> None:
    async def once() -> None:
        async with transaction() as sql:
            await take_attempt(sql, limit, who, key, clock.now())

    await retried(once)


async def _begun(first_token: str, keys: Keys, now: datetime) -> SignedIn | None:
    sql = database()
    row = await sql.fetch_one(
        "SELECT 1 AS yes FROM refresh_token WHERE token_hash = $1 AND issued_at >= $2",
        token_hash(first_token),
        now - REPEAT_GRACE,
    )
    return None if row is None else await sign_in_begun_with(sql, first_token, keys, now)


async def _person(sql: Sql, issuer: str, open_id: str, locale: str, now: datetime) -> Profile:
    """Who has this open id; made now if there is nobody."""
    person_id = await _find(sql, issuer, open_id)
    if person_id is None:
        made = await make_nameless_person(sql, locale, now)
        person_id = await _link(sql, made, issuer, open_id, now)
        if person_id is None:  # another request of the same newcomer was first
            await sql.execute("DELETE FROM person WHERE id = $1", made)
            person_id = await _find(sql, issuer, open_id)
        else:
            await keep_open_id(sql, person_id, open_id, now)
    person = None if person_id is None else await person_of(sql, person_id)
    assert person is not None, "an identity is somebody's"
    return person


async def _find(sql: Sql, issuer: str, open_id: str) -> int | None:
    row = await sql.fetch_one(
        "SELECT person_id FROM external_identity WHERE issuer = $1 AND subject = $2",
        issuer,
        open_id,
    )
    return None if row is None else int(row["person_id"])


async def _link(sql: Sql, person_id: int, issuer: str, open_id: str, now: datetime) -> int | None:
    """The person; None where the open id is somebody's already."""
    written = await sql.execute(
        "INSERT INTO external_identity (person_id, issuer, subject, created_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, subject) DO NOTHING",
        person_id,
        issuer,
        open_id,
        now,
    )
    return person_id if written else None


async def _forget(sql: Sql, person_id: int) -> None:
    await sql.execute(
        "DELETE FROM external_identity WHERE person_id = $1 AND issuer LIKE $2",
        person_id,
        f"{ISSUER}%",
    )


async def _require_another_way(sql: Sql, person_id: int) -> None:
    row = await sql.fetch_one(
        "SELECT 1 AS yes FROM person h WHERE h.id = $1 AND (h.phone IS NOT NULL"
        " OR h.email IS NOT NULL OR EXISTS (SELECT 1 FROM external_identity x"
        " WHERE x.person_id = h.id AND x.issuer NOT LIKE $2))",
        person_id,
        f"{ISSUER}%",
    )
    if row is None:
        raise Conflict(
            "WeChat is the only way in which you can sign in; it cannot be unbound",
            code="ONLY_SIGN_IN",
        )


def _taken() -> Conflict:
    return Conflict(
        "this WeChat account signs in another person here; unbind it there first, signed in with"
        " WeChat",
        code="WECHAT_TAKEN",
    )

"""Same key, same input: one effect, the same answer."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from parking.accounts.viewer import Viewer
from parking.clock import Clock, rfc3339
from parking.errors import InvalidInput, KeyReused, Unauthenticated
from parking.storage.faults import Contended
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

KEY_CHARACTERS_MAX = 128
ANSWER_KEPT = timedelta(days=7)
"""How long a repeat is recognised; afterwards the same key is a new one."""

Answer = dict[str, Any]


async def idempotent(
    viewer: Viewer,
    key: str,
    verb: str,
    input: Mapping[str, Any],
    do: Callable[[], Awaitable[Answer]],
    *,
    clock: Clock,
) -> Answer:
    """Run `do` once per viewer and `key`; every repeat gets the answer of that one run.

    Effect and answer commit together. Of two calls at the same time one does the work and the
    other waits for its answer. `do` may run more than once (a deadlock is tried again), but only
    one run is ever kept. Its answer is JSON and must hold no secret, because it is stored.

    A refusal or error has no effect, so it is not stored: it passes through, `do`'s writes are
    undone, and the key can be used again once the reason is gone.

    Raises `KeyReused` when the key came with another verb or input, `InvalidInput` for a key that
    is empty or too long, and `Unauthenticated` for an anonymous viewer, who has no keys of their
    own (sign-in recognises its repeats itself).
    """
    if viewer.is_anonymous:
        raise Unauthenticated("this needs a signed-in viewer; sign in first")
    check_key(key)
    digest = input_hash(input)

    async def once() -> Answer:
        async with transaction() as sql:
            claim = await _claim(sql, viewer.actor, key, verb, digest, clock.now())
            if claim is None:
                return await _kept_answer(sql, viewer.actor, key, verb, digest)
            text = json.dumps(await do(), default=_plain, ensure_ascii=False)
            await _keep(sql, claim, text)
            # Read back from the text, so the first answer has the very shape of the later ones.
            return _parsed(text)

    return await retried(once)


async def kept_answer(
    viewer: Viewer, key: str, verb: str, input: Mapping[str, Any]
) -> Answer | None:
    """What was answered under this key before; None for a key that is new.

    For verbs that ask somebody outside, and so cannot run inside of `idempotent`. Raises what that
    raises.
    """
    if viewer.is_anonymous:
        raise Unauthenticated("this needs a signed-in viewer; sign in first")
    check_key(key)
    return await _find_answer(database(), viewer.actor, key, verb, input_hash(input))


def check_key(key: str) -> None:
    """Raises `InvalidInput` when `key` cannot serve as an idempotency key."""
    if not 1 <= len(key) <= KEY_CHARACTERS_MAX or not key.isprintable():
        raise InvalidInput(
            "idempotencyKey",
            f"expected 1 to {KEY_CHARACTERS_MAX} printable characters, such as a fresh UUID",
        )


def input_hash(input: Mapping[str, Any]) -> str:
    """A digest that is equal for equal inputs, whatever the order of their fields."""
    text = json.dumps(input, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


async def prune_answers(now: datetime) -> int:
    """Forget answers older than `ANSWER_KEPT`; how many. For the worker."""
    return await database().execute(
        "DELETE FROM idempotent_answer WHERE at < $1", now - ANSWER_KEPT
    )


async def _claim(
    sql: Sql, actor: str, key: str, verb: str, digest: str, now: datetime
) -> int | None:
    """The id of the answer to come, None when somebody else has it."""
    # The unique index makes a second transaction wait here until the first has ended.
    claimed = await sql.fetch_one(
        "INSERT INTO idempotent_answer (actor, key, verb, input_hash, answer, at)"
        " VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT (actor, key) DO NOTHING RETURNING id",
        actor,
        key,
        verb,
        digest,
        now,
    )
    return None if claimed is None else int(claimed["id"])


async def _keep(sql: Sql, claim: int, answer: str) -> None:
    await sql.execute("UPDATE idempotent_answer SET answer = $2 WHERE id = $1", claim, answer)


async def _kept_answer(sql: Sql, actor: str, key: str, verb: str, digest: str) -> Answer:
    found = await _find_answer(sql, actor, key, verb, digest)
    if found is None:
        raise Contended("the worker forgot the answer this very moment; run it again")
    return found


async def _find_answer(sql: Sql, actor: str, key: str, verb: str, digest: str) -> Answer | None:
    row = await sql.fetch_one(
        "SELECT verb, input_hash, answer FROM idempotent_answer WHERE actor = $1 AND key = $2",
        actor,
        key,
    )
    if row is None:
        return None
    if (row["verb"], row["input_hash"]) != (verb, digest):
        raise KeyReused(
            f"the idempotency key {key!r} was used before with another input; "
            "take a fresh key for a new request"
        )
    return _parsed(row["answer"])


def _parsed(text: str) -> Answer:
    answer: Answer = json.loads(text)
    return answer


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON; give text, numbers, lists or times")

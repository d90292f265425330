"""Give back the one-time code, and be signed in."""

import hmac
import secrets
import unicodedata
from datetime import datetime
from typing import Any

from parking.accounts.addresses import Address, parse_address
from parking.accounts.attempts import Limit, source_network, take_attempt
from parking.accounts.audit import record_audit
from parking.accounts.idempotency import check_key
from parking.accounts.keys import Keys
from parking.accounts.people import find_or_make_person
from parking.accounts.request_code import CODE_DIGITS, code_hash
from parking.accounts.sign_in_rules import TRIES_MAX, Used, Verdict, judge_code
from parking.accounts.sign_ins import SignedIn, derived_token, open_sign_in, sign_in_begun_with
from parking.accounts.texts import LOCALE_DEFAULT
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, Refusal
from parking.ids import keyed_hash
from parking.storage.sql import Sql, as_time, as_time_or_none
from parking.storage.transactions import retried, transaction

REDEMPTIONS_PER_SOURCE = Limit("redeem_from_source", 100)


class CodeRejected(Refusal):
    """The code is wrong, expired, used, or out of tries: a caller cannot tell which."""

    code = "CODE_REJECTED"


async def redeem_code(
    address: str,
    code: str,
    source: str,
    *,
    clock: Clock,
    keys: Keys,
    locale: str = LOCALE_DEFAULT,
    idempotency_key: str | None = None,
) -> SignedIn:
    """Sign in the person at `address`, who is made now if new, with `locale` as their language.

    A code works once: of two calls at once one is refused. Each call that reaches a live code
    costs one of its `TRIES_MAX` tries, and that is kept although the call is refused. A repeat
    with the same `idempotency_key` within `REPEAT_GRACE` gives the same sign-in.

    Raises `InvalidInput`, `CodeRejected`, `TooManyTries`.
    """
    to, digits = parse_address(address), _parse_code(code)
    if idempotency_key is not None:
        check_key(idempotency_key)
    # Without a key no call is a repeat of another.
    nonce = secrets.token_hex(16) if idempotency_key is None else idempotency_key
    attempt = _Attempt(to, digits, nonce, keys, clock.now())

    async def once() -> SignedIn | None:
        async with transaction() as sql:
            network = source_network(source)
            await take_attempt(sql, REDEMPTIONS_PER_SOURCE, network, keys.codes, attempt.now)
            return await attempt.redeem(sql, locale)

    signed_in = await retried(once)
    if signed_in is None:  # told only now, so that the try is committed
        raise CodeRejected(
            "this code is wrong, expired or used; check it, or ask for a new one "
            f"(a code has {TRIES_MAX} tries)"
        )
    return signed_in


class _Attempt:
    """One call: what was presented, and when."""

    def __init__(self, to: Address, digits: str, nonce: str, keys: Keys, now: datetime) -> None:
        self.to, self.keys, self.now = to, keys, now
        self._hash = code_hash(keys, to, digits)
        self._key = keyed_hash(keys.codes, f"redeem {nonce}")
        self._first_token = derived_token(keys, "first", to.value, self._hash, self._key)

    async def redeem(self, sql: Sql, locale: str) -> SignedIn | None:
        row = await self._take_try(sql)
        if row is None:
            return None
        verdict = judge_code(
            hmac.compare_digest(row["code_hash"], self._hash), self._use(row), self.now
        )
        if verdict is Verdict.ACCEPT:
            return await self._accept(sql, row["id"], locale)
        if verdict is Verdict.REPEAT:
            return await sign_in_begun_with(sql, self._first_token, self.keys, self.now)
        return None

    async def _take_try(self, sql: Sql) -> dict[str, Any] | None:
        # Counting locks the row: a second redemption waits here and then finds it used.
        return await sql.fetch_one(
            """
            UPDATE sign_in_code SET tries = tries + 1
            WHERE id = (SELECT id FROM sign_in_code WHERE address = $1 ORDER BY id DESC LIMIT 1)
              AND tries < $2 AND expires_at > $3
            RETURNING id, code_hash, used_at, redeem_key
            """,
            self.to.value,
            TRIES_MAX,
            self.now,
        )

    def _use(self, row: dict[str, Any]) -> Used | None:
        at = as_time_or_none(row["used_at"])
        return None if at is None else Used(as_time(at), row["redeem_key"] == self._key)

    async def _accept(self, sql: Sql, code_id: int, locale: str) -> SignedIn:
        await sql.execute(
            "UPDATE sign_in_code SET used_at = $2, redeem_key = $3 WHERE id = $1",
            code_id,
            self.now,
            self._key,
        )
        person = await find_or_make_person(sql, self.to, locale, self.now)
        viewer = Viewer(person_id=person.id)
        subject, detail = f"person:{person.id}", {"by": self.to.kind}
        await record_audit(sql, viewer, "sign_in", subject, None, detail, self.now)
        return await open_sign_in(sql, person, self._first_token, self.keys, self.now)


def _parse_code(text: str) -> str:
    # People paste codes with spaces, and type full-width digits on Chinese keyboards.
    digits = "".join(unicodedata.normalize("NFKC", text[:64]).replace("-", "").split())
    if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise InvalidInput("code", f"a sign-in code has {CODE_DIGITS} digits")
    return digits

"""Ask for a one-time code to be sent to a phone or e-mail address."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from parking.accounts.addresses import Address, parse_address
from parking.accounts.attempts import Limit, source_network, take_attempt
from parking.accounts.idempotency import check_key
from parking.accounts.keys import Keys
from parking.accounts.sign_in_rules import CODE_LIFETIME
from parking.accounts.texts import LOCALE_DEFAULT, code_notice
from parking.clock import Clock
from parking.ids import keyed_hash
from parking.notices.channel import Channel, NoticeNotSent
from parking.storage.sql import Sql, as_time, database
from parking.storage.transactions import retried, transaction

CODE_DIGITS = 6
# Five codes of five tries are 25 guesses among a million in an hour.
REQUESTS_PER_ADDRESS = Limit("code_to_address", 5)
REQUESTS_PER_SOURCE = Limit("code_from_source", 30)


@dataclass(frozen=True, slots=True)
class CodeSent:
    """The answer to every request that is not refused, whether or not the address is known."""

    address: str
    expires_at: datetime


async def request_code(
    address: str,
    source: str,
    *,
    clock: Clock,
    keys: Keys,
    channel: Channel,
    locale: str = LOCALE_DEFAULT,
    idempotency_key: str | None = None,
) -> CodeSent:
    """Send a new code to `address`; codes sent to it before stop working.

    No person is looked up, so neither the answer nor its time tells whether one exists. `source`
    is where the request came from (an IP address). A repeat with the same `idempotency_key` sends
    nothing again. Raises `InvalidInput`, `TooManyTries`, `NoticeNotSent`.
    """
    to = parse_address(address)
    if idempotency_key is not None:
        check_key(idempotency_key)
    # Bound to the address, so one stranger's key never meets another's.
    request_key = idempotency_key and keyed_hash(
        keys.codes, f"request {to.value} {idempotency_key}"
    )
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    now = clock.now()

    async def once() -> tuple[CodeSent, bool]:
        async with transaction() as sql:
            await take_attempt(sql, REQUESTS_PER_ADDRESS, to.value, keys.codes, now)
            network = source_network(source)
            await take_attempt(sql, REQUESTS_PER_SOURCE, network, keys.codes, now)
            # Again, now that the address's row is locked: two repeats may have come at once.
            if meanwhile := await _sent_before(sql, to, request_key):
                return meanwhile, False
            return await _keep_code(sql, to, code_hash(keys, to, code), request_key, now), True

    if before := await _sent_before(database(), to, request_key):
        return before
    sent, is_new = await retried(once)
    if is_new:
        minutes = int(CODE_LIFETIME.total_seconds() // 60)
        notice = code_notice(code, minutes, locale)
        try:
            await channel.send(to.value, notice.subject, notice.text)
        except NoticeNotSent:
            await _forget_code(code_hash(keys, to, code))  # so that a repeat tries again
            raise
    return sent


def code_hash(keys: Keys, address: Address, code: str) -> str:
    """What is stored of a code: useless without the installation's key, and for other addresses."""
    return keyed_hash(keys.codes, f"code {address.value} {code}")


async def _sent_before(sql: Sql, to: Address, request_key: str | None) -> CodeSent | None:
    if request_key is None:
        return None
    row = await sql.fetch_one(
        "SELECT expires_at FROM sign_in_code WHERE address = $1 AND request_key = $2",
        to.value,
        request_key,
    )
    return CodeSent(to.value, as_time(row["expires_at"])) if row else None


async def _forget_code(hashed: str) -> None:
    await database().execute("DELETE FROM sign_in_code WHERE code_hash = $1", hashed)


async def _keep_code(
    sql: Sql, to: Address, hashed: str, request_key: str | None, now: datetime
) -> CodeSent:
    expires_at = now + CODE_LIFETIME
    await sql.execute(
        "INSERT INTO sign_in_code"
        " (address, code_hash, request_key, requested_at, expires_at, tries)"
        " VALUES ($1, $2, $3, $4, $5, 0)",
        to.value,
        hashed,
        request_key,
        now,
        expires_at,
    )
    return CodeSent(to.value, expires_at)

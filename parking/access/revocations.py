"""The token revocation list (RFC 9770): tokens that have not expired and open nothing any more.

Nobody has to revoke: a token is on the list from the moment its reservation is not one that opens
its bay (cancelled, moved, over), and off it when it expires. One that was made by a delegated exit
right is on it as soon as that lets nobody out any more; behind the stay, at the bay's own reader.
"""

from datetime import datetime, timedelta

import cbor2

from parking.access.check import Reader
from parking.access.delegations.records import EXIT_WAY
from parking.storage.sql import Sql, database

FULL_SET = 0
"""Parameter of the answer (RFC 9770, registry of TRL parameters)."""

TOKENS_KEPT = timedelta(days=1)
USES_KEPT = timedelta(days=8)
"""Longer than a reader may keep what it decided alone (`offline.AGE_MAX`)."""

SELECT_REVOKED = """
SELECT t.token_hash FROM credential_token t JOIN reservation r ON r.id = t.reservation_id
  LEFT JOIN exit_delegation d ON d.id = t.delegation_id
 WHERE t.place_id = $1 AND t.expires_at > $2 AND (r.space_id <> t.space_id
    OR (t.delegation_id IS NULL AND r.state NOT IN ('CONFIRMED', 'ACTIVE'))
    OR (t.delegation_id IS NOT NULL AND (d.id IS NULL OR d.state NOT IN ('ACTIVE', 'LEAVING')
        OR d.valid_until <= $2 OR NOT (r.state = 'ACTIVE' OR ({at_gate}
            AND r.state = 'COMPLETED' AND r.ended_at > $3)))))
"""


async def revoked_tokens(sql: Sql, reader: Reader, now: datetime) -> list[bytes]:
    """The hashes of the revoked tokens that were for this reader, in order."""
    args: list[object] = [reader.place_id, now, now - EXIT_WAY]
    query = SELECT_REVOKED.format(at_gate="1 = 1" if reader.space_id is None else "1 = 0")
    if reader.space_id is not None:
        query += " AND t.space_id = $4"
        args.append(reader.space_id)
    rows = await sql.fetch(f"{query} ORDER BY t.token_hash", *args)
    return [bytes.fromhex(row["token_hash"]) for row in rows]


def revocation_list(hashes: list[bytes]) -> bytes:
    """The answer to a full query (RFC 9770 section 6)."""
    return cbor2.dumps({FULL_SET: hashes})


def parse_revocation_list(body: bytes) -> set[bytes]:
    """The hashes in an answer. Raises ValueError."""
    try:
        return set(cbor2.loads(body)[FULL_SET])
    except (KeyError, TypeError) as error:
        raise ValueError("not a token revocation list") from error


async def prune_access(now: datetime) -> int:
    """Forget tokens and one-time ids that nobody can show any more; how many. For the worker."""
    sql = database()
    tokens = await sql.execute(
        "DELETE FROM credential_token WHERE expires_at < $1", now - TOKENS_KEPT
    )
    uses = await sql.execute("DELETE FROM credential_use WHERE used_at < $1", now - USES_KEPT)
    return tokens + uses

"""Rows of messages that came in, whole or in parts."""

from datetime import datetime
from typing import Any, NamedTuple

from parking.merchants.kinds import SmsResult
from parking.merchants.sms.inbound import InboundSms, Part
from parking.storage.sql import Sql, as_time, as_time_or_none

OUTCOME_CHARACTERS_MAX = 200
MESSAGE_COLUMNS = (
    "id, provider, sender, recipient, text, received_at, handled_at, outcome, unit_id, result,"
    " understood, answer, order_id"
)


class Message(NamedTuple):
    """A whole message; times are UTC. `understood` is JSON of `heard`, `answer` what was answered;
    both are erased with the text."""

    id: int
    provider: str
    sender: str
    recipient: str
    text: str
    received_at: datetime
    handled_at: datetime | None
    outcome: str
    unit_id: int | None = None
    result: SmsResult | None = None
    understood: str = ""
    answer: str = ""
    order_id: int | None = None


class Handling(NamedTuple):
    """What came of a message: a line for those who look after the platform, without what it says
    of the guest, and the answer; what was understood, and the order that it was about."""

    outcome: str
    answer: str
    result: SmsResult
    understood: str = ""
    order_id: int | None = None


class PartRow(NamedTuple):
    """A part that waits for the others."""

    id: int
    provider: str
    provider_id: str
    sender: str
    recipient: str
    reference: int
    number: int
    total: int
    text: str


PART_COLUMNS = ", ".join(PartRow._fields)


def message_of(row: dict[str, Any]) -> Message:
    """A row of `MESSAGE_COLUMNS`."""
    typed = {
        "received_at": as_time(row["received_at"]),
        "handled_at": as_time_or_none(row["handled_at"]),
        "result": None if row["result"] is None else SmsResult(row["result"]),
    }
    return Message(**{**row, **typed})


async def insert_message(
    sql: Sql,
    sms: InboundSms,
    now: datetime,
    *,
    unit_id: int | None,
    provider_id: str | None = None,
) -> int | None:
    """Keep a message, from a number that speaks for the unit; its id, None when it was kept
    before."""
    row = await sql.fetch_one(
        "INSERT INTO sms_message (provider, provider_id, sender, recipient, text, received_at,"
        " outcome, unit_id) VALUES ($1, $2, $3, $4, $5, $6, '', $7)"
        " ON CONFLICT (provider, provider_id) DO NOTHING RETURNING id",
        sms.provider,
        provider_id or sms.message_id,
        sms.sender,
        sms.recipient,
        sms.text,
        now,
        unit_id,
    )
    return None if row is None else int(row["id"])


async def insert_part(sql: Sql, sms: InboundSms, part: Part, now: datetime) -> bool:
    """Keep a part; False when it was kept before."""
    return bool(
        await sql.execute(
            "INSERT INTO sms_part (provider, provider_id, sender, recipient, reference, number,"
            " total, text, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            " ON CONFLICT (provider, provider_id) DO NOTHING",
            sms.provider,
            sms.message_id,
            sms.sender,
            sms.recipient,
            part.reference,
            part.number,
            part.total,
            sms.text,
            now,
        )
    )


async def waiting_parts(sql: Sql, sms: InboundSms, part: Part, since: datetime) -> list[PartRow]:
    """The parts of the same message that came since then and wait, oldest first."""
    rows = await sql.fetch(
        f"SELECT {PART_COLUMNS} FROM sms_part WHERE joined_at IS NULL AND sender = $1"
        " AND reference = $2 AND provider = $3 AND recipient = $4 AND total = $5"
        " AND received_at >= $6 ORDER BY id",
        sms.sender,
        part.reference,
        sms.provider,
        sms.recipient,
        part.total,
        since,
    )
    return [PartRow(**row) for row in rows]


async def mark_joined(sql: Sql, parts: list[PartRow], now: datetime) -> int:
    """The parts wait no more; how many did until now."""
    return await sql.execute(
        f"UPDATE sms_part SET joined_at = $2 WHERE joined_at IS NULL AND id {sql.any_of('$1')}",
        [part.id for part in parts],
        now,
    )


async def mark_handled(sql: Sql, message_id: int, handling: Handling, now: datetime) -> bool:
    """Write what became of a message; False when somebody did before."""
    return bool(
        await sql.execute(
            "UPDATE sms_message SET handled_at = $2, outcome = $3, result = $4, understood = $5,"
            " answer = $6, order_id = $7 WHERE id = $1 AND handled_at IS NULL",
            message_id,
            now,
            handling.outcome[:OUTCOME_CHARACTERS_MAX],
            handling.result,
            handling.understood,
            handling.answer,
            handling.order_id,
        )
    )


async def load_message(sql: Sql, message_id: int) -> Message | None:
    """A message by its id."""
    row = await sql.fetch_one(
        f"SELECT {MESSAGE_COLUMNS} FROM sms_message WHERE id = $1", message_id
    )
    return None if row is None else message_of(row)


async def waiting_before(sql: Sql, message: Message, limit: int) -> list[Message]:
    """Those of the same sender that came earlier and wait to be handled, oldest first."""
    rows = await sql.fetch(
        f"SELECT {MESSAGE_COLUMNS} FROM sms_message WHERE handled_at IS NULL AND sender = $1"
        " AND id < $2 ORDER BY id LIMIT $3",
        message.sender,
        message.id,
        limit,
    )
    return [message_of(row) for row in rows]


async def newest_messages(sql: Sql, count: int) -> list[Message]:
    """The newest ones, newest first; for the development page."""
    rows = await sql.fetch(
        f"SELECT {MESSAGE_COLUMNS} FROM sms_message ORDER BY id DESC LIMIT $1", count
    )
    return [message_of(row) for row in rows]


async def answers_to(sql: Sql, message_ids: list[int]) -> dict[int, str]:
    """What was answered to messages, as far as it has been; for the development page."""
    keys = {answer_key(each): each for each in message_ids}
    rows = await sql.fetch(f"SELECT key, body FROM notice WHERE key {sql.any_of('$1')}", list(keys))
    return {keys[row["key"]]: row["body"] for row in rows}


def answer_key(message_id: int) -> str:
    """The key of the notice that answers a message: it is written once."""
    return f"sms_answer:{message_id}"

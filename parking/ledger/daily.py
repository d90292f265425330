"""What moved in a day, by currency and kind of account: the daily close."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from parking.ledger.models import AccountKind
from parking.storage.sql import Sql

DAYS_MAX = 366


class Turnover(NamedTuple):
    """What all accounts of a kind got and gave, in minor units, both positive; what is only
    reserved does not count. Over all kinds of a currency the two sums are equal."""

    currency: str
    kind: AccountKind
    in_minor: int
    out_minor: int


class DayTurnover(NamedTuple):
    """The turnover of one local day."""

    day: date
    turnover: Turnover


async def turnovers(sql: Sql, from_at: datetime, until_at: datetime) -> list[Turnover]:
    """What moved within [from_at, until_at), by currency and kind."""
    rows = await sql.fetch(
        "SELECT a.currency, a.kind,"
        " SUM(CASE WHEN p.amount_minor > 0 THEN p.amount_minor ELSE 0 END) AS gained,"
        " SUM(CASE WHEN p.amount_minor < 0 THEN -p.amount_minor ELSE 0 END) AS given"
        " FROM ledger_transfer t JOIN ledger_posting p ON p.transfer_id = t.id"
        " JOIN ledger_account a ON a.id = p.account_id"
        " WHERE t.at >= $1 AND t.at < $2 AND NOT p.is_pending"
        " GROUP BY a.currency, a.kind ORDER BY a.currency, a.kind",
        from_at,
        until_at,
    )
    return [
        Turnover(row["currency"], AccountKind(row["kind"]), int(row["gained"]), int(row["given"]))
        for row in rows
    ]


async def daily(sql: Sql, first: date, last: date, zone: ZoneInfo) -> list[DayTurnover]:
    """The turnovers of each day from `first` to `last`, both included, as the zone's clocks count
    them. Raises ValueError for more than `DAYS_MAX`."""
    if (last - first).days >= DAYS_MAX:
        raise ValueError(f"from {first} to {last} are more than {DAYS_MAX} days; ask for fewer")
    found = []
    for day, from_at, until_at in _days(first, last, zone):
        found += [DayTurnover(day, each) for each in await turnovers(sql, from_at, until_at)]
    return found


def _days(first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[date, datetime, datetime]]:
    day = first
    while day <= last:
        following = day + timedelta(days=1)
        yield day, _midnight(day, zone), _midnight(following, zone)
        day = following


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)

"""Statements of account: a person's wallet, and what an organisation is owed or owes."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput, NotFound
from parking.ledger.accounts import Account, driver, merchant, owner, property_of
from parking.ledger.balances import LINES_MAX, Position, StatementLine, statement
from parking.settlement.queries import checked_key
from parking.settlement.rules import may_earn
from parking.storage.sql import database

Key: TypeAlias = tuple[Any, ...]


class OrganisationAccount(StrEnum):
    """Which account of an organisation."""

    OWNER = "OWNER"
    PROPERTY = "PROPERTY"
    VALIDATIONS = "VALIDATIONS"


_ACCOUNTS: dict[OrganisationAccount, Callable[[int, str], Account]] = {
    OrganisationAccount.OWNER: owner,
    OrganisationAccount.PROPERTY: property_of,
    OrganisationAccount.VALIDATIONS: merchant,
}


@dataclass(frozen=True, slots=True)
class Span:
    """`[starts_at, ends_at)`; None is without an end. Raises InvalidInput for an empty one."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        begin, end = self.starts_at, self.ends_at
        if begin is not None and end is not None and begin >= end:
            raise InvalidInput("endsAt", "The end must lie after the start.")


ALWAYS = Span()


def own_wallet(viewer: Viewer, currency: str) -> Account | None:
    """The viewer's own; None for who is not a signed-in person."""
    if viewer.person_id is None or viewer.link_of is not None:
        return None
    return driver(viewer.person_id, currency)


def account_of(
    viewer: Viewer, organisation_id: int, which: OrganisationAccount, currency: str
) -> Account:
    """An organisation's. Raises NotFound for who may not see what it earns."""
    if not may_earn(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    return _ACCOUNTS[which](organisation_id, currency)


async def find_lines(
    account: Account | None, span: Span, *, limit: int, after: Key | None = None
) -> list[StatementLine]:
    """A page of what moved in an account that `own_wallet` or `account_of` gave, the oldest first;
    see `line_key`. Nothing moved in None."""
    if account is None:
        return []
    behind = None if after is None else Position(*checked_key(after))
    sql = database()
    return await statement(sql, account, span.starts_at, span.ends_at, limit, behind)


def line_key(line: StatementLine) -> Key:
    """What the list is sorted by."""
    return (line.position.at.isoformat(), line.position.posting_id)


async def lines_of_period(account: Account | None, span: Span) -> AsyncIterator[StatementLine]:
    """All of them, the oldest first, in constant memory: for exports."""
    after: Key | None = None
    while True:
        found = await find_lines(account, span, limit=LINES_MAX, after=after)
        for line in found:
            yield line
        if len(found) < LINES_MAX:
            return
        after = line_key(found[-1])


def reservation_of_line(line: StatementLine) -> int | None:
    """The booking that a line is about, if it is about one."""
    noun, _, key = line.subject.partition(":")
    return int(key) if noun == "reservation" and key.isdecimal() else None

"""Statements of account: what moved, and what was there afterwards."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from parking.ledger.accounts import Account
from parking.ledger.balances import StatementLine
from parking.settlement.figures.statements import Span, find_lines, line_key, reservation_of_line
from schema import reservations
from schema.context import Info
from schema.fields import resolved
from schema.money import Money, money_as
from schema.relay import Connection, Page, connection

if TYPE_CHECKING:
    from schema.reservations import Reservation

SpanStart: TypeAlias = Annotated[
    datetime | None, strawberry.argument(description="From then on; null: from the beginning.")
]
SpanEnd: TypeAlias = Annotated[
    datetime | None, strawberry.argument(description="Until then, not included; null: until now.")
]


@strawberry.type(description="Something that moved in an account; never edited.")
class StatementEntry:
    """`parking.ledger.balances.StatementLine`."""

    transfer_id: str = strawberry.field(description="The transfer's name in the ledger.")
    code: str = strawberry.field(description="What for, such as `secure`, `split` or `refund`.")
    subject: str = strawberry.field(description="For whom, such as `reservation:12`; or empty.")
    reason: str = strawberry.field(description="Why, for people; may be empty.")
    at: datetime = strawberry.field(description="When.")
    amount: Money = strawberry.field(description="What came in; negative: what went out.")
    balance: Money = strawberry.field(description="What was in the account afterwards.")
    is_correction: bool = strawberry.field(description="Whether it corrects another transfer.")
    line: strawberry.Private[StatementLine]

    @resolved("The reservation that it is about; null if none, or none that the viewer may see.")
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        return await reservations.load_reservation(info, reservation_of_line(self.line))


def entry_of(line: StatementLine, currency: str) -> StatementEntry:
    """The ledger's line as the schema's type."""
    return StatementEntry(
        transfer_id=line.public_id,
        code=line.code,
        subject=line.subject,
        reason=line.reason,
        at=line.at,
        amount=money_as(line.amount_minor, currency),
        balance=money_as(line.balance_minor, currency),
        is_correction=line.corrects_id is not None,
        line=line,
    )


async def statement_page(
    account: Account | None, currency: str, span: Span, asked: Page
) -> Connection[StatementEntry]:
    """One page of what moved, the oldest first."""
    found = await find_lines(account, span, limit=asked.limit, after=asked.after)
    return connection(asked, found, line_key, lambda line: entry_of(line, currency))

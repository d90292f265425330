"""The tables of money that can be downloaded; docs/frontends.md says what each column means."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Final

from api.downloads.table import Amount, Cell, Table, rows_of
from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.ledger.accounts import Account
from parking.settlement.figures.closing import Sums, daily_close, platform_totals
from parking.settlement.figures.earnings import Bucket, earnings
from parking.settlement.figures.periods import Every
from parking.settlement.figures.statements import (
    OrganisationAccount,
    Span,
    account_of,
    lines_of_period,
    own_wallet,
)
from parking.settlement.queries import MoneyFilter, settlements_of_period
from parking.settlement.records import SettlementRecord
from parking.settlement.rules import may_earn

STATEMENT: Final = (
    "at", "transfer", "code", "subject", "reason", "amount", "balance", "currency",
)  # fmt: skip
_SETTLED: Final = (
    "cost", "owner", "property", "platform", "tax", "refund", "secured", "validation", "topped_up",
    "receivable",
)  # fmt: skip
SETTLEMENTS: Final = ("settled_at", "settlement", "reservation", "outcome", *_SETTLED, "currency")
_EARNED: Final = (
    "cost", "property", "platform", "tax", "owner_share", "property_share", "changed", "earned",
)  # fmt: skip
EARNINGS: Final = ("first_day", "until_day", "bookings", *_EARNED, "currency")
_SUMS: Final = (
    "gross", "owner", "property", "platform", "tax", "refund", "validation", "receivable",
)  # fmt: skip
_COUNTS: Final = ("bookings", "no_shows", "cancelled")
CLOSE: Final = ("day", "space", *_COUNTS, *_SUMS, "currency")
TOTALS: Final = ("first_day", "until_day", *_COUNTS, *_SUMS, "currency")


def wallet_table(viewer: Viewer, currency: str, span: Span) -> Table:
    """What moved in the viewer's own wallet. Raises NotFound for who has none."""
    account = own_wallet(viewer, currency)
    if account is None:
        raise NotFound("only a signed-in person has a wallet")
    return Table(f"wallet-{currency}", STATEMENT, _statement(account, currency, span))


def statement_table(
    viewer: Viewer, organisation_id: int, which: OrganisationAccount, currency: str, span: Span
) -> Table:
    """What moved in an organisation's account. Raises NotFound."""
    account = account_of(viewer, organisation_id, which, currency)
    name = f"statement-{which.lower()}-{currency}"
    return Table(name, STATEMENT, _statement(account, currency, span))


async def _statement(account: Account, currency: str, span: Span) -> AsyncIterator[Sequence[Cell]]:
    async for line in lines_of_period(account, span):
        yield (
            line.at, line.public_id, line.code, line.subject, line.reason,
            Amount(line.amount_minor, currency), Amount(line.balance_minor, currency), currency,
        )  # fmt: skip


def settlements_table(viewer: Viewer, organisation_id: int, span: Span) -> Table:
    """The settlements of what an organisation lets, the newest first. Raises NotFound."""
    if not may_earn(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    wanted = MoneyFilter(
        organisation_id=organisation_id, starts_at=span.starts_at, ends_at=span.ends_at
    )
    return Table("settlements", SETTLEMENTS, _settlements(viewer, wanted))


async def _settlements(viewer: Viewer, wanted: MoneyFilter) -> AsyncIterator[Sequence[Cell]]:
    async for each in settlements_of_period(viewer, wanted):
        yield (each.at, each.id, each.reservation_id, each.outcome, *_amounts(each, _SETTLED),
               each.currency)  # fmt: skip


async def earnings_table(
    viewer: Viewer,
    organisation_id: int,
    first: date,
    until: date,
    every: Every,
    time_zone: str | None,
) -> Table:
    """What an organisation earned, by period and currency. Raises NotFound and InvalidInput."""
    found = await earnings(viewer, organisation_id, first, until, every, time_zone)
    rows = [_earned(bucket, each.currency) for each in found for bucket in each.buckets]
    return Table(f"earnings-{first}", EARNINGS, rows_of(rows))


def _earned(bucket: Bucket, currency: str) -> Sequence[Cell]:
    figures = bucket.figures
    amounts = (Amount(getattr(figures, f"{name}_minor"), currency) for name in _EARNED)
    return (bucket.period.first, bucket.period.until, figures.bookings, *amounts, currency)


async def close_table(viewer: Viewer, place_id: int, day: date) -> Table:
    """A local day of a place, by space. Raises NotFound and InvalidInput."""
    close = await daily_close(viewer, place_id, day)
    if close is None:
        raise NotFound("there is no such place")
    rows = [(day, each.number, *_sums(each.sums, close.currency)) for each in close.spaces]
    return Table(f"close-{day}", CLOSE, rows_of(rows))


async def totals_table(
    viewer: Viewer, first: date, until: date, every: Every, time_zone: str
) -> Table:
    """All that was settled, by currency and period. Raises NotFound and InvalidInput."""
    found = await platform_totals(viewer, first, until, every, time_zone)
    if found is None:
        raise NotFound("there are no such figures")
    rows = [
        (bucket.period.first, bucket.period.until, *_sums(bucket.sums, each.currency))
        for each in found
        for bucket in each.buckets
    ]
    return Table(f"platform-{first}", TOTALS, rows_of(rows))


def _sums(sums: Sums, currency: str) -> tuple[Cell, ...]:
    counts = (getattr(sums, name) for name in _COUNTS)
    return (
        *counts,
        *(Amount(getattr(sums, f"{name}_minor"), currency) for name in _SUMS),
        currency,
    )


def _amounts(settled: SettlementRecord, names: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(Amount(getattr(settled, f"{name}_minor"), settled.currency) for name in names)

"""What an organisation sees of its money: the part of `Organisation` that is about it."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.errors import NotFound
from parking.settlement.figures.earnings import earnings
from parking.settlement.figures.periods import Every
from parking.settlement.figures.statements import OrganisationAccount, Span, account_of
from parking.settlement.queries import MoneyFilter
from schema import charge_records, payouts, settlements, statements
from schema import earnings as figures
from schema.context import Info, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.pages import ChargeRecordPage, SettlementPage, SettlementsAsked
from schema.refusals import RefusalsAsErrors
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, page
from schema.scalars import Currency, TimeZone
from schema.statements import SpanEnd, SpanStart

if TYPE_CHECKING:
    from schema.earnings import Earnings
    from schema.payouts import Owed, Payout, PayoutTerms
    from schema.settlements import Validation
    from schema.statements import StatementEntry

CURRENCIES_ASSUMED = 2


@strawberry.type
class OrganisationMoney:
    """Fields of `Organisation`; `key` is its database key."""

    key: strawberry.Private[int]

    @resolved(
        "Settlements of the spaces that it lets, the newest first; those that the viewer may see.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def settlements(
        self,
        info: Info,
        filter: SettlementsAsked = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> SettlementPage:
        whose = MoneyFilter(organisation_id=self.key)
        return await settlements.settlement_page(info, whose, filter, page(first, after))

    @resolved(
        "Bills and credit records of the spaces that it lets, the newest first; those that the"
        " viewer may see.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def charge_records(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> ChargeRecordPage:
        whose = MoneyFilter(organisation_id=self.key)
        return await charge_records.charge_page(info, whose, page(first, after))

    @resolved(
        "What it paid as a merchant, or promised to, the newest first; null unless the viewer is a"
        " MERCHANT, OWNER or OPERATOR of it.",
        metadata={VOLATILE: True},
    )
    async def validations(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["Validation", strawberry.lazy("schema.settlements")]] | None:
        try:
            return await settlements.validation_page(info, self.key, page(first, after))
        except NotFound:
            return None

    @resolved(
        "What was sent to it, the newest first; none unless the viewer is an OWNER or OPERATOR of"
        " it.",
        metadata={VOLATILE: True},
    )
    async def payouts(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Annotated["Payout", strawberry.lazy("schema.payouts")]]:
        return await payouts.payout_page(info, self.key, page(first, after))

    @resolved(
        "When and how it is paid; null until that was said, and unless the viewer is an OWNER or"
        " OPERATOR of it.",
        metadata={VOLATILE: True},
    )
    async def payout_terms(
        self, info: Info
    ) -> Annotated["PayoutTerms", strawberry.lazy("schema.payouts")] | None:
        return await payouts.load_payout_terms(info, self.key)

    @resolved(
        "What it is owed now, by currency; null unless the viewer is an OWNER or OPERATOR of it.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=CURRENCIES_ASSUMED)},
    )
    async def owed(
        self, info: Info
    ) -> list[Annotated["Owed", strawberry.lazy("schema.payouts")]] | None:
        try:
            return await payouts.load_owed(info, self.key)
        except NotFound:
            return None

    @resolved(
        "What it earned over time, one entry for each currency in which there was something; null"
        " unless the viewer is an OWNER or OPERATOR of it. At most 400 buckets.",
        metadata={VOLATILE: True, COST: Cost(weight=figures.READING_COST)},
        extensions=[RefusalsAsErrors()],
    )
    async def earnings(
        self,
        info: Info,
        first_day: figures.FirstDay,
        until_day: figures.UntilDay,
        by: Annotated[Every, strawberry.argument(description="How long a bucket is.")] = Every.DAY,
        time_zone: Annotated[
            TimeZone | None,
            strawberry.argument(
                description="In which days begin; null: that of its payout terms, else of its"
                " newest settlement's place."
            ),
        ] = None,
    ) -> list[Annotated["Earnings", strawberry.lazy("schema.earnings")]] | None:
        return await _earned(info, self.key, first_day, until_day, by, time_zone)

    @resolved(
        "What moved in one of its accounts, the oldest first; null unless the viewer is an OWNER or"
        " OPERATOR of it.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def statement(
        self,
        info: Info,
        currency: Annotated[Currency, strawberry.argument(description="What it is in.")],
        account: Annotated[
            OrganisationAccount, strawberry.argument(description="Which account.")
        ] = OrganisationAccount.OWNER,
        starts_at: SpanStart = None,
        ends_at: SpanEnd = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Annotated["StatementEntry", strawberry.lazy("schema.statements")]] | None:
        try:
            found = account_of(viewer_of(info.context), self.key, account, currency)
        except NotFound:
            return None
        span = Span(starts_at, ends_at)
        return await statements.statement_page(found, currency, span, page(first, after))


async def _earned(
    info: Info, key: int, first: date, until: date, by: Every, time_zone: str | None
) -> list[figures.Earnings] | None:
    """An organisation's earnings, if the viewer may see them. Raises InvalidInput."""
    try:
        found = await earnings(viewer_of(info.context), key, first, until, by, time_zone)
    except NotFound:
        return None
    return [figures.earnings_of(each) for each in found]

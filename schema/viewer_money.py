"""What a person sees of their own money: the part of `Viewer` that is about it."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.accounts.viewer import Viewer as DomainViewer
from parking.settlement.figures.statements import Span, own_wallet
from parking.settlement.queries import MoneyFilter
from schema import charge_records, payments, statements, wallets
from schema.context import Info
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.pages import ChargeRecordPage
from schema.refusals import RefusalsAsErrors
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, page
from schema.scalars import Currency
from schema.statements import SpanEnd, SpanStart

if TYPE_CHECKING:
    from schema.payments import PaymentAccount
    from schema.statements import StatementEntry
    from schema.wallets import Wallet

CURRENCIES_ASSUMED = 2
ACCOUNTS_ASSUMED = 5


@strawberry.type
class ViewerMoney:
    """Fields of `Viewer`; `domain` is who asks."""

    domain: strawberry.Private[DomainViewer]

    @resolved(
        "The viewer's own money, by currency; none for an API key.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=CURRENCIES_ASSUMED)},
    )
    async def wallets(
        self, info: Info
    ) -> list[Annotated["Wallet", strawberry.lazy("schema.wallets")]]:
        return await wallets.load_wallets(info)

    @resolved(
        "What moved in the viewer's own wallet, the oldest first; nothing for an API key.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def statement(
        self,
        info: Info,
        currency: Annotated[Currency, strawberry.argument(description="Of which wallet.")],
        starts_at: SpanStart = None,
        ends_at: SpanEnd = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Annotated["StatementEntry", strawberry.lazy("schema.statements")]]:
        wallet, span = own_wallet(self.domain, currency), Span(starts_at, ends_at)
        return await statements.statement_page(wallet, currency, span, page(first, after))

    @resolved(
        "With what the viewer pays, the default one first; none for an API key.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=ACCOUNTS_ASSUMED)},
    )
    async def payment_accounts(
        self, info: Info
    ) -> list[Annotated["PaymentAccount", strawberry.lazy("schema.payments")]]:
        return await payments.load_payment_accounts(info)

    @resolved(
        "The viewer's own bills and credit records, the newest first; none for an API key.",
        metadata={VOLATILE: True},
        extensions=[RefusalsAsErrors()],
    )
    async def charge_records(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> ChargeRecordPage:
        whose = MoneyFilter(person_id=self.domain.person_id or 0)
        return await charge_records.charge_page(info, whose, page(first, after))

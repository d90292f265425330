"""A person's money with the platform."""

import strawberry

from parking.settlement.figures.holdings import Wallet as DomainWallet
from parking.settlement.figures.holdings import own_wallets
from schema.context import Info, viewer_of
from schema.money import Money, money_as
from schema.scalars import Currency


@strawberry.type(description="The viewer's own money with the platform, in one currency.")
class Wallet:
    """`parking.settlement.figures.holdings.Wallet`."""

    currency: Currency = strawberry.field(description="What it is in.")
    balance: Money = strawberry.field(description="What is in it.")
    held: Money = strawberry.field(description="What of it is promised already.")
    available: Money = strawberry.field(description="What can be spent: balance less held.")
    debt: Money = strawberry.field(
        description="What the viewer owes; it is paid from the next top-up, and nothing can be"
        " booked before."
    )


def wallet_of(wallet: DomainWallet) -> Wallet:
    """The domain's wallet as the schema's type."""
    currency = wallet.currency
    return Wallet(
        currency=Currency(currency),
        balance=money_as(wallet.balance_minor, currency),
        held=money_as(wallet.held_minor, currency),
        available=money_as(wallet.available_minor, currency),
        debt=money_as(wallet.debt_minor, currency),
    )


async def load_wallets(info: Info) -> list[Wallet]:
    """The viewer's own, by currency."""
    return [wallet_of(each) for each in await own_wallets(viewer_of(info.context))]

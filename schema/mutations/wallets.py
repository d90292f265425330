"""Verbs on one's own money: the wallet, and the accounts that are bound.

They ask payment rails, which no transaction may wait for: see `once_outside`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.money import Money as DomainMoney
from parking.settlement.payments.accounts import (
    begin_binding,
    finish_binding,
    remove_account,
    set_default,
)
from parking.settlement.payments.refusals import PaymentDeclined as DomainDeclined
from parking.settlement.payments.refusals import PaymentPending as DomainPending
from parking.settlement.payments.wallet import top_up
from parking.settlement.rails.port import RailRefused, RailUnreachable
from schema.booking_refusals import PaymentActionNeeded, PaymentDeclined, PaymentPending
from schema.context import Info, services_of, viewer_of
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once, once_outside
from schema.payments import (
    Payment,
    PaymentAccount,
    load_known_payment,
    load_known_payment_account,
    load_payment_accounts,
)
from schema.refusals import TooManyTries, VerbRefusal
from schema.scalars import Currency, MinorUnits
from schema.wallets import Wallet, load_wallets

AccountId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The payment account's id.")
]
RailName: TypeAlias = Annotated[
    str, strawberry.argument(description="Of which rail, such as `stripe`.")
]


@strawberry.type(description="Money came into the viewer's wallet; what they owed was paid of it.")
class WalletToppedUp:
    """Outcome of `topUpWallet`."""

    payment: Payment | None = strawberry.field(
        description="The payment of the bound account; null in development, from nowhere."
    )
    wallets: list[Wallet] = strawberry.field(description="The viewer's wallets now.")


@strawberry.type(description="The viewer now tells the rail, on the page, with what to pay.")
class PaymentAccountBegun:
    """Outcome of `beginPaymentAccount`."""

    reference: str = strawberry.field(description="Give it to `bindPaymentAccount` afterwards.")
    client_secret: str = strawberry.field(
        description="For the rail's own component on the page; keep it nowhere."
    )


@strawberry.type(description="The viewer pays with this account from now on.")
class PaymentAccountBound:
    """Outcome of `bindPaymentAccount`."""

    account: PaymentAccount = strawberry.field(description="The account.")


@strawberry.type(description="The viewer pays as was wished from now on.")
class DefaultPaymentAccountSet:
    """Outcome of `setDefaultPaymentAccount`."""

    accounts: list[PaymentAccount] = strawberry.field(
        description="The viewer's accounts now; without a default one the wallet pays."
    )


@strawberry.type(description="An account is forgotten, here and at its rail.")
class PaymentAccountRemoved:
    """Outcome of `removePaymentAccount`."""

    account_id: strawberry.ID = strawberry.field(description="Its id.")


TopUpWalletResult: TypeAlias = Annotated[
    WalletToppedUp
    | VerbRefusal
    | TooManyTries
    | PaymentActionNeeded
    | PaymentDeclined
    | PaymentPending,
    strawberry.union("TopUpWalletResult", description="What `topUpWallet` answers."),
]
BeginPaymentAccountResult: TypeAlias = Annotated[
    PaymentAccountBegun | VerbRefusal | PaymentDeclined | PaymentPending,
    strawberry.union(
        "BeginPaymentAccountResult", description="What `beginPaymentAccount` answers."
    ),
]
BindPaymentAccountResult: TypeAlias = Annotated[
    PaymentAccountBound | VerbRefusal | PaymentDeclined | PaymentPending,
    strawberry.union("BindPaymentAccountResult", description="What `bindPaymentAccount` answers."),
]
SetDefaultPaymentAccountResult: TypeAlias = Annotated[
    DefaultPaymentAccountSet | VerbRefusal,
    strawberry.union(
        "SetDefaultPaymentAccountResult", description="What `setDefaultPaymentAccount` answers."
    ),
]
RemovePaymentAccountResult: TypeAlias = Annotated[
    PaymentAccountRemoved | VerbRefusal | PaymentPending,
    strawberry.union(
        "RemovePaymentAccountResult", description="What `removePaymentAccount` answers."
    ),
]


@contextmanager
def _rails_as_refusals() -> Iterator[None]:
    """What a rail says or does not say, as a refusal that the viewer can act on."""
    try:
        yield
    except RailUnreachable as error:
        raise DomainPending from error
    except RailRefused as error:
        raise DomainDeclined(error.message) from error


@strawberry.type
class WalletMutations:
    """Root fields."""

    @mutation(
        "Fill the viewer's own wallet from a bound account. What they owe is paid from it first."
    )
    async def top_up_wallet(
        self,
        info: Info,
        amount_minor: Annotated[MinorUnits, strawberry.argument(description="How much.")],
        currency: Annotated[Currency, strawberry.argument(description="What it is in.")],
        idempotency_key: IdempotencyKey,
        payment_account_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="From which account; null, in development only: from nowhere."
            ),
        ] = None,
    ) -> TopUpWalletResult:
        given = {"amount": amount_minor, "currency": currency, "account": payment_account_id}
        services, named = services_of(info.context), payment_account_id
        account = None if named is None else wanted_key(named, "PaymentAccount")

        async def do() -> Answer:
            with _rails_as_refusals():
                paid = await top_up(
                    viewer_of(info.context), DomainMoney(amount_minor, currency), idempotency_key,
                    account, rails=services.rails, clock=services.clock, bus=services.bus,
                    may_embed=services.may_embed, limits=services.money_limits,
                )  # fmt: skip
            return {"payment": None if paid is None else paid.id}

        key = (await once_outside(info, idempotency_key, given, do))["payment"]
        payment = None if key is None else await load_known_payment(info, key)
        return WalletToppedUp(payment=payment, wallets=await load_wallets(info))

    @mutation("Begin to bind an account of an outer rail. Berth never sees a card's number.")
    async def begin_payment_account(
        self, info: Info, rail: RailName, idempotency_key: IdempotencyKey
    ) -> BeginPaymentAccountResult:
        async def claim(_: Work) -> Answer:
            return {}

        # The secret is kept nowhere: the rail gives it again under the same key.
        await once(info, idempotency_key, {"rail": rail}, claim)
        viewer, rails = viewer_of(info.context), services_of(info.context).rails
        with _rails_as_refusals():
            begun = await begin_binding(viewer, rail, idempotency_key, rails=rails)
        return PaymentAccountBegun(reference=begun.reference, client_secret=begun.client_secret)

    @mutation("Bind what the viewer told the rail; it becomes their default account.")
    async def bind_payment_account(
        self,
        info: Info,
        rail: RailName,
        reference: Annotated[
            str, strawberry.argument(description="As `beginPaymentAccount` gave it.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> BindPaymentAccountResult:
        services = services_of(info.context)

        async def do() -> Answer:
            with _rails_as_refusals():
                bound = await finish_binding(
                    viewer_of(info.context), rail, reference,
                    rails=services.rails, clock=services.clock, bus=services.bus,
                )  # fmt: skip
            return {"account": bound}

        given = {"rail": rail, "reference": reference}
        key = (await once_outside(info, idempotency_key, given, do))["account"]
        return PaymentAccountBound(account=await load_known_payment_account(info, key))

    @mutation(
        "Pay with another account, or the wallet, from now on. What is booked stays as it is."
    )
    async def set_default_payment_account(
        self,
        info: Info,
        idempotency_key: IdempotencyKey,
        payment_account_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Which one; null: the wallet."),
        ] = None,
    ) -> SetDefaultPaymentAccountResult:
        named = payment_account_id
        key = None if named is None else wanted_key(named, "PaymentAccount")

        async def do(work: Work) -> Answer:
            await set_default(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"account": key}, do)
        return DefaultPaymentAccountSet(accounts=await load_payment_accounts(info))

    @mutation("Forget an account, here and at its rail; not while money is under way on it.")
    async def remove_payment_account(
        self, info: Info, payment_account_id: AccountId, idempotency_key: IdempotencyKey
    ) -> RemovePaymentAccountResult:
        services, key = services_of(info.context), wanted_key(payment_account_id, "PaymentAccount")

        async def do() -> Answer:
            with _rails_as_refusals():
                await remove_account(
                    viewer_of(info.context), key,
                    rails=services.rails, clock=services.clock, bus=services.bus,
                )  # fmt: skip
            return {}

        await once_outside(info, idempotency_key, {"account": key}, do)
        return PaymentAccountRemoved(account_id=payment_account_id)

"""Payouts: what was sent to an organisation, for which settlements, when and how it is paid."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.settlement.figures.holdings import Owed as DomainOwed
from parking.settlement.figures.holdings import owed_to
from parking.settlement.kinds import PayoutCause, PayoutParty, PayoutSchedule, PayoutState
from parking.settlement.payouts.queries import (
    find_payouts,
    items_of_payout,
    payout_terms_of,
    payouts_by_id,
)
from parking.settlement.payouts.records import PayoutItemRecord, PayoutRecord, PayoutTermsRecord
from schema import accounts, settlements
from schema.context import Info, viewer_of
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, money_as
from schema.refusals import known
from schema.relay import (
    PAGE_SIZE_DEFAULT,
    After,
    Connection,
    First,
    Node,
    Page,
    after_id,
    connection,
    page,
)
from schema.scalars import Currency, MinorUnits, TimeZone, Version

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.settlements import Settlement


@strawberry.type(description="What an organisation is owed of one settlement.")
class PayoutItem:
    """`parking.settlement.payouts.records.PayoutItemRecord`."""

    party: PayoutParty = strawberry.field(description="As what it is owed.")
    cause: PayoutCause = strawberry.field(description="Why.")
    amount: Money = strawberry.field(description="How much; negative: what is taken back.")
    at: datetime = strawberry.field(description="When it came to be owed.")
    domain: strawberry.Private[PayoutItemRecord]

    @resolved("The settlement that it is of.")
    async def settlement(
        self, info: Info
    ) -> Annotated["Settlement", strawberry.lazy("schema.settlements")] | None:
        return await settlements.load_settlement(info, self.domain.settlement_id)


@strawberry.type(description="What was sent, or is being sent, to an organisation.")
class Payout(Node):
    """`parking.settlement.payouts.records.PayoutRecord`."""

    state: PayoutState = strawberry.field(
        description="How far it has come; of a FAILED one the amount is owed again."
    )
    amount: Money = strawberry.field(description="How much: the sum of its items.")
    rail: str = strawberry.field(description="Through which rail.")
    reason: str = strawberry.field(description="Why it failed; else empty.")
    version: Version = strawberry.field(description="Grows with every change.")
    created_at: datetime = strawberry.field(description="When it was decided.")
    changed_at: datetime = strawberry.field(description="When it last changed.")
    domain: strawberry.Private[PayoutRecord]

    @resolved("Its items, in order; a FAILED one has given them up.")
    async def items(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[PayoutItem]:
        asked, viewer = page(first, after), viewer_of(info.context)
        begin = after_id(asked)
        found = await items_of_payout(viewer, self.domain.id, limit=asked.limit, after_id=begin)
        return connection(asked, found, lambda item: (item.id,), item_of)

    @resolved("Who is paid; null unless the viewer belongs to them.")
    async def organisation(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.organisation_id)


@strawberry.type(description="When and how an organisation is paid what it is owed.")
class PayoutTerms:
    """`parking.settlement.payouts.records.PayoutTermsRecord`."""

    schedule: PayoutSchedule = strawberry.field(description="How often.")
    day: int = strawberry.field(
        description="ISO weekday, 1 to 7, of a WEEKLY one; day of the month, 1 to 28, of a MONTHLY."
    )
    delay_days: int = strawberry.field(
        description="So long after its settlement something may be paid out."
    )
    minimum_minor: MinorUnits = strawberry.field(
        description="Below so much, in each currency, it waits for the next time."
    )
    rail: str = strawberry.field(description="Through which rail.")
    reference: str = strawberry.field(description="The organisation's account at that rail.")
    time_zone: TimeZone = strawberry.field(description="In which days begin.")
    next_at: datetime = strawberry.field(description="When it is paid next.")
    changed_at: datetime = strawberry.field(description="When these terms were set.")


@strawberry.type(description="What an organisation is owed now, in one currency.")
class Owed:
    """`parking.settlement.figures.holdings.Owed`."""

    currency: Currency = strawberry.field(description="What it is in.")
    owner: Money = strawberry.field(description="As lessor.")
    property: Money = strawberry.field(description="As who runs places.")
    sending: Money = strawberry.field(description="What of these is on its way to it.")
    validations: Money = strawberry.field(
        description="What it owes itself, for the validations that it gave as a merchant."
    )


def item_of(item: PayoutItemRecord) -> PayoutItem:
    """The domain's item as the schema's type."""
    return PayoutItem(
        party=item.party,
        cause=item.cause,
        amount=money_as(item.amount_minor, item.currency),
        at=item.at,
        domain=item,
    )


def payout_of(payout: PayoutRecord) -> Payout:
    """The domain's payout as the schema's type."""
    return Payout(
        id=global_id("Payout", payout.id),
        state=payout.state,
        amount=money_as(payout.amount_minor, payout.currency),
        rail=payout.rail,
        reason=payout.reason,
        version=Version(payout.version),
        created_at=payout.created_at,
        changed_at=payout.changed_at,
        domain=payout,
    )


def terms_of(terms: PayoutTermsRecord) -> PayoutTerms:
    """The domain's terms as the schema's type."""
    return PayoutTerms(
        schedule=terms.schedule,
        day=terms.day,
        delay_days=terms.delay_days,
        minimum_minor=MinorUnits(terms.minimum_minor),
        rail=terms.rail,
        reference=terms.reference,
        time_zone=TimeZone(terms.time_zone),
        next_at=terms.next_at,
        changed_at=terms.changed_at,
    )


def owed_of(owed: DomainOwed) -> Owed:
    """The domain's amounts as the schema's type."""
    currency = owed.currency
    return Owed(
        currency=Currency(currency),
        owner=money_as(owed.owner_minor, currency),
        property=money_as(owed.property_minor, currency),
        sending=money_as(owed.sending_minor, currency),
        validations=money_as(owed.validations_minor, currency),
    )


async def load_payout(info: Info, key: int | None) -> Payout | None:
    """The payout, if the viewer may see it."""
    found = await load(info.context, payouts_by_id, key)
    return None if found is None else payout_of(found)


async def load_payout_terms(info: Info, organisation_key: int) -> PayoutTerms | None:
    """An organisation's terms, if the viewer may see them and there are any."""
    found = await load(info.context, payout_terms_of, organisation_key)
    return None if found is None else terms_of(found)


async def load_known_payout_terms(info: Info, organisation_key: int) -> PayoutTerms:
    """Those that a verb has just set; an error if they are gone since."""
    return known(await load_payout_terms(info, organisation_key))


async def load_owed(info: Info, organisation_key: int) -> list[Owed]:
    """What an organisation is owed, by currency. Raises NotFound."""
    return [owed_of(each) for each in await owed_to(viewer_of(info.context), organisation_key)]


async def payout_page(info: Info, organisation_key: int, asked: Page) -> Connection[Payout]:
    """One page of an organisation's payouts, the newest first."""
    viewer, before = viewer_of(info.context), after_id(asked)
    found = await find_payouts(viewer, organisation_key, limit=asked.limit, before_id=before)
    return connection(asked, found, lambda payout: (payout.id,), payout_of)

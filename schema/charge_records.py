"""Charge records: bills as they were issued, and the credit records that reverse them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.settlement.kinds import ChargeKind
from parking.settlement.queries import (
    MoneyFilter,
    charge_by_number,
    charge_key,
    charges_by_id,
    charges_of_settlements,
    credits_of_charges,
    find_charges,
)
from parking.settlement.records import ChargeRow
from schema import settlements
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, money_as
from schema.refusals import known
from schema.relay import Connection, Node, Page, connection

if TYPE_CHECKING:
    from schema.settlements import Settlement

RECEIPTS_PATH = "/receipts/"


@strawberry.type(
    description="A bill as it was issued, or the reversal of one (a part of it); never edited."
)
class ChargeRecord(Node):
    """`parking.settlement.records.ChargeRow`."""

    number: str = strawberry.field(description="The receipt's number, for people.")
    kind: ChargeKind = strawberry.field(description="A bill or its reversal.")
    amount: Money = strawberry.field(description="What was charged, or given back.")
    body: str = strawberry.field(
        description="JSON: everything the receipt shows: both parties, times, every priced line"
        " with its rate line, taxes, payments."
    )
    digest: str = strawberry.field(description="SHA-256 of `body` (UTF-8), in hex.")
    issued_at: datetime = strawberry.field(description="When it was issued.")
    link: str = strawberry.field(description="Path of the receipt as a page.")
    pdf: str = strawberry.field(description="Path of the receipt as PDF.")
    domain: strawberry.Private[ChargeRow]

    @resolved("Of a credit record: the bill that it reverses.")
    async def corrects(self, info: Info) -> "ChargeRecord | None":
        return await load_charge(info, self.domain.corrects_id)

    @resolved("Of a bill: what reverses it, in order.", metadata={COST: Cost(assumed_size=2)})
    async def credits(self, info: Info) -> list["ChargeRecord"]:
        found = await load(info.context, credits_of_charges, self.domain.id)
        return [charge_of(each) for each in found or ()]

    @resolved("The settlement that it is of.")
    async def settlement(
        self, info: Info
    ) -> Annotated["Settlement", strawberry.lazy("schema.settlements")] | None:
        return await settlements.load_settlement(info, self.domain.settlement_id)


def charge_of(charge: ChargeRow) -> ChargeRecord:
    """The domain's bill as the schema's type."""
    return ChargeRecord(
        id=global_id("ChargeRecord", charge.id),
        number=charge.number,
        kind=charge.kind,
        amount=money_as(charge.amount_minor, charge.currency),
        body=charge.body,
        digest=charge.digest,
        issued_at=charge.issued_at,
        link=f"{RECEIPTS_PATH}{charge.number}",
        pdf=f"{RECEIPTS_PATH}{charge.number}.pdf",
        domain=charge,
    )


async def load_charge(info: Info, key: int | None) -> ChargeRecord | None:
    """The bill, if the viewer may see it."""
    found = await load(info.context, charges_by_id, key)
    return None if found is None else charge_of(found)


async def load_known_charge(info: Info, key: int) -> ChargeRecord:
    """One that a verb has just made; an error if it is gone since."""
    return known(await load_charge(info, key))


async def load_charges_of_settlement(info: Info, settlement_key: int) -> list[ChargeRecord]:
    """A settlement's bill, then its credit records."""
    found = await load(info.context, charges_of_settlements, settlement_key)
    return [charge_of(each) for each in found or ()]


async def charge_page(info: Info, whose: MoneyFilter, asked: Page) -> Connection[ChargeRecord]:
    """One page of the bills that the viewer may see, the newest first."""
    viewer = viewer_of(info.context)
    found = await find_charges(viewer, whose, limit=asked.limit, after=asked.after)
    return connection(asked, found, charge_key, charge_of)


@strawberry.type
class ChargeRecordQueries:
    """Root fields about bills."""

    @resolved("A bill or credit record by its number; null when the viewer may see none.")
    async def charge_record(
        self,
        info: Info,
        number: Annotated[str, strawberry.argument(description="As the receipt shows it.")],
    ) -> ChargeRecord | None:
        found = await charge_by_number(viewer_of(info.context), number)
        return None if found is None else charge_of(found)

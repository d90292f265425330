"""Invoices to issuers: what the redemptions of a month came to."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.rights.queries import RightsFilter, find_invoices, invoices_by_id
from parking.rights.records import InvoiceRecord
from schema import accounts
from schema.context import Info
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, money_as
from schema.relay import Connection, Node, Page
from schema.rights_pages import rights_page

if TYPE_CHECKING:
    from schema.accounts import Organisation


@strawberry.type(description="What an issuer's redemptions of a month came to; never edited.")
class RightsInvoice(Node):
    """`parking.rights.records.InvoiceRecord`."""

    number: str = strawberry.field(description="Its number, `RI-…`.")
    month: str = strawberry.field(description="Such as `2026-01`.")
    redemptions: int = strawberry.field(description="How many were settled in it.")
    amount: Money = strawberry.field(description="What the issuer owes for them.")
    body: str = strawberry.field(description="JSON of all lines.")
    digest: str = strawberry.field(description="SHA-256 of `body`, in hexadecimal.")
    issued_at: datetime = strawberry.field(description="When it was made.")
    domain: strawberry.Private[InvoiceRecord]

    @resolved("To whom; null unless the viewer belongs to them.")
    async def issuer(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.organisation_id)


def invoice_of(invoice: InvoiceRecord) -> RightsInvoice:
    """The domain's invoice as the schema's type."""
    return RightsInvoice(
        id=global_id("RightsInvoice", invoice.id),
        number=invoice.number,
        month=invoice.month,
        redemptions=invoice.redemptions,
        amount=money_as(invoice.amount_minor, invoice.currency),
        body=invoice.body,
        digest=invoice.digest,
        issued_at=invoice.issued_at,
        domain=invoice,
    )


async def load_invoice(info: Info, key: int | None) -> RightsInvoice | None:
    """The invoice, if the viewer may see it."""
    found = await load(info.context, invoices_by_id, key)
    return None if found is None else invoice_of(found)


async def invoice_page(info: Info, wanted: RightsFilter, asked: Page) -> Connection[RightsInvoice]:
    """One page of the invoices that the viewer may see, the newest first."""
    return await rights_page(info, find_invoices, wanted, asked, invoice_of)

"""Specifications of rights: the templates that an issuer's codes grant from."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.rights.kinds import RightKind, SpecificationState
from parking.rights.queries import RightsFilter, find_specifications, specifications_by_id
from parking.rights.records import SpecificationRecord
from schema import accounts, rights_codes, rights_statistics
from schema.context import Info
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, money_as
from schema.pages import GrantCodePage
from schema.refusals import known
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, Node, Page, page
from schema.rights_pages import rights_page
from schema.rights_terms import RightTerms, terms_told
from schema.scalars import Currency, Version

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.rights_statistics import RightsStatistics


@strawberry.type(description="The template of a right: what it gives, when and where.")
class RightSpecification(Node):
    """`parking.rights.records.SpecificationRecord`."""

    state: SpecificationState = strawberry.field(description="Whether codes may be made of it.")
    name: str = strawberry.field(description="What its drivers read.")
    kind: RightKind = strawberry.field(description="What it gives.")
    value: int = strawberry.field(
        description="Minutes, minor units or percent, as `kind` says; 0 for the others."
    )
    currency: Currency = strawberry.field(description="What its amounts are in.")
    worth_max: Money | None = strawberry.field(
        description="It pays so much of a stay at most; null: without such a limit."
    )
    version: Version = strawberry.field(description="Grows with every change.")
    created_at: datetime = strawberry.field(description="When it was made.")
    changed_at: datetime = strawberry.field(description="When it last changed.")
    domain: strawberry.Private[SpecificationRecord]

    @resolved("When and where it is granted and used; of what is granted from now on.")
    def terms(self) -> RightTerms:
        return terms_told(self.domain.terms)

    @resolved("Whose it is; null unless the viewer belongs to them.")
    async def issuer(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.organisation_id)

    @resolved("The codes made of it, the newest first.", metadata={VOLATILE: True})
    async def grant_codes(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> GrantCodePage:
        whose = RightsFilter(specification_id=self.domain.id)
        return await rights_codes.code_page(info, whose, page(first, after))

    @resolved(
        "What its codes granted, and what came of it.",
        metadata={VOLATILE: True, COST: Cost(weight=rights_statistics.READING_COST)},
    )
    async def statistics(
        self, info: Info
    ) -> Annotated["RightsStatistics", strawberry.lazy("schema.rights_statistics")] | None:
        return await rights_statistics.load_of_specification(info, self.domain)


def specification_of(specification: SpecificationRecord) -> RightSpecification:
    """The domain's specification as the schema's type."""
    worth = specification.worth_max_minor
    return RightSpecification(
        id=global_id("RightSpecification", specification.id),
        state=specification.state,
        name=specification.name,
        kind=specification.kind,
        value=specification.value,
        currency=Currency(specification.currency),
        worth_max=None if worth is None else money_as(worth, specification.currency),
        version=Version(specification.version),
        created_at=specification.created_at,
        changed_at=specification.changed_at,
        domain=specification,
    )


async def load_specification(info: Info, key: int | None) -> RightSpecification | None:
    """The specification, if the viewer may see it."""
    found = await load(info.context, specifications_by_id, key)
    return None if found is None else specification_of(found)


async def load_known_specification(info: Info, key: int) -> RightSpecification:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_specification(info, key))


async def specification_page(
    info: Info, wanted: RightsFilter, asked: Page
) -> Connection[RightSpecification]:
    """One page of the specifications that the viewer may see, the newest first."""
    return await rights_page(info, find_specifications, wanted, asked, specification_of)

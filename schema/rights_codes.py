"""Grant codes, as those who made them see them; what a scan gives is in `schema.rights_offers`."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.rights.codes.rotating import picture, renew_at
from parking.rights.codes.state import CodeFacts, CodeState, code_state
from parking.rights.kinds import GrantCodeKind
from parking.rights.queries import (
    RightsFilter,
    contracts_by_id,
    find_grant_codes,
    grant_codes_by_id,
    specifications_by_id,
)
from parking.rights.records import GrantCodeRecord
from parking.rights.rules import may_issue
from parking.rights.worth import least
from schema import (
    accounts,
    places,
    rights_assigned,
    rights_contracts,
    rights_specifications,
    rights_statistics,
)
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.geo import Position, position_of
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, money_as
from schema.pages import AssignedRightPage
from schema.refusals import known
from schema.relay import PAGE_SIZE_DEFAULT, After, Connection, First, Node, Page, page
from schema.rights_pages import rights_page
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.accounts import Organisation
    from schema.places import Place
    from schema.rights_contracts import RightsContract
    from schema.rights_specifications import RightSpecification
    from schema.rights_statistics import RightsStatistics

GRANT_PATH = "/g/"
"""Where a grant code's page is; what follows is its public id, or a picture."""


@strawberry.type(description="Where a grant code has to be scanned.")
class GrantFence:
    """Of a `GrantCodeRecord`."""

    position: Position = strawberry.field(description="Around here.")
    radius_metres: int = strawberry.field(description="No farther away than this.")


@strawberry.type(description="What the screen of a ROTATING code shows now.")
class GrantPicture:
    """`parking.rights.codes.rotating`."""

    text: str = strawberry.field(description="The code as it is now: what `claimRight` takes.")
    link: str = strawberry.field(description="Path of its page with it: what the picture holds.")
    renew_at: datetime = strawberry.field(description="When to show the next one.")


@strawberry.type(description="A preset graphic code: whoever scans it may be granted a right.")
class GrantCode(Node):
    """`parking.rights.records.GrantCodeRecord`."""

    public_id: str = strawberry.field(description="What names it in public.")
    link: str = strawberry.field(description="Path of its page, `/g/…`.")
    kind: GrantCodeKind = strawberry.field(description="How it is shown.")
    label: str = strawberry.field(description="Its issuer's own words; may be empty.")
    uses: int = strawberry.field(description="So many rights of it are used or may still be.")
    uses_max: int | None = strawberry.field(description="Of so many; null: without a limit.")
    needs_reference: bool = strawberry.field(
        description="Whether it asks for the reference of a purchase."
    )
    valid_from: datetime = strawberry.field(description="It grants then or later.")
    valid_until: datetime | None = strawberry.field(description="It grants before.")
    fence: GrantFence | None = strawberry.field(description="Where; null: anywhere.")
    reason: str = strawberry.field(description="Why it was revoked; else empty.")
    version: Version = strawberry.field(description="Grows with every change.")
    created_at: datetime = strawberry.field(description="When it was made.")
    revoked_at: datetime | None = strawberry.field(description="When it was revoked.")
    domain: strawberry.Private[GrantCodeRecord]

    @resolved("Whether it grants now.", metadata={VOLATILE: True})
    async def state(self, info: Info) -> CodeState:
        code = self.domain
        contract = await load(info.context, contracts_by_id, code.contract_id)
        made_of = await load(info.context, specifications_by_id, code.specification_id)
        facts = CodeFacts(code, known(contract), known(made_of))
        return code_state(facts, services_of(info.context).clock.now())

    @resolved("One right is worth so much at most, by specification and contract; null: no limit.")
    async def worth_max(self, info: Info) -> Money | None:
        contract = known(await load(info.context, contracts_by_id, self.domain.contract_id))
        key = self.domain.specification_id
        made_of = known(await load(info.context, specifications_by_id, key))
        worth = least(made_of.worth_max_minor, contract.worth_max_minor)
        return None if worth is None else money_as(worth, contract.currency)

    @resolved(
        "Of a ROTATING code, for who may issue it: what its screen shows now; else null.",
        metadata={VOLATILE: True},
    )
    def picture(self, info: Info) -> GrantPicture | None:
        code, services = self.domain, services_of(info.context)
        is_issuer = may_issue(viewer_of(info.context), code.organisation_id)
        if not is_issuer or code.kind is not GrantCodeKind.ROTATING:
            return None
        now = services.clock.now()
        text = picture(services.keys.pictures[0], code.public_id, now)
        return GrantPicture(text=text, link=GRANT_PATH + text, renew_at=renew_at(now))

    @resolved("What it grants.")
    async def specification(
        self, info: Info
    ) -> Annotated["RightSpecification", strawberry.lazy("schema.rights_specifications")] | None:
        return await rights_specifications.load_specification(info, self.domain.specification_id)

    @resolved("On whose account.")
    async def contract(
        self, info: Info
    ) -> Annotated["RightsContract", strawberry.lazy("schema.rights_contracts")] | None:
        return await rights_contracts.load_rights_contract(info, self.domain.contract_id)

    @resolved("The place; null if it was retired, or is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)

    @resolved("Whose it is; null unless the viewer belongs to them.")
    async def issuer(
        self, info: Info
    ) -> Annotated["Organisation", strawberry.lazy("schema.accounts")] | None:
        return await accounts.load_organisation(info, self.domain.organisation_id)

    @resolved("The code that took its place; null: none did.")
    async def replaced_by(
        self, info: Info
    ) -> Annotated["GrantCode", strawberry.lazy("schema.rights_codes")] | None:
        return await load_code(info, self.domain.replaced_by_id)

    @resolved("The rights that it granted, the newest first.", metadata={VOLATILE: True})
    async def rights(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> AssignedRightPage:
        whose = RightsFilter(grant_code_id=self.domain.id)
        return await rights_assigned.right_page(info, whose, page(first, after))

    @resolved(
        "What it granted, and what came of it.",
        metadata={VOLATILE: True, COST: Cost(weight=rights_statistics.READING_COST)},
    )
    async def statistics(
        self, info: Info
    ) -> Annotated["RightsStatistics", strawberry.lazy("schema.rights_statistics")] | None:
        return await rights_statistics.load_of_code(info, self.domain)


def code_of(code: GrantCodeRecord) -> GrantCode:
    """The domain's code as the schema's type."""
    return GrantCode(
        id=global_id("GrantCode", code.id),
        public_id=code.public_id,
        link=GRANT_PATH + code.public_id,
        kind=code.kind,
        label=code.label,
        uses=code.uses,
        uses_max=code.uses_max,
        needs_reference=code.needs_reference,
        valid_from=code.valid_from,
        valid_until=code.valid_until,
        fence=_fence_of(code),
        reason=code.reason,
        version=Version(code.version),
        created_at=code.created_at,
        revoked_at=code.revoked_at,
        domain=code,
    )


def _fence_of(code: GrantCodeRecord) -> GrantFence | None:
    centre = position_of(code.latitude, code.longitude)
    if centre is None or code.radius_metres is None:
        return None
    return GrantFence(position=centre, radius_metres=code.radius_metres)


async def load_code(info: Info, key: int | None) -> GrantCode | None:
    """The code, if the viewer may see it."""
    found = await load(info.context, grant_codes_by_id, key)
    return None if found is None else code_of(found)


async def load_known_code(info: Info, key: int) -> GrantCode:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_code(info, key))


async def code_page(info: Info, wanted: RightsFilter, asked: Page) -> Connection[GrantCode]:
    """One page of the codes that the viewer may see, the newest first."""
    return await rights_page(info, find_grant_codes, wanted, asked, code_of)

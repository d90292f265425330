"""Rights as their holders have them, and as their issuers granted them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.accounts.viewer import Viewer
from parking.rights.kinds import RightKind, RightState
from parking.rights.names import RightNames, names_of_rights
from parking.rights.queries import (
    RightsFilter,
    find_rights,
    redemptions_of_rights,
    rights_by_id,
)
from parking.rights.records import RightRecord
from schema import places, rights_codes, rights_redemptions, rights_specifications
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, money_as
from schema.refusals import known
from schema.relay import Connection, Node, Page
from schema.rights_pages import rights_page
from schema.rights_terms import RightTerms, terms_told
from schema.scalars import Currency, TimeZone, Version

if TYPE_CHECKING:
    from schema.places import Place
    from schema.rights_codes import GrantCode
    from schema.rights_redemptions import Redemption
    from schema.rights_specifications import RightSpecification


@strawberry.type(description="A right of one driver's vehicle.")
class AssignedRight(Node):
    """`parking.rights.records.RightRecord`."""

    state: RightState = strawberry.field(description="Where it stands.")
    kind: RightKind = strawberry.field(description="What it gives.")
    value: int = strawberry.field(
        description="What is left: minutes, minor units or percent, as `kind` says; 0 for others."
    )
    granted_value: int = strawberry.field(description="What it was at the grant.")
    currency: Currency = strawberry.field(description="What its amounts are in.")
    worth_max: Money | None = strawberry.field(
        description="It pays so much of a stay at most; null: without such a limit."
    )
    reference: str = strawberry.field(description="Of the purchase; may be empty.")
    valid_from: datetime = strawberry.field(description="It may be used then or later.")
    valid_until: datetime = strawberry.field(description="It may be used before.")
    reason: str = strawberry.field(description="Why it was revoked; else empty.")
    version: Version = strawberry.field(description="Grows with every change.")
    granted_at: datetime = strawberry.field(description="When it was granted.")
    changed_at: datetime = strawberry.field(description="When it last changed.")
    is_transferable: bool = strawberry.field(
        description="Whether its holder may give it to another vehicle."
    )
    domain: strawberry.Private[RightRecord]
    seer: strawberry.Private[Viewer]

    @resolved("What it is called.")
    async def name(self, info: Info) -> str:
        return (await self._names(info)).name

    @resolved("Who granted it.")
    async def issuer_name(self, info: Info) -> str:
        return (await self._names(info)).issuer_name

    @resolved("For which place; its terms may name others besides.")
    async def place_name(self, info: Info) -> str:
        return (await self._names(info)).place_name

    @resolved("The zone of that place, in which its times are best told.")
    async def time_zone(self, info: Info) -> TimeZone:
        return TimeZone((await self._names(info)).time_zone)

    @resolved("When and where it is used, as it was granted.")
    def terms(self) -> RightTerms:
        return terms_told(self.domain.terms)

    @resolved("Its redemptions, the newest first.", metadata={COST: Cost(assumed_size=3)})
    async def redemptions(
        self, info: Info
    ) -> list[Annotated["Redemption", strawberry.lazy("schema.rights_redemptions")]]:
        found = await load(info.context, redemptions_of_rights, self.domain.id, self.seer)
        return [rights_redemptions.redemption_of(each, self.seer) for each in found or ()]

    @resolved("The place; null if it was retired, or is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)

    @resolved("What it was granted from; null to its holder.")
    async def specification(
        self, info: Info
    ) -> Annotated["RightSpecification", strawberry.lazy("schema.rights_specifications")] | None:
        return await rights_specifications.load_specification(info, self.domain.specification_id)

    @resolved("By which code; null to its holder.")
    async def grant_code(
        self, info: Info
    ) -> Annotated["GrantCode", strawberry.lazy("schema.rights_codes")] | None:
        return await rights_codes.load_code(info, self.domain.grant_code_id)

    async def _names(self, info: Info) -> RightNames:
        return known(await load(info.context, names_of_rights, self.domain.id, self.seer))


def right_of(right: RightRecord, seer: Viewer) -> AssignedRight:
    """The domain's right as the schema's type, as this viewer may see it."""
    worth, terms = right.worth_max_minor, terms_told(right.terms)
    return AssignedRight(
        id=global_id("AssignedRight", right.id),
        state=right.state,
        kind=right.kind,
        value=right.value,
        granted_value=right.granted_value,
        currency=Currency(right.currency),
        worth_max=None if worth is None else money_as(worth, right.currency),
        reference=right.reference,
        valid_from=right.valid_from,
        valid_until=right.valid_until,
        reason=right.reason,
        version=Version(right.version),
        granted_at=right.granted_at,
        changed_at=right.changed_at,
        is_transferable=terms.is_transferable,
        domain=right,
        seer=seer,
    )


async def load_right(
    info: Info, key: int | None, seer: Viewer | None = None
) -> AssignedRight | None:
    """The right, if the viewer may see it; `seer` is who has a vehicle's code."""
    viewer = seer or viewer_of(info.context)
    found = await load(info.context, rights_by_id, key, viewer)
    return None if found is None else right_of(found, viewer)


async def load_known_right(info: Info, key: int, seer: Viewer | None = None) -> AssignedRight:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_right(info, key, seer))


async def right_page(info: Info, wanted: RightsFilter, asked: Page) -> Connection[AssignedRight]:
    """One page of the rights that the viewer may see, the newest first."""
    viewer = viewer_of(info.context)
    return await rights_page(info, find_rights, wanted, asked, lambda each: right_of(each, viewer))

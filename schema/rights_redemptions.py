"""Redemptions: rights that were put into stays."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.accounts.viewer import Viewer
from parking.rights.kinds import RedemptionState, RedemptionWay
from parking.rights.queries import RightsFilter, find_redemptions, redemptions_by_id
from parking.rights.records import RedemptionRecord
from parking.rights.rules import may_see_plate
from schema import places, reservations, rights_assigned
from schema.context import Info, viewer_of
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.money import Money, money_as
from schema.refusals import known
from schema.relay import Connection, Node, Page
from schema.rights_pages import rights_page

if TYPE_CHECKING:
    from schema.places import Place
    from schema.reservations import Reservation
    from schema.rights_assigned import AssignedRight


@strawberry.type(description="A right is promised to a stay, and pays its part when it is settled.")
class Redemption(Node):
    """`parking.rights.records.RedemptionRecord`."""

    state: RedemptionState = strawberry.field(description="Where it stands.")
    way: RedemptionWay = strawberry.field(description="How it was redeemed.")
    expected: Money = strawberry.field(description="What the driver was told that it pays.")
    paid_by_issuer: Money | None = strawberry.field(
        description="What the issuer paid; null until the stay is settled."
    )
    paid_by_operator: Money | None = strawberry.field(
        description="What who runs the place paid; null until the stay is settled."
    )
    minutes_used: int | None = strawberry.field(
        description="Of a right for minutes: how many the stay took; null until it is settled."
    )
    plate: str | None = strawberry.field(
        description="Of the vehicle; null to the issuer of the right."
    )
    at: datetime = strawberry.field(description="When it was redeemed.")
    finished_at: datetime | None = strawberry.field(
        description="When the stay was settled, or the redemption taken back."
    )
    domain: strawberry.Private[RedemptionRecord]
    seer: strawberry.Private[Viewer]

    @resolved("The right.")
    async def right(
        self, info: Info
    ) -> Annotated["AssignedRight", strawberry.lazy("schema.rights_assigned")]:
        key = self.domain.assigned_right_id
        return await rights_assigned.load_known_right(info, key, self.seer)

    @resolved("The place; null if it was retired, or is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)

    @resolved("The stay's reservation; null to who may not see it.")
    async def reservation(
        self, info: Info
    ) -> Annotated["Reservation", strawberry.lazy("schema.reservations")] | None:
        return await reservations.load_reservation(info, self.domain.reservation_id)


def redemption_of(redemption: RedemptionRecord, seer: Viewer) -> Redemption:
    """The domain's redemption as the schema's type, as this viewer may see it."""

    def money(amount_minor: int | None) -> Money | None:
        return None if amount_minor is None else money_as(amount_minor, redemption.currency)

    return Redemption(
        id=global_id("Redemption", redemption.id),
        state=redemption.state,
        way=redemption.way,
        expected=money_as(redemption.expected_minor, redemption.currency),
        paid_by_issuer=money(redemption.issuer_minor),
        paid_by_operator=money(redemption.operator_minor),
        minutes_used=redemption.minutes_used,
        plate=redemption.plate if may_see_plate(seer, redemption) else None,
        at=redemption.at,
        finished_at=redemption.finished_at,
        domain=redemption,
        seer=seer,
    )


async def load_redemption(
    info: Info, key: int | None, seer: Viewer | None = None
) -> Redemption | None:
    """The redemption, if the viewer may see it; `seer` is who has a vehicle's code."""
    viewer = seer or viewer_of(info.context)
    found = await load(info.context, redemptions_by_id, key, viewer)
    return None if found is None else redemption_of(found, viewer)


async def load_known_redemption(info: Info, key: int, seer: Viewer | None = None) -> Redemption:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_redemption(info, key, seer))


async def redemption_page(info: Info, wanted: RightsFilter, asked: Page) -> Connection[Redemption]:
    """One page of the redemptions that the viewer may see, the newest first."""
    viewer = viewer_of(info.context)
    return await rights_page(
        info, find_redemptions, wanted, asked, lambda each: redemption_of(each, viewer)
    )

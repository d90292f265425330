"""Disputes: somebody does not agree with a settlement; what was said, and what was decided."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from parking.settlement.disputes.queries import (
    disputes_by_id,
    disputes_of_settlements,
    evidence_of,
    find_disputes,
)
from parking.settlement.disputes.records import DisputeRecord, EvidenceRecord
from parking.settlement.disputes.rules import answer_until
from parking.settlement.kinds import DisputeState
from schema import settlements
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
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
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.settlements import Settlement


@strawberry.type(description="What somebody said or showed in a dispute.")
class DisputeEvidence:
    """`parking.settlement.disputes.records.EvidenceRecord`."""

    party: str = strawberry.field(description="As whom: DRIVER, OWNER, OPERATOR or PLATFORM.")
    text: str = strawberry.field(description="What they said.")
    at: datetime = strawberry.field(description="When.")


@strawberry.type(
    description="Somebody does not agree with a settlement; the disputed part is frozen until it is"
    " decided how much of it goes back to the driver."
)
class Dispute(Node):
    """`parking.settlement.disputes.records.DisputeRecord`."""

    state: DisputeState = strawberry.field(description="How far it has come.")
    party: str = strawberry.field(description="Who opened it: DRIVER, OWNER, or a RAIL.")
    reason: str = strawberry.field(description="Why, in their words.")
    amount: Money = strawberry.field(description="How much of the cost is disputed.")
    frozen: Money = strawberry.field(description="What is frozen of it now.")
    to_driver: Money | None = strawberry.field(
        description="What was decided to go back to the driver; null until then."
    )
    decision: str = strawberry.field(description="Why it was decided so; empty until then.")
    opened_at: datetime = strawberry.field(description="When it was opened.")
    decided_at: datetime | None = strawberry.field(description="When it was last decided.")
    appeal_until: datetime | None = strawberry.field(
        description="Until when the decision may be appealed."
    )
    appealed_at: datetime | None = strawberry.field(description="When it was appealed.")
    answer_until: datetime | None = strawberry.field(
        description="Until when the platform is to decide; null when it has."
    )
    closed_at: datetime | None = strawberry.field(description="When the money moved, for good.")
    version: Version = strawberry.field(description="Grows with every step.")
    domain: strawberry.Private[DisputeRecord]

    @resolved("What was said and shown, in order.", metadata={COST: Cost(assumed_size=10)})
    async def evidence(self, info: Info) -> list[DisputeEvidence]:
        found = await load(info.context, evidence_of, self.domain.id)
        return [evidence_as(each) for each in found or ()]

    @resolved("The settlement that it is about.")
    async def settlement(
        self, info: Info
    ) -> Annotated["Settlement", strawberry.lazy("schema.settlements")] | None:
        return await settlements.load_settlement(info, self.domain.settlement_id)


def evidence_as(evidence: EvidenceRecord) -> DisputeEvidence:
    """The domain's evidence as the schema's type."""
    return DisputeEvidence(party=evidence.party, text=evidence.text, at=evidence.at)


def dispute_of(dispute: DisputeRecord) -> Dispute:
    """The domain's dispute as the schema's type."""
    to_driver, currency = dispute.to_driver_minor, dispute.currency
    return Dispute(
        id=global_id("Dispute", dispute.id),
        state=dispute.state,
        party=dispute.party,
        reason=dispute.reason,
        amount=money_as(dispute.amount_minor, currency),
        frozen=money_as(dispute.frozen_minor, currency),
        to_driver=None if to_driver is None else money_as(to_driver, currency),
        decision=dispute.decision,
        opened_at=dispute.opened_at,
        decided_at=dispute.decided_at,
        appeal_until=dispute.appeal_until,
        appealed_at=dispute.appealed_at,
        answer_until=answer_until(dispute),
        closed_at=dispute.closed_at,
        version=Version(dispute.version),
        domain=dispute,
    )


async def load_dispute(info: Info, key: int | None) -> Dispute | None:
    """The dispute, if the viewer may see it."""
    found = await load(info.context, disputes_by_id, key)
    return None if found is None else dispute_of(found)


async def load_known_dispute(info: Info, key: int) -> Dispute:
    """One that a verb has just opened or changed; an error if it is gone since."""
    return known(await load_dispute(info, key))


async def load_disputes_of_settlement(info: Info, settlement_key: int) -> list[Dispute]:
    """A settlement's disputes, the newest first."""
    found = await load(info.context, disputes_of_settlements, settlement_key)
    return [dispute_of(each) for each in found or ()]


DisputeStates: TypeAlias = Annotated[
    list[DisputeState] | None,
    strawberry.argument(description="In one of these states; null: in any."),
]


async def dispute_page(
    info: Info, states: list[DisputeState] | None, asked: Page
) -> Connection[Dispute]:
    """One page of the disputes that the viewer may see, the newest first."""
    viewer, before = viewer_of(info.context), after_id(asked)
    found = await find_disputes(viewer, states, limit=asked.limit, before_id=before)
    return connection(asked, found, lambda dispute: (dispute.id,), dispute_of)


@strawberry.type
class DisputeQueries:
    """Root fields about disputes."""

    @resolved(
        "Disputes that the viewer may see, the newest first: their own, those about what they let"
        " or run; all of them with the role PLATFORM."
    )
    async def disputes(
        self,
        info: Info,
        states: DisputeStates = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Dispute]:
        return await dispute_page(info, states, page(first, after))

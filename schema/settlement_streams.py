"""Live settlements and balance. Not shared by subscribers: what one may see is theirs alone."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeAlias

import strawberry

from parking import errors
from parking.occupancy.state import UpdateKind
from parking.settlement.live import SNAPSHOT_MAX, follow_settlements, follow_wallets, followed
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import subscribed
from schema.ids import wanted_key
from schema.refusals import InvalidInput, NotFound, as_data
from schema.settlements import Settlement, settlement_of
from schema.wallets import Wallet, wallet_of

CHANGED_ASSUMED = 20


@strawberry.type(description="Settlements, as they are now.")
class SettlementsUpdate:
    """`parking.settlement.live.SettlementsUpdate`."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has the newest; a DELTA those that are new, or beside which"
        " something has changed."
    )
    settlements: list[Settlement] = strawberry.field(description="The settlements now.")


@strawberry.type(description="The viewer's own money, as it is now.")
class BalanceUpdate:
    """What `balance` gives."""

    wallets: list[Wallet] = strawberry.field(description="By currency.")


SettlementsEvent: TypeAlias = Annotated[
    SettlementsUpdate | InvalidInput | NotFound,
    strawberry.union("SettlementsEvent", description="What `settlements` gives."),
]
BalanceEvent: TypeAlias = Annotated[
    BalanceUpdate | NotFound,
    strawberry.union("BalanceEvent", description="What `balance` gives."),
]


@strawberry.type
class SettlementSubscriptions:
    """Root fields."""

    @subscribed(
        f"Settlements live: a SNAPSHOT of the newest (at most {SNAPSHOT_MAX}), then a DELTA for"
        " each that is new, or is disputed or credited. A reservation's for who may see its money,"
        " an organisation's for its OWNERs and OPERATORs, a place's for its OPERATORs, without any"
        " the viewer's own.",
        metadata={COST: Cost(assumed_size=CHANGED_ASSUMED)},
    )
    async def settlements(
        self,
        info: Info,
        reservation_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this reservation.")
        ] = None,
        organisation_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of what this lessor lets.")
        ] = None,
        place_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this place.")
        ] = None,
    ) -> AsyncIterator[SettlementsEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        try:
            which = await followed(
                viewer,
                _key(reservation_id, "Reservation"),
                _key(organisation_id, "Organisation"),
                _key(place_id, "Place"),
            )
        except errors.Refusal as refusal:
            yield _only(refusal)
            return
        async for update in follow_settlements(viewer, which, bus):
            info.context.loaders.clear()  # one context serves all events of a subscription
            found = [settlement_of(each) for each in update.settlements]
            yield SettlementsUpdate(kind=update.kind, settlements=found)

    @subscribed("The viewer's own money live: as it is now, then after each change.")
    async def balance(self, info: Info) -> AsyncIterator[BalanceEvent]:
        viewer, bus = viewer_of(info.context), services_of(info.context).bus
        try:
            async for wallets in follow_wallets(viewer, bus):
                yield BalanceUpdate(wallets=[wallet_of(each) for each in wallets])
        except errors.NotFound as refusal:
            yield _only(refusal)


def _key(text: str | None, type_name: str) -> int | None:
    return None if text is None else wanted_key(text, type_name)


def _only(refusal: errors.Refusal) -> Any:
    """The refusal that is all a stream gives."""
    return as_data(refusal)

"""Signals: what looks like fraud at a grant code."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.rights.kinds import SignalKind
from parking.rights.queries import RightsFilter, find_signals, signals_by_id
from parking.rights.records import SignalRecord
from schema import places, rights_codes
from schema.context import Info
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.refusals import known
from schema.relay import Connection, Node, Page
from schema.rights_pages import rights_page

if TYPE_CHECKING:
    from schema.places import Place
    from schema.rights_codes import GrantCode


@strawberry.type(description="Something at a grant code looks like fraud; for issuer and operator.")
class RightsSignal(Node):
    """`parking.rights.records.SignalRecord`."""

    kind: SignalKind = strawberry.field(description="What.")
    detail: str = strawberry.field(description="JSON, by kind.")
    at: datetime = strawberry.field(description="When it was noticed.")
    seen_at: datetime | None = strawberry.field(description="When somebody had seen it.")
    domain: strawberry.Private[SignalRecord]

    @resolved("At which code.")
    async def grant_code(
        self, info: Info
    ) -> Annotated["GrantCode", strawberry.lazy("schema.rights_codes")] | None:
        return await rights_codes.load_code(info, self.domain.grant_code_id)

    @resolved("The place; null if it was retired, or is private to others.")
    async def place(
        self, info: Info
    ) -> Annotated["Place", strawberry.lazy("schema.places")] | None:
        return await places.load_place(info, self.domain.place_id)


def signal_of(signal: SignalRecord) -> RightsSignal:
    """The domain's signal as the schema's type."""
    return RightsSignal(
        id=global_id("RightsSignal", signal.id),
        kind=signal.kind,
        detail=signal.detail,
        at=signal.at,
        seen_at=signal.seen_at,
        domain=signal,
    )


async def load_signal(info: Info, key: int | None) -> RightsSignal | None:
    """The signal, if the viewer may see it."""
    found = await load(info.context, signals_by_id, key)
    return None if found is None else signal_of(found)


async def load_known_signal(info: Info, key: int) -> RightsSignal:
    """One that a verb has just changed; an error if it is gone since."""
    return known(await load_signal(info, key))


async def signal_page(info: Info, wanted: RightsFilter, asked: Page) -> Connection[RightsSignal]:
    """One page of the signals that the viewer may see, the newest first."""
    return await rights_page(info, find_signals, wanted, asked, signal_of)

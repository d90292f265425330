"""Notices live. Not shared by subscribers: what one is told is theirs alone."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeAlias

import strawberry

from parking import errors
from parking.accounts.own_notices import (
    SNAPSHOT_MAX,
    follow_dead_notices,
    follow_own_notices,
)
from parking.accounts.own_notices import NoticesUpdate as OwnUpdate
from parking.occupancy.state import UpdateKind
from schema.context import Info, services_of, viewer_of
from schema.execution import COST, Cost
from schema.fields import subscribed
from schema.ids import wanted_key
from schema.notices import DeadNotice, Notice, dead_notice_of, notice_of
from schema.refusals import InvalidInput, NotFound, NotPermitted, as_data
from schema.scalars import Version

CHANGED_ASSUMED = 20


@strawberry.type(description="What the viewer is told.")
class NoticesUpdate:
    """`parking.accounts.own_notices.NoticesUpdate`."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has the newest; a DELTA continues `previousVersion`."
    )
    version: Version = strawberry.field(
        description="The version of the newest notice: give it as `after` to go on behind it."
    )
    previous_version: Version | None = strawberry.field(
        description="Of a DELTA: the version that it continues; whoever stands elsewhere has missed"
        " something. Null for a SNAPSHOT."
    )
    notices: list[Notice] = strawberry.field(description="The notices, the oldest first.")


@strawberry.type(description="Notices that were given up on behalf of an organisation.")
class DeadNoticesUpdate:
    """`parking.accounts.own_notices.DeadNoticesUpdate`."""

    kind: UpdateKind = strawberry.field(
        description="A SNAPSHOT has the newest; a DELTA what was given up since."
    )
    dead_notices: list[DeadNotice] = strawberry.field(description="The oldest first.")


NoticesEvent: TypeAlias = Annotated[
    NoticesUpdate | DeadNoticesUpdate | InvalidInput | NotFound | NotPermitted,
    strawberry.union("NoticesEvent", description="What `notices` gives."),
]


@strawberry.type
class NoticeSubscriptions:
    """Root fields."""

    @subscribed(
        f"What the viewer is told, live: a SNAPSHOT of the newest (at most {SNAPSHOT_MAX}), or the"
        " DELTA since version `after` while that is kept; then a DELTA for each new notice, none"
        " left out. With an organisation its dead letters, for its OPERATORs.",
        metadata={COST: Cost(assumed_size=CHANGED_ASSUMED)},
    )
    async def notices(
        self,
        info: Info,
        organisation_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="What was given up on behalf of this one."),
        ] = None,
        after: Annotated[
            Version | None,
            strawberry.argument(description="The version that the viewer's own list stands at."),
        ] = None,
    ) -> AsyncIterator[NoticesEvent]:
        try:
            async for update in _followed(info, organisation_id, after):
                yield update
        except errors.Refusal as refusal:
            yield _only(refusal)


async def _followed(
    info: Info, organisation_id: str | None, after: int | None
) -> AsyncIterator[NoticesUpdate | DeadNoticesUpdate]:
    viewer, bus = viewer_of(info.context), services_of(info.context).bus
    if organisation_id is None:
        async for own in follow_own_notices(viewer, bus, after):
            yield _own_update(own)
        return
    if after is not None:
        raise errors.InvalidInput("after", "dead letters have no versions; leave it out")
    key = wanted_key(organisation_id, "Organisation")
    async for dead in follow_dead_notices(viewer, key, bus):
        yield DeadNoticesUpdate(
            kind=UpdateKind.SNAPSHOT if dead.is_snapshot else UpdateKind.DELTA,
            dead_notices=[dead_notice_of(each) for each in dead.notices],
        )


def _own_update(own: OwnUpdate) -> NoticesUpdate:
    previous = own.previous_version
    return NoticesUpdate(
        kind=UpdateKind.SNAPSHOT if previous is None else UpdateKind.DELTA,
        version=Version(own.version),
        previous_version=None if previous is None else Version(previous),
        notices=[notice_of(each) for each in own.notices],
    )


def _only(refusal: errors.Refusal) -> Any:
    """The refusal that is all a stream gives."""
    return as_data(refusal)

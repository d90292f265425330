"""Credentials: what a driver shows at the bay, and what came of it."""

from base64 import b64encode
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.access.access_events import (
    AccessEventRecord,
    access_events_at,
    access_events_of,
)
from parking.access.check import Outcome
from parking.access.credentials import CredentialView, Qr, credentials_of
from parking.access.models import CredentialKind
from parking.access.qr import qr_png, qr_svg
from parking.errors import NotFound
from schema import devices, spaces
from schema.context import Info, viewer_of
from schema.execution import COST, Cost
from schema.fields import resolved
from schema.loaders import load
from schema.relay import Connection, Page, connection

if TYPE_CHECKING:
    from schema.devices import Device
    from schema.spaces import Space

DRAWING_COST = 5
"""Of a picture: some milliseconds."""


@strawberry.type(description="A way in that a booking has.")
class Credential:
    """`parking.access.credentials.CredentialView`."""

    kind: CredentialKind = strawberry.field(description="What is shown.")
    valid_from: datetime = strawberry.field(description="From when it opens the bay.")
    valid_until: datetime = strawberry.field(
        description="Until when; a stay that has begun opens the bay until it is ended."
    )
    made_at: datetime | None = strawberry.field(
        description="Since when there is one; null for a KEY that was not asked for yet."
    )


@strawberry.type(
    description="A QR credential: a signed token (CWT, RFC 8392) in Base45. It opens once and lasts"
    " a minute: show the next one from `renewAt` on, and after each use."
)
class QrCode:
    """`parking.access.credentials.Qr`."""

    text: str = strawberry.field(description="What the code holds; to be drawn by the client.")
    issued_at: datetime = strawberry.field(description="When it was made.")
    renew_at: datetime = strawberry.field(description="When to ask for the next one.")
    expires_at: datetime = strawberry.field(description="From when it opens nothing.")

    @resolved("Drawn as an SVG document.", metadata={COST: Cost(weight=DRAWING_COST)})
    def svg(self) -> str:
        return qr_svg(self.text)

    @resolved("Drawn as a PNG file, in base64.", metadata={COST: Cost(weight=DRAWING_COST)})
    def png(self) -> str:
        return b64encode(qr_png(self.text)).decode()


@strawberry.type(description="A credential was shown at a reader, or a plate seen.")
class AccessEvent:
    """`parking.access.access_events.AccessEventRecord`."""

    at: datetime = strawberry.field(description="When, by the reader's clock.")
    received_at: datetime = strawberry.field(description="When the platform heard of it.")
    kind: CredentialKind = strawberry.field(description="What was shown.")
    outcome: Outcome = strawberry.field(description="GRANTED, or why not.")
    is_offline: bool = strawberry.field(
        description="Whether the reader decided alone and told later; an outcome other than GRANTED"
        " may then be how it should have decided."
    )
    space_key: strawberry.Private[int | None]
    device_key: strawberry.Private[int | None]

    @resolved("The bay; null where that is not known, or it was retired.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.space_key)

    @resolved("The reader; null unless the viewer may see the place's devices.")
    async def reader(
        self, info: Info
    ) -> Annotated["Device", strawberry.lazy("schema.devices")] | None:
        return await devices.load_device(info, self.device_key)


def credential_of(view: CredentialView) -> Credential:
    """The domain's credential as the schema's type."""
    return Credential(
        kind=view.kind,
        valid_from=view.valid_from,
        valid_until=view.valid_until,
        made_at=view.made_at,
    )


def qr_of(qr: Qr) -> QrCode:
    """The domain's QR as the schema's type."""
    return QrCode(
        text=qr.text, issued_at=qr.issued_at, renew_at=qr.renew_at, expires_at=qr.expires_at
    )


def access_event_of(event: AccessEventRecord) -> AccessEvent:
    """The domain's event as the schema's type."""
    return AccessEvent(
        at=event.at,
        received_at=event.received_at,
        kind=event.kind,
        outcome=event.outcome,
        is_offline=event.is_offline,
        space_key=event.space_id,
        device_key=event.reader_device_id,
    )


async def load_credentials(info: Info, reservation_key: int) -> list[Credential] | None:
    """The ways in of the viewer's own booking; None for everybody else's."""
    views = await load(info.context, credentials_of, reservation_key)
    return None if views is None else [credential_of(view) for view in views]


async def load_access_events(info: Info, reservation_key: int) -> list[AccessEvent]:
    """What was shown for a booking, the newest first."""
    events = await load(info.context, access_events_of, reservation_key)
    return [access_event_of(event) for event in events or ()]


async def access_event_page(
    info: Info, place_key: int, asked: Page
) -> Connection[AccessEvent] | None:
    """One page of what was shown in a place; None unless the viewer works there."""
    before = int(asked.after[0]) if asked.after else None
    try:
        events = await access_events_at(
            viewer_of(info.context), place_key, limit=asked.limit, before=before
        )
    except NotFound:
        return None
    return connection(asked, events, lambda event: (event.id,), access_event_of)

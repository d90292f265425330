"""Photos of where a car stands. They are sent and shown by addresses outside GraphQL."""

from typing import TYPE_CHECKING

import strawberry

from parking.locations.kinds import PositionState
from parking.locations.limits import PHOTO_SCOPE_LASTS, PHOTOS_MAX
from parking.locations.photos.attach import TICKET_LASTS, photo_ticket
from parking.locations.photos.look import photo_address, photos_seen
from parking.locations.photos.tokens import Right
from parking.locations.positions.looks import looked_at
from parking.locations.records import PhotoRecord, PositionVersionRecord
from schema.context import Info, services_of, viewer_of
from schema.execution import VOLATILE
from schema.fields import resolved
from schema.ids import global_id
from schema.locations_now import load_now
from schema.relay import Node

if TYPE_CHECKING:
    from parking.locations.positions.queries import SeenPosition

PHOTO_PATH = "/positions/photos/"
_SEEN_MINUTES = int(PHOTO_SCOPE_LASTS.total_seconds() // 60)
_SEND_MINUTES = int(TICKET_LASTS.total_seconds() // 60)


@strawberry.type(
    description="A photo of where a car stands, without anything in it but what is seen. For whom"
    " the position is shown to."
)
class PositionPhoto(Node):
    """`parking.locations.records.PhotoRecord`."""

    width_pixels: int = strawberry.field(description="Of the JPEG.")
    height_pixels: int = strawberry.field(description="Of the JPEG.")
    domain: strawberry.Private[PhotoRecord]

    @resolved(
        f"Path on this API by which the viewer sees it, for {_SEEN_MINUTES} minutes and only while"
        " they may. Not to be given to others: make a link for them.",
        metadata={VOLATILE: True},
    )
    async def url(self, info: Info) -> str:
        viewer, services = viewer_of(info.context), services_of(info.context)
        assert viewer.person_id is not None, "only people see photos"
        return PHOTO_PATH + photo_address(
            services.keys.photos[0], self.domain.id, Right.PERSON, viewer.person_id,
            services.clock.now(),
        )  # fmt: skip


@strawberry.type
class VersionPhoto:
    """Fields of `PositionVersion`."""

    domain: strawberry.Private[PositionVersionRecord]

    @resolved("Its photo; null: none, or it was erased.", metadata={VOLATILE: True})
    async def photo(self, info: Info) -> PositionPhoto | None:
        return await load_photo(info, self.domain.photo_id)


@strawberry.type
class PhotoUpload:
    """Fields of `ParkingPosition`."""

    domain: strawberry.Private["SeenPosition"]

    @resolved(
        "Path on this API to which the sharer POSTs one photo (JPEG, PNG or WebP as the body, at"
        f" most 10 MB), within {_SEND_MINUTES} minutes; the answer has its `id`, which"
        f" `revisePosition` takes. At most {PHOTOS_MAX} of a position; each call gives another"
        " path. Null for all others, for an ended position, and where the platform keeps no"
        " photos.",
        metadata={VOLATILE: True},
    )
    async def photo_upload_url(self, info: Info) -> str | None:
        viewer, services = viewer_of(info.context), services_of(info.context)
        position = self.domain.position
        is_live = position.state is PositionState.ACTIVE
        if self.domain.binding is not None or not is_live or not services.has_photos:
            return None
        now, key = services.clock.now(), services.keys.photos[0]
        return PHOTO_PATH + photo_ticket(key, viewer, position, now)


def photo_of(photo: PhotoRecord) -> PositionPhoto:
    """The domain's photo as the schema's type."""
    return PositionPhoto(
        id=global_id("PositionPhoto", photo.id),
        width_pixels=photo.width_pixels,
        height_pixels=photo.height_pixels,
        domain=photo,
    )


async def load_photo(info: Info, key: int | None) -> PositionPhoto | None:
    """The photo, if the viewer may see its position now; a look, also when asked for by its id."""
    found = await load_now(info.context, photos_seen, key)
    if found is None:
        return None
    await load_now(info.context, looked_at, found.position_id)
    return photo_of(found)

"""`/positions/photos/{token}`: POST sends a photo of a parked car, GET shows one.

The token is the right: a ticket to send one photo, or a few minutes' sight of one, which is checked
against what its holder may see at that moment. 201 with the photo's id. 404: no such token, too
old, or not to be seen any more; 409: the car is gone, or there are enough photos; 413 and 422: too
large, or no photo; 503: the store is away.
"""

import asyncio
import logging
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.bodies import body_within
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound, Refusal
from parking.locations.limits import PHOTO_BYTES_MAX
from parking.locations.photos.attach import read_ticket, take_photo
from parking.locations.photos.cleaning import too_large
from parking.locations.photos.look import photo_seen
from parking.locations.photos.objects import JPEG
from parking.locations.photos.port import PhotoStore, PhotoStoreDown
from schema.ids import global_id

PATH = "/positions/photos/"
CLEANED_AT_ONCE_MAX = 2
"""A photo of forty megapixels takes a hundred megabytes while it is drawn anew."""
RETRY_SECONDS = 30
PHOTO_POLICY = "default-src 'none'; sandbox"
KEPT_BY_NOBODY = {"cache-control": "private, no-store", "referrer-policy": "no-referrer"}
STATUS: dict[type[Refusal], int] = {NotFound: 404, Conflict: 409, InvalidInput: 422}

log = logging.getLogger(__name__)


class PhotoDoor:
    """Both routes. `keys` authenticate tokens, the newest first."""

    def __init__(self, store: PhotoStore | None, keys: Sequence[bytes], clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._cleaning = asyncio.Semaphore(CLEANED_AT_ONCE_MAX)

    def routes(self) -> list[Route]:
        """None where there is no store: then no address is ever made either."""
        if self._store is None:
            return []
        path = f"{PATH}{{token:str}}"
        return [
            Route(path, self.take, methods=["POST"], name="send_photo"),
            Route(path, self.show, methods=["GET"], name="photo"),
        ]

    async def take(self, request: Request) -> Response:
        """A photo, as the request's body."""
        assert self._store is not None, "there is no route without"
        text = request.path_params["token"]
        try:
            ticket = read_ticket(self._keys, text, self._clock.now())
            data = await body_within(request, PHOTO_BYTES_MAX)
            if data is None:
                raise too_large()
            async with self._cleaning:
                photo = await take_photo(self._store, ticket, data, clock=self._clock)
        except Refusal as error:
            return _declined(error)
        except PhotoStoreDown as error:
            return _away(error)
        told = {
            "id": global_id("PositionPhoto", photo.id),
            "widthPixels": photo.width_pixels,
            "heightPixels": photo.height_pixels,
        }
        return JSONResponse(told, 201, KEPT_BY_NOBODY)

    async def show(self, request: Request) -> Response:
        """A photo."""
        assert self._store is not None, "there is no route without"
        address = request.path_params["token"]
        try:
            data = await photo_seen(self._store, self._keys, address, clock=self._clock)
        except Refusal as error:
            return _declined(error)
        except PhotoStoreDown as error:
            return _away(error)
        headers = {**KEPT_BY_NOBODY, "content-security-policy": PHOTO_POLICY}
        return Response(data, 200, headers, JPEG)


def _declined(error: Refusal) -> Response:
    status = 413 if error.code == "PHOTO_TOO_LARGE" else STATUS.get(type(error), 409)
    return _refused(status, error.code, error.message)


def _away(error: PhotoStoreDown) -> Response:
    log.warning("the store of photos cannot be used: %s", error)
    told = _refused(503, "STORE_AWAY", "photos cannot be kept or shown now; try again soon")
    told.headers["retry-after"] = str(RETRY_SECONDS)
    return told


def _refused(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message}, status, KEPT_BY_NOBODY)

"""`/positions/export.zip`: all that is kept of a person's positions, for who signs in as them."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import IO

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from api.pages.asking import Bearers, denied
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotPermitted
from parking.locations.keeping.export import write_archive
from parking.locations.photos.port import PhotoStore, PhotoStoreDown
from schema.execution import Unauthenticated

PATH = "/positions/export.zip"
IN_MEMORY_BYTES_MAX = 16 * 1024 * 1024
"""A larger archive is put together on disk."""
CHUNK_BYTES = 64 * 1024
AT_ONCE_MAX = 2
"""Archives that are put together at one time in one process."""
RETRY_SECONDS = 30
KEPT_BY_NOBODY = {"cache-control": "private, no-store"}


@dataclass(frozen=True, slots=True)
class PositionArchives:
    """The endpoint."""

    bearers: Bearers
    store: PhotoStore | None
    clock: Clock
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE_MAX))

    def routes(self) -> list[Route]:
        """One."""
        return [Route(PATH, self.send, methods=["GET"], name="positions_export")]

    async def send(self, request: Request) -> Response:
        """The archive, whole or not at all. 503 while the store of photos is away."""
        try:
            viewer = await self.bearers.viewer_of(request)
            async with self.room:
                file = await self._written(viewer)
        except Unauthenticated as error:
            return denied(error)
        except NotPermitted as error:
            return PlainTextResponse(f"{error.message}\n", 403, KEPT_BY_NOBODY)
        except PhotoStoreDown:
            headers = {"retry-after": str(RETRY_SECONDS), **KEPT_BY_NOBODY}
            told = "Photos cannot be read now; try again soon.\n"
            return PlainTextResponse(told, 503, headers)
        disposition = 'attachment; filename="positions.zip"'
        headers = {"content-disposition": disposition, **KEPT_BY_NOBODY}
        return StreamingResponse(_read(file), 200, headers, "application/zip")

    async def _written(self, viewer: Viewer) -> IO[bytes]:
        file = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES_MAX)  # noqa: SIM115
        try:
            await write_archive(file, viewer, self.store, clock=self.clock)
        except BaseException:
            file.close()
            raise
        return file


async def _read(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk

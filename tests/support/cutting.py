"""A bad connection: a relay of TCP that can be cut, and that can lose an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

CHUNK_BYTES = 64 * 1024


class Relay:
    """Passes bytes on to a port of this machine, until told otherwise."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._to_lose: list[bytes] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.is_down = False
        self.lost = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def lose_the_answer_to(self, *marks: bytes) -> None:
        """Of the next request that has one of these bytes in it; each once."""
        self._to_lose += marks

    def cut(self) -> None:
        """All connections break, and new ones do until `is_down` is False again."""
        self.is_down = True
        for pair in list(self._pairs):
            _abort(*pair)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await self._server.wait_closed()
        await asyncio.gather(*self._tasks)

    async def _relay(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        if self.is_down:
            _abort(client)
            return
        answers, server = await asyncio.open_connection("127.0.0.1", self._port)
        pair = client, server
        self._pairs.add(pair)
        marked = asyncio.Event()
        self._tasks.add(cast("asyncio.Task[None]", asyncio.current_task()))
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(reader, server, marked))
                both.create_task(self._back(answers, client, marked))
        except* ConnectionError:
            pass  # as it is meant to
        finally:
            self._pairs.discard(pair)
            _abort(*pair)

    async def _forward(
        self, reader: asyncio.StreamReader, server: asyncio.StreamWriter, marked: asyncio.Event
    ) -> None:
        while data := await reader.read(CHUNK_BYTES):
            for mark in [mark for mark in self._to_lose if mark in data]:
                self._to_lose.remove(mark)
                marked.set()
            server.write(data)
            await server.drain()
        server.transport.abort()

    async def _back(
        self, answers: asyncio.StreamReader, client: asyncio.StreamWriter, marked: asyncio.Event
    ) -> None:
        while data := await answers.read(CHUNK_BYTES):
            if marked.is_set():
                self.lost += 1
                raise ConnectionResetError
            client.write(data)
            await client.drain()
        client.transport.abort()


@asynccontextmanager
async def relay_to(port: int) -> AsyncIterator[Relay]:
    """A relay meanwhile."""
    relay = Relay(port)
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()


def _abort(*writers: asyncio.StreamWriter) -> None:
    for writer in writers:
        writer.transport.abort()

"""Ready frames past ASGI: the same bytes as the server's own, and only for the server we know."""

from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from api.graphql import wire
from api.graphql.direct import known_socket, text_frame, write_now
from api.graphql.payload import Payload
from tests.api.graphql.served import served
from tests.api.graphql.test_shared import LIVE


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 70_000])
def test_a_frame_is_what_the_servers_library_makes(length: int) -> None:
    payload = ("é" * length).encode()[:length]
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)


def test_a_frame_is_made_once_for_members_with_the_same_id() -> None:
    payload = Payload(b'{"data":1}')
    frame = payload.frame(b'{"id":"1","payload":')
    assert frame is payload.frame(b'{"id":"1","payload":')
    assert frame.endswith(b'{"id":"1","payload":{"data":1}}')
    assert payload.frame(b'{"id":"2","payload":') != frame


async def test_behind_another_server_or_a_middleware_asgi_is_used() -> None:
    class Other:
        handshake_complete = True

        async def send(self, message: dict[str, Any]) -> None:
            """An ASGI send."""

    async def wrapped(message: dict[str, Any]) -> None:
        """A middleware's send."""

    assert known_socket(Other().send) is None  # type: ignore[arg-type]
    assert known_socket(wrapped) is None  # type: ignore[arg-type]


async def test_behind_uvicorn_deltas_go_past_asgi(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def writing(connection: Any, frame: bytes) -> bool:
        written.append(frame)
        return write_now(connection, frame)

    monkeypatch.setattr(wire, "write_now", writing)
    async with served() as server, server.acknowledged() as talk:
        await talk.subscribe("live", LIVE)
        first = await talk.hear()
        assert first["type"] == "next"
        server.world.change()
        assert (await talk.hear())["type"] == "next"
    assert written

"""A stock aiocoap client, with its own OSCORE state in files, against the stack."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiocoap
import pytest
from aiocoap.oscore import FilesystemSecurityContext

from coap_gateway.stack import Server
from tests.coap_gateway.stack.conftest import Bay, StartServer
from tests.coap_gateway.stack.peers import DEVICE


@pytest.fixture
def oscore_folder(tmp_path: Path) -> Path:
    """A context as aiocoap's documentation has it."""
    settings = {
        "sender-id_ascii": DEVICE.sender_id.decode(),
        "recipient-id_ascii": DEVICE.recipient_id.decode(),
        "secret_ascii": DEVICE.master_secret.decode(),
    }
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    return tmp_path


@pytest.fixture
async def client() -> AsyncIterator[aiocoap.Context]:
    """A stock client context."""
    context = await aiocoap.Context.create_client_context(transports=["oscore", "udp6"])
    yield context
    await context.shutdown()


@pytest.fixture
def url(server: Server, client: aiocoap.Context, oscore_folder: Path) -> str:
    """The server's URL; the client has credentials for it."""
    base = f"coap://127.0.0.1:{server.port}"
    client.client_credentials[f"{base}/*"] = FilesystemSecurityContext(str(oscore_folder))
    return base


def message(code: aiocoap.Code, uri: str, **options: object) -> aiocoap.Message:
    return aiocoap.Message(code=code, uri=uri, **options)


async def test_get_and_post_under_oscore(client: aiocoap.Context, url: str, bay: Bay) -> None:
    got = await client.request(message(aiocoap.GET, f"{url}/state")).response
    assert (got.code, got.payload, got.opt.max_age) == (aiocoap.CONTENT, b"free", 30)
    report = message(aiocoap.POST, f"{url}/dp?x=1", payload=b"\x80", content_format=112)
    assert (await client.request(report).response).code == aiocoap.CHANGED
    assert bay.requests[-1].query == ("x=1",)


async def test_bodies_in_blocks_both_ways(client: aiocoap.Context, url: str) -> None:
    body = bytes(range(256)) * 7
    posted = await client.request(message(aiocoap.POST, f"{url}/echo/1", payload=body)).response
    assert (posted.code, posted.payload) == (aiocoap.CHANGED, body)
    got = await client.request(message(aiocoap.GET, f"{url}/echo/1")).response
    assert got.payload == bytes(range(256)) * 12


async def test_a_refusal_arrives_inside(client: aiocoap.Context, url: str) -> None:
    refused = await client.request(message(aiocoap.PUT, f"{url}/broken")).response
    assert refused.code == aiocoap.UNPROCESSABLE_ENTITY
    assert refused.payload == b"that cannot be"


async def test_a_late_answer_comes_separately(client: aiocoap.Context, url: str, bay: Bay) -> None:
    asyncio.get_running_loop().call_later(0.7, bay.gate.set)
    late = await client.request(message(aiocoap.POST, f"{url}/late")).response
    assert late.payload == b"late"


async def test_observation_under_oscore(
    client: aiocoap.Context, url: str, bay: Bay, server: Server
) -> None:
    request = client.request(message(aiocoap.GET, f"{url}/state", observe=0))
    assert (await request.response).payload == b"free"
    states = aiter(request.observation)
    for state in (b"occupied", b"free again"):
        bay.state = state
        server.changed(("state",))
        async with asyncio.timeout(5):
            assert (await anext(states)).payload == state


async def test_after_a_restart_the_client_recovers_by_itself(
    client: aiocoap.Context, url: str, server: Server, start: StartServer
) -> None:
    await client.request(message(aiocoap.GET, f"{url}/state")).response
    await server.close()
    await start(port=server.port)
    again = await client.request(message(aiocoap.GET, f"{url}/state")).response
    assert again.payload == b"free"


async def test_discovery_without_oscore_is_put_together_from_small_blocks(
    client: aiocoap.Context, server: Server
) -> None:
    uri = f"coap://127.0.0.1:{server.port}/.well-known/core"
    found = await client.request(message(aiocoap.GET, uri)).response
    assert found.payload.startswith(b"</state>")
    assert len(found.payload) > 100

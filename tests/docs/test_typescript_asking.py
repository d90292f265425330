"""docs/clients/typescript: which requests the client sends again, and which it does not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.running import ROOT
from tests.support.scripts import script

FOLDER = (ROOT / "docs" / "clients" / "typescript").as_uri()
ASK = f"""
import {{ Client }} from "{FOLDER}/client.ts";
import * as operations from "{FOLDER}/operations.ts";
const {{ BERTH_URL, OPERATION, VARIABLES }} = process.env;
try {{
  const client = new Client({{ url: BERTH_URL }});
  console.log(JSON.stringify(await client.ask(operations[OPERATION], JSON.parse(VARIABLES))));
}} catch (error) {{
  console.log(String(error));
}}
"""
GOOD = 200, '{"data": {"it": "went well"}}'
PAGE = 502, "<h1>Bad gateway</h1>"
AWAY = 503, '{"errors": [{"message": "try again", "extensions": {"code": "UNAVAILABLE"}}]}'
WRONG = 400, '{"errors": [{"message": "no", "extensions": {"code": "BAD_USER_INPUT"}}]}'
EMPTY = 404, "null"
WITH_KEY = {"quoteId": "quote", "idempotencyKey": "one"}


@asynccontextmanager
async def answering(*answers: tuple[int, str]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers so, one after the other; where it is, and the bodies that it got."""
    waiting, bodies = list(answers), list[bytes]()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(line for line in head.splitlines() if line.startswith("content-length"))
        bodies.append(await reader.readexactly(int(length.partition(":")[2])))
        status, text = waiting.pop(0)
        size = len(text.encode())
        answer = f"HTTP/1.1 {status} _\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n{text}"
        writer.write(answer.encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", bodies
    assert waiting == []


async def asked(
    operation: str, variables: dict[str, str], *answers: tuple[int, str]
) -> tuple[str, list[bytes]]:
    """What asking prints, and the bodies that were sent."""
    async with answering(*answers) as (url, bodies):
        arguments = ("--input-type=module-typescript", "--eval", ASK)
        given = {"OPERATION": operation, "VARIABLES": json.dumps(variables)}
        with script(*arguments, BERTH_URL=url, **given) as asking:
            await asyncio.to_thread(asking.wait)
            assert "".join(asking.err) == ""
            return "".join(asking.out).strip(), bodies


@pytest.mark.parametrize("answer", [PAGE, AWAY])
@pytest.mark.parametrize(
    ("operation", "variables"), [("placeLive", {"id": "place"}), ("reserve", WITH_KEY)]
)
async def test_what_passes_is_waited_for_and_the_same_is_sent_again(
    operation: str, variables: dict[str, str], answer: tuple[int, str]
) -> None:
    told, bodies = await asked(operation, variables, answer, answer, GOOD)
    assert told == '{"it":"went well"}'
    assert len(set(bodies)) == 1
    assert json.loads(bodies[0])["variables"] == variables


async def test_a_change_without_a_key_is_sent_once() -> None:
    told, _ = await asked("reserve", {"quoteId": "quote"}, PAGE)
    assert told == "RequestFailed: HTTP_502: <h1>Bad gateway</h1>"


@pytest.mark.parametrize(
    ("answer", "told"),
    [(WRONG, "RequestFailed: BAD_USER_INPUT: no"), (EMPTY, "RequestFailed: HTTP_404: null")],
)
async def test_what_would_be_the_same_again_is_told(answer: tuple[int, str], told: str) -> None:
    assert (await asked("placeLive", {"id": "place"}, answer))[0] == told


async def test_it_gives_up_after_five_times() -> None:
    told, bodies = await asked("placeLive", {"id": "place"}, *([AWAY] * 5))
    assert told == "RequestFailed: UNAVAILABLE: try again"
    assert len(bodies) == 5

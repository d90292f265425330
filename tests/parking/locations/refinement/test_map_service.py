"""Asking map services: the place's own plan, one behind HTTP, and one that does not answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from parking.locations.kinds import (
    RefinementState,
    Terminal,
    VersionKind,
    VersionSource,
)
from parking.locations.limits import MAP_ATTEMPTS_MAX, MAP_LEASE
from parking.locations.positions.facts import Facts
from parking.locations.refinement.due import ask_map_service
from parking.locations.refinement.http_map_service import (
    MAP_ANSWER_BYTES_MAX,
    HttpMapService,
    said_by,
)
from parking.locations.refinement.map_service import (
    MapQuestion,
    MapService,
    MapServiceRefused,
    MapServiceUnavailable,
)
from parking.locations.refinement.plan_map_service import PlanMapService, located
from tests.support.parked import LATITUDE, LONGITUDE, STEP_DEGREES, Parked

QUESTION = MapQuestion(1, "Garage", "G-1", LATITUDE, LONGITUDE, 5.0, "", "", "")
ROW = [
    Facts(1, 1, 1, "Level 1", "Blue", "1", LATITUDE, LONGITUDE),
    Facts(1, 2, 1, "Level 1", "Blue", "2", LATITUDE + 0.00002, LONGITUDE),
    Facts(1, 3, 1, "Level 1", "Red", "3", LATITUDE + 0.0002, LONGITUDE),
    Facts(1, 4, 2, "Level 2", "", "4", LATITUDE, LONGITUDE),
]
"""Two bays two metres apart, one 22 metres away, and one a floor above the first."""


@pytest.mark.parametrize(
    ("accuracy", "floor", "wanted"),
    [
        (1.0, "level 1", {"floor": "Level 1", "area": "Blue", "space_id": 1, "bay": "1"}),
        (5.0, "Level 1", {"floor": "Level 1", "area": "Blue"}),
        (50.0, "Level 1", {"floor": "Level 1"}),
        (None, "Level 1", {"floor": "Level 1", "area": "Blue"}),
        (5.0, "Level 2", {"floor": "Level 2", "space_id": 4, "bay": "4"}),
    ],
)
def test_a_plan_says_what_the_near_bays_have_in_common(
    accuracy: float | None, floor: str, wanted: dict[str, Any]
) -> None:
    assert located(QUESTION._replace(accuracy_metres=accuracy, floor=floor), ROW) == wanted


@pytest.mark.parametrize(
    ("question", "word"),
    [
        (QUESTION, "several floors"),
        (QUESTION._replace(floor="Level 9"), "no bays"),
        (QUESTION._replace(latitude=LATITUDE + 0.01), "metres away"),
    ],
)
def test_a_plan_does_not_guess(question: MapQuestion, word: str) -> None:
    with pytest.raises(MapServiceRefused, match=word):
        located(question, ROW)


class Scripted:
    """A map service that does what a test says, one after the other."""

    def __init__(self, *says: Mapping[str, Any] | Exception) -> None:
        self.says = list(says)
        self.asked: list[MapQuestion] = []

    async def locate(self, question: MapQuestion) -> Mapping[str, Any]:
        self.asked.append(question)
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    async def close(self) -> None:
        pass


async def work(parked: Parked, service: MapService) -> int:
    return await ask_map_service(service, parked.clock, parked.bus)


async def asked(parked: Parked) -> tuple[int, int]:
    """A position, and a question to the map service about it."""
    position = await parked.parked(1)
    await parked.revise(
        position, VersionKind.REFINED, latitude=LATITUDE + STEP_DEGREES, longitude=LONGITUDE,
        accuracy_metres=4.0,
    )  # fmt: skip
    return position, await parked.ask(position, Terminal.MAP_SERVICE)


async def test_the_places_own_plan(parked: Parked) -> None:
    position = await parked.record(
        place_id=parked.estate.place_id, latitude=LATITUDE + STEP_DEGREES, longitude=LONGITUDE
    )
    question = await parked.ask(position, Terminal.MAP_SERVICE)
    assert await work(parked, PlanMapService()) == 1
    assert await work(parked, PlanMapService()) == 0
    version = await parked.newest(position)
    assert (version.source, version.floor, version.bay) == (
        VersionSource.MAP_SERVICE, "Level 2", "A-02",
    )  # fmt: skip
    row = await parked.question(question)
    assert (row.state, row.answered_by, row.due_at) == (RefinementState.ANSWERED, None, None)


async def test_a_service_that_is_down_is_asked_again_later_and_later(parked: Parked) -> None:
    _, question = await asked(parked)
    service = Scripted(*[MapServiceUnavailable("no answer")] * MAP_ATTEMPTS_MAX)
    for pause in (5, 10, 20, 40):
        assert await work(parked, service) == 1
        parked.clock.advance(seconds=pause - 1)
        assert await work(parked, service) == 0
        parked.clock.advance(seconds=1)
    assert (await parked.question(question)).state is RefinementState.OPEN
    assert await work(parked, service) == 1
    row = await parked.question(question)
    assert (row.state, row.reason, row.due_at) == (RefinementState.FAILED, "no answer", None)
    assert service.asked[0].accuracy_metres == 4.0


USELESS: list[Mapping[str, Any] | Exception] = [
    MapServiceRefused("not on the map"),
    {"note": "x"},
    {"latitude": 91.0, "longitude": 0.0},
    {"floor": "x" * 101},
]


async def test_what_is_of_no_use_has_failed(parked: Parked) -> None:
    position, question = await asked(parked)
    for said in USELESS:
        await work(parked, Scripted(said))
        row = await parked.question(question)
        assert row.state is RefinementState.FAILED
        assert row.reason
        question = await parked.ask(position, Terminal.MAP_SERVICE)
    assert (await parked.position(position)).version == 2


async def test_a_worker_that_dies_leaves_its_question_to_the_next(parked: Parked) -> None:
    _, question = await asked(parked)
    await work(parked, Scripted(RuntimeError("killed")))
    assert await work(parked, Scripted()) == 0
    parked.clock.advance(seconds=MAP_LEASE.total_seconds())
    assert await work(parked, Scripted({"bay": "9"})) == 1
    assert (await parked.question(question)).state is RefinementState.ANSWERED


async def test_an_answer_that_comes_after_the_car_was_moved_is_dropped(parked: Parked) -> None:
    position, question = await asked(parked)

    class Slow(Scripted):
        async def locate(self, question: MapQuestion) -> Mapping[str, Any]:
            await parked.revise(position, VersionKind.MOVED, floor="L9")
            return await super().locate(question)

    await work(parked, Slow({"floor": "Level 1"}))
    assert (await parked.newest(position)).floor == "L9"
    assert (await parked.question(question)).state is RefinementState.CANCELLED


async def test_workers_at_once_ask_once(parked: Parked) -> None:
    _, question = await asked(parked)
    service = Scripted(*[{"bay": "9"}] * 4)
    await asyncio.gather(*(work(parked, service) for _ in range(4)))
    assert len(service.asked) == 1
    assert (await parked.question(question)).attempts == 1


@asynccontextmanager
async def serving(status: int, body: bytes, heard: list[bytes]) -> AsyncIterator[str]:
    """A web server that answers everything alike."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        heard.extend([head, await reader.readexactly(length)])
        told = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(told.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/locate"


async def ask_over_http(status: int, body: bytes, heard: list[bytes]) -> Mapping[str, Any]:
    async with serving(status, body, heard) as url:
        service = HttpMapService(url, "key-1")
        try:
            return await service.locate(QUESTION)
        finally:
            await service.close()


async def test_over_http() -> None:
    heard: list[bytes] = []
    said = await ask_over_http(
        200, b'{"floor": "Level 2", "accuracyMetres": 3, "bay": 7, "x": 1}', heard
    )
    assert said == {"floor": "Level 2", "accuracy_metres": 3.0, "bay": None}
    assert b"authorization: bearer key-1" in heard[0].lower()
    told = json.loads(heard[1])
    assert told["place"] == {"id": 1, "name": "Garage", "externalId": "G-1"}
    assert set(told) == {
        "place", "latitude", "longitude", "accuracyMetres", "floor", "area", "bay",
    }  # fmt: skip


async def test_over_http_nobody_or_too_much() -> None:
    with pytest.raises(MapServiceUnavailable, match="too long"):
        await ask_over_http(200, b" " * (MAP_ANSWER_BYTES_MAX + 1), [])
    async with serving(200, b"", []) as url:
        pass
    service = HttpMapService(url)
    with pytest.raises(MapServiceUnavailable, match="does not answer"):
        await service.locate(QUESTION)
    await service.close()


@pytest.mark.parametrize(
    ("status", "body", "error", "word"),
    [
        (404, b"", MapServiceRefused, "no answer"),
        (422, b'{"reason": "outside  of\\n the building"}', MapServiceRefused, "outside of the"),
        (422, b'{"reason": 5}', MapServiceRefused, "no answer"),
        (500, b"", MapServiceUnavailable, "500"),
        (302, b"", MapServiceUnavailable, "302"),
        (401, b"", MapServiceUnavailable, "401"),
    ],
)
def test_what_a_status_says(status: int, body: bytes, error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=word):
        said_by(status, body)


@pytest.mark.parametrize("body", [b"[]", b"5", b"\xff", b"null", b"not json"])
def test_what_is_no_object_says_nothing(body: bytes) -> None:
    assert said_by(200, body) == {}

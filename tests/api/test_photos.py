"""Photos and the archive over HTTP: statuses, headers, and nothing without a token."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from api.downloads.positions import PATH as ARCHIVE
from api.downloads.positions import PositionArchives
from api.photos import PATH, PhotoDoor
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.locations.limits import PHOTO_BYTES_MAX, PHOTO_SCOPE_LASTS, PHOTOS_MAX
from parking.locations.photos.attach import photo_ticket
from parking.locations.photos.look import photo_address
from parking.locations.photos.objects import local_photos
from parking.locations.photos.port import PhotoStore, PhotoStoreDown
from parking.locations.photos.tokens import Right
from parking.locations.positions.end import end_position
from parking.locations.positions.record import NewPosition, record_position
from parking.locations.positions.rows import position_row
from parking.storage.database import connect, disconnect
from parking.storage.sql import database as db
from schema.ids import key_of
from tests.parking.vehicles.drivers import make_driver
from tests.support.bearing import bearers_of, bearing

KEYS = (b"k" * 32,)


class Failing:
    """A store, until it is away."""

    def __init__(self, behind: PhotoStore) -> None:
        self._behind = behind
        self.is_away = False

    def _there(self) -> PhotoStore:
        if self.is_away:
            raise PhotoStoreDown("away")
        return self._behind

    async def put(self, key: str, data: bytes) -> None:
        await self._there().put(key, data)

    async def get(self, key: str) -> bytes | None:
        return await self._there().get(key)

    async def erase(self, key: str) -> None:
        await self._there().erase(key)


@dataclass
class Door:
    """A server with the routes, and a sharer."""

    client: httpx.AsyncClient
    clock: TestClock
    bus: InProcessBus
    store: Failing
    sharer: Viewer
    position_id: int

    async def ticket(self) -> str:
        position = await position_row(db(), self.position_id)
        assert position is not None
        return photo_ticket(KEYS[0], self.sharer, position, self.clock.now())

    async def send(self, data: bytes, token: str | None = None) -> httpx.Response:
        return await self.client.post(PATH + (token or await self.ticket()), content=data)

    async def address(self) -> str:
        sent = await self.send(jpeg())
        key = key_of(sent.json()["id"], "PositionPhoto")
        assert key is not None
        assert self.sharer.person_id is not None
        return photo_address(KEYS[0], key, Right.PERSON, self.sharer.person_id, self.clock.now())

    async def show(self, token: str) -> httpx.Response:
        return await self.client.get(PATH + token)


def jpeg() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
async def door(sqlite_url: str, clock: TestClock, tmp_path: Path) -> AsyncIterator[Door]:
    """On one database: the verbs have tests on both."""
    await connect(sqlite_url)
    bus, store = InProcessBus(), Failing(local_photos(tmp_path / "photos"))
    sharer = await make_driver()
    new = NewPosition(title="the blue one", given={"floor": "P2"})
    made = await record_position(sharer, new, clock=clock, bus=bus)
    bearers = bearers_of({"ada": sharer, "key": Viewer(api_key_id=1)})
    routes = [
        *PositionArchives(bearers, store, clock).routes(),
        *PhotoDoor(store, KEYS, clock).routes(),
    ]
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://berth.test") as client:
        yield Door(client, clock, bus, store, sharer, made)
    await disconnect()


async def test_a_photo_comes_and_is_shown(door: Door) -> None:
    sent = await door.send(jpeg())
    assert (sent.status_code, sent.json()["widthPixels"], sent.json()["heightPixels"]) == (
        201,
        40,
        30,
    )
    shown = await door.show(await door.address())
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.content.startswith(b"\xff\xd8")


async def test_it_is_kept_by_no_cache_and_does_nothing(door: Door) -> None:
    headers = (await door.show(await door.address())).headers
    assert headers["cache-control"] == "private, no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_the_same_ticket_answers_the_same(door: Door) -> None:
    token = await door.ticket()
    assert (await door.send(jpeg(), token)).json() == (await door.send(jpeg(), token)).json()


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"no picture", 422, "PHOTO_UNREADABLE"),
        (b"", 422, "PHOTO_UNREADABLE"),
        (bytes(PHOTO_BYTES_MAX + 1), 413, "PHOTO_TOO_LARGE"),
    ],
    ids=["text", "nothing", "too large"],
)
async def test_what_is_no_photo(door: Door, data: bytes, status: int, code: str) -> None:
    answer = await door.send(data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("token", ["x", "a" * 82, "%00", "é", ".." * 9])
async def test_no_such_token(door: Door, token: str) -> None:
    for answer in (await door.send(jpeg(), token), await door.show(token)):
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_nothing_is_read_without_a_ticket(door: Door) -> None:
    """Whoever has none does not make us read ten megabytes."""
    pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pieces
        while True:
            pieces += 1
            yield bytes(64 * 1024)

    answer = await door.client.post(f"{PATH}nothing", content=endless())
    assert answer.status_code == 404
    assert pieces < 100


async def test_an_address_ends_and_so_does_the_car(door: Door) -> None:
    address, ticket = await door.address(), await door.ticket()
    await end_position(door.sharer, door.position_id, clock=door.clock, bus=door.bus)
    answer = await door.send(jpeg(), ticket)
    assert (answer.status_code, answer.json()["code"]) == (409, "POSITION_ENDED")
    assert (await door.show(address)).status_code == 200, "the sharer's own"
    door.clock.advance(seconds=PHOTO_SCOPE_LASTS.total_seconds())
    assert (await door.show(address)).status_code == 404


async def test_there_are_only_so_many(door: Door) -> None:
    for _ in range(PHOTOS_MAX):
        assert (await door.send(jpeg())).status_code == 201
    answer = await door.send(jpeg())
    assert (answer.status_code, answer.json()["code"]) == (409, "TOO_MANY_PHOTOS")


async def test_a_store_that_is_away(door: Door) -> None:
    address = await door.address()
    door.store.is_away = True
    for answer in (await door.send(jpeg()), await door.show(address)):
        assert (answer.status_code, answer.json()["code"]) == (503, "STORE_AWAY")
        assert int(answer.headers["retry-after"]) > 0
    archive = await door.client.get(ARCHIVE, headers=bearing("ada"))
    assert archive.status_code == 503


async def test_without_a_store_there_is_no_door(clock: TestClock) -> None:
    assert PhotoDoor(None, KEYS, clock).routes() == []


async def test_the_archive_is_the_signed_in_persons(door: Door) -> None:
    await door.address()
    answer = await door.client.get(ARCHIVE, headers=bearing("ada"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["cache-control"] == "private, no-store"
    with ZipFile(io.BytesIO(answer.content)) as archive:
        told = json.loads(archive.read("positions.json"))
        assert [each["title"] for each in told["positions"]] == ["the blue one"]
        assert len(archive.namelist()) == 2


async def test_the_archive_is_nobody_elses(door: Door) -> None:
    assert (await door.client.get(ARCHIVE)).status_code == 401
    assert (await door.client.get(ARCHIVE, headers=bearing("key"))).status_code == 403

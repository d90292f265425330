"""A picture comes by a ticket, is seen by whom the position is shown, and leaves nothing behind."""

import io
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound
from parking.locations.kinds import (
    BindingScope,
    BindingSide,
    BindingState,
    InvitationWay,
    PositionState,
)
from parking.locations.limits import PHOTOS_MAX
from parking.locations.models import (
    ParkingPosition,
    PhotoErasure,
    PositionBinding,
    PositionLink,
    PositionPhoto,
    PositionVersion,
)
from parking.locations.photos.attach import (
    ORPHANED_AFTER,
    TICKET_LASTS,
    photo_ticket,
    read_ticket,
    take_photo,
)
from parking.locations.photos.erasing import erase_photos
from parking.locations.photos.look import photo_address, photo_seen
from parking.locations.photos.objects import local_photos
from parking.locations.photos.port import PhotoStore, PhotoStoreDown
from parking.locations.photos.rows import erase_photos_of
from parking.locations.photos.tokens import Right
from parking.locations.positions.rows import position_row
from parking.locations.records import PhotoRecord
from parking.storage.sql import database as db
from parking.storage.transactions import transaction
from tests.parking.vehicles.drivers import make_driver

KEYS = (b"k" * 32,)


def jpeg(colour: str = "red") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(written, "JPEG")
    return written.getvalue()


class Away:
    """A store that is down."""

    async def put(self, key: str, data: bytes) -> None:
        raise PhotoStoreDown("away")

    async def get(self, key: str) -> bytes | None:
        raise PhotoStoreDown("away")

    async def erase(self, key: str) -> None:
        raise PhotoStoreDown("away")


@dataclass
class Scene:
    """A sharer with one position."""

    clock: TestClock
    directory: Path
    sharer: Viewer
    position_id: int
    store: PhotoStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = local_photos(self.directory)

    async def ticket(self) -> str:
        position = await position_row(db(), self.position_id)
        assert position is not None
        return photo_ticket(KEYS[0], self.sharer, position, self.clock.now())

    async def send(self, text: str, data: bytes, store: PhotoStore | None = None) -> PhotoRecord:
        ticket = read_ticket(KEYS, text, self.clock.now())
        return await take_photo(store or self.store, ticket, data, clock=self.clock)

    async def photo(self) -> PhotoRecord:
        return await self.send(await self.ticket(), jpeg())

    async def sees(self, photo: PhotoRecord, right: Right, holder_id: int) -> bool:
        address = photo_address(KEYS[0], photo.id, right, holder_id, self.clock.now())
        try:
            seen = await photo_seen(self.store, KEYS, address, clock=self.clock)
        except NotFound:
            return False
        return seen.startswith(b"\xff\xd8")

    def files(self) -> list[Path]:
        return sorted(self.directory.rglob("*.jpg"))


@pytest.fixture
async def scene(database: str, clock: TestClock, tmp_path: Path) -> Scene:
    sharer = await make_driver()
    now = clock.now()
    position = await ParkingPosition.create(
        person_id=sharer.person_id, created_at=now, changed_at=now
    )
    await PositionVersion.create(
        position=position, number=1, kind="BASIC", source="SHARER", actor=sharer.actor, at=now
    )
    return Scene(clock, tmp_path / "photos", sharer, position.id)


async def receiver_of(scene: Scene, **columns: Any) -> PositionBinding:
    receiver = await make_driver("Bo")
    now = scene.clock.now()
    told: dict[str, Any] = {
        "sharer_id": scene.sharer.person_id,
        "receiver_id": receiver.person_id,
        "state": BindingState.ACTIVE,
        "scope": BindingScope.ALWAYS,
        "asked_by": BindingSide.SHARER,
        "way": InvitationWay.LINK,
        "asked_at": now,
        "answer_until": now,
        "answered_at": now,
    }
    return await PositionBinding.create(**{**told, **columns})


async def link_to(scene: Scene, **columns: Any) -> PositionLink:
    now = scene.clock.now()
    told: dict[str, Any] = {
        "position_id": scene.position_id,
        "token_hash": "a" * 64,
        "created_at": now,
        "expires_at": now + timedelta(days=1),
    }
    return await PositionLink.create(**{**told, **columns})


async def test_a_picture_is_kept_and_known(scene: Scene) -> None:
    photo = await scene.photo()
    assert (photo.position_id, photo.width_pixels, photo.height_pixels) == (
        scene.position_id,
        40,
        30,
    )
    assert [file.name for file in scene.files()] == [f"{photo.key}.jpg"]
    assert await PhotoErasure.all().count() == 0


async def test_the_same_ticket_gives_the_same_picture(scene: Scene) -> None:
    text = await scene.ticket()
    first = await scene.send(text, jpeg())
    assert await scene.send(text, jpeg("blue")) == first
    assert len(scene.files()) == 1


async def test_a_ticket_is_for_ten_minutes_and_for_sending(scene: Scene) -> None:
    text, photo = await scene.ticket(), await scene.photo()
    now = scene.clock.now()
    address = photo_address(KEYS[0], photo.id, Right.PERSON, photo.created_by, now)
    with pytest.raises(NotFound, match="shows a photo"):
        await scene.send(address, jpeg())
    with pytest.raises(NotFound):
        await photo_seen(scene.store, KEYS, text, clock=scene.clock)
    scene.clock.advance(seconds=TICKET_LASTS.total_seconds())
    with pytest.raises(NotFound):
        await scene.send(text, jpeg())


async def test_an_ended_position_takes_none(scene: Scene) -> None:
    text = await scene.ticket()
    await end(scene)
    with pytest.raises(Conflict) as refusal:
        await scene.send(text, jpeg())
    assert refusal.value.code == "POSITION_ENDED"
    assert scene.files() == []


async def end(scene: Scene) -> None:
    await ParkingPosition.filter(id=scene.position_id).update(
        state=PositionState.ENDED, ended_at=scene.clock.now()
    )


async def test_a_position_has_only_so_many(scene: Scene) -> None:
    for number in range(PHOTOS_MAX):
        await PositionPhoto.create(
            position_id=scene.position_id, key=f"{number}", bytes=1, width_pixels=1,
            height_pixels=1, created_by=scene.sharer.person_id, created_at=scene.clock.now(),
        )  # fmt: skip
    with pytest.raises(Conflict) as refusal:
        await scene.photo()
    assert refusal.value.code == "TOO_MANY_PHOTOS"


async def test_what_is_no_picture_leaves_nothing(scene: Scene) -> None:
    with pytest.raises(InvalidInput):
        await scene.send(await scene.ticket(), b"no picture")
    assert (scene.files(), await PhotoErasure.all().count()) == ([], 0)


async def test_a_crash_after_the_store_leaves_no_picture_for_long(scene: Scene) -> None:
    """The store has it and the row was never written: it is let go of an hour later."""
    text = await scene.ticket()

    class Crash(Exception):
        pass

    class Dying:
        async def put(self, key: str, data: bytes) -> None:
            await scene.store.put(key, data)
            raise Crash

    with pytest.raises(Crash):
        await scene.send(text, jpeg(), Dying())  # type: ignore[arg-type]
    assert len(scene.files()) == 1
    assert await erase_photos(scene.store, scene.clock) == 0
    scene.clock.advance(seconds=ORPHANED_AFTER.total_seconds())
    assert await erase_photos(scene.store, scene.clock) == 1
    assert scene.files() == []


async def test_a_store_that_is_away_keeps_nothing_and_says_so(scene: Scene) -> None:
    text = await scene.ticket()
    with pytest.raises(PhotoStoreDown):
        await scene.send(text, jpeg(), Away())
    assert await PositionPhoto.all().count() == 0
    assert (await scene.send(text, jpeg())).bytes > 0, "the same ticket, when it is there again"


async def test_the_sharer_sees_it_also_later(scene: Scene) -> None:
    photo = await scene.photo()
    assert await scene.sees(photo, Right.PERSON, photo.created_by)
    await end(scene)
    assert await scene.sees(photo, Right.PERSON, photo.created_by)


@pytest.mark.parametrize(
    ("columns", "sees"),
    [
        ({}, True),
        ({"state": BindingState.REVOKED}, False),
        ({"state": BindingState.DECLINED}, False),
        ({"scope": BindingScope.ONE_STAY, "position_id": 0}, False),
    ],
)
async def test_a_receiver_sees_it_while_bound(
    scene: Scene, columns: dict[str, Any], sees: bool
) -> None:
    photo = await scene.photo()
    binding = await receiver_of(scene, **columns)
    assert binding.receiver_id is not None
    assert await scene.sees(photo, Right.PERSON, binding.receiver_id) is sees
    await end(scene)
    assert not await scene.sees(photo, Right.PERSON, binding.receiver_id)


async def test_a_stranger_sees_nothing(scene: Scene) -> None:
    photo, stranger = await scene.photo(), await make_driver("Cy")
    assert stranger.person_id is not None
    assert not await scene.sees(photo, Right.PERSON, stranger.person_id)


@pytest.mark.parametrize(
    ("columns", "sees"),
    [
        ({}, True),
        ({"views": 1, "views_max": 1}, True),
        ({"shows_photo": False}, False),
        ({"revoked_at": "now"}, False),
        ({"expires_at": "now"}, False),
    ],
)
async def test_a_link_shows_it_while_it_is_open(
    scene: Scene, columns: dict[str, Any], sees: bool
) -> None:
    photo = await scene.photo()
    now = scene.clock.now()
    link = await link_to(scene, **{k: now if v == "now" else v for k, v in columns.items()})
    assert await scene.sees(photo, Right.LINK, link.id) is sees
    await end(scene)
    assert not await scene.sees(photo, Right.LINK, link.id)


async def test_erased_ones_leave_the_store(scene: Scene) -> None:
    photo = await scene.photo()
    async with transaction() as sql:
        assert await erase_photos_of(sql, [scene.position_id], scene.clock.now()) == 1
    assert not await scene.sees(photo, Right.PERSON, photo.created_by)
    assert await erase_photos(Away(), scene.clock) == 0, "the store is away"
    assert await erase_photos(scene.store, scene.clock) == 0, "not due yet"
    scene.clock.advance(minutes=1)
    assert await erase_photos(scene.store, scene.clock) == 1
    assert (scene.files(), await PhotoErasure.all().count()) == ([], 0)

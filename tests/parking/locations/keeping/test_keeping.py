"""A person's positions are their own: carried away whole, erased whole, and kept no longer."""

import io
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from PIL import Image

from parking.accounts.models import AuditEntry
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import NotFound, NotPermitted, Unauthenticated
from parking.events.bus import InProcessBus
from parking.locations.bindings.ask import Wish, ask_binding
from parking.locations.keeping.erase import Erased, erase_all, erase_position
from parking.locations.keeping.export import FORMAT, exported, write_archive
from parking.locations.keeping.retention import IDLE_AFTER, forget_positions
from parking.locations.kinds import (
    BindingScope,
    BindingSide,
    BindingState,
    InvitationWay,
    LinkOutcome,
    PositionState,
)
from parking.locations.links.make import NewLink, make_link
from parking.locations.models import (
    ParkingPosition,
    PositionAccess,
    PositionBinding,
    PositionLink,
    PositionPhoto,
    PositionVersion,
)
from parking.locations.photos.attach import photo_ticket, read_ticket, take_photo
from parking.locations.photos.erasing import erase_photos
from parking.locations.photos.objects import ObjectPhotos, local_photos
from parking.locations.positions.record import NewPosition, record_position
from parking.locations.positions.rows import position_row
from parking.notices.models import Notice
from parking.storage.sql import database as db
from tests.parking.vehicles.drivers import SEALER, make_driver

KEYS = (b"k" * 32,)
KEPT = timedelta(days=30)
NOTE = "behind the third pillar"
PASSCODE = "270384"
PHONE = "+8613800138000"


@dataclass
class House:
    """Two sharers, each with a car, and what hangs on its position."""

    clock: TestClock
    bus: InProcessBus
    store: ObjectPhotos
    files: Path
    ada: Viewer
    bo: Viewer
    ada_position: int
    bo_position: int

    def pictures(self) -> int:
        return len(list(self.files.rglob("*.jpg")))


async def counts(person: Viewer) -> dict[str, int]:
    """How many rows of each kind there are of a person's positions."""
    ids = [each.id for each in await ParkingPosition.filter(person_id=person.person_id)]
    models = (PositionVersion, PositionPhoto, PositionLink, PositionAccess)
    found = {each.__name__: await each.filter(position_id__in=ids).count() for each in models}
    about = [f"position:{each}" for each in ids]
    bound = await PositionBinding.filter(sharer_id=person.person_id).count()
    waiting = await Notice.filter(about__in=about).count()
    return {"positions": len(ids), **found, "bindings": bound, "notices": waiting}


def jpeg() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, "JPEG")
    return written.getvalue()


async def parked(
    house_clock: TestClock, bus: InProcessBus, store: ObjectPhotos, who: Viewer
) -> int:
    clock = house_clock
    new = NewPosition(title="the blue one", given={"floor": "P2", "note": NOTE})
    made = await record_position(who, new, clock=clock, bus=bus)
    position = await position_row(db(), made)
    assert position is not None
    text = photo_ticket(KEYS[0], who, position, clock.now())
    await take_photo(store, read_ticket(KEYS, text, clock.now()), jpeg(), clock=clock)
    link = await make_link(
        who, NewLink(position_id=made, label="Cy", passcode=PASSCODE), clock=clock, bus=bus,
        keys=KEYS, sealer=SEALER,
    )  # fmt: skip
    await PositionAccess.create(
        position_id=made, link_id=link, version_number=1, outcome=LinkOutcome.SHOWN,
        device="phone, Safari", at=clock.now(),
    )  # fmt: skip
    receiver, now = await make_driver("Dee"), clock.now()
    await PositionBinding.create(
        sharer_id=who.person_id, receiver_id=receiver.person_id, state=BindingState.ACTIVE,
        scope=BindingScope.ALWAYS, asked_by=BindingSide.SHARER, way=InvitationWay.LINK,
        receiver_name="my sister", sharer_name="that pest", asked_at=now, answer_until=now,
        answered_at=now,
    )  # fmt: skip
    return made


@pytest.fixture
async def house(database: str, clock: TestClock, tmp_path: Path) -> House:
    bus, store = InProcessBus(), local_photos(tmp_path / "photos")
    ada, bo = await make_driver("Ada"), await make_driver("Bo")
    mine, others = [await parked(clock, bus, store, who) for who in (ada, bo)]
    return House(clock, bus, store, tmp_path, ada, bo, mine, others)


async def test_erasing_all_leaves_nothing_of_one_and_all_of_the_other(house: House) -> None:
    before = await counts(house.bo)
    assert min(value for name, value in before.items() if name != "notices") == 1
    assert await erase_all(house.ada, clock=house.clock, bus=house.bus) == Erased(1, 1)
    assert set((await counts(house.ada)).values()) == {0}
    assert await PositionAccess.filter(position_id=house.ada_position).count() == 0
    assert await counts(house.bo) == before
    assert house.pictures() == 2
    assert await erase_photos(house.store, house.clock) == 1
    assert house.pictures() == 1


async def test_erasing_again_finds_nothing(house: House) -> None:
    await erase_all(house.ada, clock=house.clock, bus=house.bus)
    assert await erase_all(house.ada, clock=house.clock, bus=house.bus) == Erased(0, 0)


async def test_the_audit_says_that_and_not_what(house: House) -> None:
    await erase_all(house.ada, clock=house.clock, bus=house.bus)
    entry = await AuditEntry.filter(verb="erase_positions").get()
    assert json.loads(str(entry.detail)) == {"positions": 1, "bindings": 1}
    trail = " ".join([str(each.detail) for each in await AuditEntry.all()])
    assert NOTE not in trail
    assert "pillar" not in trail


async def test_erasing_one_position(house: House) -> None:
    await erase_position(house.ada, house.ada_position, clock=house.clock, bus=house.bus)
    left = await counts(house.ada)
    assert left.pop("bindings") == 1, "that was for all positions, and stays"
    assert set(left.values()) == {0}


async def test_the_number_that_was_invited_goes_too(house: House) -> None:
    wish = Wish(
        side=BindingSide.SHARER, way=InvitationWay.PHONE, scope=BindingScope.ALWAYS, phone=PHONE,
        own_name="Ada",
    )  # fmt: skip
    at: dict[str, Any] = {"clock": house.clock, "bus": house.bus}
    first, _ = [
        await ask_binding(house.ada, wish, **at, keys=KEYS, base_url="https://berth.example")
        for _ in range(2)
    ]
    assert await Notice.filter(recipient=PHONE).count() == 2
    ended_at = house.clock.now() - KEPT - timedelta(days=1)
    await PositionBinding.filter(id=first).update(state=BindingState.REVOKED, ended_at=ended_at)
    await forget_positions(KEPT, **at)
    assert await Notice.filter(recipient=PHONE).count() == 1, "it is kept as long as its binding"
    await erase_all(house.ada, **at)
    assert await Notice.filter(recipient=PHONE).count() == 0
    assert await Notice.filter(body__contains="/i/").count() == 0


async def test_nobody_erases_anothers(house: House) -> None:
    for viewer in (house.bo, SYSTEM):
        with pytest.raises((NotFound, NotPermitted)):
            await erase_position(viewer, house.ada_position, clock=house.clock, bus=house.bus)
    assert (await counts(house.ada))["positions"] == 1


async def test_a_receiver_who_erases_is_no_receiver_any_more(house: House) -> None:
    binding = await PositionBinding.filter(sharer_id=house.ada.person_id).get()
    receiver = Viewer(person_id=binding.receiver_id)
    assert await erase_all(receiver, clock=house.clock, bus=house.bus) == Erased(0, 1)
    assert (await counts(house.ada))["bindings"] == 0


async def test_the_export_has_all_of_one_and_nothing_of_others(house: House) -> None:
    told = await exported(house.ada, clock=house.clock)
    [position] = told["positions"]
    assert (told["format"], position["id"], position["title"]) == (
        FORMAT,
        house.ada_position,
        "the blue one",
    )
    assert [each["note"] for each in position["versions"]] == [NOTE]
    assert [each["device"] for each in position["accesses"]] == ["phone, Safari"]
    assert [each["label"] for each in position["links"]] == ["Cy"]
    assert [each["receiverName"] for each in told["bindings"]] == ["my sister"]
    text = json.dumps(told)
    link = await PositionLink.filter(position_id=house.ada_position).get()
    photo = await PositionPhoto.filter(position_id=house.ada_position).get()
    for secret in (link.token_hash, link.passcode_hash, photo.key, PASSCODE):
        assert secret not in text
    assert not {"personId", "receiverId", "actor"} & set(position)


async def test_neither_side_carries_away_what_the_other_calls_them(house: House) -> None:
    binding = await PositionBinding.filter(sharer_id=house.ada.person_id).get()
    receiver = Viewer(person_id=binding.receiver_id)
    assert "that pest" not in json.dumps(await exported(house.ada, clock=house.clock))
    told = await exported(receiver, clock=house.clock)
    assert [each["sharerName"] for each in told["bindings"]] == ["that pest"]
    assert "my sister" not in json.dumps(told)


async def test_the_archive_has_the_photos(house: House) -> None:
    file = io.BytesIO()
    await write_archive(file, house.ada, house.store, clock=house.clock)
    with ZipFile(file) as archive:
        document = json.loads(archive.read("positions.json"))
        [photo] = document["positions"][0]["photos"]
        assert archive.namelist() == ["positions.json", f"photos/{photo['id']}.jpg"]
        assert archive.read(f"photos/{photo['id']}.jpg").startswith(b"\xff\xd8")
        assert [each.compress_type for each in archive.infolist()] == [ZIP_DEFLATED, ZIP_STORED]


@pytest.mark.parametrize(
    ("viewer", "error"),
    [
        (ANONYMOUS, Unauthenticated),
        (Viewer(api_key_id=1), NotPermitted),
        (Viewer(person_id=1, link_of=1), NotPermitted),
    ],
)
async def test_only_people_who_have_signed_in(
    house: House, viewer: Viewer, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await exported(viewer, clock=house.clock)
    with pytest.raises(error):
        await erase_all(viewer, clock=house.clock, bus=house.bus)


async def test_what_ended_is_forgotten_when_its_time_is_over(house: House) -> None:
    gone = ParkingPosition.filter(id=house.ada_position)
    await gone.update(state=PositionState.ENDED, ended_at=house.clock.now())
    house.clock.advance(days=KEPT.days)
    assert await forget_positions(KEPT, clock=house.clock, bus=house.bus) == 0
    house.clock.advance(seconds=1)
    assert await forget_positions(KEPT, clock=house.clock, bus=house.bus) == 1
    left = await counts(house.ada)
    assert left.pop("bindings") == 1
    assert set(left.values()) == {0}
    assert (await counts(house.bo))["positions"] == 1, "its car is still there"


async def test_ended_bindings_are_forgotten_too(house: House) -> None:
    bound = PositionBinding.filter(sharer_id=house.ada.person_id)
    await bound.update(state=BindingState.REVOKED, ended_at=house.clock.now())
    house.clock.advance(days=KEPT.days + 1)
    await forget_positions(KEPT, clock=house.clock, bus=house.bus)
    assert [await bound.count(), await PositionBinding.all().count()] == [0, 1]


async def test_one_that_nobody_touches_for_a_year_ends(house: House) -> None:
    house.clock.advance(days=IDLE_AFTER.days)
    await forget_positions(KEPT, clock=house.clock, bus=house.bus)
    assert await ParkingPosition.filter(state=PositionState.ACTIVE).count() == 2
    house.clock.advance(seconds=1)
    await forget_positions(KEPT, clock=house.clock, bus=house.bus)
    assert await ParkingPosition.filter(state=PositionState.ACTIVE).count() == 0
    assert await ParkingPosition.all().count() == 2, "kept for a while, as all others"

"""What receivers are told by notice: the newest version, at most once a minute, and the end."""

import json
from typing import Any

import pytest

from parking.accounts.models import Person
from parking.locations.bindings.revoke import revoke_binding
from parking.locations.kinds import BindingScope, BindingState, VersionKind
from parking.locations.limits import TOLD_EVERY
from parking.locations.models import ParkingPosition
from parking.locations.positions import notices
from parking.locations.positions.notices import tell_receivers
from parking.notices.kinds import NoticeTopic
from parking.notices.models import NoticePreference
from parking.notices.preferences import PreferenceRecord, save_preference
from parking.storage.sql import database
from tests.support.parked import Parked

PAGE = "https://berth.example/positions"
SHOWN, ENDED = NoticeTopic.POSITION_SHOWN, NoticeTopic.POSITION_ENDED


async def hear(parked: Parked) -> list[dict[str, Any]]:
    """Run the job; what is new in the outbox."""
    [row] = await database().fetch("SELECT COALESCE(MAX(id), 0) AS last FROM notice")
    await tell_receivers(parked.clock, lambda: PAGE)
    return await database().fetch(
        "SELECT id, topic, channel, recipient, body, person_id, about FROM notice WHERE id > $1"
        " ORDER BY id",
        row["last"],
    )


async def test_a_friend_is_told_where_the_car_is(parked: Parked) -> None:
    await parked.bind()
    position = await parked.parked()
    [told] = await hear(parked)
    assert (told["topic"], told["channel"], told["recipient"]) == (
        SHOWN, "EMAIL", "fred@example.org",
    )  # fmt: skip
    assert told["body"] == (
        "The car of Dora is at Harbour garage: Level 1, Blue, A-01. https://berth.example/positions"
    )
    assert (told["person_id"], told["about"]) == (
        parked.friend.person_id, f"position:{position}",
    )  # fmt: skip
    assert await hear(parked) == []
    rows = await database().fetch("SELECT person_id, topic, text FROM own_notice")
    assert [(row["person_id"], row["topic"]) for row in rows] == [(parked.friend.person_id, SHOWN)]
    assert PAGE not in rows[0]["text"]


async def test_nothing_of_the_sharers_own_is_in_it(parked: Parked) -> None:
    await parked.bind(sharer_name="", locale="zh")
    await parked.record(note="secret", latitude=1.25, longitude=2.25)
    [told] = await hear(parked)
    assert told["body"] == f"您的朋友 的车停在 停车场：详见页面。{PAGE}"


async def test_of_several_in_a_row_the_newest_is_told_once_a_minute(parked: Parked) -> None:
    await parked.bind()
    position = await parked.parked()
    assert len(await hear(parked)) == 1
    for bay in ("1", "2", "3"):
        parked.clock.advance(seconds=10)
        await parked.revise(position, VersionKind.CORRECTED, bay=bay)
        assert await hear(parked) == []
    parked.clock.advance(seconds=30)
    [told] = await hear(parked)
    assert ": 3." in told["body"]
    parked.clock.advance(minutes=5)
    assert await hear(parked) == []
    await parked.revise(position, VersionKind.CORRECTED, bay="4")
    assert ": 4." in (await hear(parked))[0]["body"]


async def test_who_sees_nothing_is_told_nothing(parked: Parked) -> None:
    await parked.bind(state=BindingState.REVOKED)
    await parked.bind(parked.other, BindingScope.UNTIL, until=parked.clock.now())
    position = await parked.parked()
    assert await hear(parked) == []
    await parked.bind()
    await parked.revise(position, VersionKind.REFINED, note="x")
    await parked.end(position)
    [row] = await database().fetch("SELECT topic FROM notice")
    assert row["topic"] == ENDED
    assert await hear(parked) == []


async def test_the_end_is_told_once_to_each(parked: Parked) -> None:
    position = await parked.parked()
    await parked.bind()
    await parked.bind(scope=BindingScope.ONE_STAY, position_id=position)
    await parked.bind(parked.other)
    await parked.end(position)
    rows = await database().fetch("SELECT topic, person_id, body FROM notice ORDER BY person_id")
    assert [(row["topic"], row["person_id"]) for row in rows] == [
        (ENDED, parked.friend.person_id), (ENDED, parked.other.person_id),
    ]  # fmt: skip
    assert rows[0]["body"] == (
        "The position of the car of Dora at Harbour garage is not shown to you any more."
    )


async def test_a_notice_that_fails_does_not_undo_the_act(
    parked: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("no outbox")

    position = await parked.parked()
    await parked.bind()
    monkeypatch.setattr(notices, "tell_person", broken)
    assert await hear(parked) == []
    row = await ParkingPosition.get(id=position)
    assert row.tell_at == parked.clock.now() + TOLD_EVERY, "it is tried again, after the others"
    await parked.end(position)
    assert (await ParkingPosition.get(id=position)).ended_at is not None


async def test_by_wechat_and_phone_where_there_are_and_not_if_muted(parked: Parked) -> None:
    await parked.bind()
    friend = parked.friend.person_id
    await Person.filter(id=friend).update(phone="+4917012345")
    now = parked.clock.now()
    await NoticePreference.create(person_id=friend, wechat_open_id="open-1", changed_at=now)
    position = await parked.parked()
    told = {row["channel"]: row for row in await hear(parked)}
    assert (told["WECHAT"]["recipient"], told["SMS"]["recipient"]) == ("open-1", "+4917012345")
    assert json.loads(told["WECHAT"]["body"])["sharer"] == "Dora"
    assert friend is not None
    muted = PreferenceRecord(muted=(SHOWN, ENDED))
    await save_preference(database(), friend, muted, now)
    parked.clock.advance(minutes=2)
    await parked.revise(position, VersionKind.REFINED, note="x")
    await hear(parked)
    [row] = await database().fetch("SELECT COUNT(*) AS found FROM own_notice")
    assert row["found"] == 1


async def unsent(parked: Parked) -> list[str]:
    """What says where the car is and waits still, as in quiet hours."""
    await hear(parked)
    rows = await database().fetch(
        "SELECT body FROM notice WHERE topic = $1 AND state = 'DUE' ORDER BY id", SHOWN
    )
    return [row["body"] for row in rows]


@pytest.mark.parametrize("who", ["driver", "friend"])
async def test_what_waits_is_not_sent_after_the_binding_was_taken_back(
    parked: Parked, who: str
) -> None:
    binding = await parked.bind()
    await parked.bind(parked.other)
    await parked.parked()
    assert len(await unsent(parked)) == 2
    viewer = parked.everybody[who]
    await revoke_binding(viewer, binding.id, clock=parked.clock, bus=parked.bus)
    assert len(await unsent(parked)) == 1, "the other's is theirs still"
    [row] = await database().fetch(
        "SELECT state, body FROM notice WHERE topic = $1 AND person_id = $2",
        SHOWN,
        parked.friend.person_id,
    )
    assert (row["state"], row["body"]) == ("DROPPED", "")


async def test_who_sees_it_by_another_binding_is_sent_it(parked: Parked) -> None:
    position = await parked.parked()
    binding = await parked.bind()
    await parked.bind(scope=BindingScope.ONE_STAY, position_id=position)
    assert len(await unsent(parked)) == 1
    await revoke_binding(parked.driver, binding.id, clock=parked.clock, bus=parked.bus)
    assert len(await unsent(parked)) == 1


async def test_what_waits_is_not_sent_once_the_car_is_gone(parked: Parked) -> None:
    await parked.bind()
    position = await parked.parked()
    assert len(await unsent(parked)) == 1
    await parked.end(position)
    assert await unsent(parked) == []


async def test_of_what_waits_only_the_newest_is_sent(parked: Parked) -> None:
    await parked.bind()
    position = await parked.parked()
    await hear(parked)
    parked.clock.advance(minutes=2)
    await parked.revise(position, VersionKind.CORRECTED, bay="2")
    [body] = await unsent(parked)
    assert ": 2." in body

"""The matrix of locks: every verb, stream and node about them, by every role (I11)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from parking.access.commands import order
from parking.access.models import Alarm, AlarmKind, CommandCause, LockTarget
from parking.clock import as_utc
from parking.devices.models import Device, DeviceHealth, DeviceKind
from parking.listings.models import Listing, ListingSpace, ListingState
from parking.occupancy.change import changing_places
from parking.reservations.models import Reservation, ReservationState
from schema.ids import global_id
from tests.schema.matrix_fields import ROLES
from tests.schema.matrix_locks import (
    ALARM_SEEN,
    BOOKERS,
    BOOKING_FOLLOWED,
    COMMAND_SEEN,
    MOVES,
    NOTHING,
    SPACE_FOLLOWED,
)
from tests.schema.selections import object_type, selection
from tests.schema.test_matrix_fields import read_node
from tests.schema.test_matrix_verbs import answer_to
from tests.schema.town import Town

LONG = 30.0


@pytest.fixture
async def locked(town: Town) -> Town:
    """The town with locks, alarms, bookings that hold now, and an order for each."""
    for place in ("garage", "yard", "hilltop"):
        await _equip(town, place)
    await _book(town, "garage", "harbour")
    await _book(town, "hilltop", "hill")
    return town


async def _equip(town: Town, place: str) -> None:
    space_id, now = town.keys[f"{place}-1"], town.clock.now()
    lock = await Device.create(
        endpoint=f"{place}-lock", kind=DeviceKind.LOCK, place_id=town.keys[place],
        space_id=space_id, created_at=now,
    )  # fmt: skip
    await DeviceHealth.create(device_id=lock.id)
    alarm = await Alarm.create(
        place_id=town.keys[place], space_id=space_id, kind=AlarmKind.FORCED, raised_at=now
    )
    town.know(f"{place}-alarm", "Alarm", alarm.id)


async def _book(town: Town, place: str, lessor: str) -> None:
    now, keys = town.clock.now(), town.keys
    organisation_id, space_id = keys[lessor], keys[f"{place}-1"]
    listing = await Listing.create(
        place_id=keys[place], organisation_id=organisation_id, name="Bay", cancellation="{}",
        rate_table_id=keys[f"{lessor}-rates"], state=ListingState.ACTIVE, created_at=now,
        changed_at=now,
    )  # fmt: skip
    await ListingSpace.create(listing_id=listing.id, space_id=space_id)
    until = as_utc(now) + timedelta(hours=2)
    made = await Reservation.create(
        state=ReservationState.CONFIRMED, listing_id=listing.id, space_id=space_id,
        place_id=keys[place], organisation_id=organisation_id, person_id=keys[BOOKERS[place]],
        starts_at=now, ends_at=until, blocked_until=until, currency="EUR", amount_minor=500,
        lines="[]", terms="{}", created_at=now,
    )  # fmt: skip
    town.know(f"{place}-booking", "Reservation", made.id)
    async with changing_places([keys[place]], town.clock, town.bus) as change:
        command_id = await order(
            change, space_id, LockTarget.LOWERED, CommandCause.CREDENTIAL, "device:1",
            reservation_id=made.id,
        )  # fmt: skip
    town.know(f"{place}-command", "LockCommand", command_id)


def id_of(town: Town, thing: str, type_name: str) -> str:
    return global_id(type_name, 999_999) if thing == NOTHING else town.ids[thing]


@pytest.mark.parametrize(
    ("type_name", "seen"), [("Alarm", ALARM_SEEN), ("LockCommand", COMMAND_SEEN)]
)
async def test_nodes_are_for_those_whom_their_row_names(
    locked: Town, type_name: str, seen: dict[str, set[str]]
) -> None:
    for role in ROLES:
        for thing, readers in seen.items():
            if thing == NOTHING:
                continue
            found = await read_node(locked, role, locked.ids[thing])
            assert (found is not None) == (role in readers), f"{role} and {thing}"


@pytest.mark.parametrize("thing", MOVES)
async def test_an_arm_moves_for_those_whom_its_row_names(locked: Town, thing: str) -> None:
    for role in ROLES:
        arguments = f'spaceId: "{locked.ids[thing]}"'
        got = await answer_to(locked, role, "lowerLock", arguments)
        assert got == MOVES[thing][role], f"{role} on {thing}"
        # Nobody knows that the bay is free: raising is refused to all who might.
        up = {"LockOrdered": "SpaceNotFree"}.get(got, got)
        assert await answer_to(locked, role, "raiseLock", arguments) == up


async def test_who_is_early_moves_no_arm_while_somebody_elses_window_is_on(locked: Town) -> None:
    now, mine = as_utc(locked.clock.now()), locked.keys["garage-booking"]
    held = await Reservation.get(id=mine)
    soon = now + timedelta(minutes=10)
    await Reservation.filter(id=mine).update(starts_at=soon)
    values = {name: getattr(held, name) for name in (
        "listing_id", "space_id", "place_id", "organisation_id", "currency", "amount_minor",
        "lines", "terms", "created_at", "state",
    )}  # fmt: skip
    await Reservation.create(
        **values, person_id=locked.keys["stranger"], starts_at=now, ends_at=soon,
        blocked_until=soon,
    )  # fmt: skip
    arguments = f'spaceId: "{locked.ids["garage-1"]}"'
    for verb in ("lowerLock", "raiseLock"):
        assert await answer_to(locked, BOOKERS["garage"], verb, arguments) == "NoClaim"


async def test_alarms_are_acknowledged_by_those_who_see_them(locked: Town) -> None:
    for role in ROLES:
        for thing, seen_by in ALARM_SEEN.items():
            arguments = f'alarmId: "{id_of(locked, thing, "Alarm")}"'
            got = await answer_to(locked, role, "acknowledgeAlarm", arguments)
            expected = "AlarmAcknowledged" if role in seen_by else "NotFound"
            assert got == ("UNAUTHENTICATED" if role == "anonymous" else expected)


async def first(town: Town, role: str, field: str, update: str) -> dict[str, Any]:
    """The first value, with everything that can be selected of it."""
    told = f"__typename ... on {update} {selection(object_type(update))}"
    results = await town.subscribe(role, f"subscription {{ it: {field} {{ {told} }} }}")
    result = await asyncio.wait_for(anext(results), LONG)
    assert result.errors is None
    await results.aclose()
    value: dict[str, Any] = result.data["it"]
    return value


FOLLOWED = [
    ("commands", "spaceId", "CommandsUpdate", "Space", SPACE_FOLLOWED),
    ("commands", "reservationId", "CommandsUpdate", "Reservation", BOOKING_FOLLOWED),
    (
        "alarms", "placeId", "AlarmsUpdate", "Place",
        {thing.removesuffix("-alarm"): who for thing, who in ALARM_SEEN.items()},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "argument", "update", "type_name", "seen"), FOLLOWED,
    ids=[f"{row[0]}-{row[1]}" for row in FOLLOWED],
)  # fmt: skip
async def test_streams_are_for_those_whom_their_row_names(
    locked: Town, field: str, argument: str, update: str, type_name: str, seen: dict[str, set[str]]
) -> None:
    for role in ROLES:
        for thing, followers in seen.items():
            text = id_of(locked, thing, type_name)
            got = await first(locked, role, f'{field}({argument}: "{text}")', update)
            expected = update if role in followers else "NotFound"
            assert got["__typename"] == expected, f"{role} and {thing}"


async def test_commands_need_one_thing_to_be_of(locked: Town) -> None:
    text = f'spaceId: "{locked.ids["garage-1"]}", reservationId: "{locked.ids["garage-booking"]}"'
    got = await first(locked, "operator", f"commands({text})", "CommandsUpdate")
    assert got["__typename"] == "InvalidInput"
    got = await first(locked, "operator", "commands", "CommandsUpdate")
    assert got["__typename"] == "InvalidInput"


async def test_each_step_of_a_command_is_told(locked: Town) -> None:
    space = locked.ids["garage-1"]
    query = f'subscription {{ it: commands(spaceId: "{space}") {{ ... on CommandsUpdate'
    query += " { commands { state target cause } } } }"
    results = await locked.subscribe("operator", query)
    told = (await asyncio.wait_for(anext(results), LONG)).data["it"]["commands"]
    assert told == [{"state": "QUEUED", "target": "LOWERED", "cause": "CREDENTIAL"}]
    assert await answer_to(locked, "driver", "lowerLock", f'spaceId: "{space}"') == "LockOrdered"
    told = (await asyncio.wait_for(anext(results), LONG)).data["it"]["commands"]
    assert [each["state"] for each in told] == ["QUEUED", "SUPERSEDED"]
    assert told[0]["cause"] == "HOLDER"
    await results.aclose()

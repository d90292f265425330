"""Seeding: the whole demo, step by step; each step does only what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from berth.console import Steps
from berth.demo.building import BuiltPlace, build_place
from berth.demo.day import RESIDING, SHOPPING, VISITING, Habit
from berth.demo.devices import (
    SpaceToWatch,
    Workshop,
    lock_name,
    make_devices,
    reader_name,
    sensor_name,
)
from berth.demo.history import WatchedSpace, make_history
from berth.demo.leasing import make_listing
from berth.demo.money import make_money
from berth.demo.orders import Parking, make_orders
from berth.demo.people import (
    COURTYARD_OWNERS,
    MALL_COMPANY,
    STREET_COMPANY,
    TEA_ROOM,
    make_people,
)
from berth.demo.places import COURTYARD, MALL, MALL_LOT, STREET, DemoPlace, demo_places
from berth.demo.rights import make_rights
from parking.accounts.audit import record_audit
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.events.bus import InProcessBus
from parking.storage.sql import database

SUBJECT = "demo"
BEGUN = "begin_seed"
DONE = "seed"


@dataclass(frozen=True, slots=True)
class Detail:
    """Who runs a demo place, how it is used, what its devices' names begin with."""

    company: str
    habit: Habit
    prefix: str


DETAILS: Mapping[str, Detail] = {
    MALL: Detail(MALL_COMPANY, SHOPPING, "hubin"),
    STREET: Detail(STREET_COMPANY, VISITING, "ufer"),
    COURTYARD: Detail(COURTYARD_OWNERS, RESIDING, "hof"),
    MALL_LOT: Detail(MALL_COMPANY, SHOPPING, "hubin-lot"),
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """How much of the demo the database holds now."""

    places: int
    spaces: int
    devices: int


async def seed(clock: Clock, sealer: Sealer, device_file: Path, steps: Steps) -> Seeded:
    """Make the demo, on a connected database; what is there already stays as it is.

    Other processes hear of it through the relay. The devices' secrets go into `device_file`.
    """
    bus = InProcessBus()
    await _note(BEGUN, clock)
    workshop = Workshop(clock, bus, sealer, device_file)
    steps.begin("seeding: people and organisations")
    organisations = await make_people(clock)
    await make_money(organisations, clock, bus)
    places = demo_places()
    spaces = devices = 0
    made: dict[str, int] = {}
    for demo in places:
        detail = DETAILS[demo.draft.external_id or ""]
        steps.begin(f"seeding: {demo.draft.name}", 4)
        built = await build_place(demo, organisations[detail.company], clock, bus)
        steps.advance()
        known = await make_devices(built.place_id, detail.prefix, _to_watch(demo, built), workshop)
        steps.advance()
        watched = _watched(demo, built, detail.prefix, known)
        zone = demo.draft.time_zone or "UTC"
        await make_history(built.place_id, zone, detail.habit, watched, clock, bus)
        steps.advance()
        await make_listing(demo, built, organisations[detail.company], clock, bus)
        if demo.draft.external_id == MALL:
            await make_rights(organisations[TEA_ROOM], built.place_id, clock, bus)
        steps.advance()
        spaces, devices = spaces + len(built.space_ids), devices + len(known)
        made[demo.draft.external_id or ""] = built.place_id
    steps.begin("seeding: a tea room's orders")
    parking = Parking(made[MALL], made[MALL_LOT])
    await make_orders(organisations[TEA_ROOM], parking, clock, bus, sealer)
    await _note(DONE, clock)
    return Seeded(len(places), spaces, devices)


async def is_wanted() -> bool:
    """Whether the database has no place at all yet, or a seeding of it was never finished."""
    rows = await database().fetch(
        f"SELECT DISTINCT verb FROM audit_entry WHERE subject = '{SUBJECT}'"
    )
    verbs = {row["verb"] for row in rows}
    if verbs:
        return DONE not in verbs
    return await database().fetch_one("SELECT 1 AS one FROM place LIMIT 1") is None


async def _note(verb: str, clock: Clock) -> None:
    await record_audit(database(), SYSTEM, verb, SUBJECT, None, {}, clock.now())


def _to_watch(demo: DemoPlace, built: BuiltPlace) -> list[SpaceToWatch]:
    return [
        SpaceToWatch(
            built.space_ids[space.number],
            space.number,
            has_lock=space.number in demo.locked,
            has_reader=space.number in demo.listed,
        )
        for space in demo.draft.spaces
        if space.number in built.space_ids
    ]


def _watched(
    demo: DemoPlace, built: BuiltPlace, prefix: str, devices: Mapping[str, int]
) -> list[WatchedSpace]:
    return [
        WatchedSpace(
            space_id=built.space_ids[space.number],
            number=space.number,
            sensor_id=devices[sensor_name(prefix, space.number)],
            lock_id=devices.get(lock_name(prefix, space.number)),
            is_closed=space.number in demo.closed,
            reader_id=devices.get(reader_name(prefix, space.number)),
        )
        for space in demo.draft.spaces
        if space.number in built.space_ids
    ]

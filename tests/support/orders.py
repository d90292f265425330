"""What the proofs of merchants' orders share: locks in a mall, one that fails, and the bays in the
order in which a brute force finds them."""

from itertools import pairwise, permutations
from math import inf
from typing import NamedTuple

from parking.access.hand_out import hand_out
from parking.access.replies import refuse_command
from parking.devices.models import DeviceKind
from parking.devices.provision import Provisioned
from parking.merchants.connectors import link
from parking.merchants.queries import links_of
from parking.merchants.walking import Spot, step, straight
from parking.occupancy.models import LockState, Occupancy
from parking.places.models import Space
from parking.storage.sql import database
from tests.support.bays import Bays
from tests.support.mall import LEVEL, Mall


async def brute_walks(mall: Mall) -> dict[int, float]:
    """How far it is to each bay by all ways that use each link at most once."""
    links = [link(each) for each in await links_of(database(), mall.campus_id)]
    shop = Spot(None, 1, 40.0, 0.0)
    found: dict[int, float] = {}
    for space in await Space.all():
        is_below = space.place_id == mall.garage.place_id
        plan, level = (space.place_id, LEVEL) if is_below else (None, 0)
        goal, best = Spot(plan, level, space.x_metres, space.y_metres), inf
        for way in (way for n in range(1, 5) for way in permutations(links, n)):
            far = straight(shop, way[0].spot) + straight(way[-1].spot, goal)
            best = min(best, far + sum(step(a, b) for a, b in pairwise(way)))
        found[space.id] = best
    return found


class Equipped(NamedTuple):
    """What a bay has."""

    lock: Provisioned
    sensor: Provisioned


async def equipped(mall: Mall, bays: Bays) -> list[Equipped]:
    """Every bay of the garage with a lock that is down and a sensor."""
    made = []
    for index in range(len(mall.garage.space_ids)):
        lock = await bays.equip(index, DeviceKind.LOCK)
        sensor = await bays.equip(index, DeviceKind.SENSOR)
        await bays.see(Occupancy.FREE, sensor, index)
        await bays.see(LockState.LOWERED, lock, index)
        made.append(Equipped(lock, sensor))
    return made


async def locks_of(mall: Mall, bays: Bays) -> list[Provisioned]:
    """The locks of `equipped`."""
    return [each.lock for each in await equipped(mall, bays)]


async def killed(*_: object) -> None:
    """Instead of carrying out what was recorded."""


async def break_lock(mall: Mall, lock: Provisioned) -> bool:
    """The arm is told to rise, and cannot; whether it was told to."""
    command = await hand_out(lock.device_id, mall.clock, mall.bus)
    if command is not None:
        await refuse_command(command, "fault", mall.clock, mall.bus)
    return command is not None

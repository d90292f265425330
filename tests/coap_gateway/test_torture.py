"""Everything at once, by chance but repeatable: the state is still the newest report's (I8)."""

import random

import pytest

from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import MemorySequences
from parking.occupancy.models import Occupancy
from parking.storage.sql import database
from tests.coap_gateway.rig import Device, Rig, start

REPORTS = 40
Said = tuple[int, int, bool]


def story(chance: random.Random) -> list[Said]:
    """What a sensor says: some boots, each with numbered reports, some of them repeating."""
    said: list[Said] = []
    boot, sequence = 1, 0
    for _ in range(REPORTS):
        if chance.random() < 0.05:
            boot, sequence = boot + 1, 0
        sequence += 1
        said.append((boot, sequence, chance.random() < 0.5))
    return said


def journey(said: list[Said], chance: random.Random) -> list[Said]:
    """How it arrives: late by up to five places, and some twice or three times."""
    copies = [s for s in said for _ in range(chance.choice([1, 1, 1, 2, 3]))]
    keyed = [(i + chance.uniform(0, 5), s) for i, s in enumerate(copies)]
    return [s for _, s in sorted(keyed)]


async def go_to_another_gateway(rig: Rig, device: Device, sequences: int) -> None:
    """The gateway dies without a word to anybody; the next one knows only the database."""
    other = await start(rig.clock, rig.bus)
    rig.retired.append(other)
    socket = await rig.socket_to(other)
    device.client = rig.client(device.provisioned.secret, socket, MemorySequences(sequences))


@pytest.mark.parametrize("seed", range(4))
async def test_the_newest_report_wins(rig: Rig, seed: int) -> None:
    chance = random.Random(seed)
    sensor, said = await rig.device(), story(chance)
    for number, (boot, sequence, occupied) in enumerate(journey(said, chance)):
        if chance.random() < 0.08:
            await go_to_another_gateway(rig, sensor, (number + 1) * 1000)
        if chance.random() < 0.1:
            await rig.gateway.flush()
        records = [Record("/3/0/26241", boot), Record("/3/0/26242", sequence)]
        payload = encode([*records, Record("/3431/0/1", occupied)], SENML_CBOR)
        assert (await sensor.post("/dp", payload)).dotted == "2.04"
        rig.clock.advance(seconds=chance.choice([0, 1, 30]))
    newest = max(said)[2]
    assert ((await rig.state()).occupancy is Occupancy.OCCUPIED) is newest
    rows = await database().fetch("SELECT boot, sequence FROM observation")
    assert len({(r["boot"], r["sequence"]) for r in rows}) == len(rows)

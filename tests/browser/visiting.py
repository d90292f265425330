"""A tea room upstairs whose staff write SMS, and whose guests park in the garage of `everything`:
by gate and lift, with a real lock."""

import asyncio
import re

import httpx

from parking.accounts.models import Organisation, Role
from parking.merchants.connectors import NewConnector, set_connectors
from parking.merchants.kinds import ConnectorKind, Payer
from parking.merchants.new_unit import NewUnit
from parking.merchants.senders import add_sender
from parking.merchants.units import create_unit
from parking.places.models import Campus, Place
from tests.browser.everything import PATIENT_MS, Everything
from tests.support.estate import OPENED
from tests.support.leasing import somebody
from tests.support.mall import contract
from tests.support.wallets import give_credit

DESK, GUEST = "+491709999999", "+491701234567"
LIFT, DOOR = ConnectorKind.LIFT, ConnectorKind.ENTRANCE


async def open_upstairs(all_of_it: Everything) -> None:
    """The tea room pays for its guests."""
    estate, clock = all_of_it.house.estate, all_of_it.clock
    merchant_id = (await Organisation.create(name="Tea house", created_at=OPENED)).id
    merchant = await somebody("Mei", {merchant_id: Role.MERCHANT})
    planner = await somebody("Pia", {estate.organisation_id: Role.OPERATOR})
    await give_credit(merchant_id, 10**8)
    await contract(merchant_id, estate)
    mall = await Campus.create(
        organisation_id=estate.organisation_id, name="Mall", created_at=OPENED
    )
    await Place.filter(id=estate.place_id).update(campus_id=mall.id)
    ways = [
        NewConnector(DOOR, "Harbour Street", -6.0, 9.0, place_id=estate.place_id),
        NewConnector(LIFT, "A", 14.0, 4.0, place_id=estate.place_id),
        NewConnector(LIFT, "A", 0.0, 0.0, level=2),
    ]
    await set_connectors(planner, mall.id, ways, clock=clock)
    new = NewUnit(
        merchant_id, mall.id, "Tea room", [estate.place_id], level=2, x_metres=30.0, y_metres=12.0,
        payer=Payer.MERCHANT, lead_minutes=30,
    )  # fmt: skip
    unit_id = await create_unit(merchant, new, clock=clock)
    await add_sender(merchant, unit_id, DESK, clock=clock)


async def write(all_of_it: Everything, text: str) -> str:
    """The staff send an SMS; the link in the one that the guest gets."""
    url = all_of_it.program.url
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        sent = await client.post("/dev/sms", data={"sender": DESK, "text": text})
        assert sent.status_code in {200, 303}, sent.text
        async with asyncio.timeout(PATIENT_MS / 1000):
            while True:
                told = (await client.get("/dev/inbox.json", params={"to": GUEST})).text
                if found := re.search(r"https?://[^\s\"]+/b/\w+", told):
                    return found.group()
                await asyncio.sleep(0.1)

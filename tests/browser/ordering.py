"""A tea room whose guests park at the house of the browser's tests."""

from dataclasses import dataclass
from secrets import token_hex

from parking.accounts.models import Organisation, Role
from parking.accounts.viewer import Viewer
from parking.merchants.kinds import Demand, OrderSource, Payer
from parking.merchants.new_unit import NewUnit
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.ordered import Guest, Ordered
from parking.merchants.orders.take import take_order
from parking.merchants.senders import add_sender
from parking.merchants.sms.handle import handle_sms
from parking.merchants.sms.inbound import InboundSms
from parking.merchants.sms.receive import receive_sms
from parking.merchants.sms.room import RoomOrders, RoomUnits
from parking.merchants.units import create_unit
from parking.places.models import Campus, Place
from parking.settlement.funding import EscrowFunding
from tests.browser.conftest import House
from tests.browser.issuing import join
from tests.browser.leasing import CLOCK, offered
from tests.support.estate import OPENED
from tests.support.leasing import somebody
from tests.support.mall import contract
from tests.support.wallets import give_credit

NUMBER = "+4930123456"


@dataclass(frozen=True)
class TeaRoom:
    """Its unit, and who takes orders there."""

    house: House
    unit_id: int
    merchant: Viewer

    async def take(self, ref: str, guest: Guest | None = None) -> int:
        """An order for now, as its till sends it."""
        assert self.house.program is not None
        desk = Desk(CLOCK, self.house.program.bus, EscrowFunding())
        who = guest or Guest("Li Wei", f"+4917012345{ref}", f"S-LI {ref}")
        at = CLOCK.now()
        ordered = Ordered(ref, at, demand=Demand.YES, party=4, guest=who)
        return await take_order(self.merchant, self.unit_id, ordered, OrderSource.API, at, desk)

    async def write(self, text: str) -> None:
        """Send an SMS from the tea room's number, and have it answered."""
        assert self.house.program is not None
        sms = InboundSms("dev", token_hex(8), NUMBER, "+10000000000", text)
        kept = await receive_sms(sms, RoomUnits(), CLOCK)
        assert kept.message_id is not None
        orders = RoomOrders(Desk(CLOCK, self.house.program.bus, EscrowFunding()))
        await handle_sms(kept.message_id, RoomUnits(), orders, CLOCK)


async def open_tea_room(house: House) -> TeaRoom:
    """With a contract and credit; all bays of the house are on offer."""
    await offered(house)
    merchant_id = (await Organisation.create(name="Tea house", created_at=OPENED)).id
    merchant = await somebody("Mei", {merchant_id: Role.MERCHANT})
    await join(merchant, merchant_id)
    await give_credit(merchant_id, 10**8)
    await contract(merchant_id, house.estate)
    company, place_id = house.estate.organisation_id, house.estate.place_id
    mall = await Campus.create(organisation_id=company, name="Mall", created_at=OPENED)
    await Place.filter(id=place_id).update(campus_id=mall.id, time_zone=_where_it_is_noon())
    new = NewUnit(merchant_id, mall.id, "Tea room", [place_id], payer=Payer.MERCHANT)
    unit_id = await create_unit(merchant, new, clock=CLOCK)
    await add_sender(merchant, unit_id, NUMBER, clock=CLOCK)
    return TeaRoom(house, unit_id, merchant)


def _where_it_is_noon() -> str:
    """A zone in which no day ends while a test runs."""
    return f"Etc/GMT{CLOCK.now().hour - 12:+d}"

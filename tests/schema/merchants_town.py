"""The town with merchants in it: the tea room in the quay, whose guests park in the garage by a
contract, and a unit of the hill company in the ridge, at its own place.

Each has `unit`, `sender`, `sms` (a message of that), `hook` and `order`, the hill's with `others-`
before. The tea room's order is for the driver, by phone. Of the tea room's API keys `ordering`
sends orders, `watching` reads them. `texts["now"]` is the time as the schema writes it.
"""

from datetime import timedelta

from parking.accounts.models import ApiKey, Membership, Organisation, Person, Role
from parking.accounts.viewer import Viewer
from parking.clock import rfc3339
from parking.listings.models import BookingMode
from parking.merchants.hooks import create_hook
from parking.merchants.kinds import Demand, OrderSource
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
from parking.rights.kinds import ContractState
from parking.rights.models import RightsContract
from tests.schema.booked_town import offer_bays
from tests.schema.town import Town
from tests.support.estate import OPENED

PHONE = "+491701234567"
"""The driver's."""
HOMES = {
    "": ("merchant", "tea", "quay", "garage", "harbour"),
    "others-": ("stranger", "hill", "ridge", "hilltop", "hill"),
}
"""By prefix: who orders, for which organisation, in which mall, for which place, whose."""


async def open_for_merchants(town: Town) -> Town:
    """Fill the town."""
    await _merchant(town)
    for prefix in HOMES:
        await _unit(town, prefix)
        await _order(town, prefix)
    town.texts["now"] = rfc3339(town.clock.now())
    return town


async def _merchant(town: Town) -> None:
    now = town.clock.now()
    tea = await Organisation.create(name="Tea room", created_at=now)
    town.know("tea", "Organisation", tea.id)
    merchant = await Person.create(name="merchant", email="merchant@example.org", created_at=now)
    town.know("merchant", "Person", merchant.id)
    await Membership.create(
        person_id=merchant.id, organisation_id=tea.id, role=Role.MERCHANT, created_at=now
    )
    roles = {tea.id: frozenset({Role.MERCHANT})}
    town.viewers["merchant"] = Viewer(person_id=merchant.id, roles=roles)
    for name, scope in (("ordering", "orders:write"), ("watching", "orders:read")):
        made = await ApiKey.create(
            organisation_id=tea.id, name=name, hint="abcd", key_hash=name, scopes=scope,
            created_at=now,
        )  # fmt: skip
        town.know(name, "ApiKey", made.id)
        town.viewers[name] = Viewer(
            api_key_id=made.id, roles={tea.id: frozenset()}, scopes=frozenset({scope})
        )
    await RightsContract.create(
        issuer_id=tea.id, operator_id=town.keys["harbour"], place_id=town.keys["garage"],
        state=ContractState.ACTIVE, valid_from=OPENED, created_at=OPENED, changed_at=OPENED,
        currency="EUR", worth_max_minor=10_000,
    )  # fmt: skip
    await Person.filter(id=town.keys["driver"]).update(phone=PHONE)


async def _unit(town: Town, prefix: str) -> None:
    who, merchant, mall, place, lessor = HOMES[prefix]
    viewer, clock = town.viewers[who], town.clock
    await offer_bays(town, f"{place}-offer", place, lessor, BookingMode.INSTANT, (1, 2, 3))
    new = NewUnit(town.keys[merchant], town.keys[mall], "Counter", [town.keys[place]])
    made = await create_unit(viewer, new, clock=clock)
    town.know(f"{prefix}unit", "MerchantUnit", made)
    sender = await add_sender(viewer, made, f"+49170999{made:04}", clock=clock)
    town.know(f"{prefix}sender", "MerchantSender", sender)
    await _sms(town, prefix, f"+49170999{made:04}")
    hook = await create_hook(viewer, town.keys[merchant], clock=clock, sealer=town.services.sealer)
    town.know(f"{prefix}hook", "MerchantHook", hook.id)


async def _sms(town: Town, prefix: str, number: str) -> None:
    sms = InboundSms("dev", f"{prefix}sms", number, "+10000000000", "order A-1 some day")
    kept = await receive_sms(sms, RoomUnits(), town.clock)
    assert kept.message_id is not None
    await handle_sms(
        kept.message_id, RoomUnits(), RoomOrders(Desk(town.clock, town.bus)), town.clock
    )
    town.know(f"{prefix}sms", "MerchantSms", kept.message_id)


async def _order(town: Town, prefix: str) -> None:
    guest = Guest("Li", "" if prefix else PHONE, "S-LI 1")
    at = town.clock.now()
    ordered = Ordered("A-1", at + timedelta(hours=3), demand=Demand.YES, party=2, guest=guest)
    desk = Desk(town.clock, town.bus)
    viewer, unit = town.viewers[HOMES[prefix][0]], town.keys[f"{prefix}unit"]
    made = await take_order(viewer, unit, ordered, OrderSource.API, at, desk)
    town.know(f"{prefix}order", "MerchantOrder", made)

"""The demo's merchant: a tea room on the mall's first floor, whose guests park in the garage or on
the lot. The ways of the mall, who may write and sign, and orders of today and tomorrow in several
states, all through the verbs that everybody uses.

The phone numbers are of the ranges that Ofcom keeps for fiction: nobody is sent anything, whatever
channels are set up.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from berth.demo.people import TEA_ROOM
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock, as_utc
from parking.devices.sealing import Sealer
from parking.events.bus import Bus
from parking.merchants.connectors import NewConnector, set_connectors
from parking.merchants.hooks import create_hook, signers_at
from parking.merchants.kinds import ConnectorKind, Demand, OrderSource, Payer
from parking.merchants.new_unit import NewUnit
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.ordered import Guest, Ordered
from parking.merchants.orders.take import cancel_order, take_order
from parking.merchants.records import NO_NEEDS, Needs
from parking.merchants.senders import add_sender
from parking.merchants.sms.handle import handle_sms
from parking.merchants.sms.inbound import InboundSms
from parking.merchants.sms.receive import receive_sms
from parking.merchants.sms.room import RoomOrders, RoomUnits
from parking.merchants.units import create_unit
from parking.notices.webhooks.signing import shown_secret
from parking.rights.contracts import accept_contract, offer_contract
from parking.rights.new_contract import NewContract
from parking.settlement.funding import EscrowFunding
from parking.storage.sql import database

UNIT, EXTERNAL_ID = "龙井茶室 湖滨店", "hubin"
SENDER = "+447700900101"
"""The tea room's own telephone, from which it writes."""
DESK = "tea@berth.example"
ZONE = ZoneInfo("Asia/Shanghai")
UNIT_AT, UNIT_LEVEL = (22.0, 14.0), 1
LIFT, STAIRS, DOOR = "中庭电梯", "东楼梯", "南门"
GARAGE_LEVELS = (-1, -2, -3, -4)
LOT_QUOTA, LOT_BUDGET_MINOR, WORTH_MAX_MINOR = 200, 100_000, 1_200
NOON, EVENING = time(12), time(18, 30)
TEXTS = (
    "订单2101 明天晚上7点 4人 王女士 车牌浙A88888 +44 7700 900 121",
    "订单2102 明天8点 两辆车",
)
"""What was written: the first is booked, the second asked back."""


class Parking(NamedTuple):
    """The mall's places, by their ids."""

    garage_id: int
    lot_id: int


class Hook(NamedTuple):
    """Where the tea room's order system sends orders, and what it signs them with."""

    public_id: str
    secret: str

    def __repr__(self) -> str:
        return f"Hook(public_id={self.public_id!r}, …)"


async def make_orders(
    merchant_id: int, parking: Parking, clock: Clock, bus: Bus, sealer: Sealer
) -> None:
    """Make what is missing; again, it does nothing."""
    if await _has_unit(merchant_id):
        unit_id = await _unit(merchant_id)
    else:
        unit_id = await _make_unit(merchant_id, parking, clock, bus, sealer)
    desk = Desk(clock, bus, EscrowFunding())
    known = await _known(unit_id)
    for ordered in _orders(clock.now()):
        if ordered.order_ref not in known:
            await take_order(SYSTEM, unit_id, ordered, OrderSource.API, clock.now(), desk)
    if CANCELLED not in known:
        await cancel_order(SYSTEM, unit_id, CANCELLED, OrderSource.API, clock.now(), desk)
    for number, text in enumerate(TEXTS, start=1):
        await _write(f"demo:{number}", text, desk)


async def demo_hook(sealer: Sealer) -> Hook | None:
    """The tea room's hook, where the demo has one."""
    row = await database().fetch_one(
        "SELECT h.id, h.public_id FROM merchant_hook h JOIN organisation o"
        " ON o.id = h.organisation_id WHERE o.name = $1 AND h.created_by IS NULL"
        " AND h.revoked_at IS NULL ORDER BY h.id LIMIT 1",
        TEA_ROOM,
    )
    if row is None:
        return None
    signers = await signers_at(row["public_id"], sealer)
    found = next((each for each in signers if each.hook_id == row["id"]), None)
    return None if found is None else Hook(row["public_id"], shown_secret(found.key))


async def _has_unit(merchant_id: int) -> bool:
    """Whether the unit is there with all that it needs: its hook is made last."""
    row = await database().fetch_one(
        "SELECT 1 AS one FROM merchant_hook WHERE organisation_id = $1 LIMIT 1", merchant_id
    )
    return row is not None


async def _unit(merchant_id: int) -> int:
    row = await database().fetch_one(
        "SELECT id FROM merchant_unit WHERE organisation_id = $1 AND external_id = $2",
        merchant_id,
        EXTERNAL_ID,
    )
    assert row is not None, "a unit is made before its hook, and never deleted"
    return int(row["id"])


async def _make_unit(
    merchant_id: int, parking: Parking, clock: Clock, bus: Bus, sealer: Sealer
) -> int:
    [place] = await database().fetch("SELECT campus_id FROM place WHERE id = $1", parking.garage_id)
    campus_id = int(place["campus_id"])
    await set_connectors(SYSTEM, campus_id, _ways(parking.garage_id), clock=clock)
    offered = NewContract(
        merchant_id, parking.lot_id, LOT_QUOTA, LOT_BUDGET_MINOR, worth_max_minor=WORTH_MAX_MINOR
    )
    contract_id = await offer_contract(SYSTEM, offered, clock=clock, bus=bus)
    await accept_contract(SYSTEM, contract_id, 1, clock=clock, bus=bus)
    x_metres, y_metres = UNIT_AT
    new = NewUnit(
        merchant_id, campus_id, UNIT, list(parking), x_metres, y_metres, UNIT_LEVEL, EXTERNAL_ID,
        payer=Payer.MERCHANT, locale="zh", told_email=DESK,
    )  # fmt: skip
    unit_id = await create_unit(SYSTEM, new, clock=clock)
    await add_sender(SYSTEM, unit_id, SENDER, clock=clock)
    await create_hook(SYSTEM, merchant_id, clock=clock, sealer=sealer)
    return unit_id


def _ways(garage_id: int) -> Sequence[NewConnector]:
    """A lift and stairs from the shops down to each level of the garage, and a door to the lot."""
    lift, stairs, door = ConnectorKind.LIFT, ConnectorKind.STAIRS, ConnectorKind.ENTRANCE
    mall = [
        NewConnector(lift, LIFT, 8.0, 12.0, 1),
        NewConnector(lift, LIFT, 8.0, 12.0, 0),
        NewConnector(stairs, STAIRS, 36.0, 12.0, 1),
        NewConnector(stairs, STAIRS, 36.0, 12.0, 0),
        NewConnector(door, DOOR, 55.0, 30.0, 0),
    ]
    below = [
        NewConnector(kind, name, x_metres, 6.0, level, garage_id)
        for level in GARAGE_LEVELS
        for kind, name, x_metres in ((lift, LIFT, 4.0), (stairs, STAIRS, 36.0))
    ]
    return [*mall, *below]


CANCELLED = "2004"


def _orders(now: datetime) -> list[Ordered]:
    """Some hours ahead, and tomorrow at noon and in the evening by the clocks of the mall."""
    return [
        _ordered("2001", _ahead(now, 1), 4, _guest("李女士", 1, "浙A10001")),
        _ordered("2002", _ahead(now, 2), 2, _guest("Anna Weber", 2, "浙A10002", "en")),
        _ordered("2003", _ahead(now, 2), 3, Guest("陈先生"), demand=Demand.NO),
        _ordered(CANCELLED, _ahead(now, 3), 6, _guest("赵总", 4, "浙A10004")),
        _ordered("2005", _ahead(now, 3), 2, _guest("孙奶奶", 5, ""), needs=Needs(True)),
        _ordered("2006", _ahead(now, -5), 2, _guest("周先生", 6, "浙A10006")),
        _ordered("2007", _tomorrow(now, NOON), 5, _guest("吴女士", 7, "浙A10007")),
        _ordered("2008", _tomorrow(now, EVENING), 8, _guest("郑经理", 8, "浙A10008")),
    ]


def _ordered(
    ref: str,
    service_at: datetime,
    party: int,
    guest: Guest,
    demand: Demand = Demand.YES,
    needs: Needs = NO_NEEDS,
) -> Ordered:
    return Ordered(ref, service_at, None, demand, party, guest, needs)


def _guest(name: str, number: int, plate: str, locale: str = "zh") -> Guest:
    return Guest(name, f"+4477009002{number:02}", plate, locale)


def _ahead(now: datetime, hours: int) -> datetime:
    """So many hours from now, at the full or half hour that follows."""
    at = now + timedelta(hours=hours)
    return at - timedelta(
        minutes=at.minute % 30 - 30, seconds=at.second, microseconds=at.microsecond
    )


def _tomorrow(now: datetime, at: time) -> datetime:
    day = now.astimezone(ZONE).date() + timedelta(days=1)
    return as_utc(datetime.combine(day, at, ZONE))


async def _known(unit_id: int) -> set[str]:
    """The orders that are there; the one that was cancelled only once it is."""
    rows = await database().fetch(
        "SELECT order_ref FROM merchant_order WHERE unit_id = $1"
        " AND (order_ref <> $2 OR state = 'CANCELLED')",
        unit_id,
        CANCELLED,
    )
    return {row["order_ref"] for row in rows}


async def _write(message_id: str, text: str, desk: Desk) -> None:
    """An SMS of the tea room, unless it came before."""
    sms, units = InboundSms("dev", message_id, SENDER, "", text), RoomUnits()
    kept = await receive_sms(sms, units, desk.clock)
    if kept.message_id is not None:
        await handle_sms(kept.message_id, units, RoomOrders(desk), desk.clock)

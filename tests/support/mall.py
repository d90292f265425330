"""A mall for tests: a restaurant on level 1, a garage below it with a plan of its own, and a lot
beside it on the mall's plan; a merchant whose orders are to park there."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from parking.accounts.models import Role
from parking.accounts.viewer import SYSTEM, Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.merchants.connectors import NewConnector, set_connectors
from parking.merchants.kinds import ConnectorKind, Demand, OrderSource, Payer
from parking.merchants.new_unit import NewUnit
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.ordered import Guest, Ordered
from parking.merchants.orders.record import order_by_id
from parking.merchants.orders.take import cancel_order, take_order
from parking.merchants.records import OrderRecord
from parking.merchants.units import create_unit
from parking.places.models import Campus, Space, Subplace, SubplaceKind
from parking.reservations.queries import reservations_by_id
from parking.reservations.records import ReservationRecord
from parking.rights.kinds import ContractState
from parking.rights.models import RightsContract
from parking.settlement.funding import EscrowFunding
from parking.storage.sql import database
from tests.support.estate import OPENED, Estate, make_estate
from tests.support.leasing import make_listing, somebody
from tests.support.operators import make_organisation
from tests.support.wallets import give_credit

LEVEL = -1
"""Of the garage."""


@dataclass
class Mall:
    """What was made; `garage` comes before `lot` for the unit's guests."""

    campus_id: int
    garage: Estate
    lot: Estate
    merchant_id: int
    merchant: Viewer
    operator: Viewer
    lot_operator: Viewer
    stranger: Viewer
    unit_id: int
    clock: TestClock
    bus: InProcessBus = field(default_factory=InProcessBus)

    @property
    def desk(self) -> Desk:
        """What orders are carried out with."""
        return Desk(self.clock, self.bus, EscrowFunding())

    def ordered(self, ref: str = "1", begin: float = 3, **values: Any) -> Ordered:
        """An order of a guest who comes by car, `begin` hours from now."""
        number = int.from_bytes(ref.encode()) % 10**7
        given: dict[str, Any] = {
            "service_at": self.clock.now() + timedelta(hours=begin),
            "demand": Demand.YES,
            "party": 2,
            "guest": Guest("Li", f"+49170{number:07}", f"S-LI {ref}"),
        }
        return Ordered(ref, **{**given, **values})

    async def take(
        self, ordered: Ordered, stamp: datetime | None = None, unit_id: int | None = None
    ) -> OrderRecord:
        """Take an order by the API; the order as it is then."""
        at = stamp or self.clock.now()
        made = await take_order(
            self.merchant, unit_id or self.unit_id, ordered, OrderSource.API, at, self.desk
        )
        return await self.order(made)

    async def cancel(self, ref: str, stamp: datetime | None = None) -> OrderRecord:
        """The merchant cancels."""
        at = stamp or self.clock.now()
        made = await cancel_order(self.merchant, self.unit_id, ref, OrderSource.API, at, self.desk)
        return await self.order(made)

    async def order(self, order_id: int) -> OrderRecord:
        """The order now."""
        found = await order_by_id(database(), order_id)
        assert found is not None
        return found

    async def booking(self, order: OrderRecord) -> ReservationRecord:
        """The reservation of an order."""
        assert order.reservation_id is not None
        return (await reservations_by_id(SYSTEM, [order.reservation_id]))[order.reservation_id]

    async def unit(self, **values: Any) -> int:
        """One more unit of the merchant, 40 metres from the lift."""
        given: dict[str, Any] = {
            "name": "Tea room", "place_ids": [self.garage.place_id, self.lot.place_id],
            "level": 1, "x_metres": 40.0, "payer": Payer.MERCHANT,
        }  # fmt: skip
        new = NewUnit(self.merchant_id, self.campus_id, **{**given, **values})
        return await create_unit(self.merchant, new, clock=self.clock)


def ways(garage_id: int) -> list[NewConnector]:
    """A lift from level 1 over the ground to the garage, and a door to the lot."""
    lift, door = ConnectorKind.LIFT, ConnectorKind.ENTRANCE
    return [
        NewConnector(lift, "A", 0.0, 0.0, level=1),
        NewConnector(lift, "A", 0.0, 0.0, level=0),
        NewConnector(lift, "A", 100.0, 100.0, level=LEVEL, place_id=garage_id),
        NewConnector(door, "East", 60.0, 0.0, level=0),
    ]


async def make_mall(
    clock: TestClock, garage: int = 4, lot: int = 2, credit_minor: int = 10**8, **unit: Any
) -> Mall:
    """The mall with so many bays: in the garage ever farther from the lift, with the nearest last
    by its id; in the lot on the ground."""
    company = await make_organisation("Mall company")
    campus_id: int = (
        await Campus.create(organisation_id=company, name="Mall", created_at=OPENED)
    ).id
    below = await make_estate(garage, "Mall garage", campus_id=campus_id)
    beside = await make_estate(lot, "Mall lot", campus_id=campus_id)
    await _lay_out(below, beside)
    lessor = await make_organisation("Mall owners")
    for estate in (below, beside):
        await make_listing(estate, lessor)
    merchant_id = await make_organisation("Tea house")
    planner = await somebody("Planner", {company: Role.OPERATOR})
    await set_connectors(planner, campus_id, ways(below.place_id), clock=clock)
    if credit_minor:
        await give_credit(merchant_id, credit_minor)
    made = Mall(
        campus_id=campus_id, garage=below, lot=beside, merchant_id=merchant_id,
        merchant=await somebody("Mei", {merchant_id: Role.MERCHANT}),
        operator=await somebody("Oskar", {below.organisation_id: Role.OPERATOR}),
        lot_operator=await somebody("Olaf", {beside.organisation_id: Role.OPERATOR}),
        stranger=await somebody("Stan"), unit_id=0, clock=clock,
    )  # fmt: skip
    for estate in (below, beside):
        await contract(merchant_id, estate)
    made.unit_id = await made.unit(**unit)
    return made


async def contract(merchant_id: int, estate: Estate, **values: Any) -> int:
    """The merchant may bring guests to the place."""
    given: dict[str, Any] = {
        "state": ContractState.ACTIVE, "valid_from": OPENED, "created_at": OPENED,
        "changed_at": OPENED, "currency": "EUR", "worth_max_minor": 10_000,
    }  # fmt: skip
    made: Any = await RightsContract.create(
        issuer_id=merchant_id, operator_id=estate.organisation_id, place_id=estate.place_id,
        **(given | values),
    )  # fmt: skip
    return int(made.id)


async def _lay_out(garage: Estate, lot: Estate) -> None:
    level = await Subplace.create(
        place_id=garage.place_id, kind=SubplaceKind.FLOOR_OR_LEVEL, name="-1", level=LEVEL
    )
    count = len(garage.space_ids)
    for index, space_id in enumerate(garage.space_ids):
        x_metres = 100.0 + 3.0 * (count - index)
        await Space.filter(id=space_id).update(
            subplace_id=level.id, x_metres=x_metres, y_metres=100.0
        )
    for index, space_id in enumerate(lot.space_ids):
        await Space.filter(id=space_id).update(x_metres=70.0 + 3.0 * index, y_metres=0.0)

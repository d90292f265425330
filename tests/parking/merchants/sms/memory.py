"""Units and orders in memory: simple implementations of the ports, for tests of what uses them."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from parking.errors import NotFound
from parking.merchants.kinds import OrderState
from parking.merchants.sms.orders import SmsUnit, Standing
from parking.merchants.sms.results import Understood

MERCHANT = "+4930123456"
GUEST = "+491701234567"
UNIT = SmsUnit(7, 3, "Tea house", ZoneInfo("Europe/Berlin"), "en")


@dataclass
class MemoryUnits:
    """Who speaks for whom."""

    numbers: dict[str, SmsUnit] = field(default_factory=lambda: {MERCHANT: UNIT})

    async def unit_of(self, number: str) -> SmsUnit | None:
        return self.numbers.get(number)


@dataclass
class MemoryOrders:
    """Books every order at space 12, once for each stamp; `fault` is raised instead, if set."""

    told: dict[str, tuple[datetime, Standing]] = field(default_factory=dict)
    taken: list[Understood] = field(default_factory=list)
    fault: Exception | None = None

    async def take(self, unit: SmsUnit, order: Understood, stamp: datetime) -> Standing:
        state = OrderState.BOOKED if order.wants_parking else OrderState.UNWANTED
        new = Standing(order.order_ref, state, order.service_at, "Mall garage", "12")
        return self._keep(order, new, stamp)

    async def move(self, unit: SmsUnit, order: Understood, stamp: datetime) -> Standing:
        before = await self.status(unit, order.order_ref)
        new = replace(before, service_at=order.service_at or before.service_at)
        return self._keep(order, new, stamp)

    async def cancel(self, unit: SmsUnit, order_ref: str, stamp: datetime) -> Standing:
        before = await self.status(unit, order_ref)
        new = replace(before, state=OrderState.CANCELLED)
        return self._keep(None, new, stamp)

    async def status(self, unit: SmsUnit, order_ref: str) -> Standing:
        if self.fault:
            raise self.fault
        if order_ref not in self.told:
            raise NotFound("there is no such order of this unit")
        return self.told[order_ref][1]

    def _keep(self, order: Understood | None, new: Standing, stamp: datetime) -> Standing:
        if self.fault:
            raise self.fault
        known = self.told.get(new.order_ref)
        if known is not None and stamp <= known[0]:
            return known[1]
        if order is not None:
            self.taken.append(order)
        self.told[new.order_ref] = (stamp, new)
        return new

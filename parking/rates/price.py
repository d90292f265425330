"""The price of a stay: a tariff, a window and a time zone in, lines and their sum out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from parking.rates.effort import Effort
from parking.rates.lines import PricedLine, total_minor
from parking.rates.local import LocalCalendar
from parking.rates.passes import (
    Plan,
    beginning_plans,
    covering_plans,
    pass_charges,
    usable_passes,
)
from parking.rates.segments import Stay
from parking.rates.tariff import Tariff
from parking.rates.timed import Bill, added_charges, limit_total, ordinary_bill, untimed_bill
from parking.rates.totals import priced_lines
from parking.windows import Window

__all__ = ["Priced", "PricedLine", "price"]


@dataclass(frozen=True, slots=True)
class Priced:
    """A price and all its reasons; `amount_minor` is the sum of the lines."""

    lines: tuple[PricedLine, ...]
    currency: str

    @property
    def amount_minor(self) -> int:
        """What is to be paid, in minor units of the currency."""
        return total_minor(self.lines)

    @property
    def tax_minor(self) -> int:
        """How much of it is tax, added or contained."""
        return sum(line.tax_minor for line in self.lines)


def price(
    tariff: Tariff,
    window: Window,
    zone: ZoneInfo,
    *,
    now: datetime | None = None,
    options: Iterable[str] = (),
    effort: Effort | None = None,
) -> Priced:
    """What the window costs, in the place's time zone.

    `now` is when it is booked, for prices that depend on booking ahead; `options` are chosen
    products and discounts of the tariff. The same arguments always give the same price. Raises
    StayTooComplex when it takes more than `effort`, by default `STEPS_MAX` steps.
    """
    calendar, chosen = LocalCalendar(zone, tariff.holidays), frozenset(options)
    stay = Stay(window, calendar, now, chosen, effort or Effort())
    bill = _bill(tariff, stay)
    if tariff.max_minor is not None:
        limit_total(bill, tariff.max_minor, stay)
    return Priced(tuple(priced_lines(tariff, bill, stay)), tariff.currency)


def _bill(tariff: Tariff, stay: Stay) -> Bill:
    added = added_charges(tariff, stay)
    if not tariff.passes:
        return ordinary_bill(tariff, stay, added)
    plan = _cheapest_plan(tariff, stay)
    if plan is None:
        return ordinary_bill(tariff, stay, added)
    others = [*added, *pass_charges(plan, stay)]
    rest = _rest(stay, plan)
    if rest is not None:
        return ordinary_bill(_later(tariff), rest, others)
    return untimed_bill(others, stay)


def _cheapest_plan(tariff: Tariff, stay: Stay) -> Plan | None:
    """The passes to take, None for none: what costs least, and of equals the fewest passes."""
    passes, must_cover = usable_passes(tariff, stay)
    best: Plan | None = None
    cost = None if must_cover else ordinary_bill(tariff, stay).total
    for plan in covering_plans(passes, stay):
        if cost is None or plan.amount_minor < cost:
            best, cost = plan, plan.amount_minor
    if must_cover or not passes or cost is None:
        return best
    for plan in beginning_plans(passes, stay):
        rest = _rest(stay, plan)
        if plan.amount_minor < cost and rest is not None:
            total = plan.amount_minor + ordinary_bill(_later(tariff), rest).total
            if total < cost:
                best, cost = plan, total
    return best


def _later(tariff: Tariff) -> Tariff:
    """The tariff for time after passes: free time is for the beginning of a stay."""
    return tariff if tariff.free is None else replace(tariff, free=None)


def _rest(stay: Stay, plan: Plan) -> Stay | None:
    """The stay after the plan's passes, None when they cover it."""
    if plan.until >= stay.window.ends_at:
        return None
    return replace(stay, window=Window(plan.until, stay.window.ends_at))

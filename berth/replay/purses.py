"""What becomes of the drivers' money, worked out from the trace alone. Pure.

Most drivers have plenty. Of ten visits one brings a little less than the booking costs, so it is
refused at first; one brings exactly the price, so whoever of these overstays goes away owing; and
one comes as the driver who brought exactly the price some time ago, with what is left of that or
with the debt. Whoever is refused pays in what the refusal says is missing, and tries again. One of
ten cancels as soon as it has booked, which costs nothing, and books once more.

All is settled a minute after the car has left; at the same time what is owed is paid from whatever
has come into the wallet meanwhile. On Fridays at 6 lessor and place are paid what was settled
before that Thursday, but nothing of a stay for which the driver still owes.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from berth.replay.declared import Visit
from berth.replay.expected import OVER_AFTER, Act, Outcome, quarters_minor
from berth.replay.shares import Divided, missed, used

PLENTY_MINOR = 1_000_000
"""More than any stay costs."""
LACK_MINOR = 80
OF = 10
CHANGES_MIND, BRINGS_THE_PRICE, COMES_AGAIN, BRINGS_LESS = 1, 3, 4, 7
"""By the last digit of the visit's number."""
AGAIN_AFTER = 21
"""So many visits later: the car has mostly left."""
PAYDAY = 5
"""Friday."""
COMPLETED, CANCELLED, NO_SHOW = "COMPLETED", "CANCELLED", "NO_SHOW"


class Told(NamedTuple):
    """A refusal to confirm, and the amount that it names."""

    code: str
    amount_minor: int


LACKING, OWING = "NOT_FUNDED", "DEBT_OUTSTANDING"


@dataclass(frozen=True, slots=True)
class Due:
    """What a settlement must say: `secured + topped up + receivable = parts + refund`."""

    outcome: str
    parts: Divided
    secured_minor: int
    topped_up_minor: int = 0
    receivable_minor: int = 0
    refund_minor: int = 0


class Share(NamedTuple):
    """What lessor and place get of a visit, and since when; `is_short`: part of it was owed."""

    number: int
    driver: int
    at: datetime
    amount_minor: int
    is_short: bool


@dataclass(slots=True)
class Reckoned:
    """`dues` and `told` by visit, in order; `wallets` and `debts` by driver; `paid_in_minor` is all
    that drivers brought, `unpaid` what lessor and place are owed."""

    dues: dict[int, list[Due]] = field(default_factory=lambda: defaultdict(list))
    told: dict[int, list[Told]] = field(default_factory=lambda: defaultdict(list))
    wallets: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    debts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    paid_in_minor: int = 0
    paid_out_minor: int = 0
    unpaid: list["Share"] = field(default_factory=list)

    @property
    def all_dues(self) -> list[Due]:
        """Of all visits."""
        return [due for dues in self.dues.values() for due in dues]

    def pay_out(self, payday: datetime) -> None:
        """What is due then; `payday` is local."""
        before = (payday - timedelta(days=1)).replace(hour=0)
        due = [
            each
            for each in self.unpaid
            if each.at < before and not (each.is_short and self.debts[each.driver])
        ]
        self.paid_out_minor += sum(each.amount_minor for each in due)
        self.unpaid = [each for each in self.unpaid if each not in due]

    def pay_in(self, driver: int, amount_minor: int) -> None:
        """Money comes; what is owed is paid first."""
        self.paid_in_minor += amount_minor
        self.wallets[driver] += amount_minor
        self.collect(driver)

    def collect(self, driver: int) -> None:
        """What is owed is paid as far as the wallet goes."""
        paid = min(self.wallets[driver], self.debts[driver])
        self.wallets[driver] -= paid
        self.debts[driver] -= paid


def driver_of(visit: Visit) -> int:
    """Whose visit it is: most are each somebody's only one."""
    is_again = visit.number % OF == COMES_AGAIN and visit.number > AGAIN_AFTER
    return visit.number - AGAIN_AFTER if is_again else visit.number


def changes_mind(visit: Visit) -> bool:
    """Whether the driver cancels the booking at once, and books again."""
    return visit.number % OF == CHANGES_MIND


def brings_minor(visit: Visit) -> int:
    """What the driver pays in before the booking is confirmed."""
    if driver_of(visit) != visit.number:
        return 0
    match visit.number % OF:
        case last if last == BRINGS_THE_PRICE:
            return price_minor(visit)
        case last if last == BRINGS_LESS:
            return price_minor(visit) - LACK_MINOR
        case _:
            return PLENTY_MINOR


def price_minor(visit: Visit) -> int:
    """What the declared period costs."""
    assert visit.declared is not None, "it books"
    return quarters_minor(visit.declared - visit.arrival)


def reckon(
    visits: Sequence[Visit],
    outcomes: Mapping[int, Outcome],
    never_came: Sequence[Visit] = (),
    paydays: Sequence[datetime] = (),
) -> Reckoned:
    """All of it; `never_came` booked after all others, and nobody came. `paydays` are local."""
    found, waiting = Reckoned(), list(paydays)
    for at, act, visit in sorted(_happenings(visits, outcomes), key=_order):
        while waiting and waiting[0] < at:
            found.pay_out(waiting.pop(0))
        if act is Act.BOOK:
            _book(found, visit)
        else:
            _settle(found, visit, outcomes[visit.number])
    for payday in waiting:
        found.pay_out(payday)
    for visit in never_came:
        _book(found, visit)
        parts, price = missed(price_minor(visit)), price_minor(visit)
        refund = price - parts.cost_minor
        found.dues[visit.number].append(Due(NO_SHOW, parts, price, refund_minor=refund))
        found.wallets[driver_of(visit)] += refund
    return found


def paydays_of(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> list[datetime]:
    """Each Friday at 6 in [starts_at, ends_at], local."""
    day = starts_at.astimezone(zone).replace(hour=6, minute=0, second=0, microsecond=0)
    found = []
    while day <= ends_at:
        if day.isoweekday() == PAYDAY and day >= starts_at:
            found.append(day)
        day += timedelta(days=1)
    return found


def _happenings(
    visits: Sequence[Visit], outcomes: Mapping[int, Outcome]
) -> Iterator[tuple[datetime, Act, Visit]]:
    for visit in visits:
        booked_at = outcomes[visit.number].booked_at
        if booked_at is not None:
            yield booked_at, Act.BOOK, visit
            yield visit.departure + OVER_AFTER, Act.LEAVE, visit


def _order(each: tuple[datetime, Act, Visit]) -> tuple[datetime, Act, bool, int]:
    at, act, visit = each
    return at, act, at == visit.arrival, visit.number


def _book(found: Reckoned, visit: Visit) -> None:
    """Who is refused pays in what is said to be missing."""
    driver, price = driver_of(visit), price_minor(visit)
    found.pay_in(driver, brings_minor(visit))
    if found.debts[driver]:
        found.told[visit.number].append(Told(OWING, found.debts[driver]))
        found.pay_in(driver, found.debts[driver])
    if found.wallets[driver] < price:
        lack = price - found.wallets[driver]
        found.told[visit.number].append(Told(LACKING, lack))
        found.pay_in(driver, lack)
    found.wallets[driver] -= price
    if changes_mind(visit):
        # What comes back of it comes after the second booking: by then there is plenty.
        found.dues[visit.number].append(Due(CANCELLED, Divided(), price, refund_minor=price))


def _settle(found: Reckoned, visit: Visit, outcome: Outcome) -> None:
    driver, price = driver_of(visit), price_minor(visit)
    parts = used(price, outcome.given_back_minor, outcome.overstay_minor)
    short = max(parts.cost_minor - price, 0)
    topped_up = min(short, found.wallets[driver])
    refund = max(price - parts.cost_minor, 0)
    due = Due(COMPLETED, parts, price, topped_up, short - topped_up, refund)
    found.dues[visit.number].append(due)
    share = parts.owner_minor + parts.property_minor
    at, is_short = visit.departure + OVER_AFTER, bool(due.receivable_minor)
    found.unpaid.append(Share(visit.number, driver, at, share, is_short))
    found.wallets[driver] += refund - topped_up
    found.debts[driver] += due.receivable_minor
    found.collect(driver)

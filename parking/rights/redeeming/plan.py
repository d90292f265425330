"""Which rights to use for a stay: what it costs if the car leaves now, without and with them.

The price is reckoned by what will reckon it: the stay is priced as at its end
(`parking.sessions.pricing`), and rights pay as in the settlement (`parking.settlement.funds`).
"""

from asyncio import to_thread
from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import NamedTuple

from parking.clock import Clock
from parking.rates.effort import STEPS_MAX, Effort, StayTooComplex, whatever_it_takes
from parking.rights.kinds import RightState
from parking.rights.limits import CANDIDATES_MAX, PER_STAY_LIMIT
from parking.rights.redeeming.combine import Best, Option, best
from parking.rights.redeeming.facts import Facts, Held, read_facts, validation_for
from parking.rights.redeeming.refusals import NoOpenStay
from parking.rights.redeeming.stays import Stay, stay_of_enrolment
from parking.rights.redeeming.why import BECAUSE, SENTENCES, Because, Why
from parking.sessions.pricing import price_stay
from parking.settlement.ending import Ending
from parking.settlement.escrow import find_escrow
from parking.settlement.funds import Paid, validated
from parking.settlement.kinds import EscrowState
from parking.settlement.outcomes import completed
from parking.settlement.records import ValidationRecord
from parking.settlement.tax import StayPart
from parking.settlement.validations import VALIDATIONS_MAX
from parking.storage.sql import Sql, database
from parking.vehicles.records import EnrolmentRecord

TRIED = (CANDIDATES_MAX, 3)
"""So many rights are tried; the fewer where a stay takes long to be priced."""
PLAN_STEPS_MAX = 5 * STEPS_MAX
"""Half a second of pricing, for all combinations together."""
PLENTY = 2**62
"""Credit without an end, to find out whether it is credit that is missing."""


class Chosen(NamedTuple):
    """A right that is used, what it saves the driver, and who pays that (minor units)."""

    held: Held
    promise: ValidationRecord
    issuer_minor: int
    operator_minor: int

    @property
    def saves_minor(self) -> int:
        """What the driver need not pay."""
        return self.issuer_minor + self.operator_minor

    @property
    def is_new(self) -> bool:
        """Whether it was not in the stay before."""
        return self.promise.id == 0


class Unused(NamedTuple):
    """A right that is not used, and why."""

    held: Held
    why: Why

    @property
    def explanation(self) -> str:
        """A sentence."""
        return SENTENCES[self.why]


class Plan(NamedTuple):
    """What a stay costs if the car leaves now, and the rights that are best used for it.

    `cost_minor` is without anything; `others_minor` of it is paid by merchants that validated the
    stay themselves, or by rights of another driver; `due_minor` is the driver's in the end.
    """

    stay: Stay
    plate: str
    day: str
    currency: str
    cost_minor: int
    others_minor: int
    due_minor: int
    chosen: tuple[Chosen, ...]
    unused: tuple[Unused, ...]
    because: Because

    @property
    def without_minor(self) -> int:
        """What the driver would pay without these rights."""
        return self.cost_minor - self.others_minor

    @property
    def saves_minor(self) -> int:
        """What the rights save."""
        return self.without_minor - self.due_minor

    @property
    def explanation(self) -> str:
        """What decided, in a sentence."""
        return BECAUSE[self.because]


async def plan_redemption(enrolment: EnrolmentRecord, place_id: int, *, clock: Clock) -> Plan:
    """What redeeming would do now; nothing is promised. Raises NoOpenStay."""
    sql = database()
    stay = await stay_of_enrolment(sql, enrolment, place_id)
    return await plan_of(await known_facts(sql, stay, enrolment.plate, [enrolment.id], clock))


async def known_facts(
    sql: Sql, stay: Stay | None, plate: str, enrolment_ids: Iterable[int], clock: Clock
) -> Facts:
    """The facts of a stay whose money is in Berth's hands. Raises NoOpenStay."""
    if stay is None:
        raise NoOpenStay
    pocket = await find_escrow(sql, stay.reservation.id)
    if pocket is None or pocket.state is not EscrowState.OPEN:
        raise NoOpenStay
    return await read_facts(sql, stay, plate, enrolment_ids, clock.now())


async def plan_of(facts: Facts) -> Plan:
    """`planned`, beside what else is going on: a long stay takes its time to be priced."""
    return await to_thread(planned, facts)


def planned(facts: Facts) -> Plan:
    """The best combination for these facts. Pure.

    Minutes are priced again for each sum of them, under the lock of the place: where that would
    keep others waiting fewer rights are tried, at last the one that lapses first.
    """
    for tried_max in TRIED:
        try:
            return _planned(facts, tried_max, Effort(PLAN_STEPS_MAX))
        except StayTooComplex:
            continue
    return _planned(facts, 1, whatever_it_takes())


def _planned(facts: Facts, tried_max: int, effort: Effort) -> Plan:
    bill = _Bill(facts, effort)
    own, unused = _candidates(facts, tried_max)
    options = {each.right.id: _option(each, facts) for each in own}
    fixed = [_option(each, facts) for each in facts.held if facts.is_fixed(each)]
    found = best(list(options.values()), fixed, bill.stay_max, bill.pays)
    paid = bill.paid(found.chosen)
    chosen = tuple(
        Chosen(bill.held[right_id], each.validation, each.merchant_minor, each.carried_minor)
        for each in paid
        if (right_id := each.validation.right_id) in {option.right_id for option in found.chosen}
    )
    others = bill.cost_minor - bill.pays(())
    return Plan(
        stay=facts.stay,
        plate=facts.plate,
        day=facts.day,
        currency=facts.stay.reservation.currency,
        cost_minor=bill.cost_minor,
        others_minor=others,
        due_minor=found.pays_minor,
        chosen=chosen,
        unused=(*unused, *_refused(found, bill)),
        because=found.because,
    )


class _Bill:
    """The settlement of a stay that ends now, with one set of rights or another."""

    def __init__(self, facts: Facts, effort: Effort) -> None:
        self._facts = facts
        stay, booked = facts.stay, facts.stay.reservation
        left_at = max(stay.left_at or facts.at, stay.started_at)
        parts = price_stay(stay.started_at, left_at, facts.contract)
        cost = completed(tuple(StayPart(each.part.kind, each.lines) for each in parts))
        self._ending = Ending(booked, cost, stay.started_at, left_at)
        self._minutes = cache(partial(self._ending.minutes_minor, effort=effort))
        self.cost_minor = cost.amount_minor
        self.held = {each.right.id: each for each in facts.held}
        mine = {each.right.id for each in facts.held if not facts.is_fixed(each)}
        self._standing = [each for each in facts.promised if each.right_id not in mine]
        self._promised = {each.right_id: each for each in facts.promised if each.right_id in mine}

    @property
    def stay_max(self) -> int:
        """How many rights go in, with those that are not to be taken out."""
        own = sum(each.right_id is None for each in self._standing)
        return min(self._facts.stay_max, PER_STAY_LIMIT, VALIDATIONS_MAX - own)

    def pays(self, options: Sequence[Option]) -> int:
        """What the driver pays with these rights."""
        return self.cost_minor - sum(each.amount_minor for each in self.paid(options))

    def paid(self, options: Sequence[Option]) -> list[Paid]:
        """Who pays what with these rights, as the settlement will have it."""
        promises = [self._promise(each.right_id) for each in options]
        rooms = self._facts.rooms_minor
        return validated([*self._standing, *promises], self.cost_minor, self._minutes, rooms)

    def is_worth_something(self, right_id: int) -> bool:
        """Whether it would save something if there were no end to anybody's credit."""
        promise = self._promise(right_id)
        rooms = dict.fromkeys({*self._facts.rooms_minor, *promise.payers}, PLENTY)
        without = validated(self._standing, self.cost_minor, self._minutes, rooms)
        found = validated([*self._standing, promise], self.cost_minor, self._minutes, rooms)
        return sum(map(_amount, found)) > sum(map(_amount, without))

    def _promise(self, right_id: int) -> ValidationRecord:
        facts = self._facts
        found = self._promised.get(right_id)
        if found is not None:
            return found
        return validation_for(self.held[right_id], facts.at, facts.stay.reservation.id)


def _candidates(facts: Facts, tried_max: int) -> tuple[list[Held], list[Unused]]:
    """The rights to try, those in this stay first, then those that lapse first; and the others."""
    mine = [each for each in facts.held if not facts.is_fixed(each)]
    usable, unused = list[Held](), list[Unused]()
    for each in sorted(mine, key=lambda each: not facts.is_in(each)):
        why = _unusable(each, facts)
        if why is None and len(usable) >= tried_max:
            why = Why.TOO_MANY_HELD
        if why is None:
            usable.append(each)
        else:
            unused.append(Unused(each, why))
    return usable, unused


def _unusable(held: Held, facts: Facts) -> Why | None:
    """Why a right cannot go into this stay, whatever else does. What is in it stays usable when it
    expires, for it was promised in time."""
    if facts.is_in(held):
        return None
    right, booked = held.right, facts.stay.reservation
    faults = {
        Why.TAKEN_BACK: held.live is not None and held.live.reservation_id == booked.id,
        Why.IN_OTHER_STAY: held.live is not None or right.state is not RightState.HELD,
        Why.EXPIRED: right.valid_until <= facts.at,
        Why.NOT_YET_VALID: right.valid_from > facts.at,
        Why.OTHER_PLACE: not held.is_good_at(booked.place_id, booked.operator_id),
        Why.OTHER_CURRENCY: right.currency != booked.currency,
        Why.DAY_MAXIMUM: held.day_left(facts.used_today) <= 0,
    }
    return next((why for why, is_so in faults.items() if is_so), None)


def _option(held: Held, facts: Facts) -> Option:
    right, terms = held.right, held.terms
    promise = validation_for(held, facts.at, facts.stay.reservation.id)
    alike = (
        right.specification_id, right.contract_id, promise.value, promise.most_minor,
        promise.price_minor, terms.per_stay_max, terms.stacks, held.day_left(facts.used_today),
        facts.is_in(held),
    )  # fmt: skip
    return Option(
        right_id=right.id,
        specification_id=right.specification_id,
        issuer_id=right.organisation_id,
        per_stay_max=terms.per_stay_max,
        issuer_max=held.issuer_max,
        day_left=held.day_left(facts.used_today),
        stacks=terms.stacks,
        valid_until=right.valid_until,
        alike=alike,
    )


def _refused(found: Best, bill: _Bill) -> Iterable[Unused]:
    for right_id, why in found.refused.items():
        is_broke = why is Why.WORTH_NOTHING and bill.is_worth_something(right_id)
        yield Unused(bill.held[right_id], Why.NO_CREDIT if is_broke else why)


def _amount(paid: Paid) -> int:
    return paid.amount_minor

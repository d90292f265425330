"""What is given back when a booking is cancelled: terms as data, and the pure rule over them.

The rules found in the wild ("Rules of money": JustPark's tiers, rent2park's fee and unused part)
are the two presets `TIERED` and `UNUSED_PART`; a listing may have any other numbers.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from parking.errors import InvalidInput
from parking.money import split

DRIVER = "DRIVER"
"""Whoever else cancels, the driver gets everything back."""
TIERS_MAX = 20
MINUTES_MAX = 366 * 24 * 60
FEE_MINOR_MAX = 10**9
NO_SHOW_PERCENT_MAX = 200
"""Double the rate for who does not come (OCPI 2.2.1, tariff 18) is the most found in the wild."""


class Bound(StrEnum):
    """How a tier's time is meant; exactly 14 days is AT_LEAST 14 days and not MORE_THAN that."""

    AT_LEAST = "AT_LEAST"
    MORE_THAN = "MORE_THAN"


@dataclass(frozen=True, slots=True)
class Tier:
    """Cancelled so many minutes before the start, so many percent of the price are given back."""

    minutes_before: int
    percent: int
    bound: Bound = Bound.AT_LEAST

    def holds(self, lead: timedelta) -> bool:
        """Whether a cancellation `lead` before the start is in this tier."""
        limit = timedelta(minutes=self.minutes_before)
        return lead >= limit if self.bound is Bound.AT_LEAST else lead > limit


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """What the driver gets back. The first rule that fits decides, in this order:

    1. within `grace_minutes` of booking, everything; only for bookings that began at most
       `grace_lead_minutes_max` after they were made, where that is not None;
    2. within `reconsider_minutes` of booking, with more than `reconsider_lead_minutes` left before
       the start, everything;
    3. before the start, the first of `tiers` that holds, less `fee_minor`;
    4. after it, `unused_percent` of the unused part of the time, less `fee_minor`.

    Who does not come at all owes `no_show_percent` of the price and `no_show_fee_minor` (OCPI
    2.2.1, tariff 17: the full reserved time, and a fee).
    """

    grace_minutes: int = 10
    grace_lead_minutes_max: int | None = None
    reconsider_minutes: int = 0
    reconsider_lead_minutes: int = 0
    tiers: tuple[Tier, ...] = (Tier(0, 100),)
    unused_percent: int = 0
    fee_minor: int = 0
    no_show_percent: int = 100
    no_show_fee_minor: int = 0


_DAY = 24 * 60

FREE_UNTIL_START = CancellationTerms()
"""Everything back before the start: what a listing has that says nothing."""
TIERED = CancellationTerms(
    reconsider_minutes=_DAY,
    reconsider_lead_minutes=_DAY,
    tiers=(Tier(14 * _DAY, 100, Bound.MORE_THAN), Tier(8 * _DAY, 50), Tier(_DAY, 25)),
)
"""Everything within 24 h of booking with more than 24 h left, and more than 14 days before; 50 %
from 8 days, 25 % from 1 day, then nothing; always 10 minutes of grace."""
UNUSED_PART = CancellationTerms(
    grace_minutes=15, grace_lead_minutes_max=_DAY, unused_percent=80, fee_minor=500
)
"""15 minutes of grace for a booking of the same day; else a fee of 5.00; 80 % of what is unused."""


class RefundReason(StrEnum):
    """By which rule a refund was found."""

    NOT_BY_DRIVER = "NOT_BY_DRIVER"
    GRACE = "GRACE"
    RECONSIDERED = "RECONSIDERED"
    TIER = "TIER"
    TOO_LATE = "TOO_LATE"
    UNUSED_PART = "UNUSED_PART"
    STARTED = "STARTED"


@dataclass(frozen=True, slots=True)
class RefundDue:
    """What is given back, in minor units, never more than was paid; `tier` names the rule."""

    amount_minor: int
    tier: RefundReason
    explanation: str


def refund(
    terms: CancellationTerms,
    amount_minor: int,
    booked_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    by: str,
) -> RefundDue:
    """What the driver gets back of a price of `amount_minor` when `by` cancels at `at`.

    Whoever but the DRIVER cancels gives everything back. What rounding leaves is the driver's.
    """
    found = _full(terms, booked_at, starts_at, at, by)
    if found is not None:
        return RefundDue(amount_minor, *found)
    if at < starts_at:
        return _before(terms, amount_minor, starts_at - at)
    return _after(terms, amount_minor, ends_at - starts_at, max(ends_at - at, timedelta(0)))


def no_show_due(terms: CancellationTerms, amount_minor: int) -> int:
    """What of a price of `amount_minor` is due from who did not come, without the fee; what
    rounding cuts off is the driver's."""
    return amount_minor * terms.no_show_percent // 100


def _full(
    terms: CancellationTerms, booked_at: datetime, starts_at: datetime, at: datetime, by: str
) -> tuple[RefundReason, str] | None:
    if by != DRIVER:
        return RefundReason.NOT_BY_DRIVER, "not cancelled by the driver: everything is given back"
    since, lead = at - booked_at, starts_at - at
    if since <= timedelta(minutes=terms.grace_minutes) and _has_grace(terms, starts_at - booked_at):
        return RefundReason.GRACE, f"within {terms.grace_minutes} minutes of booking: everything"
    may_reconsider = since <= timedelta(minutes=terms.reconsider_minutes)
    if may_reconsider and lead > timedelta(minutes=terms.reconsider_lead_minutes):
        minutes, left = terms.reconsider_minutes, terms.reconsider_lead_minutes
        why = f"within {minutes} minutes of booking, more than {left} before the start: everything"
        return RefundReason.RECONSIDERED, why
    return None


def _has_grace(terms: CancellationTerms, booked_ahead: timedelta) -> bool:
    most = terms.grace_lead_minutes_max
    return terms.grace_minutes > 0 and (most is None or booked_ahead <= timedelta(minutes=most))


def _before(terms: CancellationTerms, amount_minor: int, lead: timedelta) -> RefundDue:
    tier = next((tier for tier in terms.tiers if tier.holds(lead)), None)
    if tier is None:
        return RefundDue(0, RefundReason.TOO_LATE, "too close to the start: nothing is given back")
    given = _less_fee(_share(amount_minor, tier.percent, 100), terms)
    words = "at least" if tier.bound is Bound.AT_LEAST else "more than"
    when = f"{words} {tier.minutes_before} minutes before the start"
    return RefundDue(given, RefundReason.TIER, f"{when}: {tier.percent} %{_fee(terms)}")


def _after(
    terms: CancellationTerms, amount_minor: int, booked: timedelta, unused: timedelta
) -> RefundDue:
    percent = terms.unused_percent
    if percent == 0 or not unused:
        return RefundDue(0, RefundReason.STARTED, "after the start: nothing is given back")
    second = timedelta(seconds=1)
    part = _share(amount_minor, (unused // second) * percent, max(booked // second, 1) * 100)
    why = f"after the start: {percent} % of the unused part{_fee(terms)}"
    return RefundDue(_less_fee(part, terms), RefundReason.UNUSED_PART, why)


def _share(amount_minor: int, part: int, whole: int) -> int:
    """`part` of `whole`; the rounding's remainder goes to the driver."""
    part = min(part, whole)
    return split(amount_minor, [part, whole - part], remainder_to=0)[0] if part else 0


def _less_fee(amount_minor: int, terms: CancellationTerms) -> int:
    return max(amount_minor - terms.fee_minor, 0)


def _fee(terms: CancellationTerms) -> str:
    return ", less the fee" if terms.fee_minor else ""


def terms_json(terms: CancellationTerms) -> str:
    """As a listing and a quote keep them."""
    return json.dumps(asdict(terms), sort_keys=True)


def parse_terms(text: str) -> CancellationTerms:
    """Terms from JSON. Raises `InvalidInput` naming the value under `cancellation`."""
    try:
        given = json.loads(text)
    except ValueError as error:
        raise InvalidInput("cancellation", f"this is no JSON: {error}") from None
    known = {each.name for each in fields(CancellationTerms)}
    if not isinstance(given, dict) or not set(given) <= known:
        message = f"expected a JSON object with some of: {', '.join(sorted(known))}"
        raise InvalidInput("cancellation", message)
    tiers = given.pop("tiers", None)
    made = CancellationTerms(**given) if tiers is None else _with_tiers(given, tiers)
    return checked_terms(made)


def _with_tiers(given: Mapping[str, Any], tiers: Any) -> CancellationTerms:
    try:
        read = tuple(
            Tier(**{**tier, "bound": Bound(tier.get("bound", "AT_LEAST"))}) for tier in tiers
        )
    except (TypeError, ValueError, AttributeError):
        message = "a tier has minutes_before, percent and bound (AT_LEAST or MORE_THAN)"
        raise InvalidInput("cancellation.tiers", message) from None
    return CancellationTerms(**{**given, "tiers": read})


def _tier(given: Mapping[str, Any]) -> Tier:
    return Tier(**{**given, "bound": Bound(given.get("bound", Bound.AT_LEAST))})


def checked_terms(terms: CancellationTerms) -> CancellationTerms:
    """The terms, sound in every value. Raises `InvalidInput` naming the first that is not."""
    _check("grace_minutes", terms.grace_minutes, MINUTES_MAX)
    if terms.grace_lead_minutes_max is not None:
        _check("grace_lead_minutes_max", terms.grace_lead_minutes_max, MINUTES_MAX)
    _check("reconsider_minutes", terms.reconsider_minutes, MINUTES_MAX)
    _check("reconsider_lead_minutes", terms.reconsider_lead_minutes, MINUTES_MAX)
    _check("unused_percent", terms.unused_percent, 100)
    _check("fee_minor", terms.fee_minor, FEE_MINOR_MAX)
    _check("no_show_percent", terms.no_show_percent, NO_SHOW_PERCENT_MAX)
    _check("no_show_fee_minor", terms.no_show_fee_minor, FEE_MINOR_MAX)
    if len(terms.tiers) > TIERS_MAX:
        raise InvalidInput("cancellation.tiers", f"at most {TIERS_MAX} tiers are allowed")
    for index, tier in enumerate(terms.tiers):
        _check(f"tiers.{index}.minutes_before", tier.minutes_before, MINUTES_MAX)
        _check(f"tiers.{index}.percent", tier.percent, 100)
        if index and not terms.tiers[index - 1].minutes_before > tier.minutes_before:
            message = "tiers go from the longest time before the start to the shortest"
            raise InvalidInput(f"cancellation.tiers.{index}.minutes_before", message)
    return terms


def _check(name: str, value: Any, most: int) -> None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole or not 0 <= value <= most:
        field = f"cancellation.{name}"
        raise InvalidInput(field, f"it is {value!r:.40}; give a whole number from 0 to {most}")

"""What the exit's page shows, worked out from the schema's answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.formats import clock_text
from api.pages.booking_words import Words
from api.right_words import gift_text


@dataclass(frozen=True, slots=True)
class Used:
    """A right that goes into the stay: what it gives, whose it is, and what it pays."""

    gift: str
    issuer: str
    saves: str


@dataclass(frozen=True, slots=True)
class Unused:
    """A right that does not, and why."""

    gift: str
    issuer: str
    why: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """What leaving costs at `at`, and what pays it. `others`: merchants that validated the stay
    themselves; empty if none did. `is_redeemed`: what is used is in the stay already."""

    plate: str
    bay: str
    since: str
    at: str
    cost: str
    others: str
    due: str
    is_free: bool
    used: Sequence[Used]
    unused: Sequence[Unused]
    because: str
    is_redeemed: bool


def plan_view(plan: Mapping[str, Any], words: Words, now: datetime) -> PlanView:
    """The schema's `ExitPlan` of this instant in the reader's words, in the place's time zone."""
    used = plan["used"]
    return PlanView(
        plate=plan["plate"],
        bay=plan["spaceNumber"],
        since=words.time(plan["startedAt"]),
        at=clock_text(now, words.zone),
        cost=words.money(plan["cost"]),
        others=_taken_off(plan["paidByOthers"], words),
        due=words.money(plan["due"]),
        is_free=plan["due"]["amountMinor"] == 0,
        used=[_used(each, words) for each in used],
        unused=[_unused(each, words) for each in plan["unused"]],
        because=words(f"because_{plan['because']}") if used else "",
        is_redeemed=bool(used) and not any(each["isNew"] for each in used),
    )


def _used(told: Mapping[str, Any], words: Words) -> Used:
    right = told["right"]
    return Used(_gift(right, words), right["issuerName"], _taken_off(told["saves"], words))


def _unused(told: Mapping[str, Any], words: Words) -> Unused:
    right, code = told["right"], told["why"]
    key = f"why_{code}"
    why = words(key) if words.has(key) else words("why_other", code=code)
    return Unused(_gift(right, words), right["issuerName"], why)


def _taken_off(money: Mapping[str, Any], words: Words) -> str:
    """An amount that is taken off; empty where there is none."""
    minor = money["amountMinor"]
    return words.money({**money, "amountMinor": -minor}) if minor else ""


def _gift(right: Mapping[str, Any], words: Words) -> str:
    return gift_text(right, words.language, words.locale)

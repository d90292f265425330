"""What guest and merchant are told at each step of an order. Pure: topics, fields, words."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from parking.merchants.kinds import OrderStep, Reason
from parking.notices.kinds import NoticeTopic

LOCAL_FORMAT = "%Y-%m-%d %H:%M"


class News(NamedTuple):
    """The topics of one step; None: that side is not told."""

    guest: NoticeTopic | None
    merchant: NoticeTopic | None


NEWS: Mapping[OrderStep, News] = {
    OrderStep.BOOKED: News(NoticeTopic.PARKING_BOOKED, NoticeTopic.ORDER_BOOKED),
    OrderStep.PAID: News(NoticeTopic.PARKING_BOOKED, None),
    OrderStep.MOVED: News(NoticeTopic.PARKING_MOVED, NoticeTopic.ORDER_BOOKED),
    OrderStep.WAITLISTED: News(NoticeTopic.PARKING_WAITLISTED, NoticeTopic.ORDER_WAITLISTED),
    OrderStep.REFUSED: News(NoticeTopic.PARKING_REFUSED, NoticeTopic.ORDER_REFUSED),
    OrderStep.RELEASED: News(NoticeTopic.PARKING_CANCELLED, NoticeTopic.ORDER_CANCELLED),
    OrderStep.ARRIVING: News(None, NoticeTopic.ORDER_ARRIVING),
    OrderStep.ARRIVED: News(None, NoticeTopic.ORDER_ARRIVED),
    OrderStep.LATE: News(None, NoticeTopic.ORDER_LATE),
    OrderStep.LOCK_FAILED: News(None, NoticeTopic.ORDER_LOCK_FAILED),
    OrderStep.MISSED: News(NoticeTopic.PARKING_MISSED, NoticeTopic.ORDER_MISSED),
}
"""Steps that are not here are told by the stream of orders only. Who parks is told by the clock
that they are late, as every driver is (`parking.reminders`)."""


_BESIDE = {OrderStep.LATE, OrderStep.ARRIVING, OrderStep.LOCK_FAILED}
OUTDATING = frozenset({*NEWS, OrderStep.CANCELLED, OrderStep.REPLACED}) - _BESIDE
"""After one of these, nobody needs to hear of what was before."""


def news_of(step: str, reason_code: str, reservation_state: str) -> News:
    """Whom a step concerns: what a guest cancelled, only the merchant needs to hear; a bay that is
    kept unpaid asks the guest to confirm it."""
    if step == OrderStep.CANCELLED and reason_code == Reason.BY_GUEST:
        return News(None, NoticeTopic.ORDER_CANCELLED)
    found = NEWS.get(OrderStep(step), News(None, None))
    if step == OrderStep.BOOKED and reservation_state == "PENDING_PAYMENT":
        return found._replace(guest=NoticeTopic.PARKING_UNPAID)
    return found


WHY: Mapping[str, Mapping[str, str]] = {
    "en": {
        Reason.FULL: "no space became free in time.",
        Reason.PAST: "the time is over.",
        Reason.QUOTA: "there are no more spaces for that day.",
        Reason.NOT_PAID: "it was not confirmed in time.",
    },
    "zh": {
        Reason.FULL: "未能及时空出车位。",
        Reason.PAST: "时间已过。",
        Reason.QUOTA: "当日车位名额已用完。",
        Reason.NOT_PAID: "未在规定时间内确认。",
    },
}
"""What a guest is told of a refusal; how the merchant stands with the platform is not theirs."""
_OTHERWISE = {"en": "it could not be arranged.", "zh": "未能安排车位。"}


def why(reason_code: str, locale: str) -> str:
    """The reason of a refusal in the guest's language."""
    return WHY[locale].get(reason_code, _OTHERWISE[locale])


def local(instant: datetime | None, zone: ZoneInfo) -> str:
    """A time on the clocks of the place; empty for none."""
    return "" if instant is None else instant.astimezone(zone).strftime(LOCAL_FORMAT)

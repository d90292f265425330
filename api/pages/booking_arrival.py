"""What a booking's page says to the guest of a merchant's order: whether to come, wait, or ask for
another bay. Pure, from the schema's answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.pages.booking_words import Words

OUTCOMES = frozenset({"OPENING", "OPEN", "EARLY", "IN_USE", "UNPAID", "PARKED"})
_TO_COME = ("PENDING_PAYMENT", "CONFIRMED")
LATE = timedelta(minutes=1)
"""Nobody is told to be late in the minute of the start."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """The section about the arrival: sentences, and whether there is a button."""

    says: tuple[str, ...]
    has_button: bool


def arriving_of(booking: Mapping[str, Any], words: Words, now: datetime) -> Arriving | None:
    """None for a booking that was made for no order, and where there is nothing to say."""
    order = booking["order"]
    if order is None:
        return None
    says = [*_says(booking, order, words, now)]
    if order["arrivedAt"] is not None and booking["state"] in _TO_COME:
        known = words.time(order["arrivedAt"])
        says.append(words("arrive_known", unit=order["unitName"], at=known))
    if not says:
        return None
    return Arriving(tuple(says), order["mayArrive"] and not _is_in(booking, order))


def told_arrival(done: str, booking: Mapping[str, Any], words: Words) -> str:
    """What to say after the button; only what the booking itself bears out."""
    order, outcome = booking["order"], done.removeprefix("arrived_")
    if order is None or outcome not in OUTCOMES:
        return ""
    if order["arrivedAt"] is None and outcome != "PARKED":
        return ""
    return words(
        done,
        unit=order["unitName"],
        opens=words.clock(booking["opensAt"]),
        starts=words.clock(booking["startsAt"]),
    )


def _is_in(booking: Mapping[str, Any], order: Mapping[str, Any]) -> bool:
    """Whether another press would do nothing: the arm is down already."""
    is_down = booking["space"]["lock"] == "LOWERED"
    return bool(order["arrivedAt"]) and order["isLetIn"] and is_down


def _says(
    booking: Mapping[str, Any], order: Mapping[str, Any], words: Words, now: datetime
) -> list[str]:
    state, kept = booking["state"], words.time(order["keptUntil"])
    if state == "NO_SHOW":
        return [words("missed", at=kept, unit=order["unitName"])]
    if state == "ACTIVE":
        return [words("arrive_parked")]
    if state == "PENDING_PAYMENT":
        return [words("arrive_unpaid" if booking["mayConfirm"] else "arrive_unpaid_lent")]
    if state != "CONFIRMED" or now >= datetime.fromisoformat(booking["endsAt"]):
        return []
    return [_coming(booking, order, words, now)]


def _coming(
    booking: Mapping[str, Any], order: Mapping[str, Any], words: Words, now: datetime
) -> str:
    """Of a booking that waits for its guest."""
    starts = datetime.fromisoformat(booking["startsAt"])
    if not order["mayArrive"]:
        return words("arrive_soon", at=words.time(order["arriveFrom"]))
    if now < datetime.fromisoformat(booking["opensAt"]):
        return words("arrive_early", at=words.time(booking["opensAt"]))
    if not order["isLetIn"]:
        return words("arrive_in_use", at=words.time(booking["startsAt"]))
    if now < starts + LATE:
        return words("arrive_ready")
    if now < datetime.fromisoformat(order["keptUntil"]):
        return words("arrive_late", at=words.time(order["keptUntil"]))
    return words("arrive_later")

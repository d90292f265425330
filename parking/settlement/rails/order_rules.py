"""Pure decisions about rail orders: when to try again, and what to tell people."""

from datetime import timedelta
from typing import NamedTuple

from parking.settlement.kinds import RailOrderKind
from parking.settlement.payments.records import OrderRecord

ATTEMPTS_MAX = 20
"""About eight hours, with the pauses below; then a person has to look."""
BACKOFF_MIN = timedelta(seconds=10)
BACKOFF_MAX = timedelta(minutes=30)
CAPTURE_WAITS = timedelta(seconds=30)
"""So long a refund waits each time for what it gives back to be taken first."""

_K = RailOrderKind
UNKNOWN = {
    _K.AUTHORISE: "nothing was taken as far as Berth knows, and the debt stays; look for the "
    "payment at the rail, then try the order again",
    _K.CAPTURE: "the money is reserved but not taken; capture it at the rail before the "
    "authorisation lapses, or try the order again",
    _K.RELEASE: "the driver's money may still be reserved; cancel it at the rail, or try the "
    "order again",
    _K.REFUND: "the driver's money is not known to be given back; look at the rail whether it was, "
    "and refund it there, or try the order again",
    _K.PAYOUT: "the money is not known to be sent; look at the rail whether it was, and try the "
    "order again",
}
"""What a person has to do when a rail did not answer for so long."""


class Delay(NamedTuple):
    """How long to wait, and the words under which the rail may have kept its error until then."""

    pause: timedelta
    generation: int


def delay(order: OrderRecord, *, is_over: bool) -> Delay | None:
    """When to try again after the rail did not answer; None: a person has to look.

    A rail that answered with an error of its own (`is_over`) would repeat it under the same key;
    what is looked up first can then be asked for under another.
    """
    if order.attempts >= ATTEMPTS_MAX:
        return None
    doubled = BACKOFF_MIN * 2 ** min(order.attempts - 1, 12)
    return Delay(min(doubled, BACKOFF_MAX), order.generation + int(is_over))


def key_of(order: OrderRecord) -> str:
    """The key under which the rail is asked now."""
    return order.key if order.generation == 0 else f"{order.key}.{order.generation}"


def unknown(order: OrderRecord, error: str) -> str:
    """For the person who has to look at it."""
    return f"{order.rail} did not answer {order.attempts} times ({error}): {UNKNOWN[order.kind]}"


def refused(order: OrderRecord, error: str, todo: str) -> str:
    """The same when the rail refused for good."""
    return f"{order.rail} refused ({error}): {todo}"

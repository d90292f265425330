"""What a message was understood as, as it is kept beside the message: JSON, for those who look
after the shop's messages. Pure."""

from datetime import datetime
from typing import Any, NamedTuple

import orjson

from parking.clock import rfc3339
from parking.merchants.sms.results import (
    Action,
    Field,
    Problem,
    Reading,
    Trouble,
    Unclear,
    Understood,
)
from parking.storage.sql import as_time


class Heard(NamedTuple):
    """What was heard, and what was wrong with it (`problems`, none of a text that was clear).

    `action` is None for a text that was not read. Times are UTC; what was not said is None or "".
    """

    action: Action | None = None
    order_ref: str = ""
    service_at: datetime | None = None
    service_ends_at: datetime | None = None
    party: int | None = None
    guest_name: str = ""
    guest_phone: str = ""
    guest_language: str = ""
    plate: str = ""
    wants_parking: bool | None = None
    is_accessible: bool | None = None
    is_ev: bool | None = None
    shift_minutes: int | None = None
    """So much later than the order was; of an order that was new, `service_at` counts."""
    problems: tuple[Problem, ...] = ()


def heard_json(reading: Reading) -> str:
    """A reading, to be kept."""
    heard: Understood = reading.heard if isinstance(reading, Unclear) else reading
    problems = reading.problems if isinstance(reading, Unclear) else ()
    told = {
        "action": heard.action,
        "order_ref": heard.order_ref,
        "service_at": _text(heard.service_at),
        "service_ends_at": _text(heard.service_ends_at),
        "party": heard.party,
        "guest_name": heard.guest_name,
        "guest_phone": heard.guest_phone or "",
        "guest_language": heard.language,
        "plate": heard.plate,
        "wants_parking": heard.wants_parking,
        "is_accessible": heard.needs.accessible,
        "is_ev": heard.needs.ev,
        "shift_minutes": None if heard.shift is None else int(heard.shift.total_seconds() // 60),
        "problems": [(each.field, each.trouble, each.said) for each in problems],
    }
    return orjson.dumps(told).decode()


def heard_of(text: str) -> Heard:
    """What was kept; nothing of a message that was not read, or whose text was erased."""
    if not text:
        return Heard()
    told: dict[str, Any] = orjson.loads(text)
    typed = {
        "action": Action(told["action"]),
        "service_at": _time(told["service_at"]),
        "service_ends_at": _time(told["service_ends_at"]),
        "problems": tuple(
            Problem(Field(field), Trouble(trouble), tuple(said))
            for field, trouble, said in told["problems"]
        ),
    }
    return Heard(**{**told, **typed})


def _text(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


def _time(text: str | None) -> datetime | None:
    return None if text is None else as_time(text)

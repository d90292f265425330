"""What a booking's page shows, worked out from the schema's answer. Pure."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from api.pages.booking_arrival import Arriving, arriving_of
from api.pages.booking_words import Words
from api.pages.plan import Plan, plan_of
from api.pages.way import GuestWay, way_of
from api.price_words import line_label, quantity_text

EXTENSION_MINUTES = (30, 60, 120)
EXTENSION_STEP = timedelta(minutes=30)
"""What the page offers with one touch; anything else by date and time."""
ROUND_MINUTES = 5
MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)
LOCAL_INPUT = "%Y-%m-%dT%H:%M"
"""What an `<input type="datetime-local">` holds."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a price."""

    label: str
    window: str
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A longer stay that one touch asks the price of."""

    ends_at: str
    label: str


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the template shows, in words. `booking` is the schema's answer."""

    booking: Mapping[str, Any]
    words: Words
    says: str
    is_over_time: bool
    window: str
    links: Mapping[str, str]
    plan: Plan | None
    qr: Mapping[str, Any] | None
    qr_image: str
    qr_later: str
    qr_seconds: int
    has_code: bool
    lines: Sequence[Line]
    session_lines: Sequence[Line]
    payment: Sequence[tuple[str, str]]
    choices: Sequence[Choice]
    longer: str
    accesses: Sequence[tuple[str, str, bool]]
    arriving: Arriving | None
    way: GuestWay | None
    visit: str

    @property
    def is_live(self) -> bool:
        """Whether the booking still gives a right, or may yet."""
        return self.booking["state"] in {"REQUESTED", "PENDING_PAYMENT", "CONFIRMED", "ACTIVE"}


def view_of(
    booking: Mapping[str, Any],
    qr: Mapping[str, Any] | None,
    language: str,
    now: datetime,
    locale: str = "",
) -> View:
    """The page of a booking, and of its QR if it has one, at this instant (aware UTC)."""
    words = Words(language, ZoneInfo(booking["place"]["timeZone"]), locale)
    session = booking["session"]
    return View(
        booking=booking,
        words=words,
        says=_says(booking, words),
        is_over_time=_is_over_time(booking),
        window=words.window(booking["startsAt"], booking["endsAt"]),
        links=_links(booking["place"], language),
        plan=plan_of(booking["bays"]),
        qr=qr,
        qr_image=_image(qr["svg"]) if qr else "",
        qr_later=_qr_later(booking, words, now),
        qr_seconds=_qr_seconds(qr, now),
        has_code=booking["isOpen"] and booking["hasReader"],
        lines=_lines(booking, words),
        session_lines=_lines(session, words) if session and session["price"] else (),
        payment=_payment(booking["money"], words),
        choices=_choices(booking, words, now),
        longer=_local_input(_extended_from(booking, now) + EXTENSION_STEP, words.zone),
        accesses=[_access(each, booking, words) for each in booking["accesses"]],
        arriving=arriving_of(booking, words, now),
        way=way_of(booking, words),
        visit=_visit(booking["order"], words),
    )


def _visit(order: Mapping[str, Any] | None, words: Words) -> str:
    """When the service is, for which the bay was booked."""
    if order is None or order["serviceAt"] is None:
        return ""
    if order["serviceEndsAt"] is None:
        return words.time(order["serviceAt"])
    return words.window(order["serviceAt"], order["serviceEndsAt"])


def _is_over_time(booking: Mapping[str, Any]) -> bool:
    session = booking["session"]
    return bool(session and session["overstaySince"] and not session["endedAt"])


def _says(booking: Mapping[str, Any], words: Words) -> str:
    if _is_over_time(booking):
        return words("says_OVERSTAY", since=words.time(booking["session"]["overstaySince"]))
    until = booking["holdUntil"] or booking["endsAt"]
    return words(f"says_{booking['state']}", until=words.time(until))


def _links(place: Mapping[str, Any], language: str) -> dict[str, str]:
    """Ways to get there: `geo:` (RFC 5870) opens the telephone's own navigation."""
    position = place["position"]
    if position is None:
        return {}
    at = f"{position['latitude']:.6f},{position['longitude']:.6f}"
    turned = f"{position['longitude']:.6f},{position['latitude']:.6f}"
    navigate = f"geo:{at}?q={at}({quote(place['name'])})"
    if language == "zh":
        asked = urlencode({"position": turned, "name": place["name"], "coordinate": "wgs84"})
        return {"navigate": navigate, "map": f"https://uri.amap.com/marker?{asked}"}
    mark = urlencode({"mlat": position["latitude"], "mlon": position["longitude"]})
    shown = f"https://www.openstreetmap.org/?{mark}#map=18/{at.replace(',', '/')}"
    return {"navigate": navigate, "map": shown}


def _image(svg: str) -> str:
    """As a picture: whatever it holds is drawn and never run."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _qr_later(booking: Mapping[str, Any], words: Words, now: datetime) -> str:
    opens_at = datetime.fromisoformat(booking["opensAt"])
    if booking["state"] != "CONFIRMED" or not booking["hasReader"] or now >= opens_at:
        return ""
    early = datetime.fromisoformat(booking["startsAt"]) - opens_at
    minutes = int(early.total_seconds() // 60)
    return words("qr_later", at=words.time(booking["opensAt"]), minutes=minutes)


def _qr_seconds(qr: Mapping[str, Any] | None, now: datetime) -> int:
    """How long the code is good, so that a telephone with a wrong clock knows too."""
    if qr is None:
        return 0
    left = datetime.fromisoformat(qr["expiresAt"]) - now
    return max(0, int(left.total_seconds()))


def _lines(priced: Mapping[str, Any], words: Words) -> list[Line]:
    """The lines of what has `lines` and a `price`."""
    currency = priced["price"]["currency"]
    return [
        Line(
            label=line_label(each, words.language),
            window=words.window(each["startsAt"], each["endsAt"]),
            quantity=quantity_text(each, words.language),
            amount=words.money({"amountMinor": each["amountMinor"], "currency": currency}),
        )
        for each in priced["lines"]
    ]


SETTLED_FIELDS = ("cost", "validation", "toppedUp", "receivable", "refund")


def _payment(money: Mapping[str, Any] | None, words: Words) -> list[tuple[str, str]]:
    """How the booking is paid, and what came of it: name and value. What is zero is not told."""
    if money is None:
        return []
    key = f"rail_{money['rail']}"
    rows = [(words("paid_with"), words(key) if words.has(key) else money["rail"])]
    rows.append((words("secured"), words.money(money["secured"])))
    settled = money["settlement"] or {}
    told = ((name, settled.get(name)) for name in SETTLED_FIELDS)
    rows += [
        (words(f"settled_{name}"), words.money(amount))
        for name, amount in told
        if amount and (amount["amountMinor"] or name == "cost")
    ]
    return rows


def _extended_from(booking: Mapping[str, Any], now: datetime) -> datetime:
    """What an extension is counted from: the end, or the next round minute once that is over."""
    ends_at = datetime.fromisoformat(booking["endsAt"])
    if now <= ends_at:
        return ends_at
    return (
        now + timedelta(minutes=ROUND_MINUTES) - (now - MIDNIGHT) % timedelta(minutes=ROUND_MINUTES)
    )


def _choices(booking: Mapping[str, Any], words: Words, now: datetime) -> list[Choice]:
    if not booking["mayExtend"]:
        return []
    start = _extended_from(booking, now)
    return [
        Choice(
            (start + timedelta(minutes=minutes)).isoformat(),
            words("extend_by", text=words.stay(minutes)),
        )
        for minutes in EXTENSION_MINUTES
    ]


def _local_input(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime(LOCAL_INPUT)


def _access(
    access: Mapping[str, Any], booking: Mapping[str, Any], words: Words
) -> tuple[str, str, bool]:
    """When, what came of it, and whether the bay opened."""
    code, number = access["outcome"], booking["space"]["number"]
    key = f"access_{code}"
    told = words(key, number=number) if words.has(key) else words("access_other", code=code)
    if access["isOffline"]:
        told += f" ({words('offline')})"
    return words.time(access["at"]), told, code == "GRANTED"


def wanted_end(text: str, zone: ZoneInfo) -> datetime:
    """The end that a form names: an instant, or a local time of the place.

    Of the two instants that a local time has when clocks go back, the later: who asks to stay until
    02:30 is not charged for less. Raises ValueError for what is no time.
    """
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=zone, fold=1)

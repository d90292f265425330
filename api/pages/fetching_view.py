"""What the page of who is to fetch a car shows, worked out from the schema's answers. Pure."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.pages.booking_words import Words
from api.pages.finding_view import Found, Where, where_of

LIVE = frozenset({"OFFERED", "ACTIVE", "LEAVING"})


@dataclass(frozen=True, slots=True)
class Code:
    """A QR to show: as a picture, and until when, in words and seconds."""

    image: str
    expires_at: str
    until: str
    seconds: int


@dataclass(frozen=True, slots=True)
class FetchView:
    """A right to fetch a car, in words. `where` is None once it is over; `amount` is empty where
    the owner pays."""

    right: Mapping[str, Any]
    badge: str
    says: str
    where: Where | None
    until: str
    payer: str
    amount: str
    code: Code | None

    @property
    def is_live(self) -> bool:
        """Whether it opens something, or may yet."""
        return self.right["state"] in LIVE

    @property
    def has_code(self) -> bool:
        """Whether there is a code, for the reader of the page or for who agreed to pay."""
        return bool(self.right["hasCode"] or self.right["hasCodeForFetcher"])

    @property
    def is_personal(self) -> bool:
        """Whether the code is for who agreed to pay alone."""
        return bool(self.right["payer"] == "FETCHER")

    @property
    def is_offered(self) -> bool:
        """Whether who fetches the car has to agree first."""
        return bool(self.right["state"] == "OFFERED")


def fetch_view(
    right: Mapping[str, Any], qr: Mapping[str, Any] | None, words: Words, now: datetime
) -> FetchView:
    """The schema's `DelegatedExit`, and its QR if there is one; in the place's own time zone."""
    most = right["amountMax"]
    amount = words.money(most) if most else ""
    return FetchView(
        right=right,
        says=words(_says(right)),
        where=where_of(_found(right), words) if right["state"] in LIVE else None,
        until=words.time(right["validUntil"]),
        badge=words(f"{right['state']}{'_other' if _is_anothers(right) else ''}"),
        payer=words(f"payer_{'other' if _is_anothers(right) else right['payer']}", amount=amount),
        amount=amount,
        code=None if qr is None else _code(qr, words, now),
    )


def _found(right: Mapping[str, Any]) -> Found:
    return Found(
        place=right["placeName"],
        floor=right["level"],
        area="",
        bay=right["spaceNumber"],
        bays=right["bays"],
        walk=right["walk"],
        at=right["placePosition"],
    )


def _is_anothers(right: Mapping[str, Any]) -> bool:
    """Whether it opens for who agreed to pay, who is not known to be reading the page."""
    return bool(right["state"] == "ACTIVE" and right["hasCodeForFetcher"])


def _says(right: Mapping[str, Any]) -> str:
    state, gate = right["state"], "_gate" if right["hasGate"] else ""
    if _is_anothers(right):
        return "says_other"
    if state == "ACTIVE":
        return f"says_ACTIVE{gate or '_bay'}" if right["hasCode"] else "says_to_come"
    return f"says_LEAVING{gate}" if state == "LEAVING" else f"says_{state}"


def _code(qr: Mapping[str, Any], words: Words, now: datetime) -> Code:
    left = datetime.fromisoformat(qr["expiresAt"]) - now
    return Code(
        # As a picture: whatever it holds is drawn and never run.
        image=f"data:image/svg+xml;base64,{b64encode(qr['svg'].encode()).decode()}",
        expires_at=qr["expiresAt"],
        until=words("qr_expires", at=words.clock(qr["expiresAt"])),
        seconds=max(0, int(left.total_seconds())),
    )

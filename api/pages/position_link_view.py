"""What an opened secure link shows, worked out from the schema's answer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.pages.booking_words import Words
from api.pages.finding_view import Found, Where, coordinates_text, where_of

UNWATCHED_LASTS = timedelta(minutes=5)
"""Without scripts a page learns nothing of its link's end, so it goes after that; a photo's own
address lives no longer."""


@dataclass(frozen=True, slots=True)
class LinkView:
    """A snapshot of where a car stands, in words. `seconds` is what the link has left."""

    where: Where
    zone: str
    address: str
    coordinates: str
    accuracy: str
    note: str
    photo: str
    known: str
    until: str
    seconds: int

    @property
    def unwatched_seconds(self) -> int:
        """How long it is shown without scripts."""
        return min(self.seconds, int(UNWATCHED_LASTS.total_seconds()))


def link_view(position: Mapping[str, Any], words: Words, now: datetime) -> LinkView:
    """The schema's `LinkedPosition`; the words are those of its own time zone."""
    place, at, metres = position["place"], position["coordinates"], position["accuracyMetres"]
    found = Found(
        place=place["name"] if place else "",
        floor=position["floor"],
        area=position["area"],
        bay=position["bay"],
        bays=position["bays"],
        walk=position["walk"],
        at=at or (place and place["position"]),
    )
    left = datetime.fromisoformat(position["expiresAt"]) - now
    said_at = words.time(position["saidAt"])
    return LinkView(
        where=where_of(found, words, words("heading")),
        zone=place["timeZone"] if place else "UTC",
        address=place["address"] if place else "",
        coordinates=coordinates_text(at) if at else "",
        accuracy=words("accuracy", metres=round(metres)) if at and metres else "",
        note=position["note"],
        photo=position["photoUrl"] or "",
        known=words(f"known_{position['source']}", at=said_at),
        until=words("until", at=words.time(position["expiresAt"])),
        seconds=max(0, int(left.total_seconds())),
    )

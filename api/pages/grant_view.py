"""What the verification page shows, worked out from the schema's answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.booking_words import Words
from api.right_words import gift_text, stretch_text, weekdays_text, windows_text

ACTIVE = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Held:
    """A right that a vehicle holds. `is_access`: it books a stay of its own."""

    is_access: bool
    gift: str
    name: str
    issuer: str
    place: str
    window: str


@dataclass(frozen=True, slots=True)
class OfferView:
    """What a grant code gives, in words. `why_not` says why it gives nothing at the moment."""

    offer: Mapping[str, Any]
    gift: str
    conditions: Sequence[str]
    why_not: str

    @property
    def claim(self) -> str:
        """What the form is sent as: the ticket of a rotating picture."""
        return self.offer["ticket"] or ""


def offer_view(offer: Mapping[str, Any], words: Words) -> OfferView:
    """The schema's `GrantOffer` in the reader's words, in the place's time zone."""
    return OfferView(
        offer=offer,
        gift=gift_text(offer["right"], words.language, words.locale),
        conditions=tuple(_conditions(offer, words)),
        why_not=_why_not(offer, words),
    )


def held_view(right: Mapping[str, Any], words: Words) -> Held:
    """A `VehicleRight`; times in the zone of its own place."""
    own = words.there(right["timeZone"])
    return Held(
        is_access=right["kind"] == "ACCESS",
        gift=gift_text(right, own.language, own.locale),
        name=right["name"],
        issuer=right["issuerName"],
        place=right["placeName"],
        window=own("until", at=own.time(right["validUntil"])),
    )


def _conditions(offer: Mapping[str, Any], words: Words) -> list[str]:
    """Sentences about when and where it is given and used; what goes without saying is not said."""
    right = offer["right"]
    terms, language = right["terms"], words.language
    told = []
    if terms["delayMinutes"]:
        told.append(words("use_after", time=stretch_text(terms["delayMinutes"], language)))
    told.append(words("use_within", time=stretch_text(terms["validMinutes"], language)))
    if terms["weekdays"]:
        told.append(words("granted_on", days=weekdays_text(terms["weekdays"], language)))
    if terms["windows"]:
        told.append(words("granted_at", windows=windows_text(terms["windows"], language)))
    told += _season(terms, words)
    flags = (("needsPresence", "presence"), ("isTransferable", "transferable"))
    told += [words(key) for flag, key in flags if terms[flag]]
    if not terms["stacks"]:
        told.append(words("alone"))
    if terms["leftover"] == "STAYS":
        told.append(words("leftover"))
    if right["placeNames"]:
        told.append(words("also_at", places=words.list(right["placeNames"])))
    return told


def _season(terms: Mapping[str, Any], words: Words) -> list[str]:
    pairs = (("granted_from", "periodFrom"), ("granted_until", "periodUntil"))
    return [words(key, at=words.time(terms[name])) for key, name in pairs if terms[name]]


def _why_not(offer: Mapping[str, Any], words: Words) -> str:
    if offer["isStale"]:
        return words("PICTURE_STALE")
    if offer["state"] == ACTIVE:
        return ""
    key = f"GRANT_CODE_{offer['state']}"
    told = words(key) if words.has(key) else words("GRANT_CODE_UNKNOWN")
    if offer["state"] != "NOT_YET_VALID":
        return told
    return f"{told} {words('not_before', at=words.time(offer['validFrom']))}"

"""From what the schema tells of a code to what its sheet is about. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from api.sheets.notice import Facts

CODES: Final = """
query SheetCodes($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename
    ... on GrantCode {
      id link kind label usesMax needsReference validUntil state fence { radiusMetres }
      specification { kind value currency } worthMax { amountMinor currency }
      contract { issuerName placeName }
      place { name address timeZone }
    }
    ... on ExitCode { id link label revokedAt place { name address timeZone } }
  }
}"""
"""All that a sheet says; also an example for other frontends."""
UNKNOWN_ZONE = "UTC"
OVER: Final = frozenset({"EXPIRED", "REVOKED", "UNKNOWN"})
"""States of a grant code that never grants again; one that is EXHAUSTED may, when rights that it
granted lapse."""


def is_shown_only(node: Mapping[str, Any]) -> bool:
    """Whether the code changes by the minute: paper would be stale before it is dry."""
    return node.get("kind") == "ROTATING"


def is_over(node: Mapping[str, Any]) -> bool:
    """Whether nobody gets anything by it any more."""
    if node["__typename"] == "ExitCode":
        return node["revokedAt"] is not None
    return node["state"] in OVER


def facts_of(node: Mapping[str, Any]) -> Facts:
    """A grant code or an exit code of `CODES`."""
    place = node["place"] or {}
    common = {
        "path": node["link"],
        "label": node["label"],
        "address": place.get("address", ""),
        "zone": place.get("timeZone", UNKNOWN_ZONE),
    }
    if node["__typename"] == "ExitCode":
        return Facts(place=place.get("name", ""), is_exit=True, **common)
    contract, ends, gift = node["contract"] or {}, node["validUntil"], node["specification"]
    return Facts(
        place=place.get("name") or contract.get("placeName", ""),
        issuer=contract.get("issuerName", ""),
        gift=gift and {**gift, "worthMax": node["worthMax"]},
        valid_until=datetime.fromisoformat(ends) if ends else None,
        is_for_one=node["usesMax"] == 1,
        needs_reference=node["needsReference"],
        needs_position=node["fence"] is not None,
        **common,
    )

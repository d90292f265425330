"""The fixed words that limit an API key."""

from collections.abc import Iterable
from enum import StrEnum

from parking.errors import InvalidInput


class Scope(StrEnum):
    """What an API key may do in its own organisation."""

    PLACES_READ = "places:read"
    PLACES_WRITE = "places:write"
    DEVICES_READ = "devices:read"
    DEVICES_WRITE = "devices:write"
    OCCUPANCY_READ = "occupancy:read"
    RIGHTS_READ = "rights:read"
    RIGHTS_WRITE = "rights:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"


def parse_scopes(words: Iterable[str], field: str = "scopes") -> frozenset[Scope]:
    """The scopes that `words` name, at least one. Raises `InvalidInput` naming `field`."""
    known = {scope.value for scope in Scope}
    given = set(words)
    unknown = sorted(given - known)
    if unknown or not given:
        wrong = f"no scope is called {unknown[0]!r}" if unknown else "a key needs a scope"
        raise InvalidInput(field, f"{wrong}; known scopes: {', '.join(sorted(known))}")
    return frozenset(Scope(word) for word in given)


def scopes_text(scopes: Iterable[str]) -> str:
    """Scopes as they are stored: sorted, separated by spaces."""
    return " ".join(sorted(scopes))

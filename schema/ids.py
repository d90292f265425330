"""Global ids: opaque, typed, the same for everybody. `UGxhY2U6MTI` is place 12."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

import strawberry

KEY_MAX = 2**63 - 1
"""Database keys are signed 64-bit integers."""

ID_CHARACTERS_MAX = 64

NOTHING = 0
"""The key of no object: keys begin at 1."""


@lru_cache(maxsize=65_536)
def global_id(type_name: str, key: int) -> strawberry.ID:
    """The id under which the object of this type with this database key is known outside."""
    return strawberry.ID(urlsafe_b64encode(f"{type_name}:{key}".encode()).decode().rstrip("="))


def parse_id(text: str) -> tuple[str, int] | None:
    """The type's name and the database key; None for what `global_id` never made."""
    if len(text) > ID_CHARACTERS_MAX:
        return None
    try:
        name, _, digits = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
        key = int(digits)
    except (ValueError, UnicodeError):
        return None
    if not 0 < key <= KEY_MAX or global_id(name, key) != text:
        return None
    return name, key


def key_of(text: str, type_name: str) -> int | None:
    """The database key in an id of the named type; None for any other text."""
    parsed = parse_id(text)
    return parsed[1] if parsed is not None and parsed[0] == type_name else None


def wanted_key(text: str, type_name: str) -> int:
    """Like `key_of`, with `NOTHING` for any other text: a key that finds nothing."""
    return key_of(text, type_name) or NOTHING

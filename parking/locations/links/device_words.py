"""What a browser says of itself (RFC 9110, section 10.1.5), made coarse: `phone, Safari`.

Only words of these lists are kept: they go into somebody's log, and whoever sends the text has
chosen it.
"""

from collections.abc import Sequence

_KINDS: Sequence[tuple[str, str]] = (
    ("ipad", "tablet"),
    ("tablet", "tablet"),
    ("mobile", "phone"),
    ("iphone", "phone"),
    ("android", "phone"),
    ("macintosh", "computer"),
    ("windows", "computer"),
    ("linux", "computer"),
)
_BROWSERS: Sequence[tuple[str, str]] = (
    ("micromessenger", "WeChat"),
    ("edg", "Edge"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("crios", "Chrome"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
)
"""The first that is found counts: later ones are what browsers say to be taken for each other."""
USER_AGENT_CHARACTERS_MAX = 500


def device_words(user_agent: str) -> str:
    """The coarse words; empty where nothing is known."""
    told = user_agent[:USER_AGENT_CHARACTERS_MAX].lower()
    found = (_first(told, _KINDS), _first(told, _BROWSERS))
    return ", ".join(each for each in found if each)


def _first(told: str, known: Sequence[tuple[str, str]]) -> str:
    return next((word for part, word in known if part in told), "")

"""Reading link format (RFC 6690 section 2), as devices send it when they register."""

from __future__ import annotations

import re

_ATTRIBUTE = r';\s*[!#$&+\-.^_`|~0-9A-Za-z]+\*?(?:=(?:"(?:[^"\\]|\\.)*"|[^",;\s]*))?'
_LINK = re.compile(rf"\s*<([^<>\s]*)>((?:\s*{_ATTRIBUTE})*)\s*(,|$)")
LINKS_MAX = 64


class LinkFormatError(ValueError):
    """The text is not link format."""


def parse_targets(payload: bytes) -> list[str]:
    """Targets of all links; empty for an empty payload. Raises LinkFormatError."""
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise LinkFormatError("link format is UTF-8") from error
    if "\x00" in text:
        raise LinkFormatError("link format has no zero bytes")
    targets: list[str] = []
    position = 0
    while position < len(text):
        match = _LINK.match(text, position)
        if match is None or match.end() == position:
            raise LinkFormatError(f"not link format at character {position}")
        targets.append(match[1])
        position = match.end()
        if match[3] == "," and position == len(text):
            raise LinkFormatError("link format ends in a comma")
    if len(targets) > LINKS_MAX:
        raise LinkFormatError(f"{len(targets)} links, at most {LINKS_MAX}")
    return targets

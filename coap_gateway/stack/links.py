"""Link format and its filters (RFC 6690)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SPACE_SEPARATED = frozenset({"rt", "if", "rel", "ct"})
"""Attributes whose value is a list separated by spaces (RFC 6690 3.1-3.3, RFC 7252 7.2.1)."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link; an attribute with the empty value is written bare (``obs``)."""

    target: str
    attributes: Mapping[str, str]

    def __str__(self) -> str:
        parts = [f"<{self.target}>"]
        for name, value in self.attributes.items():
            parts.append(f"{name}={_quoted(name, value)}" if value else name)
        return ";".join(parts)


def _quoted(name: str, value: str) -> str:
    if name in {"ct", "sz"} and value.isdecimal():
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def link_format(links: Iterable[Link]) -> bytes:
    """The links as application/link-format."""
    return ",".join(str(link) for link in links).encode()


def filtered(links: Iterable[Link], query: Iterable[str]) -> list[Link]:
    """Links that fit every ``name=value`` of the query (RFC 6690 4.1).

    A trailing ``*`` matches by prefix; a link without the attribute never matches, not even ``*``.
    A query item without ``=`` is no filter and is ignored.
    """
    filters = [item.partition("=") for item in query if "=" in item]
    return [link for link in links if all(_fits(link, name, wanted) for name, _, wanted in filters)]


def _fits(link: Link, name: str, wanted: str) -> bool:
    if name == "href":
        values = [link.target]
    else:
        value = link.attributes.get(name)
        if value is None:
            return False
        values = value.split(" ") if name in SPACE_SEPARATED else [value]
    if wanted.endswith("*"):
        return any(value.startswith(wanted[:-1]) for value in values)
    return wanted in values

"""Levels, rows and areas made from the labels of spaces. Pure."""

import re
from dataclasses import replace

from parking.places.importing.drafts import PlaceDraft, SpaceDraft, SubplaceDraft
from parking.places.importing.layout import natural_key
from parking.places.models import SubplaceKind

BELOW_GROUND = re.compile(
    r"(?:^|[\s(]|[a-z])[-\u2212](\d+)|^(?:b|u|ug|s|basement)\W*(\d+)|(\d+)\W*ug", re.IGNORECASE
)
ANY_NUMBER = re.compile(r"\d+")


def level_number(label: str) -> int:
    """The storey a label means: 0 is the ground, negative below. Without a sign of it, 0."""
    plain = label.strip()
    below = BELOW_GROUND.search(plain)
    if below:
        return -abs(int(next(group for group in below.groups() if group)[:4]))
    above = ANY_NUMBER.search(plain)
    return int(above.group()[:4]) if above else 0


def with_subplaces(place: PlaceDraft) -> PlaceDraft:
    """The place with a subplace for each label, and each space in its innermost one."""
    made: dict[str, SubplaceDraft] = {draft.name: draft for draft in place.subplaces}
    for space in sorted(place.spaces, key=_order):
        for draft in _chain(space):
            made.setdefault(draft.name, draft)
    counted = tuple(replace(draft, position=i) for i, draft in enumerate(made.values()))
    spaces = tuple(replace(space, subplace=_innermost(space)) for space in place.spaces)
    return replace(place, subplaces=counted, spaces=spaces)


def _chain(space: SpaceDraft) -> list[SubplaceDraft]:
    """The subplaces around a space, outermost first."""
    level = level_number(space.level) if space.level else 0
    chain: list[SubplaceDraft] = []
    steps = (
        (space.level, SubplaceKind.FLOOR_OR_LEVEL),
        (space.area, SubplaceKind.IDENTIFIED_AREA),
        (space.row, SubplaceKind.ROW),
    )
    for label, kind in steps:
        if label:
            parent = chain[-1].name if chain else None
            name = f"{parent} {label}" if parent else label
            chain.append(SubplaceDraft(name, kind, parent, level))
    return chain


def _innermost(space: SpaceDraft) -> str | None:
    chain = _chain(space)
    return chain[-1].name if chain else None


def _order(space: SpaceDraft) -> tuple[int, list[tuple[int, int, str]], list[tuple[int, int, str]]]:
    level = level_number(space.level) if space.level else 0
    return level, natural_key(space.area), natural_key(space.row)

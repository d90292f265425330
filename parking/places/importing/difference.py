"""What an import changes of the spaces a place has already. Pure.

A draft means the space with its external id; without one (or without such a space) the one with its
number. A number that another space keeps is refused; numbers may change hands within one file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from parking.places.importing.drafts import Plan, SpaceDraft, Spot
from parking.places.importing.geometry import Point
from parking.places.importing.layout import AISLE_METRES, draw_plan
from parking.places.new import NewSpace


@dataclass(frozen=True, slots=True)
class HeldSpace:
    """A space that the place has, as it could be made anew."""

    id: int
    facts: NewSpace
    is_retired: bool = False


@dataclass(slots=True)
class Difference:
    """What to write: new spaces, changed ones by id; and what stays as it is."""

    created: list[NewSpace] = field(default_factory=list)
    updated: list[tuple[int, NewSpace]] = field(default_factory=list)
    renumbered: list[int] = field(default_factory=list)
    unchanged_count: int = 0
    taken: list[SpaceDraft] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written."""
        return not self.created and not self.updated


def difference(
    drafts: Sequence[SpaceDraft],
    held: Sequence[HeldSpace],
    subplace_ids: Mapping[str, int],
    anchor: Point | None = None,
) -> Difference:
    """What takes the held spaces to what the drafts say; `anchor` is the place's (lon, lat)."""
    if any(not space.is_retired for space in held):
        drafts = [draft for draft in drafts if not draft.is_numbered_here]
    found = Difference()
    pairs = _without_taken(_matched(drafts, held), held, found)
    spots = _spots(pairs, held, anchor)
    for (draft, space), spot in zip(pairs, spots, strict=True):
        subplace_id = subplace_ids.get(draft.subplace or "")
        if space is None:
            found.created.append(_fresh(draft, spot, subplace_id))
            continue
        wanted = _changed(draft, space.facts, spot, subplace_id)
        if wanted == space.facts and not space.is_retired:
            found.unchanged_count += 1
            continue
        found.updated.append((space.id, wanted))
        if wanted.number != space.facts.number:
            found.renumbered.append(space.id)
    return found


Pair = tuple[SpaceDraft, HeldSpace | None]


def _matched(drafts: Sequence[SpaceDraft], held: Sequence[HeldSpace]) -> list[Pair]:
    in_use_last = sorted(held, key=lambda space: not space.is_retired)
    by_id = {s.facts.external_id: s for s in in_use_last if s.facts.external_id is not None}
    named = {draft.external_id for draft in drafts if draft.external_id in by_id}
    by_number = {s.facts.number: s for s in held if s.facts.external_id not in named}
    return [
        (draft, by_id[draft.external_id])
        if draft.external_id in by_id
        else (draft, by_number.get(draft.number))
        for draft in drafts
    ]


def _without_taken(pairs: list[Pair], held: Sequence[HeldSpace], found: Difference) -> list[Pair]:
    """The pairs whose number no other space keeps; the others go to `found.taken`."""
    while True:
        touched = {space.id for _, space in pairs if space is not None}
        kept = {space.facts.number for space in held if space.id not in touched}
        taken = [pair for pair in pairs if pair[0].number in kept]
        if not taken:
            return pairs
        found.taken += [draft for draft, _ in taken]
        pairs = [pair for pair in pairs if pair[0].number not in kept]


def _spots(
    pairs: Sequence[Pair], held: Sequence[HeldSpace], anchor: Point | None
) -> list[Spot | None]:
    """Where each draft lies; new ones without any position below the plan that is there."""
    drafts = [draft for draft, _ in pairs]
    whole = [draft.spot for draft in draw_plan(drafts, anchor)]
    lowest = max((s.facts.y_metres for s in held if not s.is_retired), default=None)
    if lowest is None:
        return whole
    new = [index for index, (_, space) in enumerate(pairs) if space is None]
    below = draw_plan([drafts[i] for i in new], anchor, lowest + AISLE_METRES)
    for index, draft in zip(new, below, strict=True):
        spot = whole[index]
        if spot is None or spot.plan is Plan.DRAWN:
            whole[index] = draft.spot
    return whole


def _fresh(draft: SpaceDraft, spot: Spot | None, subplace_id: int | None) -> NewSpace:
    space = NewSpace(draft.number, subplace_id, draft.external_id)
    return _with_spot(_with_facts(draft, space), spot)


def _changed(
    draft: SpaceDraft, before: NewSpace, spot: Spot | None, subplace_id: int | None
) -> NewSpace:
    """The space as the draft wants it. An edited plan stays unless the source places the space."""
    moved = (draft.latitude, draft.longitude) != (before.latitude, before.longitude)
    after = _with_facts(draft, replace(before, number=draft.number))
    if subplace_id is not None:
        after = replace(after, subplace_id=subplace_id)
    is_projected = spot is not None and spot.plan is Plan.PROJECTED
    if is_projected and moved and draft.latitude is not None:
        return _with_spot(after, spot)
    return after


SAID = {
    "external_id": "external_id",
    "x_metres": "x",
    "y_metres": "y",
    "width_metres": "width",
    "length_metres": "length",
    "rotation_degrees": "rotation",
    "latitude": "latitude",
    "longitude": "longitude",
    "is_ev": "is_ev",
    "is_accessible": "is_accessible",
    "height_max_metres": "height_max",
}
"""Column of a space, and the draft's field that says it."""


def _with_facts(draft: SpaceDraft, space: NewSpace) -> NewSpace:
    """The space with all that the draft says; what it does not say stays."""
    said = {column: getattr(draft, name) for column, name in SAID.items()}
    return replace(space, **{name: value for name, value in said.items() if value is not None})


def _with_spot(space: NewSpace, spot: Spot | None) -> NewSpace:
    if spot is None:
        return space
    return replace(
        space,
        x_metres=spot.x,
        y_metres=spot.y,
        width_metres=spot.width,
        length_metres=spot.length,
        rotation_degrees=spot.rotation,
    )

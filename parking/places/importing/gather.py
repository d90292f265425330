"""Rows that name their place, gathered into places; shared by CSV and GeoJSON."""

from dataclasses import dataclass, field, fields, replace

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, PlaceDraft, SpaceDraft, Where
from parking.places.importing.problems import Problems
from parking.places.importing.rows import PlaceFacts
from parking.places.importing.values import shown

NO_NAME = frozenset({"name"})


@dataclass(slots=True)
class _Gathered:
    facts: PlaceFacts
    where: Where
    spaces: list[SpaceDraft] = field(default_factory=list)
    outline: tuple[tuple[float, float], ...] = ()


class Gatherer:
    """Collects what rows say of places, by external id if there is one, else by name."""

    def __init__(self, defaults: Defaults, problems: Problems) -> None:
        self.defaults = defaults
        self.problems = problems
        self._places: dict[tuple[str, str], _Gathered] = {}

    def place(
        self, facts: PlaceFacts, where: Where, outline: tuple[tuple[float, float], ...] = ()
    ) -> _Gathered | None:
        """The place that a row is about, or None (reported) when it names none."""
        if facts.name is None and facts.external_id is None:
            facts = replace(facts, name=self.defaults.place_name)
        if facts.external_id is not None:
            key = ("id", facts.external_id)
        elif facts.name is not None:
            key = ("name", facts.name.casefold())
        else:
            message = "the row names no place; fill the place column or name one for the file"
            self.problems.add(where, "place", Code.PLACE_MISSING, message)
            return None
        known = self._places.setdefault(key, _Gathered(facts, where))
        known.facts = self._merged(known.facts, facts, where)
        known.outline = known.outline or outline
        return known

    def _merged(self, old: PlaceFacts, new: PlaceFacts, where: Where) -> PlaceFacts:
        """First said wins; something else said later is reported."""
        if old == new:
            return old
        changes = {}
        for each in fields(PlaceFacts):
            before, after = getattr(old, each.name), getattr(new, each.name)
            if before is None and after is not None:
                changes[each.name] = after
            elif after is not None and _folded(before) != _folded(after):
                message = f"says {shown(after)} of a place that was {shown(before)} further up"
                self.problems.add(where, each.name, Code.PLACE_CONFLICT, message)
        return replace(old, **changes) if changes else old

    def drafts(self) -> list[PlaceDraft]:
        """Everything gathered, in the order of the file."""
        return [
            PlaceDraft(
                name=place.facts.name or place.facts.external_id or "",
                where=place.where,
                external_id=place.facts.external_id,
                kind=place.facts.kind,
                time_zone=place.facts.time_zone,
                currency=place.facts.currency,
                address=place.facts.address,
                latitude=place.facts.latitude,
                longitude=place.facts.longitude,
                outline=place.outline,
                spaces=tuple(place.spaces),
                assumed=NO_NAME if place.facts.name is None else frozenset(),
            )
            for place in self._places.values()
        ]


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value

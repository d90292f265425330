"""What must hold of a place before it can be written: zone, currency, unique numbers. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, PlaceDraft, SpaceDraft
from parking.places.importing.limits import PLACES_MAX, SPACES_MAX
from parking.places.importing.numbering import numbered_spaces
from parking.places.importing.problems import Problems, Unreadable
from parking.places.importing.values import shown
from parking.places.models import PlaceKind
from parking.places.rules import currency_fault, time_zone_fault


def checked_places(
    drafts: Iterable[PlaceDraft], defaults: Defaults, problems: Problems
) -> list[PlaceDraft]:
    """The drafts that can be written, defaults applied; the others are reported and left out.

    Raises Unreadable when there are more places or spaces than one file may have.
    """
    places = list(drafts)
    _check_counts(places)
    kept: list[PlaceDraft] = []
    ids: set[str] = set()
    names: set[str] = set()
    for draft in places:
        place = _checked_place(_with_defaults(draft, defaults), problems)
        if place is None or not _is_first(place, ids, names, problems):
            continue
        spaces = place.spaces or numbered_spaces(place, problems)
        kept.append(replace(place, spaces=tuple(_unique_spaces(spaces, problems)), unlisted=()))
    return kept


def _check_counts(places: list[PlaceDraft]) -> None:
    if len(places) > PLACES_MAX:
        message = f"the file has {len(places)} places; at most {PLACES_MAX} are read at once"
        raise Unreadable(Code.TOO_MANY_PLACES, message)
    spaces = sum(len(p.spaces) or sum(each.count for each in p.unlisted) for p in places)
    if spaces > SPACES_MAX:
        message = f"the file has {spaces} spaces; at most {SPACES_MAX} are read at once"
        raise Unreadable(Code.TOO_MANY_SPACES, message)


def _with_defaults(place: PlaceDraft, defaults: Defaults) -> PlaceDraft:
    currency = place.currency or defaults.currency
    silent = (name for name in ("kind", "time_zone", "currency") if getattr(place, name) is None)
    return replace(
        place,
        kind=place.kind or defaults.kind or PlaceKind.LOT,
        time_zone=place.time_zone or defaults.time_zone,
        currency=currency.upper() if currency else None,
        assumed=place.assumed | frozenset(silent),
    )


def _checked_place(place: PlaceDraft, problems: Problems) -> PlaceDraft | None:
    faults = [*_zone_faults(place), *_currency_faults(place)]
    for field, code, message in faults:
        problems.add(place.where, field, code, f"place {shown(place.name)}: {message}")
    return None if faults else place


def _zone_faults(place: PlaceDraft) -> Iterable[tuple[str, Code, str]]:
    if place.time_zone is None:
        message = "no time zone; name one such as Europe/Berlin for the file or in it"
        yield "time_zone", Code.TIME_ZONE_MISSING, message
    elif fault := time_zone_fault(place.time_zone):
        yield "time_zone", Code.TIME_ZONE_UNKNOWN, fault


def _currency_faults(place: PlaceDraft) -> Iterable[tuple[str, Code, str]]:
    if place.currency is None:
        message = "no currency; name one such as EUR for the file or in it"
        yield "currency", Code.CURRENCY_MISSING, message
    elif fault := currency_fault(place.currency):
        yield "currency", Code.CURRENCY_UNKNOWN, fault


def _is_first(place: PlaceDraft, ids: set[str], names: set[str], problems: Problems) -> bool:
    """Whether the place is the first of its id in the file (of its name, when it has no id)."""
    seen, key = (
        (names, place.name.casefold())
        if place.external_id is None
        else (
            ids,
            place.external_id,
        )
    )
    if key in seen:
        message = f"place {shown(place.name)} is in the file twice; the first one is read"
        problems.add(place.where, "place", Code.PLACE_DUPLICATE, message)
        return False
    seen.add(key)
    return True


def _unique_spaces(spaces: Iterable[SpaceDraft], problems: Problems) -> Iterable[SpaceDraft]:
    numbers: dict[str, SpaceDraft] = {}
    ids: dict[str, SpaceDraft] = {}
    for space in spaces:
        if space.number in numbers:
            message = (
                f"the number {shown(space.number)} is already {_seen_at(numbers[space.number])}"
            )
            problems.add(space.where, "number", Code.NUMBER_DUPLICATE, message)
            continue
        if space.external_id is not None and space.external_id in ids:
            first = ids[space.external_id]
            message = f"the id {shown(space.external_id)} is already {_seen_at(first)}"
            problems.add(space.where, "space_id", Code.EXTERNAL_ID_DUPLICATE, message)
            continue
        numbers[space.number] = space
        if space.external_id is not None:
            ids[space.external_id] = space
        yield space


def _seen_at(space: SpaceDraft) -> str:
    """Where the first one stands, in words."""
    if space.where.line is not None:
        return f"on line {space.where.line}"
    return f"at {space.where.path}" if space.where.path else "in the place"

"""The best combination of rights for one stay, by trying all that the rules allow. Pure.

Least to pay for the driver; then fewest rights; then those that lapse first. What two rights that
are alike in everything but their ids and times would save is the same, so of such only those that
lapse first are tried.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime
from itertools import combinations
from typing import NamedTuple, TypeAlias

from parking.rights.redeeming.why import Because, Why


class Option(NamedTuple):
    """A right that may go into the stay. `per_stay_max` of its specification do, as many as
    `issuer_max` of its issuer, with others only if it `stacks`; `day_left` of its specification may
    still be used today. `alike` is the same for rights that save the same."""

    right_id: int
    specification_id: int
    issuer_id: int
    per_stay_max: int
    issuer_max: int
    day_left: int
    stacks: bool
    valid_until: datetime
    alike: Hashable


Options: TypeAlias = tuple[Option, ...]
Pays: TypeAlias = Callable[[Sequence[Option]], int]
"""What the driver pays, in minor units, when these rights go into the stay."""


class Best(NamedTuple):
    """The rights to use, what the driver pays then, what decided, and why not the others."""

    chosen: Options
    pays_minor: int
    because: Because
    refused: dict[int, Why]


def best(options: Sequence[Option], fixed: Sequence[Option], stay_max: int, pays: Pays) -> Best:
    """The best of the combinations of `options` that may go into one stay, with what is `fixed`
    there already (of another driver of the vehicle: it counts, and is not taken out)."""
    ordered = sorted(options, key=_lapse)
    tried = {each: pays(each) for each in _combinations(ordered, tuple(fixed), stay_max)}
    chosen = min(tried, key=lambda each: _key(each, tried[each]))
    least = tried[chosen]
    refused = {
        each.right_id: _why(each, chosen, tuple(fixed), stay_max, pays)
        for each in ordered
        if each not in chosen
    }
    return Best(chosen, least, _because(chosen, ordered, tried), refused)


def may_go_together(options: Sequence[Option], stay_max: int) -> Why | None:
    """Why these rights may not go into one stay all together; None when they may."""
    specifications = Counter(each.specification_id for each in options)
    issuers = Counter(each.issuer_id for each in options)
    if len(specifications) > 1 and not all(each.stacks for each in options):
        return Why.NOT_STACKABLE
    if any(specifications[each.specification_id] > each.per_stay_max for each in options):
        return Why.SPECIFICATION_MAXIMUM
    if any(specifications[each.specification_id] > each.day_left for each in options):
        return Why.DAY_MAXIMUM
    if any(issuers[each.issuer_id] > each.issuer_max for each in options):
        return Why.ISSUER_MAXIMUM
    return Why.PLACE_MAXIMUM if len(options) > stay_max else None


def _combinations(ordered: Sequence[Option], fixed: Options, stay_max: int) -> Iterator[Options]:
    """All that are allowed, none among them; none at all is always."""
    yield ()
    groups = _groups(ordered)
    for size in range(1, stay_max - len(fixed) + 1):
        for found in combinations(ordered, size):
            if _is_first(found, groups) and may_go_together((*fixed, *found), stay_max) is None:
                yield found


def _groups(ordered: Sequence[Option]) -> dict[Hashable, list[Option]]:
    groups: dict[Hashable, list[Option]] = defaultdict(list)
    for each in ordered:
        groups[each.alike].append(each)
    return groups


def _is_first(found: Options, groups: dict[Hashable, list[Option]]) -> bool:
    """Whether of those that are alike it takes the ones that lapse first."""
    taken = _groups(found)
    return all(groups[alike][: len(those)] == those for alike, those in taken.items())


def _key(found: Options, pays_minor: int) -> tuple[int, int, list[tuple[datetime, int]]]:
    return pays_minor, len(found), [_lapse(each) for each in found]


def _lapse(option: Option) -> tuple[datetime, int]:
    return option.valid_until, option.right_id


def _because(chosen: Options, ordered: Sequence[Option], tried: dict[Options, int]) -> Because:
    if not chosen:
        return Because.NOTHING_HELPS
    groups, taken = _groups(ordered), _groups(chosen)
    is_picked = any(len(those) < len(groups[alike]) for alike, those in taken.items())
    same = [each for each, pays in tried.items() if pays == tried[chosen] and each != chosen]
    if is_picked or any(len(each) == len(chosen) for each in same):
        return Because.LAPSES_FIRST
    return Because.FEWEST_RIGHTS if same else Because.LEAST_TO_PAY


def _why(option: Option, chosen: Options, fixed: Options, stay_max: int, pays: Pays) -> Why:
    saves = pays((option,)) < pays(()) or pays((*chosen, option)) < pays(chosen)
    if not saves:
        return Why.WORTH_NOTHING
    return may_go_together((*fixed, *chosen, option), stay_max) or Why.NOT_NEEDED

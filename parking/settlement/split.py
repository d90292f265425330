"""Who gets what of what a stay costs. Pure, in integers: the parts are always the whole.

The cost without its tax is laid into groups: what is assigned to a party line by line, what was
charged for overstaying, and the rest, which the contract's percents divide. Where less is due than
the lines come to (a cancellation), all groups shrink in proportion.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from parking.money import split
from parking.rates.lines import LineKind
from parking.settlement.contracts.fees import BASIS_POINTS, FeeParty, FeeTerms, percent_text
from parking.settlement.tax import Counted


class Parts(NamedTuple):
    """What each gets, in minor units."""

    owner_minor: int = 0
    property_minor: int = 0
    platform_minor: int = 0
    tax_minor: int = 0

    @property
    def whole_minor(self) -> int:
        """All of it."""
        return sum(self)

    def less(self, other: "Parts") -> "Parts":
        """What is left after `other` was given back."""
        return Parts(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))

    def plus(self, other: "Parts") -> "Parts":
        """Both together."""
        return Parts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Why(StrEnum):
    """By which rule a share was found."""

    PERCENT = "PERCENT"
    OVERSTAY = "OVERSTAY"
    ASSIGNED = "ASSIGNED"
    FIXED = "FIXED"
    TAX = "TAX"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a part: `percent` of `basis_minor`, or the whole of it. `party` is a `FeeParty`'s
    name or TAX. A FIXED fee is taken out of the owner's share: a negative one of the owner's."""

    party: str
    why: Why
    amount_minor: int
    basis_minor: int
    percent: str | None = None


_PARTIES = (FeeParty.OWNER, FeeParty.PROPERTY, FeeParty.PLATFORM)
_ORDINARY, _OVERSTAY = 3, 4
"""Groups after those of `_PARTIES`."""


def split_cost(cost_minor: int, tax_minor: int, terms: FeeTerms, lines: Iterable[Counted]) -> Parts:
    """What each gets of a cost that holds this much tax; the sum is `cost_minor`.

    Raises ValueError for a negative cost, or more tax than cost.
    """
    return parts_of(shares(cost_minor, tax_minor, terms, lines))


def shares(
    cost_minor: int, tax_minor: int, terms: FeeTerms, lines: Iterable[Counted]
) -> tuple[Share, ...]:
    """The same share by share, each with its reason."""
    if not 0 <= tax_minor <= cost_minor:
        raise ValueError(f"a cost of {cost_minor} cannot hold {tax_minor} of tax")
    groups = _scaled(cost_minor - tax_minor, _groups(terms, tuple(lines)))
    found = [
        Share(party, Why.ASSIGNED, amount, amount)
        for party, amount in zip(_PARTIES, groups, strict=False)
        if amount
    ]
    found += _overstay(terms, groups[_OVERSTAY])
    found += _ordinary(terms, groups[_ORDINARY])
    found += _fixed(terms, found)
    if tax_minor:
        found.append(Share("TAX", Why.TAX, tax_minor, cost_minor))
    return tuple(found)


def parts_of(found: Iterable[Share]) -> Parts:
    """The shares, summed by party."""
    sums = dict.fromkeys((*_PARTIES, "TAX"), 0)
    for share in found:
        sums[share.party] += share.amount_minor
    return Parts(*sums.values())


def unsplit(parts: Parts, amount_minor: int) -> Parts:
    """What each gives back of `amount_minor` in proportion to what it got: never more than that,
    and together exactly the amount. What rounding leaves is taken where the most was cut off.

    To give back again later, give what is left (`parts.less`). Raises ValueError for less than
    nothing, or more than the whole.
    """
    whole = parts.whole_minor
    if not 0 <= amount_minor <= whole:
        raise ValueError(f"of {whole} nobody can give back {amount_minor}")
    if not amount_minor:
        return Parts()
    exact = [Fraction(part * amount_minor, whole) for part in parts]
    given = [int(share) for share in exact]
    by_cut = sorted(range(len(exact)), key=lambda place: given[place] - exact[place])
    for place in by_cut[: amount_minor - sum(given)]:
        given[place] += 1
    return Parts(*given)


def _ordinary(terms: FeeTerms, net: int) -> list[Share]:
    if not net:
        return []
    platform, building = terms.platform.basis_points, terms.property.basis_points
    weights = [BASIS_POINTS - platform - building, building, platform]
    amounts = split(net, weights, _PARTIES.index(terms.remainder_to))
    return [
        Share(party, Why.PERCENT, amount, net, percent_text(weight))
        for party, weight, amount in zip(_PARTIES, weights, amounts, strict=True)
        if weight or amount
    ]


def _overstay(terms: FeeTerms, net: int) -> list[Share]:
    owner = terms.overstay_owner_basis_points
    if owner is None or not net:
        return []
    weights = [owner, BASIS_POINTS - owner]
    amounts = split(net, weights, 0 if terms.remainder_to is FeeParty.OWNER else 1)
    return [
        Share(party, Why.OVERSTAY, amount, net, percent_text(weight))
        for party, weight, amount in zip(
            (FeeParty.OWNER, FeeParty.PLATFORM), weights, amounts, strict=True
        )
    ]


def _fixed(terms: FeeTerms, found: Sequence[Share]) -> list[Share]:
    """Fixed fees come out of what the owner has, as far as that goes."""
    left, taken = parts_of(found).owner_minor, list[Share]()
    for party, fee in ((FeeParty.PLATFORM, terms.platform), (FeeParty.PROPERTY, terms.property)):
        amount = min(fee.fixed_minor, max(left, 0))
        if amount:
            left -= amount
            taken.append(Share(party, Why.FIXED, amount, fee.fixed_minor))
            taken.append(Share(FeeParty.OWNER, Why.FIXED, -amount, fee.fixed_minor))
    return taken


def _groups(terms: FeeTerms, lines: Sequence[Counted]) -> list[int]:
    """What the lines come to in each group, without tax."""
    groups = [0] * 5
    for each in lines:
        if each.line.kind is not LineKind.TAX:
            groups[_group(terms, each)] += each.amount_minor
    for each in lines:
        if each.line.kind is LineKind.TAX and not each.line.amount_minor:
            for group, amount in _contained(terms, each, lines):
                groups[group] -= amount
    return groups


def _group(terms: FeeTerms, each: Counted) -> int:
    line = each.line
    party = terms.assign.get(line.line_id) or terms.assign.get(line.collection_id or "")
    if party is not None:
        return _PARTIES.index(party)
    is_apart = each.is_overstay and terms.overstay_owner_basis_points is not None
    return _OVERSTAY if is_apart else _ORDINARY


def _contained(
    terms: FeeTerms, tax: Counted, lines: Sequence[Counted]
) -> Iterable[tuple[int, int]]:
    """The tax that is contained in amounts, laid on the groups of the lines that contain it."""
    weights = [0] * 5
    for each in lines:
        is_same = (each.times, each.is_overstay) == (tax.times, tax.is_overstay)
        is_taxed = tax.line.collection_id in (None, each.line.collection_id)
        if is_same and is_taxed and each.line.kind is not LineKind.TAX:
            weights[_group(terms, each)] += each.line.amount_minor
    weights = [max(weight, 0) for weight in weights]
    if not any(weights):
        weights[_ORDINARY] = 1
    return enumerate(split(tax.tax_minor, weights, weights.index(max(weights))))


def _scaled(net: int, groups: Sequence[int]) -> list[int]:
    """The groups, shrunk or grown so that they are `net` together."""
    if sum(groups) == net and min(groups) >= 0:
        return list(groups)
    weights = [max(group, 0) for group in groups]
    if not any(weights):
        weights[_ORDINARY] = 1
    remainder_to = _ORDINARY if weights[_ORDINARY] else weights.index(max(weights))
    return split(net, weights, remainder_to)

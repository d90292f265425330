"""What a stay costs beyond its promise, where a guest was brought who never took it. Pure.

The guest was not asked, so pays nothing (CLAIMS D19): who brought them does, within its credit less
what it has promised for other stays; what even that does not cover is not charged to anybody, and
lacks in all parts in proportion, as what is given back for a cancellation does.
"""

from collections.abc import Mapping, Sequence

from parking.settlement.funds import Paid
from parking.settlement.outcomes import Cost, waived


def without_guest(
    cost: Cost, paid: Sequence[Paid], rooms_minor: Mapping[int, int]
) -> tuple[Cost, list[Paid]]:
    """The cost and its payers, without anything that is left for the guest. `rooms_minor` is what
    organisations (by their id) could pay before they paid `paid`, promises elsewhere taken off."""
    short, shown = cost.amount_minor - sum(each.amount_minor for each in paid), list[Paid]()
    rooms = _rooms_left(paid, rooms_minor)
    for each in paid:
        payer = each.validation.organisation_id
        more = max(min(short, rooms[payer]), 0) if each.validation.is_promise else 0
        short, rooms[payer] = short - more, rooms[payer] - more
        shown.append(each._replace(merchant_minor=each.merchant_minor + more))
    return waived(cost, short), shown


def _rooms_left(paid: Sequence[Paid], rooms_minor: Mapping[int, int]) -> dict[int, int]:
    rooms = dict(rooms_minor)
    for payer, amount in (part for each in paid for part in each.by_payer):
        rooms[payer] -= amount
    return rooms

"""What is left of a right after a stay has used it. Pure.

| paid for it | its specification says | then it is |
|---|---|---|
| nothing | either | HELD as it was (the stay was cancelled, or cost nothing) |
| something | what is left lapses | USED |
| something | minutes or amount stay, and some are left | HELD with what is left |

A stay uses up as many of its minutes as the right has, whatever they took off: started hours would
else let one right pay for an hour of each of many stays.
What is left of its limit of worth, and of what was committed of its contract's budget, goes down
with it, so several stays together never cost more than was promised for one.
"""

from typing import NamedTuple

from parking.rights.kinds import RightKind, RightState
from parking.rights.records import RightRecord
from parking.rights.terms import Leftover


class After(NamedTuple):
    """A right after its use."""

    state: RightState
    value: int
    worth_max_minor: int | None
    commit_minor: int


def after_use(
    right: RightRecord,
    leftover: Leftover,
    issuer_minor: int,
    operator_minor: int,
    minutes_used: int,
    *,
    is_bounded: bool,
) -> After:
    """What a REDEEMED right is once its stay has been settled; `is_bounded`: its contract has a
    budget, of which its issuer pays."""
    paid = issuer_minor + operator_minor
    if not paid:
        return After(RightState.HELD, right.value, right.worth_max_minor, right.commit_minor)
    worth = None if right.worth_max_minor is None else max(right.worth_max_minor - paid, 0)
    value = right.value - _used(right, paid, minutes_used)
    limits = [right.commit_minor - issuer_minor]
    limits += [] if worth is None else [worth]
    limits += [value] if right.kind is RightKind.AMOUNT else []
    commit = max(min(limits), 0)
    goes_on = (
        leftover is Leftover.STAYS
        and right.kind in (RightKind.MINUTES, RightKind.AMOUNT)
        and value > 0
        and worth != 0
        and not (is_bounded and commit == 0)
    )
    state = RightState.HELD if goes_on else RightState.USED
    return After(state, value, worth, commit)


def minutes_used(value: int, before: int, stay_minutes: int) -> int:
    """How many of a right's `value` minutes a stay uses that pays something by it, after `before`
    minutes of others: all that it has room for."""
    return min(value, max(stay_minutes - before, 1))


def _used(right: RightRecord, paid_minor: int, minutes_used: int) -> int:
    match right.kind:
        case RightKind.MINUTES:
            return min(minutes_used, right.value)
        case RightKind.AMOUNT:
            return min(paid_minor, right.value)
        case _:
            return 0

"""The best combination: a table of the rules, and all combinations tried a second time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parking.rights.redeeming.combine import Best, Option, best
from parking.rights.redeeming.why import Because, Why
from parking.settlement.funds import validated
from parking.settlement.kinds import ValidationKind
from parking.settlement.records import ValidationRecord

AT = datetime(2026, 1, 5, tzinfo=UTC)
COST = 400


def option(
    number: int, *, specification: int | None = None, issuer: int | None = None, most: int = 1,
    issuer_max: int = 5, day_left: int = 5, stacks: bool = True, hours: int = 0,
) -> Option:  # fmt: skip
    """A right that is alike to none; of its own specification and issuer unless said."""
    return Option(
        number, specification or number, issuer or number, most, issuer_max, day_left, stacks,
        AT + timedelta(hours=hours), ("own", number),
    )  # fmt: skip


def saving(**minor: int) -> dict[int, int]:
    """What each right takes off, by its number: `r1=100`."""
    return {int(name[1:]): value for name, value in minor.items()}


def chosen(
    options: Sequence[Option], saves: dict[int, int], stay_max: int = 3,
    fixed: Sequence[Option] = (),
) -> Best:  # fmt: skip
    def pays(found: Sequence[Option]) -> int:
        return max(COST - sum(saves[each.right_id] for each in (*fixed, *found)), 0)

    return best(options, fixed, stay_max, pays)


R1, R2, R3 = option(1), option(2), option(3)
ALONE = option(9, stacks=False)
TABLE = [
    ("nothing held", [], {}, [], {}),
    ("all of them", [R1, R2], saving(r1=100, r2=50), [1, 2], {}),
    ("what saves nothing stays", [R1, R2], saving(r1=100, r2=0), [1], {2: Why.WORTH_NOTHING}),
    ("what is not needed stays", [R1, R2], saving(r1=400, r2=50), [1], {2: Why.NOT_NEEDED}),
    ("one that does not stack, for it saves more", [R1, ALONE], saving(r1=100, r9=300), [9],
     {1: Why.NOT_STACKABLE}),
    ("those that stack, for they save more", [R1, R2, ALONE], saving(r1=200, r2=180, r9=300),
     [1, 2], {9: Why.NOT_STACKABLE}),
    ("no more of an issuer",
     [option(1, issuer=7, issuer_max=1), option(2, issuer=7, issuer_max=1), R3],
     saving(r1=50, r2=60, r3=10), [2, 3], {1: Why.ISSUER_MAXIMUM}),
    ("no more of a specification",
     [option(1, specification=7), option(2, specification=7)], saving(r1=50, r2=60), [2],
     {1: Why.SPECIFICATION_MAXIMUM}),
    ("no more a day",
     [option(1, specification=7, most=2, day_left=1), option(2, specification=7, most=2,
      day_left=1)], saving(r1=60, r2=50), [1], {2: Why.DAY_MAXIMUM}),
    ("of one that does not stack as many as go into a stay",
     [option(1, specification=7, most=2, stacks=False), option(2, specification=7, most=2,
      stacks=False)], saving(r1=60, r2=50), [1, 2], {}),
    ("no more at the place", [R1, R2, R3, option(4)], saving(r1=10, r2=20, r3=30, r4=40),
     [2, 3, 4], {1: Why.PLACE_MAXIMUM}),
    ("the one that lapses first", [option(1, hours=5), option(2, hours=4)],
     saving(r1=400, r2=400), [2], {1: Why.NOT_NEEDED}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "saves", "wanted", "refused"), TABLE)
def test_the_rules(
    name: str, options: list[Option], saves: dict[int, int], wanted: list[int],
    refused: dict[int, Why],
) -> None:  # fmt: skip
    found = chosen(options, saves)
    assert sorted(each.right_id for each in found.chosen) == wanted, name
    assert found.refused == refused, name


BECAUSE = [
    ([], {}, Because.NOTHING_HELPS),
    ([R1], saving(r1=0), Because.NOTHING_HELPS),
    ([R1, R2], saving(r1=10, r2=20), Because.LEAST_TO_PAY),
    ([R1, R2], saving(r1=400, r2=20), Because.FEWEST_RIGHTS),
    ([option(1, hours=1), R2], saving(r1=400, r2=400), Because.LAPSES_FIRST),
    ([option(1, hours=1)._replace(alike="a"), R2._replace(alike="a")], saving(r1=400, r2=400),
     Because.LAPSES_FIRST),
]  # fmt: skip


@pytest.mark.parametrize(("options", "saves", "wanted"), BECAUSE)
def test_what_decided_is_said(
    options: list[Option], saves: dict[int, int], wanted: Because
) -> None:
    assert chosen(options, saves).because is wanted


def test_what_is_there_for_another_driver_counts_and_stays() -> None:
    there = option(8, issuer=7, issuer_max=1)
    found = chosen([option(1, issuer=7), R2, R3], saving(r1=9, r2=8, r3=7, r8=1), 3, [there])
    assert [each.right_id for each in found.chosen] == [2, 3]
    assert found.refused == {1: Why.ISSUER_MAXIMUM}


ISSUER, CARRIER = 7, 8
KINDS = [
    (ValidationKind.MINUTES, 20), (ValidationKind.MINUTES, 45), (ValidationKind.AMOUNT, 130),
    (ValidationKind.PERCENT, 30), (ValidationKind.FREE, 0),
]  # fmt: skip
rights = st.tuples(
    st.sampled_from(KINDS), st.sampled_from([None, 60, 150]), st.sampled_from([None, 0, 90]),
    st.integers(1, 2), st.integers(1, 3), st.booleans(), st.integers(0, 3),
)  # fmt: skip
"""Kind, most, price, how many of it go in, of its issuer, whether it stacks, when it lapses."""


def tariff(minutes: int) -> int:
    """What so many minutes take off a stay of 95 at 2.00 the started half hour."""
    return 800 - 200 * -(-max(95 - minutes, 0) // 30)


def promise_of(number: int, drawn: tuple[tuple[ValidationKind, int], int | None, int | None]) -> (
    ValidationRecord
):  # fmt: skip
    (kind, value), most, price = drawn
    return ValidationRecord(
        0, ISSUER, kind, value, "", None, None, AT, None, None, 1, number, most, price,
        None if price is None else CARRIER,
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(rights, max_size=6), st.integers(1, 4), st.sampled_from([10_000, 150]))
def test_no_other_combination_is_better(
    drawn: list[tuple[tuple[ValidationKind, int], int | None, int | None, int, int, bool, int]],
    stay_max: int,
    credit: int,
) -> None:
    """Against all subsets, with the rules written down a second time; and what each payer pays."""
    promises, options = {}, []
    for number, (kind, most, price, per_stay, issuer_max, stacks, hours) in enumerate(drawn, 1):
        promises[number] = promise_of(number, (kind, most, price))
        alike = (kind, most, price, per_stay, issuer_max, stacks)
        options.append(
            Option(number, hash(alike), ISSUER, per_stay, issuer_max, 5, stacks,
                   AT + timedelta(hours=hours), alike)
        )  # fmt: skip

    def pays(found: Sequence[Option]) -> int:
        rooms = {ISSUER: credit, CARRIER: credit}
        paid = validated([promises[each.right_id] for each in found], 700, tariff, rooms)
        assert all(0 <= each.merchant_minor <= _price(each.validation) for each in paid)
        return 700 - sum(each.amount_minor for each in paid)

    found = best(options, [], stay_max, pays)
    every = chain.from_iterable(combinations(options, size) for size in range(len(options) + 1))
    allowed = [each for each in every if _is_allowed(each, stay_max)]
    assert found.pays_minor == pays(found.chosen) == min(map(pays, allowed))
    assert _is_allowed(found.chosen, stay_max)
    as_good = [each for each in allowed if pays(each) == found.pays_minor]
    fewest = min(map(len, as_good))
    assert len(found.chosen) == fewest
    lapses = [
        sorted(each.valid_until for each in those) for those in as_good if len(those) == fewest
    ]
    assert sorted(each.valid_until for each in found.chosen) == min(lapses)


def _price(validation: ValidationRecord) -> int:
    return 700 if validation.price_minor is None else validation.price_minor


def _is_allowed(those: Sequence[Option], stay_max: int) -> bool:
    same = [sum(other.specification_id == each.specification_id for other in those)
            for each in those]  # fmt: skip
    return (
        len(those) <= stay_max
        and all(count <= each.per_stay_max for count, each in zip(same, those, strict=True))
        and all(len(those) <= each.issuer_max for each in those)
        and (all(each.stacks for each in those) or all(count == len(those) for count in same))
    )

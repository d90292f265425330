"""Where the money for a cost comes from: tables."""

from datetime import UTC, datetime

import pytest

from parking.settlement.funds import Funds, Paid, fund, in_order, validated
from parking.settlement.kinds import ValidationKind
from parking.settlement.records import ValidationRecord

FUNDS = [
    ("exactly", (400, 400, 0, 0), Funds(400, 0, 0, 0, 0)),
    ("less than secured", (300, 400, 0, 0), Funds(400, 0, 0, 0, 100)),
    ("nothing", (0, 400, 0, 50), Funds(400, 0, 0, 0, 400)),
    ("topped up", (600, 400, 0, 999), Funds(400, 0, 200, 0, 0)),
    ("partly owed", (600, 400, 0, 150), Funds(400, 0, 150, 50, 0)),
    ("wholly owed", (600, 400, 0, 0), Funds(400, 0, 0, 200, 0)),
    ("a merchant pays a part", (400, 400, 150, 0), Funds(400, 150, 0, 0, 150)),
    ("a merchant pays the overstay", (600, 400, 200, 99), Funds(400, 200, 0, 0, 0)),
    ("a merchant pays all", (400, 400, 400, 0), Funds(400, 400, 0, 0, 400)),
]


@pytest.mark.parametrize(("name", "given", "wanted"), FUNDS)
def test_a_cost_is_funded(name: str, given: tuple[int, int, int, int], wanted: Funds) -> None:
    found = fund(*given)
    assert found == wanted, name
    came_in = found.secured_minor + found.validation_minor + found.topped_up_minor
    assert came_in + found.receivable_minor == given[0] + found.refund_minor


def promise(kind: ValidationKind, value: int = 0, number: int = 1) -> ValidationRecord:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return ValidationRecord(number, 7, kind, value, "", None, None, at, None, None, 12)


_K = ValidationKind
PAID = [
    ([promise(_K.MINUTES, 60)], 400, [120]),
    ([promise(_K.AMOUNT, 150)], 400, [150]),
    ([promise(_K.AMOUNT, 500)], 400, [400]),
    ([promise(_K.PERCENT, 50)], 401, [200]),
    ([promise(_K.FREE)], 400, [400]),
    ([promise(_K.PERCENT, 75), promise(_K.PERCENT, 75)], 400, [300, 100]),
    ([promise(_K.AMOUNT, 100), promise(_K.FREE), promise(_K.FREE)], 400, [100, 300, 0]),
    ([promise(_K.MINUTES, 600)], 400, [400]),
    ([promise(_K.FREE)], 0, [0]),
    ([], 400, []),
]


@pytest.mark.parametrize(("promises", "cost", "wanted"), PAID)
def test_merchants_pay_in_order_and_never_more_than_the_cost(
    promises: list[ValidationRecord], cost: int, wanted: list[int]
) -> None:
    paid = validated(promises, cost, lambda minutes: 2 * minutes, {7: 1_000})
    assert [each.amount_minor for each in paid] == wanted


def test_merchants_pay_no_more_than_they_have_room_for() -> None:
    promises = [promise(_K.AMOUNT, 100), promise(_K.FREE)]
    paid = validated(promises, 400, lambda minutes: minutes, {7: 150})
    assert [each.amount_minor for each in paid] == [100, 50]


ISSUER, CARRIER = 7, 9


def right(
    kind: ValidationKind, value: int = 0, number: int = 1, most: int | None = None,
    price: int | None = None,
) -> ValidationRecord:  # fmt: skip
    """Promised for a right; where its issuer has a price, somebody carries the rest."""
    carrier = None if price is None else CARRIER
    return promise(kind, value, number)._replace(
        right_id=number, most_minor=most, price_minor=price, carrier_id=carrier
    )


def told(paid: list[Paid]) -> list[tuple[int, int]]:
    return [(each.merchant_minor, each.carried_minor) for each in paid]


RIGHTS = [
    ("up to its price the issuer, the rest the carrier",
     [right(_K.AMOUNT, 300, price=120)], 400, [(120, 180)]),
    ("less than the price", [right(_K.AMOUNT, 100, price=120)], 400, [(100, 0)]),
    ("a price of nothing", [right(_K.FREE, price=0)], 400, [(0, 400)]),
    ("worth a limit", [right(_K.FREE, most=250)], 400, [(250, 0)]),
    ("worth a limit, at a price", [right(_K.FREE, most=250, price=100)], 400, [(100, 150)]),
    ("the price above the cost", [right(_K.FREE, price=900)], 400, [(400, 0)]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "promises", "cost", "wanted"), RIGHTS)
def test_the_issuer_pays_its_price_and_the_carrier_the_rest(
    name: str, promises: list[ValidationRecord], cost: int, wanted: list[tuple[int, int]]
) -> None:
    plenty = {ISSUER: 1_000, CARRIER: 1_000}
    assert told(validated(promises, cost, lambda minutes: 2 * minutes, plenty)) == wanted, name


def test_neither_pays_beyond_its_credit_nor_for_the_other() -> None:
    promises = [right(_K.AMOUNT, 300, price=200)]
    for rooms, wanted in (((50, 1_000), (50, 100)), ((1_000, 30), (200, 30)), ((0, 0), (0, 0))):
        given = dict(zip((ISSUER, CARRIER), rooms, strict=True))
        assert told(validated(promises, 400, lambda minutes: minutes, given)) == [wanted]


def test_an_issuer_that_carries_for_itself_has_one_credit() -> None:
    own = right(_K.AMOUNT, 300, price=200)._replace(carrier_id=ISSUER)
    assert told(validated([own], 400, lambda minutes: minutes, {ISSUER: 250})) == [(200, 50)]


def started_hours(minutes: int) -> int:
    """By how much a stay of 150 minutes at 2.00 the started hour gets cheaper."""
    return 600 - 200 * -(-max(150 - minutes, 0) // 60)


def test_minutes_of_several_count_together() -> None:
    """Each 20 minutes alone take nothing off, 40 together do."""
    promises = [right(_K.MINUTES, 20, 1), right(_K.MINUTES, 20, 2)]
    plenty = {ISSUER: 1_000}
    assert told(validated(promises, 600, started_hours, plenty)) == [(0, 0), (200, 0)]


def test_they_pay_in_one_order_whoever_came_first() -> None:
    """What merchants promised themselves first; then minutes, amounts, percents, and what is
    free."""
    kinds = [
        promise(_K.FREE, 0, 9), right(_K.MINUTES, 30, 5), right(_K.MINUTES, 20, 4, most=100),
        right(_K.AMOUNT, 10, 3), right(_K.PERCENT, 10, 2), right(_K.FREE, 0, 1),
    ]  # fmt: skip
    for promises in (kinds, kinds[::-1], sorted(kinds, key=lambda each: each.id)):
        assert [each.id for each in in_order(promises)] == [9, 5, 4, 3, 2, 1]

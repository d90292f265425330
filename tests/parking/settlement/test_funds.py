"""Where the money for a cost comes from: tables."""

from datetime import UTC, datetime

import pytest

from parking.settlement.funds import Funds, fund, validated
from parking.settlement.models import ValidationKind
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
    assert [amount for _, amount in paid] == wanted


def test_merchants_pay_no_more_than_they_have_room_for() -> None:
    promises = [promise(_K.AMOUNT, 100), promise(_K.FREE)]
    paid = validated(promises, 400, lambda minutes: minutes, {7: 150})
    assert [amount for _, amount in paid] == [100, 50]

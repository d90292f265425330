"""Who gets what of a visit: the checker's own reckoning, as a table worked out by hand."""

import pytest

from berth.replay.shares import Divided, missed, used

USED = [
    # 3.20 hold 0.51 tax; of 2.69 the platform has 0.33 (12.5 %), the place 0.13 (5 %).
    ("as declared", (320, 0, 0), Divided(223, 13, 33, 51)),
    # 2.40 hold three quarters of the tax: 0.38; of 2.02 the platform has 0.25, the place 0.10.
    ("a quarter given back", (320, 80, 0), Divided(167, 10, 25, 38)),
    # 2.40 for overstaying hold 0.38; of 2.02 the platform has 0.60 (30 %).
    ("overstayed", (320, 0, 240), Divided(223 + 142, 13, 33 + 60, 51 + 38)),
    ("all given back", (320, 320, 0), Divided()),
]


@pytest.mark.parametrize(("amounts", "parts"), [u[1:] for u in USED], ids=[u[0] for u in USED])
def test_the_parts_of_a_stay(amounts: tuple[int, int, int], parts: Divided) -> None:
    price, given_back, overstay = amounts
    assert used(*amounts) == parts
    assert parts.cost_minor == price - given_back + overstay


def test_who_does_not_come_owes_half_and_a_fee_without_tax() -> None:
    """1.60 hold half of the tax: 0.26 (25.5 upwards); 1.50 beside it none."""
    assert missed(320) == Divided(284 - 35 - 14, 14, 35, 26)
    assert missed(320).cost_minor == 160 + 150

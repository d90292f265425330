"""Which bay takes the place of one that fails."""

from typing import Any

import pytest

from parking.reservations.replacement import Bay, best_replacement

BOOKED = Bay(1, 10, 100, "A-01", 0, 400)


def bay(space_id: int, **values: Any) -> Bay:
    facts: dict[str, Any] = {
        **BOOKED._asdict(),
        "space_id": space_id,
        "number": f"A-{space_id}",
        **values,
    }
    return Bay(**facts)


OTHER_LISTING = {"listing_id": 2}
OTHER_LESSOR = {"listing_id": 3, "lessor_id": 11}


@pytest.mark.parametrize(
    ("candidates", "best"),
    [
        ([], None),
        ([bay(100)], None),
        ([bay(101)], 101),
        ([bay(101, **OTHER_LISTING), bay(102)], 102),
        ([bay(101, **OTHER_LESSOR), bay(102, **OTHER_LISTING)], 102),
        ([bay(101, **OTHER_LESSOR)], 101),
        ([bay(101, **OTHER_LESSOR, amount_minor=400)], 101),
        ([bay(101, **OTHER_LESSOR, amount_minor=401)], None),
        ([bay(101, **OTHER_LISTING, amount_minor=900)], 101),
        ([bay(101, is_accessible=True), bay(102, is_ev=True), bay(103)], 103),
        ([bay(101, is_accessible=True), bay(102, is_ev=True)], 102),
        ([bay(101, height_max_metres=1.8)], None),
        ([bay(101, x_metres=9.0), bay(102, x_metres=3.0), bay(103, level=1)], 102),
        ([bay(101, level=2), bay(102, level=1, x_metres=50.0)], 102),
        ([bay(102), bay(101)], 101),
        ([bay(101, **OTHER_LISTING), bay(102, x_metres=500.0)], 102),
    ],
)
def test_the_best_of_some(candidates: list[Bay], best: int | None) -> None:
    found = best_replacement(BOOKED, candidates)
    assert (found and found.space_id) == best


@pytest.mark.parametrize(
    ("needs", "has", "serves"),
    [
        ({"is_ev": True}, {}, False), ({"is_ev": True}, {"is_ev": True}, True),
        ({"is_accessible": True}, {"is_ev": True}, False),
        ({"is_accessible": True}, {"is_accessible": True, "is_ev": True}, True),
        ({"height_max_metres": 2.0}, {"height_max_metres": 1.9}, False),
        ({"height_max_metres": 2.0}, {"height_max_metres": 2.0}, True),
        ({"height_max_metres": 2.0}, {}, True), ({}, {"height_max_metres": 9.0}, False),
    ],
)  # fmt: skip
def test_a_replacement_has_all_that_was_booked(
    needs: dict[str, object], has: dict[str, object], serves: bool
) -> None:
    found = best_replacement(BOOKED._replace(**needs), [bay(101, **has)])  # type: ignore[arg-type]
    assert (found is not None) is serves

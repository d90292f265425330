"""A subscriber notices whatever it was not told."""

from typing import Any

import pytest

from berth.replay.listener import Heard


def update(
    version: int, previous: int | None = None, statuses: str = "", counts: str | None = None
) -> dict[str, Any]:
    """Statuses of spaces 0, 1, …: F free, O occupied, - not in it; counts are of all spaces."""
    words = {"F": ("AVAILABLE", "FREE"), "O": ("OCCUPIED", "OCCUPIED")}
    told = statuses if counts is None else counts
    return {
        "kind": "SNAPSHOT" if previous is None else "DELTA",
        "version": version,
        "previousVersion": previous,
        "counts": {
            "total": len(told), "available": told.count("F"), "reserved": 0,
            "occupied": told.count("O"), "closed": 0, "unknown": 0,
        },
        "spaces": [
            {"number": str(i), "status": words[c][0], "occupancy": words[c][1], "since": None}
            for i, c in enumerate(statuses)
            if c != "-"
        ],
    }  # fmt: skip


def heard(*updates: dict[str, Any]) -> Heard:
    subscriber = Heard()
    for each in updates:
        subscriber.take(each)
    return subscriber


def test_deltas_that_lead_on_are_no_problem() -> None:
    told = heard(update(3, statuses="FF"), update(5, 3, "O-", "OF"), update(6, 5, "-O", "OO"))
    assert not told.problems
    assert (told.version, told.snapshots, told.deltas) == (6, 1, 2)


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (update(6, 5, "O-", "OF"), "stood at version 3, a delta came from 5"),
        (update(4, 2, "O-", "OF"), "stood at version 3, a delta came from 2"),
        (update(2, statuses="FF"), "went back from version 3 to 2"),
        (update(4, 3, "O-", "OO"), "version 4 counts {'occupied': 2}, its spaces are"),
    ],
)
def test_a_broken_promise_is_noted(second: dict[str, Any], problem: str) -> None:
    [noted] = heard(update(3, statuses="FF"), second).problems
    assert noted.startswith(problem)


def test_a_new_snapshot_replaces_everything() -> None:
    told = heard(update(3, statuses="FFO"), update(9, statuses="O"))
    assert not told.problems
    assert list(told.spaces) == ["0"]

"""`berth place import`: whole places from files, or nothing, or what is good."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.running import berth, berth_json

GOOD = "number,level,kind\nA1,0,STANDARD\nA2,0,EV\n"
BAD = GOOD + ",0,STANDARD\nA4,0,AIRSHIP\n"
DEFAULTS = (
    "--organisation", "Hafen AG", "--name", "Kai", "--kind", "lot",
    "--time-zone", "Europe/Berlin", "--currency", "EUR",
)  # fmt: skip


@pytest.fixture
def ours(sqlite_settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of a database with the organisation."""
    berth("organisation", "add", "Hafen AG", "--operator", "me@hafen.example", **sqlite_settings)
    return sqlite_settings


def file(folder: Path, text: str) -> str:
    path = folder / "places.csv"
    path.write_text(text)
    return str(path)


def test_a_file_becomes_a_place_and_the_same_again_changes_nothing(
    ours: dict[str, Any], tmp_path: Path
) -> None:
    arguments = ("place", "import", file(tmp_path, GOOD), *DEFAULTS)
    first = berth_json(*arguments, **ours)
    assert first["written"] is True
    assert first["spaces"] == {"created": 2, "updated": 0, "unchanged": 0}
    again = berth_json(*arguments, **ours)
    assert again["spaces"] == {"created": 0, "updated": 0, "unchanged": 2}
    [place] = berth_json("place", "list", **ours)
    assert (place["name"], place["spaces"], place["organisation"]) == ("Kai", 2, "Hafen AG")


def test_bad_rows_are_told_by_line_and_nothing_is_written(
    ours: dict[str, Any], tmp_path: Path
) -> None:
    done = berth("place", "import", file(tmp_path, BAD), *DEFAULTS, status=1, **ours)
    assert "nothing was imported: 2 rows are bad" in done.stdout
    assert "AIRSHIP" in done.stdout
    assert berth_json("place", "list", **ours) == []


def test_partial_keeps_the_good_rows(ours: dict[str, Any], tmp_path: Path) -> None:
    arguments = ("place", "import", file(tmp_path, BAD), *DEFAULTS, "--partial")
    report = berth_json(*arguments, **ours)
    assert report["spaces"]["created"] == 2
    assert sorted(problem["line"] for problem in report["problems"]) == [4, 5]


def test_a_file_of_any_size_is_refused_without_reading_it_all(
    ours: dict[str, Any], tmp_path: Path
) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as made:
        made.truncate(2**36)
    done = berth("place", "import", str(huge), *DEFAULTS, status=1, **ours)
    assert "more than" in done.stdout


def test_a_rehearsal_writes_nothing(ours: dict[str, Any], tmp_path: Path) -> None:
    done = berth("place", "import", file(tmp_path, GOOD), *DEFAULTS, "--dry-run", **ours)
    assert "would be imported: 1 places new" in done.stdout
    assert berth_json("place", "list", **ours) == []


def test_a_file_that_is_not_there_is_told(ours: dict[str, Any]) -> None:
    done = berth("place", "import", "nowhere.csv", *DEFAULTS, status=1, **ours)
    assert done.stderr.endswith("berth: nowhere.csv cannot be read: No such file or directory\n")

"""docs/invariants.md names only tests that exist."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "invariants.md").read_text()
SOURCES = {path: path.read_text() for path in TESTS.rglob("test_*.py")}


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\btest_\w+(?![\w*.])", PAGE))))
def test_a_test_or_file_of_that_name_exists(name: str) -> None:
    if name.startswith("test_matrix_"):
        assert any(path.name.startswith("test_matrix_") for path in SOURCES)
        return
    is_file = any(path.stem == name for path in SOURCES)
    assert is_file or any(f"def {name}(" in text for text in SOURCES.values())


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(\w+/[\w/]+\.py)", PAGE))))
def test_a_file_of_that_path_exists(path: str) -> None:
    assert (TESTS / path).is_file()

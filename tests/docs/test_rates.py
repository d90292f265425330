"""The guide for tariffs: every document on it is read, and costs what the page says."""

import re
from pathlib import Path

import pytest

from parking.rates.document import parse_tariff, tariff_json
from parking.rates.tariff import (
    Boundary,
    CapOver,
    Counting,
    LineType,
    PassOver,
    RoundingMode,
    Steps,
    UsedUp,
)
from tests.parking.rates.tables import cost

GUIDE = (Path(__file__).parents[2] / "docs" / "rates.md").read_text()
EXAMPLE = re.compile(
    r"```json\n(.*?)```\s*\| from \| to \| price \|\n\|---.*?\n(.*?)\n\n", re.DOTALL
)
EXAMPLES = [
    (document, [[cell.strip() for cell in row.split("|")[1:4]] for row in rows.splitlines()])
    for document, rows in EXAMPLE.findall(GUIDE)
]


def test_every_document_of_the_guide_has_prices() -> None:
    assert len(EXAMPLES) == GUIDE.count("```json") == 4


@pytest.mark.parametrize(("document", "rows"), EXAMPLES)
def test_a_document_costs_what_the_guide_says(document: str, rows: list[list[str]]) -> None:
    table = parse_tariff(document)
    assert parse_tariff(tariff_json(table)) == table
    for starts, ends, price in rows:
        assert cost(table, starts, ends) == int(price), f"{starts} to {ends}"


def test_every_word_of_the_format_is_in_the_guide() -> None:
    kinds = LineType, CapOver, Counting, Boundary, UsedUp, PassOver, RoundingMode, Steps
    for word in (word for kind in kinds for word in kind):
        assert word in GUIDE or word in {"REPEAT", "EACH_SEGMENT"}

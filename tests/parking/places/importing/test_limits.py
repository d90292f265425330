"""The limits of a file hold on both sides of their boundary."""

import json

import pytest

from parking.places.importing import csv_reader, places_check, problems, read
from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults
from parking.places.importing.limits import FILE_BYTES_MAX
from parking.places.importing.read import read_drafts

BERLIN = Defaults(time_zone="Europe/Berlin", currency="EUR", place_name="G")


def test_a_file_one_byte_too_large_is_refused_unread() -> None:
    [problem] = read_drafts(b"x" * (FILE_BYTES_MAX + 1), None, BERLIN).problems
    assert problem.code is Code.FILE_TOO_LARGE
    assert str(FILE_BYTES_MAX) in problem.message


def test_a_file_of_exactly_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    source = b"number\nA-1\n"
    monkeypatch.setattr(read, "FILE_BYTES_MAX", len(source))
    assert read_drafts(source, None, BERLIN).space_count == 1


@pytest.mark.parametrize(("records", "codes"), [(3, []), (4, [Code.TOO_MANY_SPACES])])
def test_records_are_bounded_while_they_are_read(
    monkeypatch: pytest.MonkeyPatch, records: int, codes: list[Code]
) -> None:
    monkeypatch.setattr(problems, "RECORDS_MAX", 3)
    body = "".join(
        f'<parkingRecord id="{i}"><parkingNumberOfSpaces>1</parkingNumberOfSpaces></parkingRecord>'
        for i in range(records)
    )
    assert [p.code for p in read_drafts(f"<t>{body}</t>".encode(), None, BERLIN).errors] == codes


@pytest.mark.parametrize(("rows", "codes"), [(3, []), (4, [Code.TOO_MANY_SPACES])])
def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch, rows: int, codes: list[Code]) -> None:
    monkeypatch.setattr(csv_reader, "SPACES_MAX", 3)
    text = "number\n" + "".join(f"{i}\n" for i in range(rows))
    assert [p.code for p in read_drafts(text.encode(), None, BERLIN).problems] == codes


@pytest.mark.parametrize(("places", "codes"), [(3, []), (4, [Code.TOO_MANY_PLACES])])
def test_places_are_bounded(
    monkeypatch: pytest.MonkeyPatch, places: int, codes: list[Code]
) -> None:
    monkeypatch.setattr(places_check, "PLACES_MAX", 3)
    lots = [{"id": str(i), "name": "L", "parkingSpaces": []} for i in range(places)]
    assert [p.code for p in read_drafts(json.dumps(lots).encode(), None, BERLIN).problems] == codes

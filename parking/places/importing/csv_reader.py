"""CSV: one row a space; the header is documented in `columns`."""

import csv
import io
from collections.abc import Iterator

from parking.places.importing.codes import Code
from parking.places.importing.columns import field_of
from parking.places.importing.drafts import Defaults, PlaceDraft, Where
from parking.places.importing.gather import Gatherer
from parking.places.importing.limits import CELL_CHARACTERS_MAX, COLUMNS_MAX, SPACES_MAX
from parking.places.importing.problems import Problems, Unreadable
from parking.places.importing.rows import read_place_facts, read_space
from parking.places.importing.values import Row, shown

DELIMITERS = (",", ";", "\t", "|")


def read_csv(text: str, defaults: Defaults, problems: Problems) -> list[PlaceDraft]:
    """The places of a CSV text.

    Raises Unreadable when there is no usable header; bad rows go to `problems` by their line.
    """
    rows = _rows(text)
    header_line, header = next(rows, (1, []))
    columns = _columns(header, Where(line=header_line), problems)
    if "place" not in columns and "place_id" not in columns and defaults.place_name is None:
        message = "there is no place column; add one, or name the place for the whole file"
        raise Unreadable(Code.COLUMN_MISSING, message, Where(line=header_line))
    gatherer = Gatherer(defaults, problems)
    for count, (line, cells) in enumerate(rows, start=1):
        if count > SPACES_MAX:
            message = f"the file has more than {SPACES_MAX} rows; split it"
            raise Unreadable(Code.TOO_MANY_SPACES, message, Where(line=line))
        _take_row(cells, columns, Where(line=line), gatherer)
    return gatherer.drafts()


def delimiter_of(header: str) -> str:
    """The delimiter that parts the header into the most known columns."""
    return max(
        DELIMITERS,
        key=lambda sign: sum(field_of(cell) is not None for cell in header.split(sign)),
    )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line on which the row begins, its cells) of every row that is not empty."""
    source = io.StringIO(text, newline="")
    first = source.readline()
    offset = 0
    if first.strip().strip('"').lower().startswith("sep="):  # Excel's own first line
        first, offset = source.readline(), 1
        text = text[source.tell() - len(first) :]
    while not first.strip() and first:
        first = source.readline()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(first), strict=True)
    line = 0
    try:
        for cells in reader:
            begins, line = line + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                yield begins + offset, cells
    except csv.Error as error:
        message = f"not readable as CSV: {error}; is a quotation mark left open?"
        where = Where(line=line + 1 + offset)
        raise Unreadable(Code.CSV_MALFORMED, message, where) from error


def _columns(header: list[str], where: Where, problems: Problems) -> list[str | None]:
    """The field of each column; None for one that is not read."""
    if len(header) > COLUMNS_MAX:
        message = f"the header has {len(header)} columns; at most {COLUMNS_MAX} are read"
        raise Unreadable(Code.TOO_MANY_COLUMNS, message, where)
    columns: list[str | None] = []
    for name in header:
        field = field_of(name)
        if field is None and name.strip():
            message = f"the column {shown(name)} is not known and is not read"
            problems.warn(where, name.strip()[:40], Code.COLUMN_UNKNOWN, message)
        elif field in columns and field is not None:
            message = f"the columns {shown(name)} and an earlier one both mean {field}"
            raise Unreadable(Code.COLUMN_DUPLICATE, message, where)
        columns.append(field)
    if "number" not in columns:
        message = "there is no number column; the first line must name the columns"
        raise Unreadable(Code.COLUMN_MISSING, message, where)
    return columns


def _take_row(
    cells: list[str], columns: list[str | None], where: Where, gatherer: Gatherer
) -> None:
    values = {field: cell for field, cell in zip(columns, cells, strict=False) if field}
    row = Row(values, where, gatherer.problems)
    if any(cell.strip() for cell in cells[len(columns) :]):
        message = f"the row has {len(cells)} cells under {len(columns)} columns"
        row.refuse("", Code.CELLS_TOO_MANY, message)
    for field, cell in values.items():
        if len(cell) > CELL_CHARACTERS_MAX:
            message = f"the cell has {len(cell)} characters; at most {CELL_CHARACTERS_MAX} are read"
            row.refuse(field, Code.TEXT_TOO_LONG, message)
            return
    facts = read_place_facts(row)
    space = read_space(row)
    if space is None:
        return
    place = gatherer.place(facts, where)
    if place is not None:
        place.spaces.append(space)

"""Reading a trace file: plain or gzip, its format told from the header."""

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from berth.replay.rows import LAYOUTS, LeftOut, Row, RowError
from berth.replay.trace import RowProblem, Stay, Trace, TraceFormat, TraceUnreadable

GZIP_MAGIC = b"\x1f\x8b"
TRACE_BYTES_MAX = 512 * 1024 * 1024
"""Of the text, unpacked."""


def read_file(path: Path, wanted: TraceFormat | None = None) -> Trace:
    """The trace in a file. Raises `TraceUnreadable`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TraceUnreadable(f"{path} cannot be read: {error.strerror}") from error
    return read_trace(data, path.name, wanted)


def read_trace(data: bytes, name: str, wanted: TraceFormat | None = None) -> Trace:
    """The trace in `data`; rows that cannot be read are its problems. Raises `TraceUnreadable`."""
    text = _text(data, name)
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [column.strip() for column in next(reader, [])]
    if not header:
        raise TraceUnreadable(f"{name} is empty; expected a CSV file with a header")
    found = _told_format(header, name, wanted)
    layout = LAYOUTS[found]
    stays: list[Stay] = []
    problems: list[RowProblem] = []
    left_out: Counter[str] = Counter()
    for line, row in _rows(reader, header, problems, name):
        try:
            stays.append(layout.read(row, line))
        except RowError as error:
            problems.append(RowProblem(line, str(error)))
        except LeftOut as reason:
            left_out[str(reason)] += 1
    return Trace(found, layout.origin, stays, problems, left_out)


def _rows(
    reader: "Iterator[list[str]]", header: list[str], problems: list[RowProblem], name: str
) -> Iterator[tuple[int, Row]]:
    """Lines with as many fields as the header; empty lines are passed over."""
    line = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TraceUnreadable(f"{name}: line {line + 1} is no CSV: {error}") from error
        line = getattr(reader, "line_num", line + 1)
        if not fields:
            continue
        if len(fields) != len(header):
            told = f"{len(fields)} fields; expected {len(header)} as in the header"
            problems.append(RowProblem(line, told))
            continue
        yield line, dict(zip(header, fields, strict=True))


def _told_format(header: list[str], name: str, wanted: TraceFormat | None) -> TraceFormat:
    columns = frozenset(header)
    fitting = [each for each, layout in LAYOUTS.items() if layout.columns <= columns]
    if wanted is not None:
        if wanted not in fitting:
            missing = ", ".join(sorted(LAYOUTS[wanted].columns - columns))
            raise TraceUnreadable(f"{name} is not of the format {wanted}: it has no {missing}")
        return wanted
    if not fitting:
        known = "; ".join(f"{k}: {', '.join(sorted(v.columns))}" for k, v in LAYOUTS.items())
        raise TraceUnreadable(f"{name} has the columns of no known format ({known})")
    return fitting[0]


def _text(data: bytes, name: str) -> str:
    if data.startswith(GZIP_MAGIC):
        data = _unpacked(data, name)
    if len(data) > TRACE_BYTES_MAX:
        raise TraceUnreadable(f"{name} has more than {TRACE_BYTES_MAX} bytes; split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TraceUnreadable(
            f"{name} is no UTF-8 text (byte {error.start}); expected a CSV file, or one in gzip"
        ) from error


def _unpacked(data: bytes, name: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            return packed.read(TRACE_BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TraceUnreadable(f"{name} cannot be unpacked: {error}") from error

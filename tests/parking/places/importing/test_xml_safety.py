"""XML that means harm is refused with its reason, quickly and without opening anything."""

import tracemalloc
from pathlib import Path

import pytest

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, Format, RowProblem
from parking.places.importing.limits import XML_DEPTH_MAX
from parking.places.importing.read import read_drafts

BERLIN = Defaults(time_zone="Europe/Berlin", currency="EUR")
LAUGHS = "".join(
    f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' if i else '<!ENTITY l0 "ha">' for i in range(10)
)


def refused(source: str | bytes) -> RowProblem:
    raw = source.encode() if isinstance(source, str) else source
    drafts = read_drafts(raw, None, BERLIN)
    assert drafts.places == ()
    return drafts.problems[-1]


def test_a_billion_laughs_are_refused_before_they_expand() -> None:
    tracemalloc.start()
    problem = refused(f"<?xml version='1.0'?>\n<!DOCTYPE r [{LAUGHS}]><r>&l9;</r>")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (problem.code, problem.line) == (Code.XML_DOCTYPE_REFUSED, 2)
    assert "DOCTYPE" in problem.message
    assert peak < 2_000_000


def test_an_external_entity_is_refused_and_its_file_stays_unread(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    problem = refused(
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]><parkingRecord id="P">'
        "<parkingName>&x;</parkingName></parkingRecord>"
    )
    assert problem.code is Code.XML_DOCTYPE_REFUSED
    assert "hidden" not in problem.message


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE r>",
        "<!DOCTYPE r [<!ENTITY % a 'b'>]>",
    ],
)
def test_every_document_type_declaration_is_refused(doctype: str) -> None:
    assert refused(f"{doctype}<r/>").code is Code.XML_DOCTYPE_REFUSED


def test_an_utf16_document_hides_no_doctype() -> None:
    assert refused("<!DOCTYPE r><r/>".encode("utf-16")).code is Code.XML_DOCTYPE_REFUSED


def test_an_entity_without_declaration_is_malformed() -> None:
    assert refused("<r>&x;</r>").code is Code.XML_MALFORMED


def test_nesting_is_bounded() -> None:
    depth = XML_DEPTH_MAX + 1
    assert refused("<a>" * depth + "</a>" * depth).code is Code.XML_TOO_DEEP


@pytest.mark.parametrize(
    ("source", "line"),
    [("<a>\n<b></a>", 2), ("<a>", 1), ("<a></a>\n\n<b/>", 3), ("<a\x00/>", 1), ("<", 1)],
)
def test_malformed_documents_are_named_by_line(source: str, line: int) -> None:
    problem = refused(source)
    assert (problem.code, problem.line) == (Code.XML_MALFORMED, line)


def test_a_text_without_end_is_bounded() -> None:
    text = "x" * 70_000
    problem = refused(f"<parkingRecord id='P'><parkingName>{text}</parkingName></parkingRecord>")
    assert problem.code is Code.TEXT_TOO_LONG


def test_memory_is_bounded_by_one_record_not_by_the_file() -> None:
    record = '<parkingRecord id="P{}"><x>' + "<y/>" * 2_000 + "</x></parkingRecord>"
    source = ("<t>" + "".join(record.format(i) for i in range(20)) + "</t>").encode()
    tracemalloc.start()
    drafts = read_drafts(source, Format.DATEX, BERLIN)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(drafts.places) == 20
    assert peak < 5_000_000  # all 40,000 elements at once need more than 12 MB

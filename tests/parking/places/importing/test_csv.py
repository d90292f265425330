"""CSV files as people make them."""

import pytest

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, Drafts, Plan, Spot
from parking.places.importing.limits import COLUMNS_MAX
from parking.places.importing.read import read_drafts
from parking.places.models import PlaceKind, SubplaceKind

BERLIN = Defaults(time_zone="Europe/Berlin", currency="EUR")
GARAGE = Defaults(time_zone="Europe/Berlin", currency="EUR", place_name="Garage")


def read(text: str | bytes, defaults: Defaults = BERLIN) -> Drafts:
    return read_drafts(text.encode() if isinstance(text, str) else text, None, defaults)


def test_every_documented_column_is_read() -> None:
    drafts = read(
        "place,place_id,place_kind,time_zone,currency,address,place_latitude,place_longitude,"
        "number,space_id,level,row,area,x,y,width,length,rotation,latitude,longitude,"
        "ev,accessible,max_height,sensor\n"
        "Harbour,h1,GARAGE,Asia/Shanghai,CNY,Quay 1,31.2,121.5,"
        "A-1,s1,-1,A,North,1.5,2.5,2.3,4.8,90,31.21,121.51,yes,no,2.1,dev-1\n"
    )
    place, space = drafts.places[0], drafts.places[0].spaces[0]
    assert (drafts.problems, place.kind, place.currency) == ((), PlaceKind.GARAGE, "CNY")
    assert (place.time_zone, place.address, place.latitude) == ("Asia/Shanghai", "Quay 1", 31.2)
    assert (space.number, space.external_id, space.x, space.y) == ("A-1", "s1", 1.5, 2.5)
    assert (space.width, space.length, space.rotation) == (2.3, 4.8, 90)
    assert space.spot == Spot(1.5, 2.5, 2.3, 4.8, 90, Plan.GIVEN)
    assert (space.latitude, space.is_ev, space.is_accessible) == (31.21, True, False)
    assert (space.height_max, space.sensor_id, space.subplace) == (2.1, "dev-1", "-1 North A")


@pytest.mark.parametrize(
    "text",
    [
        "place,number,width\nGarage,A-1,2.5\n",
        "NUMBER,Width (m),Place\nA-1,2.5,Garage\n",
        "\ufeffplace;number;width\nGarage;A-1;2,5\n",
        "sep=;\r\nplace;number;width\r\nGarage;A-1;2,5\r\n",
        "place\tnumber\twidth\rGarage\tA-1\t2.5\r",
        "\n\nplace|number|width\n\nGarage|A-1|2.5\n\n",
        '"place","number","width"\n"Garage"," A-1 ","2,5"',
    ],
    ids=["plain", "order-case", "bom-semicolon", "excel-sep", "tab-cr", "pipe-blank", "quoted"],
)
def test_dialects_mean_the_same(text: str) -> None:
    drafts = read(text)
    space = drafts.places[0].spaces[0]
    assert (drafts.errors, drafts.places[0].name) == ((), "Garage")
    assert (space.number, space.width) == ("A-1", 2.5)


def test_utf16_with_a_mark_is_read() -> None:
    text = "place,number\nTiefgarage Süd 停车场,A-1\n"
    drafts = read(text.encode("utf-16"))
    assert drafts.places[0].name == "Tiefgarage Süd 停车场"


def test_a_byte_that_is_not_utf8_is_reported_by_line() -> None:
    [problem] = read("place,number\nA,1\nSüd,2\n".encode("latin-1")).problems
    assert (problem.code, problem.line) == (Code.ENCODING_UNREADABLE, 3)
    assert "UTF-8" in problem.message


def test_lines_count_line_breaks_inside_quotes() -> None:
    text = 'place,number,address\nG,A-1,"Quay\n1"\nG,A-2,\nG,,\nG,A-3,\n'
    drafts = read(text)
    assert [(p.line, p.field, p.code) for p in drafts.problems] == [
        (5, "number", Code.VALUE_MISSING)
    ]
    assert [space.where.line for space in drafts.places[0].spaces] == [2, 4, 6]


BAD_CELLS = {
    "width=wide": ("width", Code.NOT_A_NUMBER),
    "width=0.1": ("width", Code.OUT_OF_RANGE),
    "width=nan": ("width", Code.NOT_A_NUMBER),
    "width=1_0": ("width", Code.NOT_A_NUMBER),
    "x=1": ("y", Code.COORDINATES_INCOMPLETE),
    "latitude=48": ("longitude", Code.COORDINATES_INCOMPLETE),
    "latitude=91;longitude=9": ("latitude", Code.COORDINATES_OUT_OF_RANGE),
    "latitude=48;longitude=-181": ("longitude", Code.COORDINATES_OUT_OF_RANGE),
    "ev=perhaps": ("ev", Code.NOT_YES_OR_NO),
    "kind=HELICOPTER": ("kind", Code.KIND_UNKNOWN),
    "place_kind=FIELD": ("place_kind", Code.KIND_UNKNOWN),
    "max_height=99": ("max_height", Code.OUT_OF_RANGE),
    "rotation=400": ("rotation", Code.OUT_OF_RANGE),
    "address=" + "x" * 301: ("address", Code.TEXT_TOO_LONG),
    "address=" + "x" * 5000: ("address", Code.TEXT_TOO_LONG),
    "address=a\x07b": ("address", Code.TEXT_UNPRINTABLE),
}


@pytest.mark.parametrize("cells", BAD_CELLS, ids=[cells[:24] for cells in BAD_CELLS])
def test_a_bad_cell_is_named_with_line_and_code(cells: str) -> None:
    pairs = [cell.split("=") for cell in cells.split(";")]
    header = ",".join(name for name, _ in pairs)
    values = ",".join(value for _, value in pairs)
    drafts = read(f"place,number,{header}\nG,A-1,{values}\nG,A-2{',' * len(pairs)}\n")
    assert [(p.line, p.field, p.code) for p in drafts.problems] == [(2, *BAD_CELLS[cells])]
    assert [space.number for space in drafts.places[0].spaces] == ["A-2"]


def test_a_number_that_is_too_long_is_refused() -> None:
    [problem] = read(f"place,number\nG,{'9' * 41}\n").errors
    assert (problem.field, problem.code) == ("number", Code.TEXT_TOO_LONG)


def test_duplicate_numbers_name_the_first_line() -> None:
    drafts = read("place,number\nG,A-1\nH,A-1\nG, A-1\n")
    [problem] = drafts.problems
    assert (problem.line, problem.code) == (4, Code.NUMBER_DUPLICATE)
    assert "line 2" in problem.message
    assert [len(place.spaces) for place in drafts.places] == [1, 1]


def test_duplicate_space_ids_are_refused() -> None:
    [problem] = read("place,number,space_id\nG,A-1,s\nG,A-2,s\n").problems
    assert (problem.line, problem.code) == (3, Code.EXTERNAL_ID_DUPLICATE)


def test_rows_that_contradict_each_other_about_the_place_are_reported() -> None:
    [problem] = read("place,number,currency\nG,A-1,EUR\nG,A-2,\nG,A-3,USD\n").problems
    assert (problem.line, problem.field, problem.code) == (4, "currency", Code.PLACE_CONFLICT)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("place,width\nG,2\n", Code.COLUMN_MISSING, 1),
        ("number\nA-1\n", Code.COLUMN_MISSING, 1),
        ("place,number,Nr\nG,1,2\n", Code.COLUMN_DUPLICATE, 1),
        ("place,number," + ",".join(f"c{i}" for i in range(COLUMNS_MAX)), Code.TOO_MANY_COLUMNS, 1),
        ('place,number\nG,A-1\nG,"A-2\n', Code.CSV_MALFORMED, 3),
        ("place,number\n", Code.NOTHING_FOUND, None),
        ("  \n", Code.FILE_EMPTY, None),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, code: Code, line: int | None) -> None:
    drafts = read(text)
    assert drafts.places == ()
    assert (drafts.errors[-1].code, drafts.errors[-1].line) == (code, line)


def test_a_row_with_too_many_cells_is_reported() -> None:
    [problem] = read("place,number\nG,A-1\nG,A,2\n").problems
    assert (problem.line, problem.code) == (3, Code.CELLS_TOO_MANY)


def test_an_unknown_column_is_a_warning_only() -> None:
    drafts = read("place,number,hight\nG,A-1,2\n")
    assert [(p.code, p.is_warning) for p in drafts.problems] == [(Code.COLUMN_UNKNOWN, True)]
    assert drafts.space_count == 1


def test_the_caller_can_name_the_place() -> None:
    drafts = read("number\nA-1\nA-2\n", GARAGE)
    assert [(p.name, len(p.spaces)) for p in drafts.places] == [("Garage", 2)]


@pytest.mark.parametrize(
    ("defaults", "codes"),
    [
        (Defaults(), {Code.TIME_ZONE_MISSING, Code.CURRENCY_MISSING}),
        (Defaults("Europe/Berlinn", "EUR"), {Code.TIME_ZONE_UNKNOWN}),
        (Defaults("localtime", "EUR"), {Code.TIME_ZONE_UNKNOWN}),
        (Defaults("../etc/passwd", "EUR"), {Code.TIME_ZONE_UNKNOWN}),
        (Defaults("Europe/Berlin", "Euro"), {Code.CURRENCY_UNKNOWN}),
        (Defaults("Europe/Berlin", "XTS"), {Code.CURRENCY_UNKNOWN}),
    ],
)
def test_a_place_needs_a_known_zone_and_currency(defaults: Defaults, codes: set[Code]) -> None:
    drafts = read("place,number\nG,A-1\n", defaults)
    assert ({p.code for p in drafts.problems}, drafts.places) == (codes, ())
    assert {p.line for p in drafts.problems} == {2}


def test_a_close_time_zone_is_suggested() -> None:
    [problem] = read("place,number\nG,1\n", Defaults("Europe/Berlinn", "EUR")).problems
    assert "did you mean Europe/Berlin?" in problem.message


def test_kind_words_become_attributes_or_the_place_kind() -> None:
    drafts = read("place,number,kind\nG,1,EV\nG,2,handicap\nG,3,standard\nG,4,garage\n")
    found = [(space.is_ev, space.is_accessible) for space in drafts.places[0].spaces]
    assert found == [(True, None), (None, True), (None, None), (None, None)]
    assert drafts.places[0].kind is PlaceKind.GARAGE


def test_levels_areas_and_rows_become_subplaces_in_order() -> None:
    drafts = read("place,number,level,row\nG,1,1,B\nG,2,0,A\nG,3,-1,A\nG,4,1,A\n")
    found = [(s.name, s.kind, s.parent, s.level) for s in drafts.places[0].subplaces]
    floor, row = SubplaceKind.FLOOR_OR_LEVEL, SubplaceKind.ROW
    assert found == [
        ("-1", floor, None, -1),
        ("-1 A", row, "-1", -1),
        ("0", floor, None, 0),
        ("0 A", row, "0", 0),
        ("1", floor, None, 1),
        ("1 A", row, "1", 1),
        ("1 B", row, "1", 1),
    ]


def test_ten_thousand_rows_give_a_bounded_list_of_problems() -> None:
    text = "place,number,width\n" + "".join(f"G,{i},wide\n" for i in range(10_000))
    problems = read(text).problems
    assert (len(problems), problems[-1].code) == (1001, Code.TOO_MANY_PROBLEMS)
    assert "9000 more" in problems[-1].message

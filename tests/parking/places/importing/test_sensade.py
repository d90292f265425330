"""Sensade's lots: every space carries its sensor's id."""

import json
from typing import Any

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, Drafts, Format
from parking.places.importing.read import read_drafts
from tests.support.shared_data import shared_data

BERLIN = Defaults(time_zone="Europe/Berlin", currency="EUR")


def lot(*spaces: Any, **changes: Any) -> dict[str, Any]:
    return {
        "id": "lot-1", "name": "B10 Laupheim", "city": "Achstetten", "address": "L265",
        "zip": 88480, "latitude": 48.25733, "longitude": 9.90268, "parkingSpaces": list(spaces),
    } | changes  # fmt: skip


def space(number: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"id-{number}", "type": "default", "number": number, "devEui": "34B4",
        "latitude": 48.2573, "longitude": 9.9027,
    } | changes  # fmt: skip


def read(*lots: Any) -> Drafts:
    return read_drafts(json.dumps(lots, indent=1).encode(), None, BERLIN)


def test_a_lot_is_a_place_and_its_spaces_name_their_sensors() -> None:
    drafts = read(lot(space("AL-1"), space("AL-2", type="Handicap", devEui="")))
    [place] = drafts.places
    assert (drafts.format, drafts.problems) == (Format.SENSADE, ())
    assert (place.external_id, place.address) == ("lot-1", "L265, 88480 Achstetten")
    assert [(s.number, s.sensor_id, s.is_accessible) for s in place.spaces] == [
        ("AL-1", "34B4", None),
        ("AL-2", None, True),
    ]


def test_a_bad_space_is_named_by_path_and_line() -> None:
    drafts = read(lot(space("AL-1"), space("AL-2", latitude=99)))
    [problem] = drafts.problems
    assert (problem.path, problem.line) == ("[0].parkingSpaces[1]", 19)
    assert problem.code is Code.COORDINATES_OUT_OF_RANGE


def test_a_list_of_organisations_gives_lots_without_spaces() -> None:
    listed = lot()
    del listed["parkingSpaces"]
    drafts = read({"organizationId": "o", "parkingLots": [listed]})
    assert [(place.external_id, place.spaces) for place in drafts.places] == [("lot-1", ())]


def test_the_same_lot_twice_is_read_once() -> None:
    drafts = read(lot(space("AL-1")), lot(space("AL-1")))
    assert ([p.code for p in drafts.problems], len(drafts.places)) == ([Code.PLACE_DUPLICATE], 1)


def test_the_real_lots_have_580_spaces_on_believable_plans() -> None:
    folder = shared_data("parkapi")
    drafts = [
        read_drafts(path.read_bytes(), None, BERLIN)
        for path in sorted(folder.glob("p-m-sensade__parking-lot-????????-*.json"))
    ]
    spaces = [space for draft in drafts for place in draft.places for space in place.spaces]
    assert (len(drafts), len(spaces), sum(len(d.problems) for d in drafts)) == (7, 580, 0)
    assert sum(space.sensor_id is not None for space in spaces) == 554
    assert all(s.spot and abs(s.spot.x) < 200 and abs(s.spot.y) < 200 for s in spaces)

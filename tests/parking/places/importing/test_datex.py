"""DATEX II tables and status publications, versions 2 and 3."""

from datetime import UTC, datetime

import pytest

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, Drafts, Format, PlaceDraft
from parking.places.importing.read import read_drafts
from parking.places.models import PlaceKind
from tests.support.shared_data import shared_data

BERLIN = Defaults(time_zone="Europe/Berlin", currency="EUR")
V2 = """<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" modelBaseVersion="2"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><payloadPublication
 xsi:type="GenericPublication"><genericPublicationExtension><parkingTablePublication>
<parkingTable id="t" version="1">{}</parkingTable></parkingTablePublication>
</genericPublicationExtension></payloadPublication></d2LogicalModel>"""
V3 = """<d2:payload xmlns:d2="http://datex2.eu/schema/3/d2Payload" modelBaseVersion="3"
 xmlns:prk="http://datex2.eu/schema/3/parking" xmlns:com="http://datex2.eu/schema/3/common"
 xmlns:loc="http://datex2.eu/schema/3/locationReferencing"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="prk:ParkingTablePublication">
<com:publicationTime>2026-10-05T03:00:00Z</com:publicationTime>
<prk:parkingTable id="T" version="1">{}</prk:parkingTable></d2:payload>"""
POINT = """<parkingLocation xsi:type="Point"><pointByCoordinates><pointCoordinates><latitude>47.65
</latitude><longitude>9.47</longitude></pointCoordinates></pointByCoordinates></parkingLocation>"""


def read(text: str, defaults: Defaults = BERLIN) -> Drafts:
    return read_drafts(text.encode(), None, defaults)


def record(body: str, kind: str = "UrbanParkingSite") -> str:
    return V2.format(f'<parkingRecord id="P1" version="1" xsi:type="{kind}">{body}</parkingRecord>')


def one(drafts: Drafts) -> PlaceDraft:
    [place] = drafts.places
    return place


def test_a_version_2_site_of_one_space_is_a_place_with_that_space() -> None:
    body = f"""<parkingName><values><value lang="de">Metzstraße 1</value></values></parkingName>
    <parkingNumberOfSpaces>1</parkingNumberOfSpaces>{POINT}<assignedParkingAmongOthers>
    <applicableForUser>disabled</applicableForUser></assignedParkingAmongOthers>
    <urbanParkingSiteType>onStreetParking</urbanParkingSiteType>"""
    drafts = read(record(body))
    place = one(drafts)
    assert (drafts.format, drafts.problems) == (Format.DATEX, ())
    assert (place.name, place.external_id, place.kind) == ("Metzstraße 1", "P1", "ON_STREET")
    assert (place.latitude, place.longitude) == (47.65, 9.47)
    [space] = place.spaces
    assert (space.number, space.external_id, space.is_accessible) == ("1", "P1", True)


def test_a_version_3_record_lists_its_spaces() -> None:
    spaces = "".join(
        f"""<prk:parkingSpace parkingSpaceIndex="{i}"><prk:parkingSpace id="S{i}" version="1">
        <prk:parkingLocation><loc:pointByCoordinates><loc:pointCoordinates>
        <loc:latitude>52.3{i}</loc:latitude><loc:longitude>4.89</loc:longitude>
        </loc:pointCoordinates></loc:pointByCoordinates></prk:parkingLocation>
        </prk:parkingSpace></prk:parkingSpace>"""
        for i in range(3)
    )
    body = f"""<prk:parkingRecord xsi:type="prk:UrbanParkingSite" id="NL-1" version="1">
    <prk:parkingName><com:values><com:value lang="nl">Centrum</com:value></com:values>
    </prk:parkingName><prk:parkingNumberOfSpaces>3</prk:parkingNumberOfSpaces>
    <prk:parkingLayout>underground</prk:parkingLayout>{spaces}</prk:parkingRecord>"""
    place = one(read(V3.format(body)))
    assert (place.name, place.kind) == ("Centrum", PlaceKind.GARAGE)
    found = [(s.number, s.external_id, s.latitude) for s in place.spaces]
    assert found == [("0", "S0", 52.30), ("1", "S1", 52.31), ("2", "S2", 52.32)]


def test_counted_spaces_are_numbered_by_group_with_a_warning() -> None:
    body = """<parkingNumberOfSpaces>5</parkingNumberOfSpaces><groupOfParkingSpaces groupIndex="0">
    <groupOfParkingSpaces><parkingName><values><value>Charging</value></values></parkingName>
    <parkingNumberOfSpaces>2</parkingNumberOfSpaces><equipment><equipmentType>
    electricChargingStation</equipmentType></equipment></groupOfParkingSpaces>
    </groupOfParkingSpaces>"""
    drafts = read(record(body))
    found = [(s.number, s.area, s.is_ev) for s in one(drafts).spaces]
    assert found[:3] == [("1", "Charging", True), ("2", "Charging", True), ("3", "", None)]
    assert len(found) == 5
    assert [(p.code, p.is_warning) for p in drafts.problems] == [(Code.SPACES_NUMBERED, True)]


def test_a_polygon_gives_the_position() -> None:
    body = """<parkingLocation><gmlLinearRing><posList>48.0 9.0 48.0 9.2 48.2 9.2 48.2 9.0</posList>
    </gmlLinearRing></parkingLocation>"""
    place = one(read(record(body)))
    assert (place.latitude, place.longitude) == pytest.approx((48.1, 9.1))


def test_a_record_that_is_no_site_is_left_out_with_a_warning() -> None:
    drafts = read(record("<parkingNumberOfSpaces>9</parkingNumberOfSpaces>", "GroupOfParkingSites"))
    assert [p.code for p in drafts.problems] == [Code.RECORD_IGNORED, Code.NOTHING_FOUND]


def test_a_bad_record_is_named_by_line() -> None:
    good = '<parkingRecord id="P1"><parkingNumberOfSpaces>1</parkingNumberOfSpaces></parkingRecord>'
    bad = "\n\n" + good.replace("P1", "P2").replace(">1<", ">many<")
    drafts = read(V2.format(good + bad))
    problems = [(p.line, p.field, p.code) for p in drafts.problems]
    assert problems == [(6, "parkingNumberOfSpaces", Code.NOT_A_NUMBER)]
    assert [place.external_id for place in drafts.places] == ["P1"]


def test_status_publications_give_hints_and_no_places() -> None:
    status = """<x:parkingRecordStatus xmlns:x="u"><x:parkingRecordReference id="P1"/>
    <x:parkingStatusOriginTime>2025-07-18T08:41:01+02:00</x:parkingStatusOriginTime>
    <x:parkingOccupancy><x:parkingNumberOfVacantSpaces>0</x:parkingNumberOfVacantSpaces>
    </x:parkingOccupancy></x:parkingRecordStatus>"""
    drafts = read(f"<a>{status}</a>")
    [hint] = drafts.hints
    assert (drafts.places, drafts.problems) == ((), ())
    assert (hint.external_id, hint.is_occupied) == ("P1", True)
    assert hint.observed_at == datetime(2025, 7, 18, 6, 41, 1, tzinfo=UTC)


def test_the_real_table_of_55_sites_is_read_whole() -> None:
    source = shared_data("parkapi/friedrichshafen-sensors-static.xml").read_bytes()
    drafts = read_drafts(source, None, BERLIN)
    assert (len(drafts.places), drafts.space_count, drafts.problems) == (55, 55, ())
    assert all(space.is_accessible for place in drafts.places for space in place.spaces)


def test_single_spaces_can_be_gathered_into_one_place() -> None:
    source = shared_data("parkapi/friedrichshafen-sensors-static.xml").read_bytes()
    defaults = Defaults("Europe/Berlin", "EUR", place_name="Friedrichshafen")
    place = one(read_drafts(source, None, defaults))
    assert (place.kind, len(place.spaces)) == (PlaceKind.ON_STREET, 55)
    assert len({space.number for space in place.spaces}) == 55
    assert all(space.spot is not None for space in place.spaces)


def test_the_real_status_matches_the_real_table() -> None:
    status = shared_data("parkapi/friedrichshafen-sensors-realtime.xml").read_bytes()
    table = shared_data("parkapi/friedrichshafen-sensors-static.xml").read_bytes()
    hinted = {hint.external_id for hint in read_drafts(status, None, BERLIN).hints}
    spaces = {s.external_id for p in read_drafts(table, None, BERLIN).places for s in p.spaces}
    assert hinted == spaces

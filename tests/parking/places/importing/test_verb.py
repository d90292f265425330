"""Importing into a database: whole, or nothing, or what is good; and again without effect."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from parking.accounts.models import AuditEntry, Role
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import NotFound, NotPermitted
from parking.events.bus import InProcessBus
from parking.events.models import PlaceEvent
from parking.listings.models import Listing, ListingState
from parking.occupancy.models import SpaceState
from parking.places.edit import update_place, update_space
from parking.places.edits import PlaceEdit, SpaceEdit
from parking.places.importing import verb, write
from parking.places.importing.codes import Code
from parking.places.importing.drafts import Defaults, Format
from parking.places.importing.report import ImportReport, Tally
from parking.places.importing.verb import import_places
from parking.places.importing.write_places import find_places
from parking.places.models import Place, Space, Subplace
from parking.places.service import retire_place, retire_space
from parking.storage.database import connect, disconnect
from tests.support.leasing import make_lease
from tests.support.operators import make_organisation, member, operator
from tests.support.shared_data import shared_data

BERLIN = Defaults(time_zone="Europe/Berlin", currency="EUR")
GARAGE = b"place,place_id,number,level,row,ev\nHarbour,h,A-1,0,A,yes\nHarbour,h,A-2,1,B,no\n"


class Importing:
    """An organisation, and the verb with what every test gives it."""

    def __init__(self, organisation_id: int, clock: TestClock) -> None:
        self.organisation_id = organisation_id
        self.clock = clock
        self.bus = InProcessBus()
        self.viewer: Viewer = operator(organisation_id)

    async def __call__(
        self, source: bytes, *, partial: bool = False, dry_run: bool = False,
        defaults: Defaults = BERLIN, viewer: Viewer | None = None,
    ) -> ImportReport:  # fmt: skip
        return await import_places(
            viewer or self.viewer, source, organisation_id=self.organisation_id,
            defaults=defaults, partial=partial, dry_run=dry_run, clock=self.clock, bus=self.bus,
        )  # fmt: skip


@pytest.fixture
async def importing(database: str, clock: TestClock) -> Importing:
    assert database
    return Importing(await make_organisation(), clock)


async def test_a_file_becomes_a_place_with_levels_rows_spaces_and_states(
    importing: Importing,
) -> None:
    report = await importing(GARAGE)
    place = await Place.get(id=report.place_ids[0])
    assert (report.is_written, report.format, report.problems) == (True, Format.CSV, ())
    assert (report.places, report.spaces) == (Tally(created=1), Tally(created=2))
    assert (place.name, place.external_id, place.time_zone) == ("Harbour", "h", "Europe/Berlin")
    assert (place.version, place.unknown_count, place.state) == (1, 2, "UNKNOWN")
    found = await Subplace.all().order_by("id").values_list("name", "level")
    assert found == [("0", 0), ("0 A", 0), ("1", 1), ("1 B", 1)]
    spaces = await Space.all().order_by("number").prefetch_related("subplace")
    assert [(s.number, s.is_ev, s.subplace and s.subplace.name) for s in spaces] == [
        ("A-1", True, "0 A"),
        ("A-2", False, "1 B"),
    ]
    assert await SpaceState.all().count() == 2
    assert (await AuditEntry.get()).verb == "import_places"


async def test_the_same_file_again_changes_nothing(importing: Importing) -> None:
    first = await importing(GARAGE)
    again = await importing(GARAGE)
    assert (again.places, again.spaces) == (Tally(unchanged=1), Tally(unchanged=2))
    assert again.place_ids == first.place_ids
    assert (await Place.get()).version == 1
    assert await PlaceEvent.all().count() == 1


async def test_a_changed_file_changes_what_differs_and_tells_it_once(importing: Importing) -> None:
    report = await importing(GARAGE)
    async with importing.bus.subscribe(f"place:{report.place_ids[0]}") as messages:
        changed = await importing(GARAGE.replace(b"B,no", b"B,yes") + b"Harbour,h,A-3,1,B,\n")
        message = await anext(messages)
    assert (changed.places, changed.spaces) == (Tally(unchanged=1), Tally(1, 1, 1))
    assert ((await Place.get()).version, (await Place.get()).unknown_count) == (2, 3)
    assert message.body is not None
    assert b'"version":2' in message.body


async def test_any_error_means_that_nothing_is_written(importing: Importing) -> None:
    report = await importing(GARAGE + b"Harbour,h,A-1,,,\n")
    assert (report.is_written, report.place_ids) == (False, ())
    assert [(p.line, p.code) for p in report.problems] == [(4, Code.NUMBER_DUPLICATE)]
    assert await Place.all().count() == await Space.all().count() == 0


async def test_partial_keeps_what_is_good(importing: Importing) -> None:
    bad = b"Harbour,h,A-1,,,\nHarbour,h,A-4,,,maybe\n"
    report = await importing(GARAGE + bad, partial=True)
    assert (report.is_written, report.spaces) == (True, Tally(created=2))
    assert [p.line for p in report.errors] == [4, 5]


async def test_a_rehearsal_tells_what_would_happen_and_writes_nothing(
    importing: Importing,
) -> None:
    report = await importing(GARAGE, dry_run=True)
    assert (report.is_written, report.places, report.spaces) == (
        False, Tally(created=1), Tally(created=2),
    )  # fmt: skip
    assert await Place.all().count() == await AuditEntry.all().count() == 0


async def test_a_conflict_with_the_database_undoes_everything_unless_partial(
    importing: Importing,
) -> None:
    await importing(b"place,place_id,number,space_id\nH,h,A,x\nH,h,B,y\n")
    clash = b"place,place_id,number,space_id\nG,g,1,\nH,h,B,x\n"
    report = await importing(clash)
    assert (report.is_written, [p.code for p in report.errors]) == (False, [Code.NUMBER_TAKEN])
    assert await Place.all().count() == 1
    report = await importing(clash, partial=True)
    assert (report.is_written, report.places) == (True, Tally(created=1, unchanged=1))


async def test_numbers_change_hands_in_the_database(importing: Importing) -> None:
    await importing(b"place,place_id,number,space_id\nH,h,A,x\nH,h,B,y\n")
    report = await importing(b"place,place_id,number,space_id\nH,h,B,x\nH,h,A,y\n")
    assert report.spaces == Tally(updated=2)
    found = await Space.all().order_by("external_id").values_list("external_id", "number")
    assert found == [("x", "B"), ("y", "A")]


async def test_what_an_operator_edited_stays_when_the_file_does_not_say_it(
    importing: Importing,
) -> None:
    source = b"place_id,number,latitude,longitude\nh,A,48.1,9.1\nh,B,48.10003,9.1\n"
    report = await importing(source)
    space = await Space.get(number="A")
    edit = PlaceEdit(report.place_ids[0], name="Nice name", time_zone="Europe/Vienna")
    await update_place(importing.viewer, edit, clock=importing.clock, bus=importing.bus)
    moved = SpaceEdit(space.id, x_metres=50.0, is_accessible=True)
    await update_space(importing.viewer, moved, clock=importing.clock, bus=importing.bus)
    again = await importing(source)
    assert (again.places, again.spaces) == (Tally(unchanged=1), Tally(unchanged=2))
    assert (await Place.get()).name == "Nice name"
    assert (await Space.get(number="A")).x_metres == 50.0


async def test_retired_places_and_spaces_come_back(importing: Importing) -> None:
    report = await importing(GARAGE)
    space, clock, bus = await Space.get(number="A-1"), importing.clock, importing.bus
    await retire_space(importing.viewer, space.id, clock=clock, bus=bus)
    await retire_place(importing.viewer, report.place_ids[0], clock=clock, bus=bus)
    again = await importing(GARAGE)
    place = await Place.get()
    assert (again.place_ids, again.spaces) == (report.place_ids, Tally(updated=1, unchanged=1))
    assert (place.retired_at, place.is_open, place.unknown_count) == (None, True, 2)
    assert place.state == "UNKNOWN"


async def test_a_name_that_two_places_have_is_ambiguous(importing: Importing) -> None:
    await importing(b"place,place_id,number\nTwin,a,1\nTwin,b,1\n")
    report = await importing(b"place,number\nTwin,2\n")
    assert [(p.line, p.code) for p in report.errors] == [(2, Code.PLACE_AMBIGUOUS)]


async def test_a_currency_stays_while_prices_are_in_it(
    importing: Importing, clock: TestClock
) -> None:
    lease = await make_lease()
    importing.organisation_id = lease.estate.organisation_id
    importing.viewer = operator(lease.estate.organisation_id)
    name = (await Place.get()).name
    file = f"place,number,currency\n{name},1,CHF\n".encode()
    report = await importing(file)
    assert [(p.field, p.code) for p in report.errors] == [("currency", Code.CURRENCY_IN_USE)]
    await Listing.all().update(state=ListingState.PAUSED)
    assert (await importing(file)).errors == ()
    assert (await Place.get()).currency == "CHF"


async def test_a_place_without_an_id_is_found_by_its_name(importing: Importing) -> None:
    await importing(b"place,number\nHarbour,1\n")
    report = await importing(b"place,number\nHarbour,1\nHarbour,2\n")
    assert (report.places, report.spaces) == (Tally(unchanged=1), Tally(created=1, unchanged=1))


async def test_the_same_ids_in_two_organisations_are_two_places(
    importing: Importing, clock: TestClock
) -> None:
    other = Importing(await make_organisation("Other"), clock)
    first, second = await importing(GARAGE), await other(GARAGE)
    assert first.place_ids != second.place_ids
    assert await Place.all().count() == 2


@pytest.mark.parametrize("roles", [(), (Role.ATTENDANT,), (Role.OWNER, Role.DRIVER)])
async def test_only_operators_import(importing: Importing, roles: tuple[Role, ...]) -> None:
    viewer = member(importing.organisation_id, *roles) if roles else ANONYMOUS
    with pytest.raises(NotPermitted if roles else NotFound):
        await importing(GARAGE, viewer=viewer)
    assert await Place.all().count() == 0


async def test_an_organisation_that_is_not_there_is_refused(importing: Importing) -> None:
    importing.organisation_id += 1_000
    with pytest.raises(NotFound, match="no such organisation"):
        await importing(GARAGE, viewer=SYSTEM)


async def test_two_imports_at_once_make_each_place_once(importing: Importing) -> None:
    source = b"place,number\n" + b"".join(b"P%d,1\nP%d,2\n" % (i, i) for i in range(20))
    reports = await asyncio.gather(*(importing(source) for _ in range(4)))
    assert sum(report.places.created for report in reports) == 20
    assert (await Place.all().count(), await Space.all().count()) == (20, 40)


async def test_without_the_lock_two_imports_make_a_place_twice(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both look before either has made it. SQLite has one writer at a time anyway."""
    both_looked = asyncio.Barrier(2)

    async def look_together(*given: Any) -> Any:
        found = await find_places(*given)
        await both_looked.wait()
        return found

    async def no_lock(*_: object) -> None:
        pass

    monkeypatch.setattr(write, "find_places", look_together)
    monkeypatch.setattr(verb, "lock_organisation", no_lock)
    await connect(postgres_url)
    importing = Importing(await make_organisation(), clock)
    await asyncio.gather(*(importing(b"place,number\nP,1\n") for _ in range(2)))
    assert await Place.all().count() == 2
    await disconnect()


async def test_a_spot_of_a_site_that_exists_keeps_the_sites_name(importing: Importing) -> None:
    await importing(b"place,place_id,number,currency\nZona Centro,site:1,A-1,CHF\n")
    spot = {
        "id": "urn:ngsi-ld:ParkingSpot:s1", "type": "ParkingSpot", "name": "A-1",
        "status": "free", "refParkingSite": "urn:ngsi-ld:OnStreetParking:site:1",
    }  # fmt: skip
    report = await importing(json.dumps(spot).encode())
    place = await Place.get()
    assert (report.places, report.spaces) == (Tally(unchanged=1), Tally(updated=1))
    assert (place.name, place.currency) == ("Zona Centro", "CHF")
    assert (await Space.get()).external_id == "s1"


async def test_a_real_lot_comes_with_its_sensors(importing: Importing) -> None:
    [path] = shared_data("parkapi").glob("p-m-sensade__parking-lot-0ff8*.json")
    source = path.read_bytes()
    report = await importing(source)
    assert (report.spaces, len(report.sensors)) == (Tally(created=42), 42)
    by_id = {space.id: space for space in await Space.all()}
    told = json.loads(source)[0]["parkingSpaces"]
    assert {(by_id[hint.space_id].number, hint.sensor_id) for hint in report.sensors} == {
        (space["number"], space["devEui"]) for space in told
    }
    assert (await importing(source)).spaces == Tally(unchanged=42)


async def test_the_real_datex_table_imports_whole_and_again_without_effect(
    importing: Importing,
) -> None:
    source = shared_data("parkapi/friedrichshafen-sensors-static.xml").read_bytes()
    report = await importing(source)
    assert (report.places, report.spaces) == (Tally(created=55), Tally(created=55))
    again = await importing(source)
    assert (again.places, again.spaces) == (Tally(unchanged=55), Tally(unchanged=55))


async def test_ten_thousand_spaces_take_few_statements(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from parking.storage.sql import Sql

    said: list[str] = []
    for name in ("fetch", "execute", "execute_many"):
        original = getattr(Sql, name)

        async def listening(sql: Sql, query: str, *args: object, original=original) -> object:  # type: ignore[no-untyped-def]
            said.append(query)
            return await original(sql, query, *args)

        monkeypatch.setattr(Sql, name, listening)
    rows = "".join(f"Big,A-{i},{i % 8},{i % 40}\n" for i in range(10_000))
    report = await importing(f"place,number,level,row\n{rows}".encode())
    assert report.spaces == Tally(created=10_000)
    assert len(said) < 100  # 48 subplaces one by one, everything else in batches


async def test_an_unreadable_file_is_told_without_a_transaction(importing: Importing) -> None:
    report = await importing(b"<!DOCTYPE x><x/>")
    assert (report.is_written, [p.code for p in report.problems]) == (
        False, [Code.XML_DOCTYPE_REFUSED],
    )  # fmt: skip


async def test_defaults_are_for_new_places_only(importing: Importing) -> None:
    await importing(GARAGE)
    report = await importing(GARAGE, defaults=replace(BERLIN, currency="USD"))
    assert (report.places, (await Place.get()).currency) == (Tally(unchanged=1), "EUR")

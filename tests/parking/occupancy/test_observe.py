"""What a person on site says of a space."""

from datetime import timedelta

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.events.bus import InProcessBus
from parking.occupancy.models import Axis, Occupancy, Source
from parking.occupancy.observe import AHEAD_MAX, BEHIND_MAX, observe_space
from parking.occupancy.record import Report, record
from parking.occupancy.space_views import space_views_by_id
from parking.storage.sql import database as sql
from tests.support.estate import Estate, make_estate


def attendant(estate: Estate) -> Viewer:
    """Somebody who works there."""
    roles = {estate.organisation_id: frozenset({Role.ATTENDANT})}
    return Viewer(person_id=7, roles=roles)


async def test_it_holds_until_a_newer_report(database: str, clock: TestClock) -> None:
    estate, bus = await make_estate(), InProcessBus()
    space = estate.space_ids[0]
    await observe_space(attendant(estate), space, Occupancy.OCCUPIED, clock=clock, bus=bus)
    state = (await space_views_by_id(ANONYMOUS, [space]))[space].state
    assert (state.occupancy, state.source, state.version) == ("OCCUPIED", Source.PERSON, 1)
    now = clock.advance(seconds=1)
    report = Report(
        space_id=space, place_id=estate.place_id, axis=Axis.OCCUPANCY, value="FREE",
        observed_at=now, received_at=now, device_id=3, sequence=1,
    )  # fmt: skip
    await record([report], clock, bus)
    state = (await space_views_by_id(ANONYMOUS, [space]))[space].state
    assert (state.occupancy, state.source) == ("FREE", Source.DEVICE)


async def test_who_said_it_is_on_record(database: str, clock: TestClock) -> None:
    estate = await make_estate()
    space, bus = estate.space_ids[0], InProcessBus()
    await observe_space(attendant(estate), space, Occupancy.FREE, clock=clock, bus=bus)
    (observed,) = await sql().fetch("SELECT source, person_id FROM observation")
    assert (observed["source"], observed["person_id"]) == ("PERSON", 7)
    (entry,) = await sql().fetch("SELECT actor, verb, subject FROM audit_entry")
    assert entry == {"actor": "person:7", "verb": "observe_space", "subject": f"space:{space}"}


async def test_others_may_not_and_cannot_tell_what_exists(database: str, clock: TestClock) -> None:
    public, hidden = await make_estate(), await make_estate(is_public=False, name="Hidden")
    stranger = Viewer(person_id=9)
    for estate, refusal in ((public, NotPermitted), (hidden, NotFound)):
        with pytest.raises(refusal):
            await observe_space(
                stranger, estate.space_ids[0], Occupancy.FREE, clock=clock, bus=InProcessBus()
            )


@pytest.mark.parametrize(
    ("offset", "is_good"),
    [
        (timedelta(0), True), (AHEAD_MAX, True), (-BEHIND_MAX, True),
        (AHEAD_MAX + timedelta(seconds=1), False), (-BEHIND_MAX - timedelta(seconds=1), False),
    ],
)  # fmt: skip
async def test_the_time_must_be_about_now(
    database: str, clock: TestClock, offset: timedelta, is_good: bool
) -> None:
    estate = await make_estate()
    given = (attendant(estate), estate.space_ids[0], Occupancy.FREE, clock.now() + offset)
    if is_good:
        await observe_space(*given, clock=clock, bus=InProcessBus())
    else:
        with pytest.raises(InvalidInput) as caught:
            await observe_space(*given, clock=clock, bus=InProcessBus())
        assert caught.value.field == "observedAt"

"""A person on site says whether a vehicle stands in a space."""

from datetime import datetime, timedelta

from parking.accounts.audit import record_audit
from parking.accounts.models import Role
from parking.accounts.rules import may
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, NotFound, NotPermitted
from parking.events.bus import Bus
from parking.occupancy.change import publish_updates
from parking.occupancy.models import Axis, Occupancy, Source
from parking.occupancy.record import Report, record_within
from parking.places.queries import place_by_id, spaces_by_id
from parking.storage.transactions import transaction

AHEAD_MAX = timedelta(seconds=60)
"""A person's clock may be ahead of ours by so much."""
BEHIND_MAX = timedelta(hours=24)
"""What was seen longer ago says nothing of the space now."""


def may_observe(viewer: Viewer, organisation_id: int) -> bool:
    """Whoever works in the place: OPERATORs, ATTENDANTs, and keys with `places:write`."""
    return may(viewer, organisation_id, (Role.OPERATOR, Role.ATTENDANT), Scope.PLACES_WRITE)


def check_observed_at(observed_at: datetime, now: datetime) -> None:
    """Raises InvalidInput for a time that nobody can have observed anything useful at."""
    if not now - BEHIND_MAX <= observed_at <= now + AHEAD_MAX:
        raise InvalidInput(
            "observedAt", "the observation lies in the future or more than a day back; check it"
        )


async def observe_space(
    viewer: Viewer,
    space_id: int,
    occupancy: Occupancy,
    observed_at: datetime | None = None,
    *,
    clock: Clock,
    bus: Bus,
) -> None:
    """Take down what a person sees; it holds until a newer report. `observed_at` None: just now.

    Raises NotFound, NotPermitted, InvalidInput.
    """
    space = (await spaces_by_id(viewer, [space_id])).get(space_id)
    if space is None:
        raise NotFound("there is no such space")
    place = await place_by_id(viewer, space.place_id)
    if not may_observe(viewer, place.organisation_id):
        raise NotPermitted("only OPERATORs and ATTENDANTs of the place may do this")
    now = clock.now()
    seen_at = observed_at or now
    check_observed_at(seen_at, now)
    report = Report(
        space_id=space_id, place_id=place.id, axis=Axis.OCCUPANCY, value=occupancy,
        observed_at=min(seen_at, now), received_at=now, source=Source.PERSON,
        person_id=viewer.person_id,
    )  # fmt: skip
    async with transaction() as sql:
        change = await record_within(sql, [report], now)
        subject, detail = f"space:{space_id}", {"occupancy": occupancy}
        organisation_id = place.organisation_id
        await record_audit(sql, viewer, "observe_space", subject, organisation_id, detail, now)
    await publish_updates(bus, change.updates())

"""Verbs that may be asked only so often."""

from parking.accounts.attempts import Limit
from parking.accounts.viewer import Viewer
from parking.reservations.attempts import count_attempt
from parking.reservations.links import holder, is_lent, require_own
from parking.reservations.records import ReservationRecord
from parking.reservations.taking import take
from schema.booking_links import linked_reservation
from schema.context import Info, services_of, viewer_of
from schema.mutations.once import Work


async def counted(info: Info, limit: Limit, *of: int, viewer: Viewer | None = None) -> None:
    """Count one attempt of the viewer, by default whoever is signed in, at what `of` names.

    Raises TooManyTries. Nobody in particular is not counted, and is turned away anyway.
    """
    who = viewer or viewer_of(info.context)
    if not who.is_anonymous:
        name = ":".join([who.actor, *map(str, of)])
        await count_attempt(limit, name, services_of(info.context).clock)


async def counted_link(info: Info, token: str, limit: Limit) -> ReservationRecord:
    """The booking of the link, for one verb of its holder. Raises NotFound and TooManyTries."""
    reservation = await linked_reservation(info, token)
    await counted(info, limit, viewer=holder(reservation))
    return reservation


async def spending_link(info: Info, token: str, limit: Limit) -> ReservationRecord:
    """The same for a verb that may cost the driver money. Raises NotPermitted, too, for a link that
    is lent to who booked for the driver."""
    reservation = await counted_link(info, token, limit)
    require_own(services_of(info.context).keys.links, token, reservation)
    return reservation


async def take_by_link(work: Work, token: str, reservation: ReservationRecord) -> None:
    """The holder of the driver's own link makes a booking theirs that was brought to them; one that
    is lent does not."""
    if not is_lent(work.services.keys.links, token, reservation):
        await take(work.viewer, reservation.id, clock=work.clock, bus=work.bus)

"""Somebody who works at the place lets a vehicle in by its plate."""

from parking.access.admit import Answer, Shown, admit
from parking.access.check import Reader
from parking.access.models import CredentialKind
from parking.access.rules import may_tend
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.errors import InvalidInput, NotPermitted
from parking.events.bus import Bus
from parking.places.queries import place_by_id
from parking.plates import normalised
from parking.storage.transactions import transaction


async def admit_plate(
    viewer: Viewer, place_id: int, plate: str, *, clock: Clock, bus: Bus, sealer: Sealer
) -> Answer:
    """Show a plate at the place: the arm of its booking's bay goes down if it opens now.

    What came of it is kept in any case, so a refusal is an answer. For OPERATORs and ATTENDANTs
    of the place. Raises NotFound, NotPermitted, InvalidInput.
    """
    place = await place_by_id(viewer, place_id)
    if not may_tend(viewer, place.organisation_id):
        raise NotPermitted("only OPERATORs and ATTENDANTs of the place may let vehicles in")
    if not normalised(plate):
        raise InvalidInput("plate", "the plate is empty; give it as it is on the vehicle")
    reader = Reader(device_id=None, place_id=place_id, space_id=None)
    shown = Shown(CredentialKind.LICENSE_PLATE, text=plate)
    async with transaction() as sql:
        answer = await admit(reader, shown, clock=clock, bus=bus, sealer=sealer, actor=viewer.actor)
        subject, detail = f"place:{place_id}", {"outcome": answer.outcome}
        await record_audit(
            sql, viewer, "admit_plate", subject, place.organisation_id, detail, clock.now()
        )
    return answer

"""Taking a right to fetch the car back: by the owner until it is used, or handed back by who was to
fetch it until a reader has opened by it."""

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rows import locked_delegation
from parking.access.delegations.rules import Act, next_state, standing
from parking.access.models import DelegationState
from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.fetching.follow import end_in
from parking.locations.fetching.telling import tell_all
from parking.locations.guards import require_signed_in
from parking.storage.transactions import retried, transaction


async def revoke_exit(viewer: Viewer, delegation_id: int, *, clock: Clock, bus: Bus) -> None:
    """Nobody is let out by it from now on; what was reserved in a wallet for it is free again.

    Raises NotFound, Unauthenticated, NotPermitted, and Conflict `WRONG_STATE` for one that is used
    or over; `OPENED` for who fetches the car, once a reader has opened by it.
    """
    person_id = require_signed_in(viewer)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            found, now = await locked_delegation(sql, delegation_id), clock.now()
            if found is None or person_id not in (found.person_id, found.fetcher_id):
                raise NotFound("there is no such right to fetch a car")
            next_state(Act.REVOKE, standing(found, now))
            _require_unopened(found, person_id)
            ended = await end_in(sql, held, found, Act.REVOKE, now, by=person_id)
            await tell_all(sql, held, ended, now)
            subject = f"delegation:{found.id}"
            await record_audit(sql, viewer, "revoke_exit_delegation", subject, None, {}, now)

    await retried(write)


def _require_unopened(delegation: DelegationRecord, person_id: int) -> None:
    """Who has agreed to pay does not drive off and hand the right back on the way."""
    if person_id != delegation.person_id and delegation.state is DelegationState.LEAVING:
        raise Conflict(
            "the bay was opened by it already; only the owner takes it back now", code="OPENED"
        )

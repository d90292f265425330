"""Where a code is scanned and a vehicle code typed: what goes wrong there is remembered."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from parking.clock import Clock
from parking.errors import Refusal
from parking.events.bus import Bus
from parking.rights.granting.grant import scanned_code
from parking.rights.granting.watch import watch_refusal
from parking.storage.sql import database


@asynccontextmanager
async def at_grant_code(
    scanned: str, *, clock: Clock, bus: Bus, keys: Sequence[bytes]
) -> AsyncIterator[str]:
    """Around finding the vehicle and granting it a right: gives the name of the door, for
    `parking.vehicles.find.enrolment_by_code`, the same for all pictures of a rotating code.

    What is refused inside, such as a wrong vehicle code or a stale picture, may become a signal,
    and is raised again. Not inside a transaction: a refusal would undo the signal. Raises
    GrantCodeUnknown: where there is no code, no vehicle code is tried.
    """
    assert not database().is_transaction, "a rollback would undo the signal of what it refuses"
    code, _ = await scanned_code(database(), scanned, keys, clock.now())
    try:
        yield f"grant:{code.public_id}"
    except Refusal as refusal:
        await watch_refusal(code, refusal, clock, bus)
        raise

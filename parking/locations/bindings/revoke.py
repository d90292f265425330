"""Taking a binding back, by either side at any time (CLAIMS E10), and what one calls the other."""

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.bindings.record import (
    change_binding,
    end_binding,
    locked_with_positions,
    positions_by,
    tell_binding,
    tell_taken_away,
)
from parking.locations.bindings.rules import (
    BindingStep,
    checked_name,
    next_state,
    require_side,
    standing,
)
from parking.locations.fetching.follow import revoke_of_binding_in
from parking.locations.guards import require_signed_in
from parking.locations.kinds import BindingSide, BindingState
from parking.locations.links.close import REVOKED, close_links_in
from parking.storage.transactions import retried, transaction

LIVE = (BindingState.REQUESTED, BindingState.ACTIVE)


async def revoke_binding(
    viewer: Viewer, binding_id: int, *, closes_links: bool = False, clock: Clock, bus: Bus
) -> None:
    """Take it back: the receiver sees nothing by it from now on, nobody can answer it, and a right
    to fetch the car that was given to this receiver ends. What has ended already stays as it is.

    `closes_links`: as the sharer, close also all secure links to what it showed, because nobody
    knows which of them the receiver has.

    Raises `NotFound`, `Unauthenticated` and `NotPermitted`.
    """
    require_signed_in(viewer)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            binding, now = await locked_with_positions(sql, binding_id), clock.now()
            side = require_side(viewer, binding)
            assert binding is not None, "nobody is a side of none"
            if standing(binding, now) not in LIVE:
                return
            state = next_state(BindingStep.REVOKE, binding.state)
            await end_binding(sql, binding, state, side, now)
            await revoke_of_binding_in(sql, held, binding.id, now)
            if closes_links and side is BindingSide.SHARER:
                for position in await positions_by(sql, binding):
                    await close_links_in(sql, held, position, now, REVOKED)
            await tell_binding(sql, held, now, binding)
            is_own_wish = side is BindingSide.RECEIVER
            await tell_taken_away(sql, binding, now, is_own_wish=is_own_wish)
            subject, detail = f"position_binding:{binding.id}", {"side": side}
            await record_audit(sql, viewer, "revoke_binding", subject, None, detail, now)

    await retried(write)


async def rename_binding(
    viewer: Viewer, binding_id: int, name: str, *, clock: Clock, bus: Bus
) -> None:
    """Call the other side otherwise; they are not told how. Raises `NotFound`, `InvalidInput`,
    `Unauthenticated` and `NotPermitted`."""
    require_signed_in(viewer)
    called = checked_name("name", name)

    async def write() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            binding, now = await locked_with_positions(sql, binding_id), clock.now()
            side = require_side(viewer, binding)
            assert binding is not None, "nobody is a side of none"
            column = "receiver_name" if side is BindingSide.SHARER else "sharer_name"
            await change_binding(sql, binding, **{column: called})
            await tell_binding(sql, held, now, binding)

    await retried(write)

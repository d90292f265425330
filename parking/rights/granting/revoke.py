"""An issuer takes a right back that was not redeemed yet."""

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.places.rules import checked_text
from parking.rights.granting.returning import end_rights, locked_rights
from parking.rights.kinds import RightState
from parking.rights.limits import REASON_CHARACTERS_MAX
from parking.rights.records import SELECT_RIGHTS, RightRecord, right_record
from parking.rights.rules import may_see_right, require_issuer
from parking.rights.topics import tell_right
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction


async def revoke_right(
    viewer: Viewer, right_id: int, reason: str, *, clock: Clock, bus: Bus
) -> None:
    """Take a HELD right back; its holder reads the reason. Quota, budget and use come back; what
    was partly used ends as USED.

    For MERCHANTs, OWNERs and OPERATORs of the issuer, and its API keys with `rights:write`. Raises
    NotFound, NotPermitted, InvalidInput without a reason, and Conflict: `RIGHT_REDEEMED` while it
    is promised to a stay, `WRONG_STATE` when it has ended.
    """
    told = checked_text("reason", reason, REASON_CHARACTERS_MAX)

    async def once() -> None:
        async with HeldBus(bus) as held, transaction() as sql:
            at = clock.now()
            found = await seen_right(sql, viewer, right_id)
            require_issuer(viewer, found.organisation_id)
            [right] = await locked_rights(sql, [found])
            require_held(right)
            [ended] = await end_rights(sql, [right], RightState.REVOKED, told, at)
            subject, detail = f"right:{right_id}", {"reason": told}
            await record_audit(
                sql, viewer, "revoke_right", subject, right.organisation_id, detail, at
            )
            await tell_right(sql, held, at, ended)

    await retried(once)


async def seen_right(sql: Sql, viewer: Viewer, right_id: int) -> RightRecord:
    """The right, if the viewer may know of it. Raises NotFound."""
    row = await sql.fetch_one(f"{SELECT_RIGHTS} WHERE a.id = $1", right_id)
    right = None if row is None else right_record(row)
    if right is None or not may_see_right(viewer, right):
        raise NotFound("there is no such right")
    return right


def require_held(right: RightRecord) -> None:
    """Raises Conflict unless the right can be taken from its vehicle."""
    if right.state is RightState.REDEEMED:
        raise Conflict(
            "the right is promised to a stay; take that redemption back first",
            code="RIGHT_REDEEMED",
        )
    if right.state is not RightState.HELD:
        raise Conflict(f"the right is {right.state} already", code="WRONG_STATE")

"""What a merchant's order system signs its webhooks with: a secret, shown once, kept sealed.

Signed as Standard Webhooks says: `parking.notices.webhooks.signing.is_genuine` checks it with the
keys of `signers_at`.
"""

from typing import NamedTuple

from parking.accounts.audit import record_audit
from parking.accounts.rules import acts_in
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.errors import Conflict, NotFound
from parking.ids import new_public_id
from parking.merchants.records import SELECT_HOOKS, HookRecord, hook_record
from parking.merchants.rules import may_read_orders, require_unit_manager
from parking.notices.webhooks.signing import new_secret, shown_secret
from parking.places.guards import require_organisation
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

HOOKS_MAX = 10
"""So many a merchant has at a time; one is replaced by making the next before revoking it."""


class MadeHook(NamedTuple):
    """The hook, and its secret, which nobody sees again."""

    id: int
    public_id: str
    secret: str

    def __repr__(self) -> str:
        return f"MadeHook(id={self.id}, public_id={self.public_id!r}, …)"


class Signer(NamedTuple):
    """Who signs with a hook, and the key that their signatures are checked with."""

    hook_id: int
    organisation_id: int
    key: bytes

    def __repr__(self) -> str:
        return f"Signer(hook_id={self.hook_id}, organisation_id={self.organisation_id}, …)"


async def create_hook(
    viewer: Viewer, organisation_id: int, *, clock: Clock, sealer: Sealer
) -> MadeHook:
    """A hook of the merchant. Raises NotFound, NotPermitted, and Conflict `TOO_MANY_HOOKS`."""
    require_unit_manager(viewer, organisation_id)
    key, public_id = new_secret(), new_public_id()

    async def once() -> int:
        at = clock.now()
        async with transaction() as sql:
            await require_organisation(sql, organisation_id)
            await _require_room(sql, organisation_id)
            [row] = await sql.fetch(
                "INSERT INTO merchant_hook (public_id, secret, organisation_id, created_by,"
                " created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id",
                public_id,
                sealer.seal(key, _label(public_id)),
                organisation_id,
                viewer.person_id,
                at,
            )
            subject = f"merchant_hook:{row['id']}"
            await record_audit(sql, viewer, "create_hook", subject, organisation_id, {}, at)
            return int(row["id"])

    made = await retried(once)
    return MadeHook(made, public_id, shown_secret(key))


async def revoke_hook(viewer: Viewer, hook_id: int, *, clock: Clock) -> None:
    """Believe its signatures no more. Again it changes nothing. Raises NotFound, NotPermitted."""

    async def once() -> None:
        at = clock.now()
        async with transaction() as sql:
            row = await sql.fetch_one(f"{SELECT_HOOKS} WHERE h.id = $1", hook_id)
            found = None if row is None else hook_record(row)
            if found is None or not acts_in(viewer, found.organisation_id):
                raise NotFound("there is no such hook")
            require_unit_manager(viewer, found.organisation_id)
            written = await sql.execute(
                "UPDATE merchant_hook SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
                hook_id,
                at,
            )
            if written:
                subject = f"merchant_hook:{hook_id}"
                await record_audit(
                    sql, viewer, "revoke_hook", subject, found.organisation_id, {}, at
                )

    await retried(once)


async def hooks_of(viewer: Viewer, organisation_id: int) -> list[HookRecord]:
    """A merchant's hooks in use; nothing for who may not see them."""
    if not may_read_orders(viewer, organisation_id):
        return []
    rows = await database().fetch(
        f"{SELECT_HOOKS} WHERE h.organisation_id = $1 AND h.revoked_at IS NULL ORDER BY h.id",
        organisation_id,
    )
    return [hook_record(row) for row in rows]


async def signers_at(public_id: str, sealer: Sealer) -> list[Signer]:
    """Who may sign calls to this hook's address: itself, then the merchant's other hooks. So a
    secret is replaced without a gap: signatures of the old and the new one count at both addresses
    until one of the hooks is revoked. Nobody for a hook that is not known or was revoked."""
    rows = await database().fetch(
        "SELECT h.id, h.public_id, h.organisation_id, h.secret FROM merchant_hook a"
        " JOIN merchant_hook h ON h.organisation_id = a.organisation_id"
        " WHERE a.public_id = $1 AND a.revoked_at IS NULL AND h.revoked_at IS NULL"
        " ORDER BY CASE WHEN h.id = a.id THEN 0 ELSE 1 END, h.id",
        public_id,
    )
    return [
        Signer(
            row["id"],
            row["organisation_id"],
            sealer.open(row["secret"], _label(row["public_id"])),
        )
        for row in rows
    ]


def _label(public_id: str) -> str:
    return f"merchant hook {public_id}"


async def _require_room(sql: Sql, organisation_id: int) -> None:
    [row] = await sql.fetch(
        "SELECT COUNT(*) AS live FROM merchant_hook"
        " WHERE organisation_id = $1 AND revoked_at IS NULL",
        organisation_id,
    )
    if row["live"] >= HOOKS_MAX:
        message = f"the organisation has {HOOKS_MAX} hooks; revoke one first"
        raise Conflict(message, code="TOO_MANY_HOOKS")

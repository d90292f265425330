"""What a place says of rights: how many a stay takes, and whether it wants proof of the vehicle."""

from collections.abc import Mapping, Sequence

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotPermitted
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.places.queries import place_by_id
from parking.rights.content import checked_whole
from parking.rights.limits import PER_STAY_LIMIT, PER_STAY_MAX
from parking.rights.records import PlaceRuleRecord
from parking.rights.rules import may_run
from parking.rights.topics import tell_rights
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

SET = """
INSERT INTO place_rights_rule (place_id, per_stay_max, needs_proof, changed_by, changed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (place_id) DO UPDATE SET per_stay_max = excluded.per_stay_max,
    needs_proof = excluded.needs_proof, changed_by = excluded.changed_by,
    changed_at = excluded.changed_at
"""


async def set_place_rule(
    viewer: Viewer, place_id: int, per_stay_max: int, needs_proof: bool, *, clock: Clock, bus: Bus
) -> None:
    """So many rights of all issuers go into one stay, and whether a driver needs proof to be
    granted any. For who runs the place; about what is granted and redeemed from now on.

    Raises NotFound, NotPermitted, InvalidInput.
    """
    place = await place_by_id(viewer, place_id)
    if not may_run(viewer, place.organisation_id):
        raise NotPermitted("only an OPERATOR of the place's organisation may do this")
    checked_whole("per_stay_max", per_stay_max, 1, PER_STAY_LIMIT)
    operator_id, subject = place.organisation_id, f"place:{place_id}"
    detail = {"per_stay_max": per_stay_max, "needs_proof": needs_proof}

    async def once() -> None:
        at = clock.now()
        async with HeldBus(bus) as held, transaction() as sql:
            await sql.execute(SET, place_id, per_stay_max, needs_proof, viewer.person_id, at)
            await record_audit(sql, viewer, "set_rights_rule", subject, operator_id, detail, at)
            await tell_rights(sql, held, at, None, (operator_id,), place_id)

    await retried(once)


async def place_rules(
    place_ids: Sequence[int], sql: Sql | None = None
) -> Mapping[int, PlaceRuleRecord]:
    """The rule of each of these places; without one of its own, the defaults of
    `parking.rights.limits`."""
    sql = sql or database()
    rows = await sql.fetch(
        "SELECT place_id, per_stay_max, needs_proof FROM place_rights_rule"
        f" WHERE place_id {sql.any_of('$1')}",
        list(place_ids),
    )
    found = {
        row["place_id"]: PlaceRuleRecord(
            row["place_id"], row["per_stay_max"], bool(row["needs_proof"])
        )
        for row in rows
    }
    return {each: found.get(each, PlaceRuleRecord(each, PER_STAY_MAX, False)) for each in place_ids}


async def place_rule(sql: Sql, place_id: int) -> PlaceRuleRecord:
    """The rule of one place."""
    return (await place_rules([place_id], sql))[place_id]

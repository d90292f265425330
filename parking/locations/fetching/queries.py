"""Reading delegated exit rights: by who may see them, and by the token of their address."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from parking.access.delegations.records import (
    SELECT_DELEGATIONS,
    DelegationRecord,
    delegation_record,
)
from parking.access.delegations.rows import delegations_by_id
from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.ids import token_hash
from parking.locations.fetching.delegate import WHAT
from parking.locations.fetching.rules import is_owner, may_see_delegation, shown
from parking.locations.rules import signed_in
from parking.locations.tokens import is_token, token_again
from parking.storage.sql import database

DELEGATIONS_SHOWN_MAX = 100
"""So many rights of a person, or of a booking, are listed: the newest."""


async def delegations_seen(
    viewer: Viewer, ids: Sequence[int], now: datetime
) -> Mapping[int, DelegationRecord]:
    """Those of the rights that the viewer may see, each with the state that it counts as now."""
    found = await delegations_by_id(database(), ids)
    return {
        key: shown(each, now) for key, each in found.items() if may_see_delegation(viewer, each)
    }


async def own_delegations(viewer: Viewer, now: datetime) -> list[DelegationRecord]:
    """The viewer's: those they gave, and those by which they fetch a car; the newest first."""
    person_id = signed_in(viewer)
    if person_id is None:
        return []
    rows = await database().fetch(
        f"{SELECT_DELEGATIONS} WHERE d.person_id = $1 OR d.fetcher_id = $1"
        f" ORDER BY d.id DESC LIMIT {DELEGATIONS_SHOWN_MAX}",
        person_id,
    )
    return [shown(delegation_record(row), now) for row in rows]


async def delegations_of_reservations(
    viewer: Viewer, reservation_ids: Sequence[int], now: datetime
) -> Mapping[int, list[DelegationRecord]]:
    """The rights given for each of these bookings, the newest first; for who gave them alone."""
    sql, found = database(), dict[int, list[DelegationRecord]]()
    rows = await sql.fetch(
        f"{SELECT_DELEGATIONS} WHERE d.reservation_id {sql.any_of('$1')} ORDER BY d.id DESC",
        sorted(set(reservation_ids)),
    )
    for each in map(delegation_record, rows):
        mine = found.setdefault(each.reservation_id, [])
        if is_owner(viewer, each) and len(mine) < DELEGATIONS_SHOWN_MAX:
            mine.append(shown(each, now))
    return found


async def delegation_by_token(token: str, now: datetime) -> DelegationRecord:
    """The right of this address, whoever asks, with the state that it counts as now. Raises
    NotFound: false and erased look the same."""
    missing = NotFound("there is no such right to fetch a car; ask for its address again")
    if not is_token(token):
        raise missing
    row = await database().fetch_one(
        f"{SELECT_DELEGATIONS} WHERE d.token_hash = $1", token_hash(token)
    )
    if row is None:
        raise missing
    return shown(delegation_record(row), now)


async def token_of(
    viewer: Viewer, delegation_id: int, keys: Sequence[bytes], now: datetime
) -> str | None:
    """The token of a right's address, for the answer to who has just given it; None for others."""
    found = (await delegations_seen(viewer, [delegation_id], now)).get(delegation_id)
    if found is None or not is_owner(viewer, found):
        return None
    row = await database().fetch_one(
        "SELECT token_hash FROM exit_delegation WHERE id = $1", delegation_id
    )
    hashed = None if row is None else row["token_hash"]
    return token_again(keys, WHAT, found.id, found.created_at, hashed)

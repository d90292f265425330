"""Proof of title: the lessor asks, the operator of the place decides.

Every verb raises NotFound (also for what the viewer may not know of) and NotPermitted, takes many
spaces or titles at once, all or none, and does nothing where it is done already.
"""

from collections.abc import Callable, Sequence

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.listings.models import TitleState
from parking.listings.records import SELECT_TITLES, TitleRecord, title_record
from parking.listings.rules import (
    has_title_by_itself,
    may_decide_title,
    may_revoke_title,
    may_see_title,
    require_lessor,
    require_title_following,
)
from parking.places.queries import places_by_id, spaces_by_id
from parking.places.rules import checked_text
from parking.storage.locks import lock_places
from parking.storage.sql import Sql
from parking.storage.transactions import transaction

TITLES_AT_ONCE_MAX = 1_000
REFERENCE_CHARACTERS_MAX = 300
REASON_CHARACTERS_MAX = 500

PAUSE = """
UPDATE listing SET state = 'PAUSED', changed_at = $3
 WHERE state = 'ACTIVE' AND organisation_id = $2
   AND id IN (SELECT listing_id FROM listing_space WHERE space_id {spaces}) RETURNING id
"""


async def request_titles(
    viewer: Viewer,
    organisation_id: int,
    space_ids: Sequence[int],
    document_reference: str,
    *,
    clock: Clock,
) -> list[int]:
    """Ask for title to spaces, for an organisation that the viewer acts for; ids of the titles.

    A space that is asked for or approved already keeps its title. Raises InvalidInput, or Conflict
    `TITLE_NOT_NEEDED` where the organisation runs the place itself.
    """
    require_lessor(viewer, organisation_id)
    _check_count("space_ids", space_ids)
    reference = checked_text("document_reference", document_reference, REFERENCE_CHARACTERS_MAX)
    places = await _places(viewer, space_ids)
    if any(has_title_by_itself(organisation_id, operator) for operator in places.values()):
        message = "the organisation runs the place itself; it may let its spaces without asking"
        raise Conflict(message, code="TITLE_NOT_NEEDED")
    at, wanted = clock.now(), sorted(set(space_ids))
    async with transaction() as sql:
        await lock_places(sql, places)
        await sql.execute_many(
            "INSERT INTO title (space_id, organisation_id, document_reference, requested_by,"
            " requested_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (space_id, organisation_id)"
            " WHERE state IN ('REQUESTED', 'APPROVED') DO NOTHING",
            [(each, organisation_id, reference, viewer.person_id, at) for each in wanted],
        )
        live = await _live(sql, organisation_id, wanted)
        detail = {"spaces": wanted, "document_reference": reference}
        subject = f"organisation:{organisation_id}"
        await record_audit(sql, viewer, "request_titles", subject, organisation_id, detail, at)
    return [live[space_id] for space_id in dict.fromkeys(space_ids)]


async def approve_titles(viewer: Viewer, title_ids: Sequence[int], *, clock: Clock) -> None:
    """The lessor may offer the spaces. Raises InvalidInput, or Conflict `WRONG_STATE`."""
    await _decide(viewer, title_ids, TitleState.APPROVED, "", may_decide_title, clock)


async def decline_titles(
    viewer: Viewer, title_ids: Sequence[int], reason: str, *, clock: Clock
) -> None:
    """Refuse, and say why. Raises InvalidInput, or Conflict `WRONG_STATE`."""
    reason = checked_text("reason", reason, REASON_CHARACTERS_MAX)
    await _decide(viewer, title_ids, TitleState.DECLINED, reason, may_decide_title, clock)


async def revoke_titles(
    viewer: Viewer, title_ids: Sequence[int], reason: str, *, clock: Clock
) -> None:
    """Take a title back, as the operator; give it up, as the lessor. What the lessor offers of
    these spaces is paused; agreements already made stay. Raises as `decline_titles`."""
    reason = checked_text("reason", reason, REASON_CHARACTERS_MAX)
    await _decide(viewer, title_ids, TitleState.REVOKED, reason, may_revoke_title, clock)


async def _decide(
    viewer: Viewer,
    title_ids: Sequence[int],
    state: TitleState,
    reason: str,
    may: Callable[[Viewer, TitleRecord], bool],
    clock: Clock,
) -> None:
    _check_count("title_ids", title_ids)
    at = clock.now()
    async with transaction() as sql:
        before = await _permitted(sql, viewer, title_ids, may)
        await lock_places(sql, {title.place_id for title in before})
        titles = await _permitted(sql, viewer, title_ids, may)
        changed = [title for title in titles if title.state is not state]
        for title in changed:
            require_title_following(title.state, state)
        await sql.execute(
            "UPDATE title SET state = $2, reason = $3, decided_by = $4, decided_at = $5"
            f" WHERE id {sql.any_of('$1')}",
            [title.id for title in changed],
            state.value,
            reason,
            viewer.person_id,
            at,
        )
        await _record(sql, viewer, changed, state, reason, clock)


async def _record(
    sql: Sql,
    viewer: Viewer,
    titles: Sequence[TitleRecord],
    state: TitleState,
    reason: str,
    clock: Clock,
) -> None:
    """Pause what has lost its title, and write one audit entry for each lessor and operator."""
    at = clock.now()
    for lessor, operator in sorted({(t.organisation_id, t.operator_id) for t in titles}):
        mine = [t for t in titles if (t.organisation_id, t.operator_id) == (lessor, operator)]
        detail = {"titles": [t.id for t in mine], "reason": reason, "lessor": lessor}
        if state is TitleState.REVOKED:
            spaces = [t.space_id for t in mine]
            rows = await sql.fetch(PAUSE.format(spaces=sql.any_of("$1")), spaces, lessor, at)
            detail["paused"] = sorted(row["id"] for row in rows)
        verb, subject = f"title_{state.value.lower()}", f"organisation:{lessor}"
        await record_audit(sql, viewer, verb, subject, operator, detail, at)


async def _permitted(
    sql: Sql,
    viewer: Viewer,
    title_ids: Sequence[int],
    may: Callable[[Viewer, TitleRecord], bool],
) -> list[TitleRecord]:
    rows = await sql.fetch(f"{SELECT_TITLES} WHERE t.id {sql.any_of('$1')}", list(title_ids))
    found = {row["id"]: title_record(row) for row in rows}
    titles = [found.get(each) for each in dict.fromkeys(title_ids)]
    for title in titles:
        if title is None or not may_see_title(viewer, title):
            raise NotFound("there is no such title")
        if not may(viewer, title):
            raise NotPermitted("only an OPERATOR of the place's organisation may do this")
    return [title for title in titles if title is not None]


async def _places(viewer: Viewer, space_ids: Sequence[int]) -> dict[int, int]:
    """Operators by place, of all places of the spaces. Raises NotFound."""
    spaces = await spaces_by_id(viewer, space_ids)
    if any(each not in spaces for each in space_ids):
        raise NotFound("there is no such space")
    places = await places_by_id(viewer, sorted({space.place_id for space in spaces.values()}))
    return {place.id: place.organisation_id for place in places.values()}


async def _live(sql: Sql, organisation_id: int, space_ids: Sequence[int]) -> dict[int, int]:
    rows = await sql.fetch(
        f"SELECT id, space_id FROM title WHERE organisation_id = $1 AND space_id {sql.any_of('$2')}"
        " AND state IN ('REQUESTED', 'APPROVED')",
        organisation_id,
        list(space_ids),
    )
    return {row["space_id"]: row["id"] for row in rows}


def _check_count(field: str, ids: Sequence[int]) -> None:
    if not 1 <= len(ids) <= TITLES_AT_ONCE_MAX:
        message = f"{len(ids)} are given; 1 to {TITLES_AT_ONCE_MAX} are decided at once"
        raise InvalidInput(field, message)

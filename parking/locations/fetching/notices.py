"""Notices about delegated exit rights: to who fetches the car, and to whose car it is. They name
the place and, to the owner alone, the bay; never a plate or a phone, nor the owner to who fetches.

Those to the owner say what a reader has done. Their worker knows what was told by a version in the
row, so no crash swallows them, and by their keys each exists once.
"""

import logging
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from parking.access.delegations.records import DelegationRecord
from parking.access.delegations.rows import locked_delegation
from parking.access.models import DelegationState
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.locations.fetching.telling import tell_all
from parking.notices.kinds import NoticeTopic
from parking.notices.own import tell_person
from parking.notices.reach import Reach, Telling
from parking.notices.templates import best_locale
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

TOLD_AT_ONCE_MAX = 200
LOCAL_FORMAT = "%Y-%m-%d %H:%M"

_SOMEBODY = {"en": "Somebody", "zh": "代取人"}
_FACTS = """
SELECT p.name, p.time_zone, s.number FROM place p
  JOIN reservation r ON r.place_id = p.id JOIN space s ON s.id = r.space_id WHERE r.id = $1
"""

log = logging.getLogger(__name__)


async def tell_exits(clock: Clock, bus: Bus) -> int:
    """Tell followers and owners of what has changed since they were told; how many rights. Any
    number of workers may call it."""
    rows = await database().fetch(
        "SELECT id FROM exit_delegation WHERE told_version < version"
        f" ORDER BY id LIMIT {TOLD_AT_ONCE_MAX}"
    )
    for row in rows:
        try:
            await retried(partial(_tell, row["id"], clock, bus))
        except Exception:  # the others' news are not this one's fault
            log.exception("telling of delegation %d failed; it is tried again", row["id"])
    return len(rows)


async def _tell(delegation_id: int, clock: Clock, bus: Bus) -> None:
    async with HeldBus(bus) as held, transaction() as sql:
        found, now = await locked_delegation(sql, delegation_id), clock.now()
        if found is None or found.told_version >= found.version:
            return
        await sql.execute(
            "UPDATE exit_delegation SET told_version = $2 WHERE id = $1", found.id, found.version
        )
        await tell_all(sql, held, found, now)
        if found.opened_at is not None and found.opened_at != found.used_at:
            await _tell_owner(sql, found, NoticeTopic.EXIT_OPENED, found.opened_at, now)
        if found.state is DelegationState.USED and found.used_at is not None:
            await _tell_owner(sql, found, NoticeTopic.EXIT_USED, found.used_at, now)


async def _tell_owner(
    sql: Sql, delegation: DelegationRecord, topic: NoticeTopic, done_at: datetime, now: datetime
) -> None:
    reach, locale = await reach_of(sql, delegation.person_id)
    facts = await _facts(sql, delegation)
    fields = {
        "name": delegation.label or _SOMEBODY[locale],
        "place": facts["name"],
        "space": facts["number"],
        "at": _local(done_at, facts),
    }
    telling = Telling(
        key=f"delegation:{delegation.id}:{topic}", topic=topic, fields=fields, locale=locale,
        person_id=delegation.person_id, about=f"delegation:{delegation.id}",
    )  # fmt: skip
    await tell_person(sql, reach, telling, now)


async def tell_delegated(
    sql: Sql,
    delegation: DelegationRecord,
    link: str,
    phone: str | None,
    locale: str | None,
    now: datetime,
) -> None:
    """Send the address of the right to the bound receiver, or to a phone that is kept in the notice
    alone; to nobody where there is neither: then the owner passes it on."""
    person_id = None if phone else delegation.fetcher_id
    reach, own_locale = Reach(phone=phone), "en"
    if person_id is not None:
        reach, own_locale = await reach_of(sql, person_id)
    elif phone is None:
        return
    facts = await _facts(sql, delegation)
    fields = {
        "place": facts["name"], "until": _local(delegation.valid_until, facts), "link": link,
    }  # fmt: skip
    await _tell_fetcher(
        sql, delegation, NoticeTopic.EXIT_DELEGATED, fields, reach, person_id,
        best_locale(locale or own_locale), now,
    )  # fmt: skip


async def tell_revoked(delegation: DelegationRecord, now: datetime) -> None:
    """Tell who was to fetch the car that they are not, where it is known who. In the caller's
    transaction; a notice that fails does not undo the act."""
    if delegation.fetcher_id is None:
        return
    try:
        async with transaction() as sql:
            reach, locale = await reach_of(sql, delegation.fetcher_id)
            fields = {"place": (await _facts(sql, delegation))["name"]}
            await _tell_fetcher(
                sql, delegation, NoticeTopic.EXIT_REVOKED, fields, reach, delegation.fetcher_id,
                locale, now,
            )  # fmt: skip
    except Exception:
        log.exception("telling that delegation %d was taken back failed", delegation.id)


async def _tell_fetcher(
    sql: Sql,
    delegation: DelegationRecord,
    topic: NoticeTopic,
    fields: dict[str, str],
    reach: Reach,
    person_id: int | None,
    locale: str,
    now: datetime,
) -> None:
    telling = Telling(
        key=f"delegation:{delegation.id}:{topic}", topic=topic, fields=fields, locale=locale,
        person_id=person_id, about=f"delegation:{delegation.id}",
        useful_until=delegation.valid_until,
    )  # fmt: skip
    await tell_person(sql, reach, telling, now)


async def _facts(sql: Sql, delegation: DelegationRecord) -> dict[str, Any]:
    [row] = await sql.fetch(_FACTS, delegation.reservation_id)
    return row


def _local(instant: datetime, facts: dict[str, Any]) -> str:
    """A time on the clocks of the place."""
    return instant.astimezone(ZoneInfo(facts["time_zone"])).strftime(LOCAL_FORMAT)


async def reach_of(sql: Sql, person_id: int) -> tuple[Reach, str]:
    """A person's addresses and language."""
    row = await sql.fetch_one(
        "SELECT h.phone, h.email, h.locale, q.wechat_open_id FROM person h"
        " LEFT JOIN notice_preference q ON q.person_id = h.id WHERE h.id = $1",
        person_id,
    )
    if row is None:
        return Reach(), "en"
    reach = Reach(row["phone"], row["email"], row["wechat_open_id"])
    return reach, best_locale(row["locale"])

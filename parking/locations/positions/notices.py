"""Notices to receivers: where the car is now, and that nothing is shown any more.

They name floor, area and bay, never coordinates, note or photo, and nothing of the sharer but what
the receiver calls them.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TypeAlias

from parking.clock import Clock
from parking.locations.bindings.rows import receivers_of
from parking.locations.kinds import PositionState
from parking.locations.limits import TOLD_AT_ONCE_MAX, TOLD_EVERY
from parking.locations.positions.facts import Facts, facts_of
from parking.locations.positions.rows import locked_position, newest_version
from parking.locations.records import BindingRecord, PositionRecord
from parking.notices.erasing import drop_unsent
from parking.notices.kinds import NoticeTopic
from parking.notices.own import tell_person
from parking.notices.reach import Reach, Telling
from parking.notices.templates import best_locale
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

PageUrl: TypeAlias = Callable[[], str]
"""The whole address of the page on which receivers see what they are shown."""

_SOMEBODY = {"en": "a friend", "zh": "您的朋友"}
_NO_PLACE = {"en": "a car park", "zh": "停车场"}
_UNKNOWN = {"en": "see the page", "zh": "详见页面"}
_BETWEEN = {"en": ", ", "zh": "，"}

log = logging.getLogger(__name__)


async def tell_receivers(clock: Clock, page: PageUrl) -> int:
    """Write the notices of all positions whose newest version is due to be told; how many
    positions. Any number of workers may call it."""
    rows = await database().fetch(
        "SELECT id FROM parking_position WHERE tell_at <= $1"
        f" ORDER BY tell_at, id LIMIT {TOLD_AT_ONCE_MAX}",
        clock.now(),
    )
    for row in rows:
        try:
            await retried(partial(_tell, row["id"], clock, page))
        except Exception:  # the others' news are not this one's fault
            log.exception("telling of position %s failed; it is tried again", row["id"])
            await _due_again(row["id"], clock.now())
    return len(rows)


async def _tell(position_id: int, clock: Clock, page: PageUrl) -> None:
    async with transaction() as sql:
        now, position = clock.now(), await locked_position(sql, position_id)
        taken = await sql.execute(
            "UPDATE parking_position SET tell_at = NULL WHERE id = $1 AND tell_at <= $2",
            position_id,
            now,
        )
        if not taken or position is None or position.state is not PositionState.ACTIVE:
            return
        receivers = await receivers_of(sql, position, now)
        if not receivers:
            return
        await sql.execute(
            "UPDATE parking_position SET told_at = $2 WHERE id = $1", position_id, now
        )
        facts = facts_of(await newest_version(sql, position))
        place = await _place_name(sql, facts.place_id)
        await drop_shown(sql, position.id, receivers, now)  # in quiet hours: the newest alone
        for binding in _each_once(receivers):
            key = f"position:{position.id}:{position.version}:{binding.id}"
            fields = {"where": _where(facts, binding), "link": page()}
            await _notify(
                sql, NoticeTopic.POSITION_SHOWN, key, position, binding, place, fields, now
            )


async def _due_again(position_id: int, now: datetime) -> None:
    """Try it after the others."""
    await database().execute(
        "UPDATE parking_position SET tell_at = $2 WHERE id = $1 AND tell_at IS NOT NULL",
        position_id,
        now + TOLD_EVERY,
    )


async def tell_gone(
    sql: Sql, position: PositionRecord, bindings: Iterable[BindingRecord], at: datetime
) -> None:
    """Tell these receivers that the position is shown to them no more: the car is gone, or it was
    taken back. What they have not been sent of it yet they never are. In the caller's transaction;
    a notice that fails does not undo the act."""
    bindings = list(bindings)
    await drop_shown(sql, position.id, bindings, at)
    try:
        async with transaction() as inner:
            place = await _place_name(inner, position.place_id)
            for binding in _each_once(bindings):
                key = f"position:{position.id}:gone:{binding.id}"
                topic = NoticeTopic.POSITION_ENDED
                await _notify(inner, topic, key, position, binding, place, {}, at)
    except Exception:
        log.exception("telling of the end of position %s failed", position.id)


async def drop_shown(
    sql: Sql, position_id: int, bindings: Iterable[BindingRecord], at: datetime
) -> None:
    """Do not send these receivers any more where the car was: notices wait in quiet hours."""
    receivers = [each.receiver_id for each in bindings if each.receiver_id is not None]
    about = f"position:{position_id}"
    await drop_unsent(sql, NoticeTopic.POSITION_SHOWN, about, receivers, at)


def _each_once(bindings: Iterable[BindingRecord]) -> list[BindingRecord]:
    """One binding of each receiver, always in their order: each one's list of notices is locked."""
    found = {each.receiver_id: each for each in bindings if each.receiver_id is not None}
    return [found[person_id] for person_id in sorted(found)]


async def _notify(
    sql: Sql,
    topic: NoticeTopic,
    key: str,
    position: PositionRecord,
    binding: BindingRecord,
    place: str,
    fields: dict[str, str],
    at: datetime,
) -> None:
    locale = best_locale(binding.locale)
    said = {
        "sharer": binding.sharer_name or _SOMEBODY[locale],
        "place": place or _NO_PLACE[locale],
        **fields,
    }
    assert binding.receiver_id is not None, "only who has agreed is told"
    telling = Telling(
        key=key, topic=topic, fields=said, locale=locale, person_id=binding.receiver_id,
        about=f"position:{position.id}",
    )  # fmt: skip
    await tell_person(sql, await _reach(sql, binding.receiver_id), telling, at)


def _where(facts: Facts, binding: BindingRecord) -> str:
    locale = best_locale(binding.locale)
    said = [each for each in (facts.floor, facts.area, facts.bay) if each]
    return _BETWEEN[locale].join(said) or _UNKNOWN[locale]


async def _place_name(sql: Sql, place_id: int | None) -> str:
    row = await sql.fetch_one("SELECT name FROM place WHERE id = $1", place_id)
    return "" if row is None else str(row["name"])


async def _reach(sql: Sql, person_id: int) -> Reach:
    row = await sql.fetch_one(
        "SELECT h.phone, h.email, q.wechat_open_id FROM person h"
        " LEFT JOIN notice_preference q ON q.person_id = h.id WHERE h.id = $1",
        person_id,
    )
    return Reach() if row is None else Reach(row["phone"], row["email"], row["wechat_open_id"])

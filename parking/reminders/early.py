"""Who shows a credential before their bay is theirs is told from when on it is.

The reader says it in a few words of English, if it has a display at all. What it refused is a step
of the booking, so nobody is forgotten.
"""

import json
from datetime import datetime
from functools import partial

from parking.access.check import Outcome
from parking.access.opening import opening_of
from parking.merchants.orders.news import local
from parking.notices.kinds import NoticeTopic
from parking.notices.own import tell_person
from parking.notices.reach import Telling
from parking.reminders.find import Facts, decide_once, facts_of, reach_now
from parking.reminders.remind import Reminding, fields, safely
from parking.reminders.rules import EARLY_LOOK_BACK, Anchor
from parking.reservations.models import ReservationState
from parking.reservations.rules import Step
from parking.storage.sql import database
from parking.storage.transactions import transaction

TOPIC = NoticeTopic.PARKING_EARLY

_REFUSED = f"""
SELECT e.reservation_id, e.detail FROM reservation_event e
 WHERE e.at >= $1 AND e.kind = '{Step.REFUSE}'
"""
_UNTOLD = f"""
SELECT r.id FROM reservation r
 WHERE r.id {{these}} AND r.state = 'CONFIRMED' AND r.starts_at > $2
   AND NOT EXISTS (SELECT 1 FROM reminder m WHERE m.reservation_id = r.id AND m.topic = '{TOPIC}'
                      AND m.anchor_at = r.starts_at)
 ORDER BY r.id
"""


async def tell_the_early(work: Reminding) -> int:
    """Tell who was refused because they are early; how many. For the worker."""
    found = await _untold(work.clock.now())
    return sum([await safely(partial(_tell, each, work), TOPIC) for each in found])


async def _untold(now: datetime) -> list[int]:
    sql = database()
    refused = await sql.fetch(_REFUSED, now - EARLY_LOOK_BACK)
    early = {row["reservation_id"] for row in refused if _is_early(row["detail"])}
    if not early:
        return []
    rows = await sql.fetch(_UNTOLD.format(these=sql.any_of("$1")), sorted(early), now)
    return [row["id"] for row in rows]


def _is_early(detail: str) -> bool:
    return bool(json.loads(detail).get("outcome") == Outcome.NOT_YET)


async def _tell(reservation_id: int, work: Reminding) -> bool:
    async with transaction() as sql:
        now = work.clock.now()
        facts = await facts_of(sql, reservation_id)
        booked = facts.booked
        opens = await opening_of(sql, booked.space_id, booked.id, booked.starts_at, now)
        if booked.state is not ReservationState.CONFIRMED or opens <= now:
            return False
        is_first = await decide_once(sql, reservation_id, TOPIC, Anchor.START, now)
        if is_first:
            reach = await reach_now(sql, facts, now)
            await tell_person(sql, reach, _telling(facts, opens, work), now)
        return is_first


def _telling(facts: Facts, opens: datetime, work: Reminding) -> Telling:
    booked = facts.booked
    return Telling(
        key=f"reservation:{booked.id}:{TOPIC}:{int(booked.starts_at.timestamp())}",
        topic=TOPIC,
        fields=fields(facts, work.link_of) | {"opens": local(opens, facts.zone)},
        locale=facts.locale,
        person_id=booked.person_id,
        about=facts.about,
        useful_until=booked.starts_at,
    )

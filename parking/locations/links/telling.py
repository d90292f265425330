"""Telling a sharer that one of their links was closed for wrong passcodes."""

import logging
from datetime import datetime

from parking.locations.fetching.notices import reach_of
from parking.locations.records import LinkRecord, PositionRecord
from parking.notices.kinds import NoticeTopic
from parking.notices.own import tell_person
from parking.notices.reach import Telling
from parking.notices.templates import best_locale
from parking.storage.transactions import transaction

_NAMELESS = {"en": "without a name", "zh": "（未命名）"}

log = logging.getLogger(__name__)


async def tell_guessed(position: PositionRecord, link: LinkRecord, at: datetime) -> None:
    """Write the notice, in the caller's transaction; one that fails does not keep the link open."""
    try:
        async with transaction() as inner:
            reach, spoken = await reach_of(inner, position.person_id)
            locale = best_locale(spoken)
            telling = Telling(
                key=f"position_link:{link.id}:closed",
                topic=NoticeTopic.POSITION_LINK_CLOSED,
                fields={"label": link.label or _NAMELESS[locale]},
                locale=locale,
                person_id=position.person_id,
                about=f"position:{position.id}",
            )
            await tell_person(inner, reach, telling, at)
    except Exception:
        log.exception("telling that link %s was closed failed", link.id)

"""What fails is tried again a while later: until then it is not looked at, so that it holds up
nobody behind it, however many of its kind there are."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from parking.clock import Clock
from parking.storage.faults import Contended, Unreachable
from parking.storage.sql import database

TRIED_AGAIN_AFTER = timedelta(minutes=1)
ORDER, EVENT = "merchant_order", "merchant_order_event"
"""Tables whose rows are worked on; each has a column `try_at`."""
IS_TRIED = "({row}.try_at IS NULL OR {row}.try_at <= {now})"
"""The condition, in SQL, that a row is looked at now."""

log = logging.getLogger(__name__)


async def tried(
    table: str, row_id: int, work: Callable[[], Awaitable[object]], clock: Clock
) -> None:
    """Do what is to be done about a row. Where it cannot be, that is logged, and the row rests; not
    when others were in its way. Raises `Unreachable`, because then nothing else can be done."""
    try:
        await work()
    except Unreachable:
        raise
    except Contended:
        log.warning("others were in the way of %s %s; it is tried again", table, row_id)
    except Exception:  # the others are not this one's fault
        log.exception("%s %s failed; it is tried again in a while", table, row_id)
        await database().execute(
            f"UPDATE {table} SET try_at = $2 WHERE id = $1",
            row_id,
            clock.now() + TRIED_AGAIN_AFTER,
        )

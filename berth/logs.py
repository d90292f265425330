"""Logging: one line an event on standard error, with its time in UTC."""

import logging
import re
import sys
import time
from typing import TextIO

from berth.settings import Settings, unknown_variables

log = logging.getLogger(__name__)

FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(name)s: %(message)s"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"

QUIETER = ("uvicorn.error", "tortoise", "tortoise.db_client", "aiocoap", "asyncio", "httpx")
"""Libraries that tell too much at level info."""


LINKS = re.compile(r"(?<=/[bfip]/)[a-z2-7]+|[a-z2-7]{26,}")
"""Of the page of a booking, an exit, an invitation or a secure link, the path is the key to it
(docs/adr/0036, 0081); and the token of one wherever it stands, as in the query of a GET."""


class NoLinks(logging.Filter):
    """Keeps the secret part of links out of the log of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                LINKS.sub("…", each) if isinstance(each, str) else each for each in record.args
            )
        return True


class _PresentStderr(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at that moment: progress bars put themselves below it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Where to."""
        return sys.stderr


def set_up_logging(settings: Settings) -> None:
    """Log at the level that is set; libraries one step quieter than the program itself."""
    formatter = logging.Formatter(FORMAT, TIME_FORMAT)
    formatter.converter = time.gmtime
    handler = _PresentStderr()
    handler.setFormatter(formatter)
    level = logging.getLevelName(settings.log_level.upper())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIETER:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    access = logging.getLogger("uvicorn.access")
    if not any(isinstance(each, NoLinks) for each in access.filters):
        access.addFilter(NoLinks())
    for name in unknown_variables():
        log.warning("%s is not a setting and has no effect; `berth settings` shows all", name)

"""A clock that several processes share, with where one of them is to die, and how often the worker
was asked to work and did: some bytes of a file.

Whoever was killed and started anew has it all at once, and nobody needs to be told of it.
"""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.orders_plan import Death
from parking.clock import TestClock, as_utc

TIME_FILE = "BENCH_ORDERS_TIME"
"""The variable that names the file."""
IDLE_SECONDS = 0.005
"""How long who waits for another process looks away."""
BYTES = 32
_TIME, _DEATH, _ASKED, _DONE = 0, 8, 16, 24
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class SharedClock(TestClock):
    """As `TestClock`: it moves only when told to, by whichever process."""

    def __init__(self, file: Path, start: datetime | None = None) -> None:
        self.file = file
        if start is not None:
            file.write_bytes(bytes(BYTES))
        with file.open("r+b") as opened:
            self._bytes = mmap.mmap(opened.fileno(), BYTES)
        if start is not None:
            self.set(start)

    def now(self) -> datetime:
        """The time that was told last, by anybody."""
        return EPOCH + timedelta(microseconds=self._number(_TIME))

    def advance(self, **delta: float) -> datetime:
        """As it says there."""
        self.set(self.now() + timedelta(**delta))
        return self.now()

    def set(self, instant: datetime) -> None:
        """As it says there."""
        self._write(_TIME, (as_utc(instant) - EPOCH) // _MICROSECOND)

    def arm(self, death: Death) -> None:
        """Who comes to this point next, dies there."""
        self._bytes[_DEATH] = death

    def springs(self, death: Death) -> bool:
        """Whether this is where to die: once."""
        if self._bytes[_DEATH] != death:
            return False
        self._bytes[_DEATH] = Death.NONE
        return True

    @property
    def asked(self) -> int:
        """How often somebody asked for work."""
        return self._number(_ASKED)

    @property
    def done(self) -> int:
        """Up to which asking all was done that was due."""
        return self._number(_DONE)

    def ask(self) -> int:
        """Ask for work; which asking it is."""
        self._write(_ASKED, self.asked + 1)
        return self.asked

    def tell(self, done: int) -> None:
        """All was done that was due when it was asked for."""
        self._write(_DONE, done)

    def _number(self, offset: int) -> int:
        found: int = struct.unpack_from("<q", self._bytes, offset)[0]
        return found

    def _write(self, offset: int, number: int) -> None:
        struct.pack_into("<q", self._bytes, offset, number)

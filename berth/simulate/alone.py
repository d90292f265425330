"""One program at a time speaks for a set of virtual devices: two would be one device twice."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from berth.secret import PRIVATE_DIRECTORY
from parking.errors import BerthError


class DevicesRunning(BerthError):
    """Another program runs these devices now."""

    code = "DEVICES_RUNNING"


@contextmanager
def only_one(file: Path) -> Iterator[None]:
    """Hold the devices of a file. Raises `DevicesRunning`; ends with the process at the latest."""
    file.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    with file.with_name(file.name + ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DevicesRunning(
                f"the virtual devices of {file} are running already (`berth up` runs the demo's); "
                "end that program first, or choose others with --devices"
            ) from None
        yield

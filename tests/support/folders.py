"""Folders for what tests keep for a moment: in memory where there is a file system for it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "berth-files-"


def memory() -> str | None:
    """A folder whose files are in memory, or None: wherever temporary files are."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that is there until the end of the block; removes those of runs that were killed."""
    parent = Path(memory() or tempfile.gettempdir())
    for left in parent.glob(f"{PREFIX}*"):
        if not _is_running(int(left.name.removeprefix(PREFIX))):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{PREFIX}{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

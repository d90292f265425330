"""Runs a server for as long as its standard input stays open, then ends it and removes its folder.

A test run that is interrupted, or killed, closes that input: no server outlives its tests.
Usage: guardian.py FOLDER USER COMMAND [ARGUMENT…]; USER may be empty: the user at hand.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys

STOP_SECONDS_MAX = 20


def main(folder: str, user: str, command: list[str]) -> None:
    """Start `command`, wait for the end of standard input, clean up."""
    for interrupt in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(interrupt, signal.SIG_IGN)
    account = pwd.getpwnam(user) if user else None
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=_as_usual,  # noqa: PLW1509 - this process has one thread
    )
    try:
        sys.stdin.buffer.read()
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            server.kill()
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def _as_usual() -> None:
    os.setpgid(0, 0)
    for interrupt in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(interrupt, signal.SIG_DFL)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])

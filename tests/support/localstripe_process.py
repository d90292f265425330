"""Runs localstripe on a free port of the loopback, tells it on standard output, keeps nothing.

As shipped it writes all it knows to one file in /tmp with every change and wants IPv6; several
runs at a time would meet there.
"""

import os
import socket
import sys
import threading
from typing import Any

from aiohttp import web
from localstripe import resources
from localstripe.server import app


def main() -> None:
    """Serve until standard input ends: no server outlives its tests."""

    def keep_nothing(_: Any) -> None:
        """Nothing goes to the disk."""

    resources.Store.dump_to_disk = keep_nothing
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # whoever reads the port may come before aiohttp does
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    threading.Thread(target=_end_with_input, daemon=True).start()
    web.run_app(app, sock=listening, print=None, access_log=None)


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()

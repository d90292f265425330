"""Private servers for the tests: on unix sockets, in memory, gone when the tests are."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.folders import memory
from tests.support.programs import ServerMissing, postgres_program, redis_program

__all__ = ["PostgresServer", "RedisServer", "ServerMissing"]

GUARDIAN = Path(__file__).with_name("guardian.py")
READY_SECONDS_MAX = 60
POSTGRES_USERS = ("postgres", "nobody")


class PrivateServer:
    """A server program under the guardian, in a folder of its own."""

    def __init__(self, name: str, user: str | None = None) -> None:
        self._user = user
        self.folder = Path(tempfile.mkdtemp(prefix=f"berth-{name}-", dir=memory()))
        self._group: int | None = None
        self._guardian: subprocess.Popen[bytes] | None = None
        if user is not None:
            account = pwd.getpwnam(user)
            self._group = account.pw_gid
            os.chown(self.folder, account.pw_uid, account.pw_gid)

    def run(self, *command: str) -> None:
        """Run a program to its end, as the server's user."""
        done = subprocess.run(
            command,
            user=self._user,
            group=self._group,
            extra_groups=[] if self._user else None,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")

    def start(self, *command: str) -> None:
        """Start the server; it ends with this process at the latest."""
        with (self.folder / "log").open("wb") as log:
            self._guardian = subprocess.Popen(
                [sys.executable, str(GUARDIAN), str(self.folder), self._user or "", *command],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until(self, is_ready: Callable[[], bool]) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + READY_SECONDS_MAX
        while not is_ready():
            if time.monotonic() > deadline or self._has_ended():
                log = (self.folder / "log").read_text(errors="replace")
                raise RuntimeError(f"the server did not come up: {log}")
            time.sleep(0.02)

    def _has_ended(self) -> bool:
        return self._guardian is None or self._guardian.poll() is not None

    def close(self) -> None:
        """End the server and remove its folder."""
        if self._guardian is not None and self._guardian.stdin is not None:
            self._guardian.stdin.close()
            self._guardian.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class PostgresServer(PrivateServer):
    """PostgreSQL without durability, trusting whoever reaches its socket."""

    def __init__(self) -> None:
        initdb, postgres = postgres_program("initdb"), postgres_program("postgres")
        super().__init__("postgres", user=_server_user())
        try:
            self._bring_up(initdb, postgres)
        except BaseException:
            self.close()
            raise

    def _bring_up(self, initdb: str, postgres: str) -> None:
        data = self.folder / "data"
        self.run(initdb, "-D", str(data), "-U", "berth", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "300",
            "shared_buffers": "64MB",
            "autovacuum": "off",
        }
        settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        self.start(postgres, "-D", str(data), *settings)
        ready = postgres_program("pg_isready")
        self.wait_until(lambda: _succeeds(ready, "-q", "-h", str(self.folder)))

    def url(self, database: str) -> str:
        """The URL of one of its databases."""
        return f"postgres://berth@localhost/{database}?host={self.folder}"


class RedisServer(PrivateServer):
    """Redis without persistence."""

    def __init__(self) -> None:
        redis = redis_program()
        super().__init__("redis")
        self._socket = self.folder / "redis.sock"
        try:
            self._bring_up(redis)
        except BaseException:
            self.close()
            raise

    def _bring_up(self, redis: str) -> None:
        self.start(redis, "--port", "0", "--unixsocket", str(self._socket), "--save", "",
                   "--appendonly", "no", "--dir", str(self.folder))  # fmt: skip
        self.wait_until(lambda: _accepts(self._socket))

    @property
    def url(self) -> str:
        """Its URL."""
        return f"unix://{self._socket}?db=0"

    def flush(self) -> None:
        """Forget everything."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self._socket))
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(64).startswith(b"+OK")


def _server_user() -> str | None:
    """Whom PostgreSQL runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    known = {account.pw_name for account in pwd.getpwall()}
    return next(name for name in POSTGRES_USERS if name in known)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, check=False).returncode == 0


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(str(path)) == 0

"""Running `berth` as people do: as a program of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from berth.replay.household import own_port
from tests.support.forked import Forked

ROOT = Path(__file__).parent.parent.parent
SECRET = "a secret key of a test, long enough for everything"
START_SECONDS_MAX = 60
END_SECONDS_MAX = 60


def environment(**settings: object) -> dict[str, str]:
    """The environment without any setting but these (`PORT=0` is `BERTH_PORT`)."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("BERTH_")}
    given = {f"BERTH_{name}": str(value) for name, value in settings.items()}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **given}


def berth(*arguments: str, status: int = 0, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, and check its exit status."""
    program = Running(arguments, environment(**settings))
    try:
        returncode = program.wait(START_SECONDS_MAX)
    finally:
        program.kill()
    told = ("".join(program.out), "".join(program.err))
    done = subprocess.CompletedProcess(["berth", *arguments], returncode, *told)
    assert done.returncode == status, f"{done.args}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


def berth_json(*arguments: str, status: int = 0, **settings: object) -> Any:
    """What a command prints with `--json`."""
    return json.loads(berth(*arguments, "--json", status=status, **settings).stdout)


class Running:
    """A command of `berth`, another `module` of ours, or another program, that goes on; what it
    prints is gathered as it comes."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        environ: Mapping[str, str],
        program: tuple[str, ...] | None = None,
        module: str = "berth",
    ) -> None:
        self.process = (
            Forked(arguments, environ, module)
            if program is None
            else subprocess.Popen(
                [*program, *arguments],
                env=dict(environ),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        self.out: list[str] = []
        self.err: list[str] = []
        streams = ((self.process.stdout, self.out), (self.process.stderr, self.err))
        self._readers = [threading.Thread(target=_gather, args=each) for each in streams]
        for reader in self._readers:
            reader.start()

    @property
    def told(self) -> str:
        """Everything printed so far."""
        return "".join(self.out) + "".join(self.err)

    def wait_for(self, pattern: str) -> str:
        """The first group of the pattern, once it was printed on standard error."""
        found = self._until(lambda: re.search(pattern, "".join(self.err)))
        return str(found.group(1) if found.groups() else found.group())

    def document(self) -> Any:
        """The JSON document that it prints when it is ready."""
        self._until(lambda: "}\n" in self.out[-1:])
        return json.loads("".join(self.out))

    def line(self) -> str:
        """The first line that it prints."""
        self._until(lambda: self.out)
        return self.out[0]

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send it a signal as a terminal would, and wait; its exit status."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self, seconds_max: float = END_SECONDS_MAX) -> int:
        """Its exit status."""
        status = self.process.wait(seconds_max)
        for reader in self._readers:
            reader.join()
        return status

    def kill(self) -> None:
        """End it now, if it runs."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):  # so young that it has no group of its own yet
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.send_signal(signal.SIGKILL)
        self.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def _until(self, condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + START_SECONDS_MAX
        while not (found := condition()):
            assert self.process.poll() is None, f"it ended: {self.told}"
            assert time.monotonic() < deadline, f"it did not come: {self.told}"
            time.sleep(0.02)
        return found


@contextmanager
def running(*arguments: str, **settings: object) -> Iterator[Running]:
    """A command that goes on meanwhile."""
    program = Running(arguments, environment(**settings))
    try:
        yield program
    finally:
        program.kill()


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port that nobody has, and that no system hands out to somebody else meanwhile."""
    return own_port("127.0.0.1", is_udp=kind == socket.SOCK_DGRAM)


@contextmanager
def taken_port(kind: int) -> Iterator[int]:
    """A port that somebody else has."""
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        yield int(holder.getsockname()[1])


def wait_until(condition: Callable[[], bool], about: str) -> None:
    """Ask again and again until it holds."""
    deadline = time.monotonic() + END_SECONDS_MAX
    while not condition():
        assert time.monotonic() < deadline, f"never came true: {about}"
        time.sleep(0.02)


def has_ended(pid: int) -> bool:
    """Whether nothing of it runs; nobody may have collected its status yet."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _gather(stream: Any, lines: list[str]) -> None:
    lines.extend(iter(stream.readline, ""))

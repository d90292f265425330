"""Programs of ours that need not wait for their imports.

A process that has made them forks itself for each program (`multiprocessing`'s fork server). The
program is a process and session of its own, with its own environment, streams, signals and end, as
`python -m berth` is; only the two seconds that Python takes to read the code are saved, each time.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.forkserver import ensure_running
from multiprocessing.reduction import DupFd
from runpy import run_module
from subprocess import TimeoutExpired
from threading import RLock
from typing import IO, Any
from unittest import mock

_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.support.forked_imports"])
_LOCK = RLock()
"""Whether it has ended is asked by one thread at a time: the answer can be read only once."""


class Forked:
    """`python -m MODULE ARGUMENTS…` under way; the part of `subprocess.Popen` that tests use."""

    def __init__(
        self, arguments: Sequence[str], environ: Mapping[str, str], module: str = "berth"
    ) -> None:
        self.args = (module, *arguments)
        (out, out_end), (err, err_end) = os.pipe(), os.pipe()
        with _LOCK:
            with mock.patch.dict(os.environ, environ, clear=True):
                ensure_running()
            given = (self.args, dict(environ), DupFd(out_end), DupFd(err_end))
            self._process = _CONTEXT.Process(target=_run, args=given, daemon=True)
            self._process.start()
        os.close(out_end)
        os.close(err_end)
        self.stdout: IO[str] = os.fdopen(out, encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(err, encoding="utf-8")
        assert self._process.pid is not None, "it was started"
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        return self.poll()

    def poll(self) -> int | None:
        """The same."""
        with _LOCK:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, when it has ended. Raises `TimeoutExpired`."""
        wait([self._process.sentinel], timeout)
        status = self.poll()
        if status is None:
            raise TimeoutExpired(self.args, timeout or 0.0)
        return status

    def send_signal(self, number: signal.Signals) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


def _run(arguments: Sequence[str], environ: Mapping[str, str], out: Any, err: Any) -> None:
    """What the new process does."""
    os.setsid()
    for number, end in ((1, out.detach()), (2, err.detach())):
        os.dup2(end, number)
        os.close(end)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = [*arguments]
    run_module(arguments[0], run_name="__main__", alter_sys=True)

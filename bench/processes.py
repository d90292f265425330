"""Starting a process that obeys, and talking to it."""

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

from bench.machine import ROOT

END_SECONDS_MAX = 30


class Obedient:
    """A process of the module `bench.<name>`, for as long as the block runs.

    It prints one line of JSON when it is ready (`ready`), and one for each command.
    """

    def __init__(self, name: str, *arguments: str, **options: object) -> None:
        command = [sys.executable, "-m", f"bench.{name}", *arguments]
        for key, value in options.items():
            if value is not None:
                command += [f"--{key}", str(value)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)
        self.ready: dict[str, Any] = self.told()

    @property
    def port(self) -> int:
        """Where it serves HTTP."""
        return int(self.ready["port"])

    @property
    def pipe(self) -> int:
        """The file on which its answers come."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def tell(self, command: str) -> dict[str, Any]:
        """Give a command; its answer."""
        self.order(command)
        return self.told()

    def order(self, command: str) -> None:
        """Give a command without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def told(self) -> dict[str, Any]:
        """The answer to a command."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process has ended; what it said is above"
        told: dict[str, Any] = json.loads(line)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

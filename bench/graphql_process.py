"""Starting and talking to a `graphql_serve` process."""

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

SERVER_CORE = 0


class ServerProcess:
    """A server on its own core, for as long as the block runs."""

    def __init__(self, kind: str, **options: str | float) -> None:
        command = [sys.executable, "-m", "bench.graphql_serve", kind, "--core", str(SERVER_CORE)]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        told = json.loads(self._line())
        self.port: int = told["port"]
        self.query: dict[str, Any] = told["query"]
        self.live: dict[str, Any] = told["live"]

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
        """The answer of a command."""
        told: dict[str, Any] = json.loads(self._line())
        return told

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server has ended; what it said is above"
        return line

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
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

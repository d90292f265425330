"""A child process ends with its parent, however that ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from berth.child import Child
from tests.support.running import berth, environment, has_ended, wait_until

PARENT = """
import asyncio, os, sys
from berth.child import Child

async def main():
    child = await Child.start("jobs", ["worker"], os.environ)
    print(child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_when_its_parent_is_killed(
    embedded: dict[str, Any], number: signal.Signals
) -> None:
    berth("migrate", **embedded)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], env=environment(**embedded), stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not has_ended(pid)
        os.kill(parent.pid, number)
        parent.wait()
        wait_until(lambda: has_ended(pid), "the child ends")


def test_it_never_starts_for_a_parent_that_is_gone(embedded: dict[str, Any]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "berth.child", "1", "worker"],
        env=environment(**embedded),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGTERM


async def test_it_is_asked_to_end_and_does_so_cleanly(embedded: dict[str, Any]) -> None:
    berth("migrate", **embedded)
    child = await Child.start("jobs", ["worker"], environment(**embedded))
    assert child.is_running
    await child.end()
    assert not child.is_running


async def test_that_it_ended_by_itself_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    child = await Child.start("jobs", ["worker", "--log-level", "x"], environment())
    await child.ended()
    assert "ended by themselves with status 2" in caplog.text

"""Some days of a real garage go through the whole platform, on a bad link, past a kill -9.

`make prove` does the same with the whole month.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from berth.cli import run
from tests.support.platforms import Platform, embedded, spread, wait_for_version

DAYS = ("--from", "2019-10-01", "--until", "2019-10-03")
CHANGES = 193
PLACE = "Two days of October"
BAD_LINK = ("--loss", "0.05", "--duplicate", "0.1", "--reorder", "0.1", "--seed", "7")
QUICK = ("--ack-timeout", "0.1", "--speed", "50000")


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `berth replay` on a platform, kills a gateway half-way; its report."""

    def replay(platform: Platform, trace: Path) -> Any:
        for name, value in platform.settings.items():
            monkeypatch.setenv(f"BERTH_{name}", str(value))
        words = ["replay", str(trace), *DAYS, "--place", PLACE, *BAD_LINK, *QUICK, "--json"]
        with ThreadPoolExecutor(1) as aside:
            killing = aside.submit(kill_half_way, platform)
            status = run([*words, *platform.arguments()])
            killing.result()
        printed = capsys.readouterr()
        assert status == 0, printed
        return json.loads(printed.out)

    return replay


def kill_half_way(platform: Platform) -> None:
    """kill -9 a gateway, and start it again."""
    wait_for_version(platform.apis[-1], PLACE, CHANGES // 2)
    platform.parts["gateway"].kill()
    platform.parts["gateway"].start()


def check_nothing_is_lost(report: Any) -> None:
    assert report["differences"] == []
    assert (report["changes"], report["compared"]["hours"]) == (CHANGES, 48)
    assert (report["sent"]["reported"], report["sent"]["acknowledged"]) == (CHANGES, CHANGES)


def test_one_process_on_sqlite_that_is_killed_loses_nothing(
    october: Path, tmp_path: Path, told: Any
) -> None:
    """Its subscriber comes back and goes on from the version that it had."""
    with embedded(tmp_path) as platform:
        report = told(platform, october)
    check_nothing_is_lost(report)
    [subscriber] = report["subscribers"]
    assert subscriber["reconnects"] > 0
    assert subscriber["snapshots"] == 1


def test_five_processes_on_postgresql_of_which_a_gateway_is_killed_lose_nothing(
    october: Path, tmp_path: Path, postgres_url: str, redis_url: str, told: Any
) -> None:
    """Both API processes have a subscriber, and neither misses a version."""
    with spread(postgres_url, redis_url, tmp_path) as platform:
        report = told(platform, october)
    check_nothing_is_lost(report)
    assert [each["reconnects"] for each in report["subscribers"]] == [0, 0]

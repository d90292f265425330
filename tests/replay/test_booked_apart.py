"""The first visits of a real garage's month on PostgreSQL and Redis: API, gateway and worker are
processes of their own, and each is ended by `kill -9` once; `make prove` does so with the month."""

import json
from pathlib import Path

import pytest

from berth.cli import run
from tests.support.running import SECRET

WORDS = ("--from", "2019-10-01", "--limit", "8", "--lock-every", "2", "--kills", "3", "--json")


def test_each_process_is_killed_once_and_nothing_acknowledged_is_missing(
    october: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    postgres_url: str,
    redis_url: str,
) -> None:
    """Whoever asked the API asks again under the same key, devices send again, and what the worker
    left half done is done by the next."""
    monkeypatch.setenv("BERTH_DATABASE_URL", postgres_url)
    monkeypatch.setenv("BERTH_REDIS_URL", redis_url)
    monkeypatch.setenv("BERTH_SECRET_KEY", SECRET)
    status = run(["replay", str(october), "--booked", *WORDS])
    printed = capsys.readouterr()
    assert printed.out, printed.err
    report = json.loads(printed.out)
    assert report["differences"] == []
    assert status == 0
    assert report["killed"] == {"API": 1, "gateway": 1, "worker": 1}
    assert report["bookings"] == {"ahead": 8, "onArrival": 0, "refusals": 0, "neverBooked": 0}
    assert (report["visits"], report["locked"], report["opened"]) == (8, 4, 4)
    outcomes = {"COMPLETED": 8, "CANCELLED": 1, "NO_SHOW": 3}
    assert report["settledMinor"]["outcomes"] == outcomes

"""A real garage's first visits of a month, each booked first by a driver of its own, then driven at
the devices; `make prove` does the same with the whole month."""

import json
from pathlib import Path
from typing import Any

import pytest

from berth.cli import run
from tests.support.running import SECRET

DAYS = ("--from", "2019-10-01", "--until", "2019-10-03", "--limit", "44", "--lock-every", "11")


def booked(trace: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, Any]:
    status = run(["replay", str(trace), "--booked", "--json", *more])
    printed = capsys.readouterr()
    return status, json.loads(printed.out) if printed.out else printed.err


def test_every_booking_stay_price_lock_and_settlement_is_as_the_trace_says(
    october: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = booked(october, capsys, *DAYS)
    assert report["differences"] == []
    assert status == 0
    assert report["visits"] == 44
    assert report["bookings"] == {"ahead": 40, "onArrival": 4, "refusals": 3, "neverBooked": 0}
    assert report["ends"] == {"early": 13, "late": 24, "on time": 7}
    assert (report["locked"], report["opened"]) == (3, 4)
    assert report["moneyMinor"] == {"amount": 104_784, "overstay": 35_640, "givenBack": 3_416}
    settled = report["settledMinor"]
    assert settled["outcomes"] == {"COMPLETED": 44, "CANCELLED": 5, "NO_SHOW": 3}
    assert settled["cost"] == 106_194
    assert sum(settled[name] for name in ("owner", "property", "platform", "tax")) == 106_194
    assert settled["confirmationsRefused"] == {"NOT_FUNDED": 7, "DEBT_OUTSTANDING": 1}
    assert (settled["receivables"], settled["stillOwed"]) == (6, 5_760)
    assert settled["external"] == {"wallet": -settled["paidIn"]}


def test_a_platform_that_is_killed_meanwhile_loses_no_booking_and_no_report(
    october: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`kill -9` of all of it; whoever asked asks again under the same key, devices send again."""
    words = ("--from", "2019-10-01", "--limit", "4", "--lock-every", "2", "--kills", "1")
    status, report = booked(october, capsys, *words)
    assert report["differences"] == []
    assert (status, report["kills"], report["visits"]) == (0, 1, 4)
    assert report["settledMinor"]["settled"] == 4 + 1 + 3


def test_a_database_that_is_in_use_is_left_alone(
    october: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sqlite_url: str,
) -> None:
    monkeypatch.setenv("BERTH_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("BERTH_SECRET_KEY", SECRET)
    assert booked(october, capsys, "--limit", "2", "--lock-every", "0")[0] == 0
    status, told = booked(october, capsys, "--limit", "2", "--lock-every", "0")
    assert (status, "holds places already" in " ".join(told.split())) == (1, True), told


def test_what_a_booked_replay_cannot_do_is_said(
    october: Path, melbourne: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, told = booked(october, capsys, *DAYS, "--fresh")
    assert (status, "leave --check and --fresh" in " ".join(told.split())) == (2, True), told
    status, told = booked(melbourne, capsys)
    assert (status, "declared departure" in " ".join(told.split())) == (1, True), told

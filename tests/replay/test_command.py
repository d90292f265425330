"""`berth replay` against a running platform: what differs is told, what was stopped goes on."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from berth.cli import run
from berth.replay import run as replaying
from berth.replay.compare import Aspect
from berth.replay.progress import Rest
from tests.support.platforms import Platform, place_version, wait_for_version
from tests.support.running import SECRET, free_port, running

Told: TypeAlias = "pytest.CaptureResult[str]"

YARD = """space,arrival,departure
A-1,2026-01-05T08:00:00+01:00,2026-01-05T09:30:00+01:00
A-1,2026-01-05T09:00:00+01:00,2026-01-05T10:00:00+01:00
A-2,2026-01-05T08:15:00+01:00,2026-01-05T08:15:00+01:00
A-2,2026-01-05T11:00:00+01:00,2026-01-05T11:00:03+01:00
A 3/öst,2026-01-05T12:00:00+01:00,
"""


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    path = tmp_path / "yard.csv"
    path.write_text(YARD)
    return path


@dataclass
class Here:
    """The command line in this process, towards the running platform."""

    platform: Platform
    capsys: pytest.CaptureFixture[str]

    def replay(self, *arguments: object, status: int = 0) -> Told:
        """What it prints on standard output and error."""
        return self.run(*arguments, *self.platform.arguments(), status=status)

    def report(self, *arguments: object, status: int = 0) -> Any:
        """What it prints with --json."""
        return json.loads(self.replay(*arguments, "--json", status=status).out)

    def run(self, *arguments: object, status: int = 0) -> Told:
        data = ("--data-dir", self.platform.settings["DATA_DIR"])
        found = run(["replay", *(str(each) for each in (*data, *arguments))])
        told = self.capsys.readouterr()
        assert found == status, told
        return told

    def version(self, place: str) -> int:
        return place_version(self.platform.apis[0], place)


@pytest.fixture
def here(platform: Platform, capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(platform, capsys)


def test_a_plain_trace_is_replayed_and_what_was_left_out_is_told(here: Here, yard: Path) -> None:
    told = here.replay(yard, "--place", "Yard").out
    assert "No differences: 3 states, 8 changes to the second" in told
    assert "left out: 1 stays of zero seconds" in told
    assert "left out: 1 stays that overlap another of the same space" in told


def test_the_same_replay_again_sends_nothing_and_compares(here: Here, yard: Path) -> None:
    assert here.report(yard, "--place", "Twice")["sent"]["reported"] == 8
    version = here.version("Twice")
    assert here.report(yard, "--place", "Twice")["sent"]["reported"] == 0
    assert here.version("Twice") == version


def test_a_fresh_replay_makes_another_place(here: Here, yard: Path) -> None:
    first = here.report(yard, "--place", "Fresh")
    second = here.report(yard, "--place", "Fresh", "--fresh")
    assert second["place"]["id"] > first["place"]["id"]
    assert second["sent"]["reported"] == 8


def test_a_trace_that_goes_on_is_continued(here: Here, yard: Path) -> None:
    """What the platform holds is the beginning of what is to be replayed."""
    here.replay(yard, "--place", "Goes on", "--limit", 2)
    report = here.report(yard, "--place", "Goes on", "--until", "2026-01-06")
    assert (report["differences"], report["changes"]) == ([], 8)


def test_a_place_with_other_history_is_left_alone(here: Here, yard: Path) -> None:
    here.replay(yard, "--place", "Other")
    yard.write_text(YARD.replace("11:00:03", "11:00:04"))
    told = here.replay(yard, "--place", "Other", status=1).err
    assert "has other history than this trace (space A-2)" in told


def test_a_check_finds_a_stay_that_was_never_replayed(here: Here, yard: Path) -> None:
    """The control: state, history and hours of the one space, and exit status 1."""
    whole = yard.read_text()
    yard.write_text("\n".join(line for line in whole.split("\n") if ":03" not in line))
    here.replay(yard, "--place", "Lacking", "--until", "2026-01-06")
    yard.write_text(whole.replace("A-2,2026-01-05T08:15:00+01:00,2026-01-05T08:15:00", "A-1,"
                                  "2026-01-05T08:15:00+01:00,2026-01-05T08:16:00"))  # fmt: skip
    report = here.report(yard, "--place", "Lacking", "--until", "2026-01-06", "--check", status=1)
    assert {each["space"] for each in report["differences"]} == {"A-2"}


Spoil = Callable[[Rest], Rest]


def withheld(rest: Rest) -> Rest:
    """The last report of all is never sent."""
    return replace(rest, moves=rest.moves[:-1])


def shifted(rest: Rest) -> Rest:
    """One report says that it was a second later."""
    changed = replace(rest.moves[2], at=rest.moves[2].at + timedelta(seconds=1))
    return replace(rest, moves=[*rest.moves[:2], changed, *rest.moves[3:]])


@pytest.mark.parametrize(
    ("spoil", "aspects"),
    [
        (withheld, {Aspect.HISTORY, Aspect.STATE, Aspect.HOURS, Aspect.VERSIONS}),
        (shifted, {Aspect.HISTORY, Aspect.HOURS}),
    ],
)
def test_a_report_that_is_withheld_or_changed_is_found(
    here: Here, yard: Path, spoil: Spoil, aspects: set[Aspect], monkeypatch: Any
) -> None:
    """The control of the whole comparison, with the same code that finds no difference above."""
    true_rest = replaying.rest_of
    monkeypatch.setattr(replaying, "rest_of", lambda *given: spoil(true_rest(*given)))
    report = here.report(yard, "--place", spoil.__name__, "--until", "2026-01-06", status=1)
    assert {each["aspect"] for each in report["differences"]} == aspects


def test_ctrl_c_half_way_and_the_same_command_again(here: Here, october: Path) -> None:
    """While it runs a second one is refused: a sensor is nobody twice."""
    days = ["--from", "2019-10-01", "--until", "2019-10-03", "--place", "Stopped"]
    command = ["replay", str(october), *days, "--speed", "20000", *here.platform.arguments()]
    with running(*command, **here.platform.settings) as program:
        wait_for_version(here.platform.apis[0], "Stopped", 60)
        assert "are running already" in here.replay(october, *days, status=1).err
        assert program.end() == 130, program.told
        assert "The same command goes on where it was" in program.told
    report = here.report(october, *days)
    assert report["differences"] == []
    assert 0 < report["sent"]["reported"] < report["changes"]


def test_a_sample_of_a_city_is_replayed(here: Here, melbourne: Path) -> None:
    report = here.report(melbourne, "--limit", 150)
    assert (report["differences"], report["stays"]) == ([], 150)
    assert report["leftOut"]["nothing stood there (Status NotPresent)"] == 7500


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("--gateway", "berth: no gateway answers at coap://"),
        ("--api", "berth: the API at http://"),
    ],
)
def test_nobody_there_is_one_sentence_and_nothing_is_made(
    here: Here, yard: Path, missing: str, told: str
) -> None:
    where = {"--gateway": here.platform.gateways[0], "--api": here.platform.apis[0]}
    where[missing] = f"127.0.0.1:{free_port()}"
    words = [word for pair in where.items() for word in pair]
    done = here.run(yard, "--place", "Nowhere", *words, status=1)
    assert done.err.startswith(told)
    assert len(done.err.strip().splitlines()) == 1
    assert here.version("Nowhere") == 0


def test_a_platform_on_another_database_is_told(
    here: Here, yard: Path, tmp_path: Path, sqlite_url: str, monkeypatch: Any
) -> None:
    """Place and sensors are strangers there."""
    monkeypatch.setenv("BERTH_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("BERTH_SECRET_KEY", SECRET)
    told = here.replay(yard, status=1).err
    assert "is it on the same database?" in told or "refuses the place's sensors (4.01" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty; expected a CSV file with a header"),
        ("a,b\n1,2\n", "has the columns of no known format"),
        ("space,arrival,departure\n", "has no stay"),
        (YARD + "A-9,now,later\n", "line 7: arrival is 'now'; expected RFC 3339"),
    ],
)
def test_a_wrong_file_is_one_sentence(here: Here, yard: Path, content: str, told: str) -> None:
    yard.write_text(content)
    done = here.replay(yard, status=1)
    assert told in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not done.out

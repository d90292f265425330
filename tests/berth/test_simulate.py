"""`berth simulate`: virtual devices on real sockets, as a place's real ones behave."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.platforms import Platform, embedded
from tests.support.running import Running, berth, running, wait_until

QUICK = ("--speed", "300", "--turnover", "4", "--seed", "s")
COURTYARD = "Hof Rosengarten"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Everything in one process, with the demo and without its devices running."""
    with embedded(tmp_path_factory.mktemp("platform")) as made:
        yield made


def words(platform: Platform, *more: str) -> list[str]:
    return ["simulate", "--gateway", platform.gateways[0], *QUICK, *more]


def simulated(platform: Platform, *more: str) -> Any:
    """Run it for a while; what it did."""
    done = berth(*words(platform, "--json", *more), **platform.settings)
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def metric(platform: Platform, name: str) -> float:
    lines = httpx.get(f"{platform.apis[0]}/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(f"berth_{name} ")).split()[1])


def test_sensors_and_locks_of_a_place_come_to_life(platform: Platform) -> None:
    """Twenty bays with a lock each: an arrival is the arm going down, then the vehicle."""
    done = simulated(platform, "--place", COURTYARD, "--for", "4")
    assert (done["sensors"], done["locks"]) == (20, 20)
    assert done["arrivals"] > 0 < done["departures"]
    assert done["acknowledged"] == done["reported"] > 40 + done["arrivals"] + done["departures"]
    assert done["refused"] == 0


def test_a_bad_link_reboots_and_obstructions_lose_nothing(platform: Platform) -> None:
    bad = ["--loss", "0.1", "--duplicate", "0.1", "--reorder", "0.1", "--reboots", "500"]
    done = simulated(
        platform, "--place", COURTYARD, *bad, "--obstruction", "0.5", "--low-battery", "1",
        "--sensors", "6", "--locks", "6", "--for", "4",
    )  # fmt: skip
    assert (done["sensors"], done["locks"]) == (6, 6)
    assert done["reboots"] > 0
    assert done["refused"] == 0


def test_counters_go_on_after_a_restart_and_after_kill_9(platform: Platform) -> None:
    """A device that began its numbers anew would be refused as a replay of itself."""
    before, five = metric(platform, "gateway_replayed_total"), ("--sensors", "5", "--locks", "0")
    with running(*words(platform, *five), **platform.settings) as program:
        wait_for_line(program)
        program.kill()
    for _ in range(2):
        done = simulated(platform, *five, "--for", "0.2")
        assert done["acknowledged"] == done["reported"] >= 5
    assert metric(platform, "gateway_replayed_total") == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_a_last_line(platform: Platform, number: signal.Signals) -> None:
    with running(*words(platform, "--sensors", "3"), **platform.settings) as program:
        wait_for_line(program)
        assert program.end(number) == 0, program.told
        assert "3 sensors" in program.out[-1]
        assert "Traceback" not in program.told


def test_the_same_devices_are_not_run_twice(platform: Platform) -> None:
    with running(*words(platform, "--sensors", "3"), **platform.settings) as program:
        wait_for_line(program)
        told = berth(*words(platform, "--sensors", "3"), status=1, **platform.settings).stderr
        assert "are running already" in told


def test_a_place_without_devices_gets_virtual_ones(platform: Platform, tmp_path: Path) -> None:
    rows = tmp_path / "yard.csv"
    rows.write_text("place,number,time_zone,currency\nYard,1,Europe/Berlin,EUR\n"
                    "Yard,2,Europe/Berlin,EUR\nYard,3,Europe/Berlin,EUR\n")  # fmt: skip
    berth("organisation", "add", "Yards", "--operator", "yard@berth.example", **platform.settings)
    berth("place", "import", str(rows), "--organisation", "Yards", **platform.settings)
    file = str(tmp_path / "yard.json")
    place = ["--place", "Yard", "--devices", file, "--locks", "1", "--for", "0.2"]
    done = simulated(platform, *place, "--provision")
    assert (done["sensors"], done["locks"], done["refused"]) == (3, 1, 0)
    again = simulated(platform, *place, "--provision")
    assert (again["sensors"], again["locks"], again["refused"]) == (3, 1, 0)


def test_nobody_to_simulate_is_one_sentence(platform: Platform, tmp_path: Path) -> None:
    file = str(tmp_path / "nobody.json")
    done = berth(*words(platform, "--devices", file), status=1, **platform.settings)
    assert "there is no virtual device to run" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_place_is_one_sentence(platform: Platform) -> None:
    done = berth(*words(platform, "--place", "Atlantis"), status=1, **platform.settings)
    assert "there is no place 'Atlantis'" in done.stderr


def wait_for_line(program: Running) -> None:
    wait_until(lambda: any("sensors" in line for line in program.out), "its first line")

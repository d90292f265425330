"""`berth device` and `berth organisation`: what operators do from the command line."""

import json
from pathlib import Path
from typing import Any

from tests.support.running import berth, berth_json

PLACE = ("--place", "demo-rosengarten")


def test_a_device_lives_from_provisioning_to_revocation(
    seeded: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "mine.json"
    made = berth_json(
        "device", "add", "reader-1", *PLACE, "--kind", "reader", "--save", str(file), **seeded
    )
    assert len(made["secret"]["master_secret"]) == 32
    [entry] = json.loads(file.read_text())["devices"]
    assert entry["secret"] == made["secret"]

    rotated = berth_json("device", "rotate", "reader-1", **seeded)
    assert rotated["secret"]["sender_id"] != made["secret"]["sender_id"]

    berth("device", "revoke", "reader-1", **seeded)
    listed = berth_json("device", "list", *PLACE, "--all", **seeded)
    assert {line["endpoint"]: line["state"] for line in listed}["reader-1"] == "revoked"
    live = berth_json("device", "list", *PLACE, **seeded)
    assert "reader-1" not in {line["endpoint"] for line in live}
    assert len(live) == 43, "twenty sensors, twenty locks, three readers"


def test_a_sensor_is_put_into_a_space_by_its_number(sqlite_seeded: dict[str, Any]) -> None:
    berth("device", "revoke", "hof-a01", **sqlite_seeded)
    text = berth("device", "add", "new-1", *PLACE, "--space", "A01", **sqlite_seeded).stdout
    assert "shown once" in text
    assert "master_secret" in text
    listed = berth_json("device", "list", *PLACE, **sqlite_seeded)
    [line] = [line for line in listed if line["endpoint"] == "new-1"]
    assert (line["space"], line["state"]) == ("A01", "never seen")


def test_what_cannot_be_is_refused_in_one_sentence(sqlite_seeded: dict[str, Any]) -> None:
    for arguments, told in (
        (("add", "x", *PLACE, "--space", "A01"), "has the SENSOR hof-a01 already"),
        (("add", "hof-a01", *PLACE), "exists already"),
        (("add", "x", "--place", "nowhere"), "there is no place 'nowhere'; there are: "),
        (("add", "x", *PLACE, "--space", "Z99"), "no space 'Z99'"),
        (("rotate", "nobody"), "there is no device 'nobody'"),
    ):
        done = berth("device", *arguments, status=1, **sqlite_seeded)
        assert told in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_list_that_is_piped_is_not_cut_to_a_window(sqlite_seeded: dict[str, Any]) -> None:
    lines = berth("device", "list", **sqlite_seeded).stdout.splitlines()
    assert any("湖滨广场地下停车场" in line and "hubin-a101" in line for line in lines)


def test_only_the_command_line_lets_somebody_work_for_the_platform(
    sqlite_settings: dict[str, Any],
) -> None:
    berth("organisation", "add", "Berth AG", "--operator", "me@berth.example", **sqlite_settings)
    given = ("organisation", "platform", "Berth AG", "paula@berth.example")
    assert "works for the platform" in berth(*given, **sqlite_settings).stdout
    assert "no longer works" in berth(*given, "--revoke", **sqlite_settings).stdout
    refused = berth(*given, "--revoke", status=1, **sqlite_settings)
    assert "no such member, or not with this role" in refused.stderr


def test_an_organisation_is_made_with_its_first_operator(sqlite_settings: dict[str, Any]) -> None:
    made = berth_json(
        "organisation", "add", "Hafen AG", "--operator", "me@hafen.example", **sqlite_settings
    )
    listed = berth_json("organisation", "list", **sqlite_settings)
    assert listed == [{"id": made["id"], "name": "Hafen AG", "places": 0}]
    assert berth("token", "me@hafen.example", **sqlite_settings).stdout.count(".") == 2


def test_a_merchant_is_given_credit_and_pays(sqlite_settings: dict[str, Any]) -> None:
    berth("organisation", "add", "Tea room", "--operator", "me@tea.example", **sqlite_settings)
    given = berth("organisation", "credit", "Tea room", "5000", "eur", **sqlite_settings)
    assert given.stdout == "Tea room may owe up to 5000 minor units of EUR\n"
    pays = ("organisation", "paid", "Tea room", "1200", "EUR", "--key", "invoice 7")
    for _ in range(2):
        assert "has paid 1200 minor units" in berth(*pays, **sqlite_settings).stdout
    again = (*pays[:3], "1300", *pays[4:])
    assert "another input" in berth(*again, status=1, **sqlite_settings).stderr

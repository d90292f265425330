"""How the command line answers when it is called rightly, and when it is not."""

import json
import subprocess
import sys
from typing import Any

import pytest

from berth.cli import GROUPS, run
from tests.support.running import berth, berth_json, environment


def test_help_names_every_group() -> None:
    text = berth("--help").stdout
    for name in GROUPS:
        assert f" {name} " in text


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_has_help(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([group, "--help"]) == 0
    assert "Usage: berth" in capsys.readouterr().out


def test_the_version_is_one_line() -> None:
    """By Python itself; `berth` of the tests is forked from a process that has imported it."""
    said = subprocess.run(
        [sys.executable, "-m", "berth", "--version"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (said.stdout, said.stderr) == ("0.1.0\n", "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nonsense",), "No such command 'nonsense'."),
        (("serve", "--coap-port", "1"), "No such option: --coap-port"),
        (("token",), "Missing argument 'ROLE|ADDRESS'."),
        (("serve", "--port", "x"), "--port is 'x'; expected a port number"),
        (("place", "import", "x", "--organisation", "1", "--format", "x"), "'x' is not one of"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_status_2(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("berth: ")
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "settings", "told"),
    [
        (("token", "operator"), {}, "run `berth migrate` first"),
        (("serve",), {"DATABASE_URL": "postgres://u:hush@127.0.0.1:1/d", "SECRET_KEY": "k" * 40},
         "the database cannot be used"),
        (("serve",), {"DATABASE_URL": "sqlite:///proc/none/db", "SECRET_KEY": "k" * 40}, "/proc"),
        (("migrate",), {"DATA_DIR": "/proc/none"}, "set BERTH_DATA_DIR"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_sentence_and_status_1(
    arguments: tuple[str, ...], settings: dict[str, Any], told: str, embedded: dict[str, Any]
) -> None:
    done = berth(*arguments, status=1, **{**embedded, **settings})
    assert told in done.stderr
    assert "hush" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_settings_are_shown_without_secrets() -> None:
    shown = berth_json("settings", SECRET_KEY="hush" * 10, PORT=81)
    assert shown["BERTH_PORT"] == "81"
    assert shown["BERTH_SECRET_KEY"] == "set, not shown"
    assert "hush" not in json.dumps(shown)


def test_the_schema_is_exported() -> None:
    assert "type Subscription" in berth("schema", "export").stdout


def test_migrating_tells_what_it_did_and_then_has_nothing_to_do(embedded: dict[str, Any]) -> None:
    assert berth_json("migrate", **embedded)["applied"][0] == "0001_initial"
    assert berth_json("migrate", **embedded) == {"applied": []}
    assert berth("migrate", **embedded).stdout == "nothing to do\n"

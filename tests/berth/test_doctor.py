"""`berth doctor`: on whole installations and on broken ones."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from berth.doctoring import Level, look_at_data_dir
from berth.settings import Settings
from tests.support.running import SECRET, berth, berth_json, free_port, taken_port


def levels(findings: Any) -> dict[str, str]:
    return {finding["name"]: finding["level"] for finding in findings}


def advice(findings: Any, name: str) -> str:
    return next(f"{f['about']}: {f['advice']}" for f in findings if f["name"] == name)


@pytest.fixture
def whole(settings: dict[str, Any], redis_url: str) -> dict[str, Any]:
    """Settings of an installation to which nothing is missing."""
    settings["DATA_DIR"].mkdir(mode=0o700)
    ports = {"PORT": free_port(), "COAP_PORT": free_port(socket.SOCK_DGRAM)}
    return {**settings, **ports, "REDIS_URL": redis_url}


def test_a_whole_installation_is_well(whole: dict[str, Any]) -> None:
    found = levels(berth_json("doctor", **whole))
    assert set(found.values()) <= {"ok", "warn"}
    for name in ("database", "migrations", "database writes", "redis", "secret key", "API port"):
        assert found[name] == "ok"


def test_for_people_it_is_a_table(sqlite_settings: dict[str, Any]) -> None:
    text = berth("doctor", **sqlite_settings).stdout
    assert "what to do" in text
    assert "migrations" in text


def test_before_the_first_start_it_says_what_makes_things(embedded: dict[str, Any]) -> None:
    findings = berth_json("doctor", **embedded)
    assert advice(findings, "database").endswith("run: berth migrate")
    assert levels(findings)["data directory"] == "warn"
    assert not embedded["DATA_DIR"].exists(), "looking changes nothing"


@pytest.mark.parametrize(
    ("broken", "name", "told"),
    [
        ({"DATABASE_URL": "postgres://u:hush@127.0.0.1:1/d", "SECRET_KEY": SECRET}, "database",
         "start the database, or correct BERTH_DATABASE_URL"),
        ({"REDIS_URL": "redis://:hush@127.0.0.1:1/0"}, "redis", "start Redis"),
        ({"PORT": "x"}, "settings", "expected a port number"),
        ({"DATABASE_URL": "postgres://h/d"}, "settings", "BERTH_SECRET_KEY is not set"),
        ({"DATA_DIR": "/dev/null/none"}, "data directory", "set BERTH_DATA_DIR"),
    ],
)  # fmt: skip
def test_what_is_broken_fails_with_what_to_do(
    broken: dict[str, Any], name: str, told: str, embedded: dict[str, Any]
) -> None:
    findings = berth_json("doctor", status=1, **{**embedded, **broken})
    assert levels(findings)[name] == "fail"
    assert told in advice(findings, name)
    assert "hush" not in str(findings)


def test_a_database_that_was_not_migrated_fails(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'new.db'}"
    (tmp_path / "new.db").touch()
    findings = berth_json(
        "doctor", status=1, DATABASE_URL=url, SECRET_KEY=SECRET, DATA_DIR=tmp_path, PORT=0,
        COAP_PORT=0,
    )  # fmt: skip
    assert advice(findings, "migrations").endswith("run: berth migrate")


@pytest.mark.parametrize(
    ("kind", "setting", "name"),
    [(socket.SOCK_STREAM, "PORT", "API port"), (socket.SOCK_DGRAM, "COAP_PORT", "CoAP port")],
)
def test_a_port_that_somebody_else_has_fails(
    kind: int, setting: str, name: str, embedded: dict[str, Any]
) -> None:
    with taken_port(kind) as port:
        findings = berth_json("doctor", status=1, **{**embedded, setting: port})
    assert levels(findings)[name] == "fail"
    assert f"choose another with BERTH_{setting}" in advice(findings, name)


def test_another_secret_key_than_the_devices_were_sealed_under_fails(
    sqlite_seeded: dict[str, Any],
) -> None:
    other = {**sqlite_seeded, "SECRET_KEY": "another secret key, also long enough"}
    assert levels(berth_json("doctor", status=1, **other))["device secrets"] == "fail"


def test_a_misspelt_variable_is_a_warning_with_a_guess(embedded: dict[str, Any]) -> None:
    findings = berth_json("doctor", PROT=1, **embedded)
    assert "BERTH_PROT (did you mean BERTH_PORT?)" in advice(findings, "settings")


def test_a_secret_that_others_can_read_is_a_warning(embedded: dict[str, Any]) -> None:
    berth("seed", status=1, **embedded)
    berth("migrate", **embedded)
    key = embedded["DATA_DIR"] / "secret.key"
    key.write_text(SECRET)
    key.chmod(0o644)
    assert "chmod go-rwx" in advice(berth_json("doctor", **embedded), "data directory")


def test_a_directory_that_cannot_be_written_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write everywhere, so the system's answer is put in."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    [finding, _] = look_at_data_dir(Settings(data_dir=tmp_path))
    assert finding.level is Level.FAIL
    assert "cannot be read and written" in finding.about

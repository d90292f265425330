"""What `make test` does about programs that are not installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APT = """#!/bin/sh
echo "$@" >> {log}
case "$*" in install*|*" install "*) for name in redis-server chromium; do
    printf '#!/bin/sh\\n' > {bin}/$name; chmod +x {bin}/$name; done ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of programs that is all that is looked into."""
    (tmp_path / "bin").mkdir()
    for name in ("env", "sh", "chmod", "id"):
        (tmp_path / "bin" / name).symlink_to(f"/usr/bin/{name}")
    return tmp_path


def prepare(folder: Path) -> subprocess.CompletedProcess[str]:
    programs = "from tests.support import programs; programs.SEARCHED = programs.os.environ['PATH']"
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); {programs}; programs.FONT_FOLDERS = ()\n"
    )
    code += "from tests import prepare; prepare.os.geteuid = lambda: EUID; sys.exit(prepare.main())"
    euid = "0" if (folder / "bin" / "apt-get").exists() else "1000"
    return subprocess.run(
        [sys.executable, "-c", code.replace("EUID", euid)],
        env={"PATH": str(folder / "bin"), "HOME": str(folder)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_missing_is_named_in_one_message_with_the_command(folder: Path) -> None:
    done = prepare(folder)
    assert done.returncode == 1
    assert "Redis server, Chromium, a Chinese font" in done.stderr
    assert "redis-server chromium fonts-noto-cjk" in done.stderr


def test_what_is_missing_is_installed_and_what_stays_missing_is_named(folder: Path) -> None:
    apt = folder / "bin" / "apt-get"
    apt.write_text(APT.format(log=folder / "log", bin=folder / "bin"))
    apt.chmod(0o755)
    done = prepare(folder)
    asked = (folder / "log").read_text().splitlines()
    assert asked[0].startswith("update")
    assert "redis-server chromium fonts-noto-cjk" in asked[1]
    assert "not installed here: a Chinese font." in done.stderr


def test_nothing_is_done_when_nothing_is_missing() -> None:
    command = [sys.executable, "tests/prepare.py"]
    environment = {**os.environ, "PATH": os.environ["PATH"]}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

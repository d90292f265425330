"""In CI a skipped test fails the run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPPING = "import pytest\n\ndef test_it(): pytest.skip('no server')\ndef test_other(): pass\n"


@pytest.mark.parametrize(
    ("ci", "code", "arguments"), [("true", 1, []), ("", 0, []), ("true", 1, ["-n", "1"])]
)
def test_a_skip_fails_the_run_in_ci_only(
    tmp_path: Path, ci: str, code: int, arguments: list[str]
) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (tmp_path / "test_it.py").write_text(SKIPPING)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"),
         "--rootdir", str(tmp_path), "-p", "no:cacheprovider", *arguments, str(tmp_path)],
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert ("nothing may be skipped" in done.stdout) == bool(code)

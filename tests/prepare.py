"""Looks for the programs that the tests need, and installs what is missing where it may.

It may on Debian and Ubuntu, as root or with a `sudo` that asks for no password. Otherwise it names
all that is missing at once, with the command that brings it, and fails.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.programs import NEEDS, Need


def missing() -> list[Need]:
    """What is not there."""
    return [need for need in NEEDS if not need.is_there()]


def administrator() -> list[str] | None:
    """What to write before a command to run it as root; None if that is not possible."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _succeeds("sudo", "-n", "true"):
        return ["sudo", "-n"]
    return None


def install(needs: list[Need], as_root: list[str]) -> None:
    """Install the packages; whether that worked is seen by looking again."""
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    wanted = [need.package for need in needs]
    print(f"Installing for the tests: {', '.join(wanted)} …", flush=True)
    if subprocess.run([*apt, "update", "-q"], check=False).returncode != 0:
        print("apt-get update failed; trying with what is known.", file=sys.stderr, flush=True)
    options = ["--yes", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "install", *options, *wanted], check=False)


def main() -> int:
    """Look, install, look again; 0 if nothing is missing then."""
    needs = missing()
    as_root = administrator() if needs and shutil.which("apt-get") else None
    if needs and as_root is not None:
        install(needs, as_root)
        needs = missing()
    if needs:
        names = ", ".join(need.name for need in needs)
        packages = " ".join(need.package for need in needs)
        print(
            f"The tests need what is not installed here: {names}.\n"
            f"On Debian or Ubuntu: sudo apt-get install {packages}\n"
            f"Elsewhere: the same programs from your system's packages; "
            f"a Chromium in an unusual place is named by BERTH_CHROMIUM.",
            file=sys.stderr,
        )
    return 1 if needs else 0


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())

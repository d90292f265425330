"""Writes requirements*.txt: what pyproject.toml declares and all it needs, as installed in .venv.

To add a library: name it in pyproject.toml, `pip install` it, run `.venv/bin/python .ci/pin.py`.
"""

import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
BUILD = "setuptools"
RUN_HEAD = "# What Berth runs on: pyproject.toml's dependencies and theirs, as tested.\n"
DEV_HEAD = "# What tests, checks and benchmarks need besides.\n-r requirements.txt\n"


def closure(declared: list[str]) -> dict[str, str]:
    """Name and installed version of everything that `declared` leads to."""
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [Requirement(text) for text in declared]
    while todo:
        requirement = todo.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        installed = distribution(requirement.name)
        found[installed.metadata["Name"]] = installed.version
        todo += needs_of(requirement)
    return found


def needs_of(requirement: Requirement) -> list[Requirement]:
    """What a distribution needs here, with the extras that are asked for."""
    extras = [{"extra": name} for name in (*requirement.extras, "")]
    needs = [Requirement(text) for text in distribution(requirement.name).requires or []]
    return [need for need in needs if not need.marker or any(map(need.marker.evaluate, extras))]


def write(name: str, head: str, versions: dict[str, str]) -> None:
    """Write one file, sorted."""
    pins = sorted(versions.items(), key=lambda pin: pin[0].lower())
    lines = [f"{package}=={version}\n" for package, version in pins]
    (ROOT / name).write_text(head + "".join(lines))


def main() -> None:
    """Write both files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    run = closure([*project["project"]["dependencies"], BUILD])
    dev = closure(project["dependency-groups"]["dev"])
    write("requirements.txt", RUN_HEAD, run)
    write("requirements-dev.txt", DEV_HEAD, {k: v for k, v in dev.items() if k not in run})


if __name__ == "__main__":
    main()

"""What is installed is what is declared: pinned exactly, from whatever index there is."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = ("api", "schema", "coap_gateway", "parking", "berth", "migrations")


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().splitlines()
    pinned = [line.split("==") for line in lines if line and line[0] not in "#-"]
    return {canonicalize_name(package): version for package, version in pinned}


def declared(requirements: list[str]) -> list[Requirement]:
    return [Requirement(text) for text in requirements]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_line_is_an_exact_version_and_no_index_is_named(name: str) -> None:
    for line in (ROOT / name).read_text().splitlines():
        assert re.fullmatch(r"[\w.-]+==[\w.]+|-r requirements\.txt|#.*", line), line


def test_what_berth_runs_on_is_pinned_within_what_it_declares() -> None:
    pinned = pins("requirements.txt")
    for requirement in declared(PROJECT["project"]["dependencies"]):
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


def test_what_tests_need_is_pinned_within_what_is_declared() -> None:
    pinned = pins("requirements.txt") | pins("requirements-dev.txt")
    for requirement in declared(PROJECT["dependency-groups"]["dev"]):
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), requirement


def test_every_library_that_the_code_imports_is_declared() -> None:
    names = {
        canonicalize_name(requirement.name)
        for requirement in declared(PROJECT["project"]["dependencies"])
    }
    brings = packages_distributions()
    undeclared = {
        module
        for module in imported()
        if not names & {canonicalize_name(name) for name in brings.get(module, ())}
    }
    assert undeclared == set()


def imported() -> set[str]:
    """The top names of what our packages import from others."""
    found: set[str] = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    found |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    found.add(str(node.module))
    return {name.partition(".")[0] for name in found} - set(sys.stdlib_module_names) - set(PACKAGES)

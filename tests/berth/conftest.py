"""Settings for programs under test, and a seeded database of each dialect."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import SECRET, berth


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, Any]:
    """Settings of a program on a fresh, migrated database of each dialect."""
    return given(database_url, tmp_path)


@pytest.fixture
def sqlite_settings(sqlite_url: str, tmp_path: Path) -> dict[str, Any]:
    """Settings of a program on a fresh, migrated SQLite database."""
    return given(sqlite_url, tmp_path)


@pytest.fixture
def embedded(tmp_path: Path) -> dict[str, Any]:
    """Settings of a program that has nothing yet."""
    return {"DATA_DIR": tmp_path / "data", "PORT": 0, "COAP_PORT": 0}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo in a SQLite database, made once; tests get copies."""
    folder = tmp_path_factory.mktemp("demo")
    settings = given(f"sqlite://{folder / 'berth.db'}", folder)
    berth("migrate", **settings)
    berth("seed", **settings)
    return folder


@pytest.fixture
def sqlite_seeded(demo: Path, tmp_path: Path) -> dict[str, Any]:
    """Settings of a program on a SQLite database of its own that holds the demo."""
    shutil.copytree(demo, tmp_path, dirs_exist_ok=True)
    return given(f"sqlite://{tmp_path / 'berth.db'}", tmp_path)


@pytest.fixture
def postgres_seeded(postgres_url: str, tmp_path: Path) -> dict[str, Any]:
    """The same on PostgreSQL."""
    settings = given(postgres_url, tmp_path)
    berth("seed", **settings)
    return settings


@pytest.fixture(params=["sqlite", "postgres"])
def seeded(request: pytest.FixtureRequest) -> Any:
    """The same on each dialect."""
    return request.getfixturevalue(f"{request.param}_seeded")


def given(url: str, folder: Path) -> dict[str, Any]:
    """Settings of a program on the database at `url`."""
    return {
        "DATABASE_URL": url,
        "SECRET_KEY": SECRET,
        "DATA_DIR": folder / "data",
        "PORT": 0,
        "COAP_PORT": 0,
    }

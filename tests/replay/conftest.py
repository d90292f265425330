"""Running platforms for replays, and traces to replay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.platforms import Platform, embedded
from tests.support.shared_data import required_data

OCTOBER = "acn_sessions/caltech_2019-09-01_2019-12-31.csv.gz"
MELBOURNE = "melbourne/smart_parking_15k.csv"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Everything in one process on SQLite."""
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture
def october() -> Path:
    """Four months of a real garage, of which the tests take some days of October."""
    return required_data(OCTOBER)


@pytest.fixture
def melbourne() -> Path:
    """A sample of a real city's on-street sensors."""
    return required_data(MELBOURNE)

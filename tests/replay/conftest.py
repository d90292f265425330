"""Running platforms for replays, and traces to replay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from parking.clock import TestClock
from tests.parking.sessions.stage import Stage
from tests.parking.settlement.till import Till, make_till
from tests.support.leasing import make_lease
from tests.support.platforms import Platform, embedded
from tests.support.shared_data import required_data
from tests.support.stripe_stand_in import localstripe
from tests.support.wallets import fill_wallet

OCTOBER = "acn_sessions/caltech_2019-09-01_2019-12-31.csv.gz"
MELBOURNE = "melbourne/smart_parking_15k.csv"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Everything in one process on SQLite."""
    with embedded(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture
async def till(database: str, clock: TestClock) -> Till:
    """Three bays at 2.00 an hour, with sensors; the driver has 20.00 in the wallet."""
    del database
    made = await make_till(Stage(await make_lease(), clock))
    await fill_wallet(made.stage.lease.driver, 2_000)
    return made


@pytest.fixture(scope="session")
def localstripe_url() -> Iterator[str]:
    """localstripe, for this run."""
    with localstripe() as url:
        yield url


@pytest.fixture
def october() -> Path:
    """Four months of a real garage, of which the tests take some days of October."""
    return required_data(OCTOBER)


@pytest.fixture
def melbourne() -> Path:
    """A sample of a real city's on-street sensors."""
    return required_data(MELBOURNE)

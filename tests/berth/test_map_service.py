"""Which map service the settings ask for, and the worker's jobs with positions."""

import pytest

from berth.map_service import make_map_service
from berth.position_jobs import position_jobs
from berth.setting_checks import SettingInvalid
from berth.settings import read_settings
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.locations.refinement.http_map_service import HttpMapService
from parking.locations.refinement.plan_map_service import PlanMapService

URL = "https://maps.example.com/locate"


async def test_the_places_own_plans_or_the_one_that_is_set() -> None:
    assert isinstance(make_map_service(read_settings({})), PlanMapService)
    service = make_map_service(
        read_settings({"BERTH_MAP_SERVICE_URL": URL, "BERTH_MAP_SERVICE_KEY": "key"})
    )
    assert isinstance(service, HttpMapService)
    await service.close()


@pytest.mark.parametrize(
    "url", ["maps.example.com", "ftp://maps.example.com/", f"{URL}?key=1", "https://u:p@maps/x"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(SettingInvalid):
        read_settings({"BERTH_MAP_SERVICE_URL": url})


@pytest.mark.usefixtures("database")
async def test_jobs_with_nothing_to_do_do_nothing(clock: TestClock) -> None:
    jobs = position_jobs(PlanMapService(), lambda: "", clock, InProcessBus())
    assert {"positions", "position_news", "map_service"} <= {each.name for each in jobs}
    assert {await each.run() for each in jobs} == {0}

"""The map service that the settings ask for."""

from berth.settings import Settings
from parking.locations.refinement.http_map_service import HttpMapService
from parking.locations.refinement.map_service import MapService
from parking.locations.refinement.plan_map_service import PlanMapService


def make_map_service(settings: Settings) -> MapService:
    """The one that is set, else the places' own plans."""
    if settings.map_service_url is None:
        return PlanMapService()
    return HttpMapService(settings.map_service_url, settings.map_service_key)

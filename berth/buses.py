"""Which bus the settings ask for."""

from berth.settings import Settings
from parking.events.bus import Bus, InProcessBus


def make_bus(settings: Settings) -> Bus:
    """Redis where one is set, else a bus inside this process."""
    if settings.redis_url is None:
        return InProcessBus()
    from parking.events.redis_bus import RedisBus

    return RedisBus(settings.redis_url)

"""What a process needs to do its work, looked at for /readyz."""

from api.health import Check, Probe
from parking.events.bus import Bus
from parking.events.redis_bus import RedisBus
from parking.storage.migrate import known_migrations
from parking.storage.sql import database


def readiness_checks(bus: Bus) -> list[Check]:
    """The checks of one process. Redis may be away: then changes are read from the database."""
    checks = [Check("database", _database), Check("migrations", _migrations)]
    if isinstance(bus, RedisBus):
        checks.append(Check("bus", _redis(bus), is_required=False))
    return checks


async def _database() -> str:
    sql = database()
    await sql.fetch("SELECT 1 AS one")
    return sql.dialect


async def _migrations() -> str:
    rows = await database().fetch("SELECT name FROM tortoise_migrations")
    missing = set(known_migrations()) - {row["name"] for row in rows}
    if missing:
        raise LookupError(f"not applied: {', '.join(sorted(missing))}")
    return "all applied"


def _redis(bus: RedisBus) -> Probe:
    async def probe() -> str:
        await bus.ping()
        return "Redis answers"

    return probe

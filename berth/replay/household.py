"""The platform of a booked replay in processes that can be killed at any moment, and come back
where they were: same database, same ports, the time that they were last told.

One process with everything; on PostgreSQL with Redis three, as `berth serve`, `berth gateway` and
`berth worker` are: API, gateway and worker, each of which can be killed while the others go on.
"""

import asyncio
import os
import random
from contextlib import suppress
from datetime import datetime

from berth.ports import Listening, PortUnavailable, check_free
from berth.replay.member import Member, Role
from berth.settings import PREFIX, Settings

PORTS = range(20_000, 32_000)
"""Below those that systems hand out (Linux: 32768 and more): while a process is away nobody else
gets its port by chance."""


WHOLE = (Role.PLATFORM,)
APART = (Role.API, Role.GATEWAY, Role.WORKER)
WORKING = frozenset({Role.PLATFORM, Role.WORKER})
"""Who does what becomes due."""


def roles_of(settings: Settings) -> tuple[Role, ...]:
    """Three processes where they can share a database and hear of each other, else one."""
    url = settings.database_url or ""
    is_shared = url.startswith("postgres") and settings.redis_url is not None
    return APART if is_shared else WHOLE


class Household:
    """All processes. `api` and `gateway` are the ports that they keep."""

    def __init__(self, settings: Settings, at: datetime) -> None:
        self.api = own_port("127.0.0.1", is_udp=False)
        self.gateway = own_port("127.0.0.1", is_udp=True)
        environ = _environ(settings, self.api, self.gateway)
        self._members = {role: Member(role, environ, at) for role in roles_of(settings)}

    @property
    def roles(self) -> tuple[Role, ...]:
        """Of its processes."""
        return tuple(self._members)

    @property
    def kills(self) -> dict[str, int]:
        """How often each process was killed, by its role."""
        return {role.value: member.kills for role, member in self._members.items()}

    async def start(self) -> None:
        """Start all of them. Raises `HouseholdGone`."""
        await asyncio.gather(*(member.start() for member in self._members.values()))

    async def move(self, at: datetime) -> None:
        """It is `at` now, for all of them. Raises `HouseholdGone`."""
        for member in self._members.values():
            await member.tell(at, work=False)

    async def work(self, at: datetime) -> None:
        """Have done what is due by `at`. Raises `HouseholdGone`."""
        for role in self._members.keys() & WORKING:
            await self._members[role].tell(at, work=True)

    async def kill(self, role: Role) -> None:
        """`kill -9` of one process, which is then started again. Raises `HouseholdGone`."""
        await self._members[role].kill()

    async def end(self) -> None:
        """Let all of them end in order."""
        await asyncio.gather(*(member.end() for member in self._members.values()))


def own_port(host: str, *, is_udp: bool) -> int:
    """A port that nobody has, nor gets by chance. Raises `PortUnavailable` where all are taken."""
    for port in random.sample(PORTS, 100):
        with suppress(PortUnavailable):
            check_free(Listening("platform", host, port, "BERTH_PORT", is_udp))
            return port
    raise PortUnavailable(f"no free port from {PORTS.start} to {PORTS.stop - 1} on {host}")


def _environ(settings: Settings, api: int, gateway: int) -> dict[str, str]:
    given = {
        "DATA_DIR": settings.data_dir, "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url, "SECRET_KEY": settings.secret_key,
        "HOST": settings.host, "PORT": api, "COAP_HOST": settings.coap_host, "COAP_PORT": gateway,
        "COAP_SOURCE_RATE": settings.coap_source_rate, "DEVELOPMENT": settings.development,
        "STRIPE_KEY": settings.stripe_key, "STRIPE_API_BASE": settings.stripe_api_base,
        "STRIPE_WEBHOOK_SECRET": settings.stripe_webhook_secret,
    }  # fmt: skip
    environ = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    set_ones = {PREFIX + name: str(value) for name, value in given.items() if value is not None}
    return environ | set_ones

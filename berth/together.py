"""`berth up`: everything on one machine, from nothing to something to look at."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from time import monotonic

from berth.addresses import reachable
from berth.child import Child
from berth.commands.migrate import migrate_database
from berth.commands.seed import seed_database
from berth.console import Steps
from berth.demo.orders import demo_hook
from berth.demo.rights import demo_codes
from berth.demo.seed import is_wanted
from berth.device_file import DEVICE_FILE, read_devices
from berth.opening import opened
from berth.ports import api_listening, check_free, coap_listening
from berth.probing import answers_coap, answers_http
from berth.serving import settle_memory
from berth.setting_checks import is_loopback
from berth.settings import PREFIX, Settings
from berth.stopping import unless_stopped
from berth.tokens import demo_tokens
from berth.wiring import Program, build
from parking.accounts.models import Role
from parking.errors import BerthError
from parking.storage.sql import database

TOKEN_LIFETIME = timedelta(hours=12)
ANSWERS_SECONDS_MAX = 30.0
DEVICES_SECONDS_MAX = 60.0
POLL_SECONDS = 0.1
DEMO_TURNOVER = 6
"""Stays in the demo are so many times as short: there is something to see every few seconds."""


class NotAnswering(BerthError):
    """Something was started and does not answer."""

    code = "NOT_ANSWERING"


@dataclass(frozen=True, slots=True)
class Ready:
    """Where everything is: what `berth up` prints. `tokens` holds one for each demo person; the
    hook is that of the demo's merchant."""

    dashboard: str
    graphql: str
    graphiql: str | None
    inbox: str | None
    coap: str
    data: str
    has_devices: bool
    tokens: Mapping[Role, str]
    place_id: int | None
    grant_page: str | None = None
    exit_page: str | None = None
    orders_page: str | None = None
    sms_inbox: str | None = None
    order_hook: str | None = None
    order_hook_secret: str | None = None


def demo_settings(settings: Settings) -> Settings:
    """The settings with development on, where nobody but this machine is served anyway."""
    if settings.development is None and settings.is_embedded and is_loopback(settings.host):
        return replace(settings, development=True)
    return settings


def simulate_arguments(program: Program, file: Path) -> list[str]:
    """The command line of the virtual devices."""
    assert program.gateway is not None, "the gateway runs"
    host, port = reachable(program.settings.coap_host), program.gateway.port
    where = ["--devices", str(file), "--gateway", f"{host}:{port}"]
    return ["simulate", *where, "--turnover", str(DEMO_TURNOVER)]


@asynccontextmanager
async def everything(
    settings: Settings, stopping: asyncio.Event, told: Steps, *, with_devices: bool
) -> AsyncIterator[Ready]:
    """Migrate, seed if empty, start all parts and the virtual devices, wait until they answer.

    Raises `Stopped`, `PortUnavailable`, `NotAnswering` and what the steps raise.
    """
    check_free(api_listening(settings))
    check_free(coap_listening(settings))
    await unless_stopped(stopping, prepare(settings, told))
    told.begin("starting")
    async with build(settings) as program:
        settle_memory()
        await unless_stopped(stopping, wait_until_answered(program))
        file = settings.data_dir / DEVICE_FILE
        has_devices = with_devices and bool(read_devices(file))
        child = await start_devices(program, file) if has_devices else None
        try:
            if child is not None:
                told.begin("waiting for the virtual devices")
                await unless_stopped(stopping, wait_for_reports(program, child))
            yield await ready(program, has_devices=has_devices)
        finally:
            if child is not None:
                await child.end()


async def prepare(settings: Settings, told: Steps) -> None:
    """Migrate, and seed a database that has no place yet or whose seeding was not finished."""
    await migrate_database(settings, told)
    async with opened(settings):
        if await is_wanted():
            await seed_database(settings, told)


async def start_devices(program: Program, file: Path) -> Child:
    """The virtual devices, in a process of their own."""
    return await Child.start(
        "virtual devices", simulate_arguments(program, file), child_environ(program.settings)
    )


def child_environ(settings: Settings) -> dict[str, str]:
    """The environment, with our settings in it, also those that came as flags."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith(PREFIX)}
    shared = ("data_dir", "log_level", "database_url", "redis_url", "secret_key")
    for each in fields(settings):
        value = getattr(settings, each.name)
        if each.name in shared and value is not None:
            environ[PREFIX + each.name.upper()] = str(value)
    return environ


async def wait_until_answered(program: Program) -> None:
    """Return once HTTP and CoAP answer. Raises `NotAnswering`."""
    settings, api, gateway = program.settings, program.api, program.gateway
    assert api is not None, "it runs"
    assert gateway is not None, "it runs"

    async def all_answer() -> bool:
        http = await answers_http(settings.host, api.port, "/readyz")
        return http and await answers_coap(settings.coap_host, gateway.port)

    if not await comes_true(all_answer, ANSWERS_SECONDS_MAX):
        raise NotAnswering(
            f"it was started, but API or gateway do not answer within {ANSWERS_SECONDS_MAX:g} s; "
            "`berth doctor` looks for the reason"
        )


async def wait_for_reports(program: Program, child: Child) -> None:
    """Return once a virtual device has reported. Raises `NotAnswering`."""
    gateway = program.gateway
    assert gateway is not None, "it runs"

    async def reports_or_ended() -> bool:
        return not child.is_running or bool(gateway.counters()["reports_accepted"])

    if not await comes_true(reports_or_ended, DEVICES_SECONDS_MAX):
        raise NotAnswering(
            f"the virtual devices did not report within {DEVICES_SECONDS_MAX:g} s; start without "
            "them by: berth up --no-devices"
        )
    if not child.is_running:
        raise NotAnswering(
            "the virtual devices ended at once; their message is above. Start without them by: "
            "berth up --no-devices"
        )


async def ready(program: Program, *, has_devices: bool) -> Ready:
    """Where everything is now."""
    assert program.gateway is not None, "it runs"
    settings, url, is_development = program.settings, program.url, program.is_development
    signed_in = await demo_tokens(settings, TOKEN_LIFETIME)
    place = await database().fetch_one(
        "SELECT id FROM place WHERE retired_at IS NULL AND is_public ORDER BY id LIMIT 1"
    )
    codes, hook = await demo_codes(), await demo_hook(program.sealer)
    return Ready(
        dashboard=f"{url}/",
        graphql=f"{url}/graphql",
        graphiql=f"{url}/graphql" if is_development else None,
        inbox=f"{url}/dev/inbox" if is_development else None,
        coap=f"coap://{reachable(settings.coap_host)}:{program.gateway.port}",
        data=str(settings.data_dir)
        if settings.is_embedded
        else "the database of BERTH_DATABASE_URL",
        has_devices=has_devices,
        tokens={role: each.access_token for role, each in signed_in.items()},
        place_id=None if place is None else int(place["id"]),
        grant_page=None if codes is None else f"{url}/g/{codes[0]}",
        exit_page=None if codes is None else f"{url}/x/{codes[1]}",
        orders_page=None if hook is None else f"{url}/orders",
        sms_inbox=f"{url}/dev/sms" if is_development else None,
        order_hook=None if hook is None else f"{url}/hooks/orders/{hook.public_id}",
        order_hook_secret=None if hook is None else hook.secret,
    )


async def comes_true(condition: Callable[[], Awaitable[bool]], seconds_max: float) -> bool:
    """Whether the condition holds within that time; it is asked again and again."""
    deadline = monotonic() + seconds_max
    while not await condition():
        if monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True

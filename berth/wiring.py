"""The program, put together: the one place where everything meets.

`build` makes it from settings; each thing it depends on is an argument with a default. `async
with program:` starts the parts in the order in which they need each other and stops them in the
other order.
"""

import logging
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Self

import strawberry
from starlette.types import ASGIApp

from api.app import build_app
from api.graphql.app import GraphQLApp, graphql_app
from api.graphql.app import Settings as GraphQLSettings
from api.graphql.limits import Limits
from api.health import Check
from api.metrics import Metric, counter_metrics, process_metrics
from api.order_hooks import OrderHooks
from api.pages.asking import Asking, Bearers
from api.sms import SmsDoor
from berth.buses import make_bus
from berth.identity import Identity
from berth.jobs import (
    notice_jobs,
    order_jobs,
    polling_jobs,
    rail_jobs,
    reminder_jobs,
    sms_jobs,
    worker_jobs,
)
from berth.logs import set_up_logging
from berth.mail import make_channel
from berth.map_service import make_map_service
from berth.notice_ways import chance, close_ways, make_ways, make_wechat_login
from berth.parts import Part, running_gateway, running_worker
from berth.photo_store import make_photo_store
from berth.ports import Listening, api_listening
from berth.position_jobs import keeping_jobs, position_jobs
from berth.rails import close_rails, make_rails
from berth.readiness import readiness_checks
from berth.secret import ensure_data_dir, secret_of
from berth.serving import ApiServer, settle_memory, start_api
from berth.setting_checks import is_loopback
from berth.settings import Settings
from berth.site import site_routes
from berth.sms_providers import make_sms_providers
from berth.stopping import stop_on_signals
from berth.worker import Worker
from coap_gateway.gateway import Gateway
from parking.accounts.authenticate import Gate
from parking.accounts.keys import Keys, derive_keys
from parking.accounts.oidc import OidcIssuer
from parking.accounts.standings import Standings
from parking.accounts.standings_relay import StandingsRelay
from parking.clock import Clock, SystemClock
from parking.devices.sealing import Sealer
from parking.events.bus import Bus
from parking.events.redis_bus import RedisBus
from parking.merchants.orders.desk import Desk
from parking.merchants.sms.room import RoomOrders, RoomUnits
from parking.notices.channel import Channel, Ways
from parking.reminders.remind import Reminding
from parking.reservations.funding import Funding
from parking.reservations.links import LINK_PATH, link_token
from parking.reservations.records import ReservationRecord
from parking.settlement.funding import EscrowFunding
from parking.settlement.rails.port import Rail
from parking.storage.database import connect, disconnect
from parking.storage.migrate import require_migrated
from schema.context import Services, context_factory
from schema.execution import ContextFactory
from schema.schema import make_schema
from schema.versions import PlaceVersions

log = logging.getLogger(__name__)

POSITIONS_PATH = "/positions"
GATEWAY_GAUGES = frozenset({"reports_waiting", "health_waiting", "contexts_held", "observers_held"})
ALL_PARTS = frozenset(Part)


class Program:
    """Berth in one process: some or all of its parts. Made by `build`.

    What runs (`api`, `gateway`, `worker`) is None before the start and where it is not asked for.
    """

    def __init__(
        self,
        settings: Settings,
        parts: AbstractSet[Part],
        *,
        clock: Clock,
        bus: Bus,
        secret: str,
        channel: Channel,
        rails: dict[str, Rail] | None = None,
        ways: Ways | None = None,
    ) -> None:
        self.settings = settings
        self.parts = parts
        self.clock = clock
        self.bus = bus
        self.channel = channel
        self.keys: Keys = derive_keys(secret, settings.former_secret_keys)
        self.sealer = Sealer(secret.encode())
        self.standings = Standings(clock)
        self.rails = make_rails(settings, secret) if rails is None else rails
        self.funding: Funding = EscrowFunding(self.rails)
        self.desk = Desk(clock, bus, self.funding, settings.booking_limits)
        # Only workers send notices.
        has_worker = Part.WORKER in parts
        self.ways = ways or (make_ways(settings, channel, self.sealer, clock) if has_worker else {})
        self.wechat = make_wechat_login(settings)
        self.sms = SmsDoor(
            make_sms_providers(settings),
            RoomUnits(),
            RoomOrders(self.desk),
            clock,
            lambda: self.url,
            development=bool(settings.development),
        )
        self.photos = make_photo_store(settings)
        self.maps = make_map_service(settings)
        self.order_hooks = OrderHooks(self.desk, self.sealer, self._lent_link_at)
        self.graphql: GraphQLApp | None = None
        self.api: ApiServer | None = None
        self.gateway: Gateway | None = None
        self.worker: Worker | None = None
        self._secret = secret
        self._stack = AsyncExitStack()

    @property
    def is_development(self) -> bool:
        """Whether the development settings are on."""
        return bool(self.settings.development)

    async def __aenter__(self) -> Self:
        """Start. Raises `Unreachable`, `DatabaseNotMigrated`, `DatabaseTooNew` and
        `PortUnavailable`."""
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, in the other order than the start's."""
        await self._stack.__aexit__(kind, error, trace)

    async def _start(self, stack: AsyncExitStack) -> None:
        url = self.settings.database
        await require_migrated(url)
        await connect(url)
        stack.push_async_callback(disconnect)
        stack.push_async_callback(self.bus.close)
        stack.push_async_callback(close_rails, self.rails)
        stack.push_async_callback(close_ways, self.ways)
        stack.push_async_callback(self.wechat.close)
        stack.push_async_callback(self.maps.close)
        jobs = (
            [
                *worker_jobs(
                    self.clock, self.bus, self.settings.booking_limits, self.settings.money_limits
                ),
                *rail_jobs(self.rails, self.funding, self.clock, self.bus),
                *notice_jobs(self.ways, self.clock, chance),
                *position_jobs(self.maps, self._positions_page, self.clock, self.bus),
                *keeping_jobs(
                    self.photos, timedelta(days=self.settings.position_days), self.clock, self.bus
                ),
                *order_jobs(
                    self.desk, self._link_of, timedelta(days=self.settings.order_personal_days)
                ),
                *reminder_jobs(
                    Reminding(self.clock, self.bus, self._link_of, self.settings.booking_limits)
                ),
                *sms_jobs(RoomUnits(), RoomOrders(self.desk), self.clock),
            ]
            if Part.WORKER in self.parts
            else []
        )
        if Part.API in self.parts and Part.WORKER not in self.parts and not self.has_redis:
            jobs = polling_jobs(self.clock, self.bus)
        if jobs:
            self.worker = await stack.enter_async_context(running_worker(jobs))
        if Part.API in self.parts:
            self.api = await start_api(self.app(), self.settings, api_listening(self.settings))
            stack.push_async_callback(self.api.stop)
            log.info("the API answers on %s", self.url)
            if self.graphql is not None:
                stack.push_async_callback(self.graphql.close)
        if Part.GATEWAY in self.parts:
            running = running_gateway(self.settings, self.clock, self.bus, self._secret)
            self.gateway = await stack.enter_async_context(running)
        if Part.API not in self.parts and self.settings.probe_port is not None:
            await self._start_probes(stack, self.settings.probe_port)

    def _positions_page(self) -> str:
        """The whole address of the page on which positions are shared."""
        return f"{self.settings.base_url}{POSITIONS_PATH}"

    def _link_of(self, booked: ReservationRecord) -> str:
        """The whole address of a booking's page, for its driver."""
        return self._link_at(booked.id, booked.link_generation)

    def _link_at(self, reservation_id: int, generation: int, *, is_lent: bool = False) -> str:
        token = link_token(self.keys.links[0], reservation_id, generation, is_lent=is_lent)
        return f"{self.settings.base_url}{LINK_PATH}{token}"

    def _lent_link_at(self, reservation_id: int, generation: int) -> str:
        """The same for the merchant whose order it is: it spends nothing."""
        return self._link_at(reservation_id, generation, is_lent=True)

    async def _start_probes(self, stack: AsyncExitStack, port: int) -> None:
        """Health and metrics of a process that has no API."""
        app = build_app(
            None,
            checks=self.checks(),
            sources=[process_metrics, self.metrics],
            metrics_token=self.settings.metrics_token,
        )
        wanted = Listening("probe server", self.settings.host, port, "BERTH_PROBE_PORT")
        probes = await start_api(app, self.settings, wanted)
        stack.push_async_callback(probes.stop)
        log.info("probes are answered on port %d", probes.port)

    @property
    def url(self) -> str:
        """How browsers reach the API, with the port that it really has."""
        port = self.settings.port if self.api is None else self.api.port
        return replace(self.settings, port=port).base_url

    @property
    def has_redis(self) -> bool:
        """Whether a bus reaches other processes."""
        return self.settings.redis_url is not None

    def app(self) -> ASGIApp:
        """The API's ASGI application."""
        _warn(self.settings)
        schema, contexts = make_schema(), context_factory(self._services())
        identity = self._identity()
        self.graphql = self._graphql(schema, contexts, identity)
        relay = StandingsRelay(self.standings, self.clock)
        self.graphql.service.presence.heed(relay.run_once)
        asking, bearers = Asking(schema, contexts), Bearers(identity.authenticate)
        routes = site_routes(self, asking, bearers)
        return build_app(
            self.graphql,
            routes,
            checks=self.checks(),
            sources=[process_metrics, self.metrics],
            metrics_token=self.settings.metrics_token,
            allowed_origins=self.settings.allowed_origins,
        )

    def _graphql(
        self, schema: strawberry.Schema, contexts: ContextFactory, identity: Identity
    ) -> GraphQLApp:
        return graphql_app(
            schema,
            context_factory=contexts,
            authenticate=identity.authenticate,
            version_reader=PlaceVersions(),
            revalidate=identity.revalidate,
            limits=Limits(
                sockets_per_source_max=self.settings.sockets_per_source_max,
                subscriptions_per_viewer_max=self.settings.subscriptions_per_viewer_max,
            ),
            settings=GraphQLSettings(
                introspection=self.is_development, graphiql=self.is_development
            ),
            now=self.clock.now,
        )

    def _identity(self) -> Identity:
        issuers = [OidcIssuer(*issuer) for issuer in self.settings.oidc_issuers]
        return Identity(Gate(self.keys, self.clock, self.standings, issuers))

    def _services(self) -> Services:
        return Services(
            clock=self.clock,
            bus=self.bus,
            keys=self.keys,
            channel=self.channel,
            standings=self.standings,
            sealer=self.sealer,
            booking_limits=self.settings.booking_limits,
            money_limits=self.settings.money_limits,
            funding=self.funding,
            rails=self.rails,
            may_embed=self.is_development,
            base_url=self.settings.base_url,
            wechat=self.wechat,
            has_photos=self.photos is not None,
        )

    def checks(self) -> list[Check]:
        """What /readyz looks at."""
        return readiness_checks(self.bus)

    def metrics(self) -> Iterator[Metric]:
        """Numbers of all parts that run here."""
        if self.gateway is not None:
            counters = self.gateway.counters()
            yield from counter_metrics("gateway", "CoAP gateway", counters, GATEWAY_GAUGES)
        if self.worker is not None:
            yield from self.worker.metrics()
        if self.api is not None:
            state = self.api.server.server_state
            yield Metric("http_requests_total", state.total_requests, "Requests answered.")
            yield Metric("http_connections", len(state.connections), "Connections.", "gauge")
            yield from self.sms.metrics()
            yield from self.order_hooks.metrics()
        if self.graphql is not None:
            service = self.graphql.service
            yield Metric("graphql_groups", len(service.hub), "Shared subscriptions.", "gauge")
            yield Metric("graphql_connections", len(service.presence), "Live streams.", "gauge")
        if isinstance(self.bus, RedisBus):
            yield Metric("bus_connected", self.bus.is_connected, "Redis is heard.", "gauge")
            yield Metric("bus_publish_failures_total", self.bus.publish_failures, "Not published.")


def _warn(settings: Settings) -> None:
    """Say aloud what is fine for trying and not for others."""
    if settings.development and not is_loopback(settings.host):
        log.warning(
            "DEVELOPMENT is on while the API listens on %s: whoever reaches it reads the "
            "sign-in codes of everybody at /dev/inbox",
            settings.host,
        )
    if not settings.development and settings.smtp_url is None:
        log.warning("BERTH_SMTP_URL is not set: sign-in codes are written to this log")


def build(
    settings: Settings,
    parts: AbstractSet[Part] = ALL_PARTS,
    *,
    clock: Clock | None = None,
    bus: Bus | None = None,
    secret: str | None = None,
    channel: Channel | None = None,
    rails: dict[str, Rail] | None = None,
    ways: Ways | None = None,
) -> Program:
    """The program for these settings, not started.

    Raises `DataDirUnusable`, `SecretUnusable` or `SecretTooShort`.
    """
    if settings.is_embedded:
        ensure_data_dir(settings)
    clock = clock or SystemClock()
    return Program(
        settings,
        parts,
        clock=clock,
        bus=bus or make_bus(settings),
        secret=secret or secret_of(settings),
        channel=channel or make_channel(settings, clock),
        rails=rails,
        ways=ways,
    )


async def run_until_stopped(settings: Settings, parts: AbstractSet[Part]) -> None:
    """Run these parts until Ctrl-C or SIGTERM. Raises like `Program.__aenter__`."""
    set_up_logging(settings)
    stopping = stop_on_signals()
    program = build(settings, parts)
    async with program:
        settle_memory()
        log.info("running: %s", ", ".join(sorted(part.value for part in parts)))
        await stopping.wait()
        log.info("stopping")

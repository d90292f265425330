"""The parts of the program that run, each with how it is started and stopped."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import Enum

from berth.ports import PortUnavailable, check_free, coap_listening
from berth.settings import Settings
from berth.worker import Job, Worker
from coap_gateway.gateway import Gateway, start_gateway
from coap_gateway.stack.errors import PortTaken
from coap_gateway.stack.limits import Limits
from parking.clock import Clock
from parking.events.bus import Bus


class Part(Enum):
    """What a process can run."""

    API = "API"
    GATEWAY = "gateway"
    WORKER = "worker"


@asynccontextmanager
async def running_worker(jobs: Sequence[Job]) -> AsyncIterator[Worker]:
    """Jobs that run meanwhile."""
    worker = Worker(jobs)
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


@asynccontextmanager
async def running_gateway(
    settings: Settings, clock: Clock, bus: Bus, secret: str
) -> AsyncIterator[Gateway]:
    """A gateway that answers meanwhile. Raises `PortUnavailable`."""
    wanted = coap_listening(settings)
    check_free(wanted)
    try:
        gateway = await start_gateway(
            clock=clock,
            bus=bus,
            secret_key=secret.encode(),
            host=settings.coap_host,
            port=settings.coap_port,
            accept_unsecured=settings.unsecured_devices,
            limits=Limits(
                source_rate=settings.coap_source_rate, source_burst=2 * settings.coap_source_rate
            ),
        )
    except PortTaken as error:
        raise PortUnavailable(f"{wanted.told} was taken this very moment: {error}") from error
    try:
        yield gateway
    finally:
        await gateway.close()

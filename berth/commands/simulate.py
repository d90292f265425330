"""`berth simulate`: virtual sensors and locks that behave like a place's real ones."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from berth.console import NOTES, SCREEN, print_json
from berth.flags import STORE, Duplicate, Loss, Reorder, takes_settings
from berth.settings import Settings

if TYPE_CHECKING:
    from berth.simulate.show import Show

SUMMARY_SECONDS = 10.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate", rich_help_panel="Try")(simulate)


@takes_settings(*STORE, "redis_url", "coap_host", "coap_port")
def simulate(  # noqa: PLR0913 - each is a flag
    settings: Settings,
    devices: Annotated[
        Path | None,
        typer.Option(help="File with the devices' secrets. Default: the demo's."),
    ] = None,
    place: Annotated[
        list[str] | None,
        typer.Option(help="Only devices of this place: its id, external id or exact name."),
    ] = None,
    provision: Annotated[
        bool, typer.Option("--provision", help="Give the places' bare spaces virtual devices.")
    ] = False,
    sensors: Annotated[int | None, typer.Option(min=0, help="At most so many sensors.")] = None,
    locks: Annotated[int | None, typer.Option(min=0, help="At most so many locks.")] = None,
    gateway: Annotated[
        list[str] | None,
        typer.Option(help="A gateway; several share the devices. Default: the settings'."),
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.1, max=10_000, help="Simulated seconds a second.")
    ] = 1.0,
    turnover: Annotated[
        float,
        typer.Option(min=0.1, max=1_000, help="Stays so many times as short; the day is as long."),
    ] = 1.0,
    loss: Loss = 0.0,
    duplicate: Duplicate = 0.0,
    reorder: Reorder = 0.0,
    reboots: Annotated[
        float, typer.Option(min=0, max=10_000, help="Reboots a simulated day of each device.")
    ] = 0.0,
    low_battery: Annotated[
        float, typer.Option(min=0, max=1, help="Share of devices with a nearly empty battery.")
    ] = 0.03,
    obstruction: Annotated[
        float, typer.Option(min=0, max=1, help="Share of a lock's moves that are obstructed.")
    ] = 0.02,
    seed: Annotated[
        str | None, typer.Option(help="The same seed, the same comings and goings.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--for", min=0, help="End by itself after so many seconds.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="At the end, print JSON.")] = False,
) -> None:
    """Run virtual sensors and locks: vehicles come and go by the time of day of each kind of place.

    They report over UDP with OSCORE and keep their counters in the data directory, so that they go
    on after a restart as real ones do. Ctrl-C ends them; the last line says what they did.
    """
    import secrets
    import zlib

    from berth.device_file import DEVICE_FILE
    from berth.simulate.links import gateways_of, link_of
    from berth.simulate.show import Show
    from berth.simulate.stage import Behaviour

    link = link_of(
        gateways_of(settings, gateway),
        loss,
        duplicate,
        reorder,
        None if seed is None else zlib.crc32(seed.encode()),
    )
    behaviour = Behaviour(
        seed=seed or secrets.token_hex(4),
        speed=speed,
        turnover=turnover,
        faults=link.faults,
        reboots_a_day=reboots,
        low_battery=low_battery,
        obstruction=obstruction,
    )
    show = Show(
        settings=settings,
        file=devices or settings.data_dir / DEVICE_FILE,
        places=place,
        sensors=sensors,
        locks=locks,
        is_provisioning=provision,
        gateways=link.gateways,
        behaviour=behaviour,
    )
    asyncio.run(_run(settings, show, seconds, json=json))


async def _run(settings: Settings, show: "Show", seconds: float | None, *, json: bool) -> None:
    from berth.logs import set_up_logging
    from berth.simulate.show import line_of, playing
    from berth.stopping import stop_on_signals

    set_up_logging(settings)
    stopping = stop_on_signals()
    async with playing(show, stopping, NOTES.print) as stage:
        deadline = None if seconds is None else asyncio.get_running_loop().time() + seconds
        while not stopping.is_set() and not _is_over(deadline):
            if not json:
                SCREEN.print(line_of(stage.score()), soft_wrap=True)
            await _pause(stopping, deadline)
        if not stopping.is_set():
            await stage.drain()
        score = stage.score()
    print_json(asdict(score)) if json else SCREEN.print(line_of(score), soft_wrap=True)


def _is_over(deadline: float | None) -> bool:
    return deadline is not None and asyncio.get_running_loop().time() >= deadline


async def _pause(stopping: asyncio.Event, deadline: float | None) -> None:
    left = SUMMARY_SECONDS
    if deadline is not None:
        left = min(left, deadline - asyncio.get_running_loop().time())
    try:
        async with asyncio.timeout(max(0.0, left)):
            await stopping.wait()
    except TimeoutError:
        return

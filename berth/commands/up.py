"""`berth up`: everything, to look at."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from berth.console import NOTES, print_json, steps
from berth.flags import EVERY, takes_settings
from berth.logs import set_up_logging
from berth.settings import Settings

if TYPE_CHECKING:
    from berth.together import Ready


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up", rich_help_panel="Run")(up)


@takes_settings(*EVERY)
def up(
    settings: Settings,
    devices: Annotated[
        bool, typer.Option("--devices/--no-devices", help="Run the demo's virtual devices.")
    ] = True,
    json: Annotated[
        bool, typer.Option("--json", help="Once ready, print one JSON document.")
    ] = False,
) -> None:
    """Start everything: API, gateway and worker in one process, virtual devices in another.

    The first start makes the database and seeds the demo; later ones keep the data. Ctrl-C ends
    everything.
    """
    from berth.together import demo_settings

    set_up_logging(settings)
    asyncio.run(_run(demo_settings(settings), devices=devices, json=json))


async def _run(settings: Settings, *, devices: bool, json: bool) -> None:
    from berth.guide import as_json, show
    from berth.stopping import Stopped, stop_on_signals
    from berth.together import everything

    stopping = stop_on_signals()
    try:
        with steps(quiet=json) as told:
            running = everything(settings, stopping, told, with_devices=devices)
            ready: Ready = await running.__aenter__()
        try:
            print_json(as_json(ready)) if json else show(ready)
            await stopping.wait()
            if not json:
                NOTES.print("Stopping …")
        finally:
            await running.__aexit__(None, None, None)
    except Stopped:
        NOTES.print("Stopped before it was ready.")

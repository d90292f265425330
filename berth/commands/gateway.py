"""`berth gateway`: the CoAP gateway that devices speak to."""

import asyncio

import typer

from berth.flags import STORE, takes_settings
from berth.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("gateway", rich_help_panel="Run")(gateway)


@takes_settings(
    *STORE,
    "redis_url",
    "coap_host",
    "coap_port",
    "coap_source_rate",
    "unsecured_devices",
    "host",
    "probe_port",
)
def gateway(settings: Settings) -> None:
    """Run the CoAP gateway: devices register and report here, over OSCORE.

    Any number may run at a time, on one database, each on an address and port of its own.
    """
    from berth.parts import Part
    from berth.wiring import run_until_stopped

    asyncio.run(run_until_stopped(settings, {Part.GATEWAY}))

"""`berth worker`: the jobs that become due by themselves."""

import asyncio

import typer

from berth.flags import STORE, takes_settings
from berth.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker", rich_help_panel="Run")(worker)


@takes_settings(*STORE, "redis_url", "host", "probe_port", "stripe_key", "stripe_api_base")
def worker(settings: Settings) -> None:
    """Run the worker: silent devices, the outbox relay, pruning.

    Any number may run at a time, on one database.
    """
    from berth.parts import Part
    from berth.wiring import run_until_stopped

    asyncio.run(run_until_stopped(settings, {Part.WORKER}))

"""`berth serve`: the API, with the dashboard."""

import asyncio

import typer

from berth.flags import STORE, takes_settings
from berth.settings import Settings

API_SETTINGS = (
    "host",
    "port",
    "redis_url",
    "development",
    "public_url",
    "allowed_origins",
    "trusted_proxies",
    "smtp_url",
    "oidc_issuers",
    "stripe_key",
    "stripe_webhook_secret",
    "stripe_api_base",
    "metrics_token",
    "sockets_per_source_max",
    "subscriptions_per_viewer_max",
    "shutdown_seconds",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve", rich_help_panel="Run")(serve)


@takes_settings(*STORE, *API_SETTINGS)
def serve(settings: Settings) -> None:
    """Run the API: GraphQL over HTTP, WebSocket and SSE, sign-in and the dashboard.

    Any number may run at a time, on one database, with BERTH_REDIS_URL to hear of each other.
    """
    import uvloop

    from berth.parts import Part
    from berth.wiring import run_until_stopped

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_until_stopped(settings, {Part.API}))

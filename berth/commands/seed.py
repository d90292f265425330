"""`berth seed`: the demo."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from berth.console import Steps, print_json, print_plain, steps
from berth.flags import STORE, takes_settings
from berth.settings import Settings

if TYPE_CHECKING:
    from berth.demo.seed import Seeded


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("seed", rich_help_panel="Data")(seed_command)


@takes_settings(*STORE)
def seed_command(
    settings: Settings,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make the demo: four places, people of every role, devices, the last 24 hours, a shop.

    What is there already stays as it is, so it is safe to run again.
    """
    from berth.opening import with_database

    with steps(quiet=json) as told:
        seeded = with_database(settings, lambda: seed_database(settings, told))
    if json:
        print_json(asdict(seeded))
    else:
        print_plain(
            f"{seeded.places} places with {seeded.spaces} spaces and {seeded.devices} devices"
        )


async def seed_database(settings: Settings, told: Steps) -> "Seeded":
    """Seed the connected database of `settings`."""
    from berth.demo.seed import seed
    from berth.device_file import DEVICE_FILE
    from berth.secret import ensure_data_dir, secret_of
    from parking.clock import SystemClock
    from parking.devices.sealing import Sealer

    sealer = Sealer(secret_of(settings).encode())
    return await seed(SystemClock(), sealer, ensure_data_dir(settings) / DEVICE_FILE, told)

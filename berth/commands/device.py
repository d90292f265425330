"""`berth device`: provision, list, rotate and revoke devices."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from berth.console import print_json, print_plain, print_table
from berth.flags import STORE, takes_settings
from berth.settings import Settings
from parking.devices.models import DeviceKind

if TYPE_CHECKING:
    from berth.device_work import DeviceLine

DAILY_HEARTBEAT_SECONDS = 93_600
SHOWN_ONCE = "This is shown once: put it into the device now."

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Endpoint = Annotated[str, typer.Argument(help="The device's endpoint client name (`ep`).")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Provision, list, rotate and revoke devices.")
    group.command("add")(add)
    group.command("list")(list_command)
    group.command("rotate")(rotate)
    group.command("revoke")(revoke)
    app.add_typer(group, name="device", rich_help_panel="Data")


@takes_settings(*STORE, "redis_url")
def add(  # noqa: PLR0913 - each is a flag
    settings: Settings,
    endpoint: Endpoint,
    place: Annotated[str, typer.Option(help="The place: its id, external id or exact name.")],
    space: Annotated[str | None, typer.Option(help="The number of the space it watches.")] = None,
    kind: Annotated[
        DeviceKind, typer.Option(case_sensitive=False, help="What it is.")
    ] = DeviceKind.SENSOR,
    lifetime: Annotated[
        int, typer.Option(help="Seconds of silence after which it counts as stale.")
    ] = DAILY_HEARTBEAT_SECONDS,
    unsecured: Annotated[
        bool, typer.Option("--unsecured", help="Without OSCORE: for trying CoAP clients only.")
    ] = False,
    save: Annotated[
        Path | None, typer.Option(help="Also add it to this file, for `berth simulate`.")
    ] = None,
    json: Json = False,
) -> None:
    """Provision a device, and show its secret once."""

    from berth.device_work import add_device
    from berth.opening import with_database

    async def work() -> dict[str, Any]:
        return await add_device(settings, endpoint, place, space, kind, lifetime, unsecured, save)

    made = with_database(settings, work)
    if json:
        print_json(made)
    else:
        print_plain(f"provisioned {made['kind'].lower()} {endpoint}")
        _print_secret(made["secret"])


@takes_settings(*STORE)
def list_command(
    settings: Settings,
    place: Annotated[str | None, typer.Option(help="Only of this place.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Revoked devices too.")] = False,
    json: Json = False,
) -> None:
    """List devices with their health."""
    from berth.device_work import list_devices
    from berth.opening import with_database

    lines = with_database(settings, lambda: list_devices(place, everything))
    if json:
        print_json([asdict(line) for line in lines])
        return
    columns = ("endpoint", "kind", "place", "space", "last seen", "battery", "state")
    print_table(columns, [_row(line) for line in lines])


@takes_settings(*STORE, "redis_url")
def rotate(settings: Settings, endpoint: Endpoint, json: Json = False) -> None:
    """Give a device a new secret; the old one works until the new one's first use."""
    from berth.device_work import rotate_device
    from berth.opening import with_database

    secret = with_database(settings, lambda: rotate_device(settings, endpoint))
    if json:
        print_json({"endpoint": endpoint, "secret": secret.as_dict()})
    else:
        print_plain(f"rotated {endpoint}")
        _print_secret(secret.as_dict())


@takes_settings(*STORE, "redis_url")
def revoke(settings: Settings, endpoint: Endpoint, json: Json = False) -> None:
    """Lock a device out at once; its history stays."""
    from berth.device_work import revoke_device
    from berth.opening import with_database

    with_database(settings, lambda: revoke_device(settings, endpoint))
    if json:
        print_json({"endpoint": endpoint, "revoked": True})
    else:
        print_plain(f"revoked {endpoint}")


def _row(line: "DeviceLine") -> tuple[object, ...]:
    battery = None if line.battery_percent is None else f"{line.battery_percent} %"
    seen = None if line.last_seen_at is None else f"{line.last_seen_at:%Y-%m-%d %H:%M:%SZ}"
    return line.endpoint, line.kind, line.place, line.space, seen, battery, line.state


def _print_secret(secret: dict[str, str] | None) -> None:
    if secret is None:
        print_plain("It has no secret: it is accepted only with BERTH_UNSECURED_DEVICES on.")
        return
    print_plain(SHOWN_ONCE)
    print_table(("OSCORE (RFC 8613)", "as the device sees it, hex"), list(secret.items()))

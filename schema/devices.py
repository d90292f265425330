"""Devices: the sensors, locks and readers in the bays, and how they are doing."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from parking.devices.device_views import (
    DeviceFilter,
    DeviceView,
    devices_of_place,
    devices_of_spaces,
    visible_devices,
)
from parking.devices.health import HealthSnapshot
from parking.devices.models import DeviceKind
from parking.errors import NotFound
from schema import places, spaces
from schema.context import Info, viewer_of
from schema.fields import resolved
from schema.ids import global_id, wanted_key
from schema.loaders import load
from schema.relay import (
    PAGE_SIZE_DEFAULT,
    After,
    Connection,
    First,
    Node,
    Page,
    connection,
    page,
)
from schema.scalars import Version

if TYPE_CHECKING:
    from schema.places import Place
    from schema.spaces import Space


@strawberry.type(description="How a device is doing, as its last messages said.")
class DeviceHealth:
    """`parking.devices.health.HealthSnapshot`."""

    device_id: strawberry.ID = strawberry.field(description="The device's id.")
    last_seen_at: datetime | None = strawberry.field(
        description="When it was heard last, to a few seconds; null: never."
    )
    is_stale: bool = strawberry.field(description="Whether it has been silent for too long.")
    stale_at: datetime | None = strawberry.field(description="Since when it is held to be silent.")
    boot: Version = strawberry.field(description="Orders its reports: era and count of its boots.")
    sequence: Version = strawberry.field(description="Orders its reports within a boot.")
    reset_cause: str = strawberry.field(description="Why it booted last, in its own words.")
    battery_percent: int | None = strawberry.field(description="Charge, 0 to 100.")
    battery_volts: float | None = strawberry.field(description="Voltage.")
    is_battery_low: bool = strawberry.field(description="Whether it says that its battery is low.")
    rssi_dbm: int | None = strawberry.field(description="Received signal strength, in dBm.")
    sinr_db: int | None = strawberry.field(description="Signal to interference and noise, in dB.")
    error_codes: list[str] = strawberry.field(
        description="LwM2M device error codes (object 3, resource 11) that hold."
    )
    alarms: list[str] = strawberry.field(
        description="Alarms that hold, such as `tamper`, `obstruction`, `forced`."
    )
    clock_offset_seconds: float | None = strawberry.field(
        description="How far its clock is ahead of the platform's, in seconds."
    )


def health_of(health: HealthSnapshot) -> DeviceHealth:
    """The domain's health as the schema's type."""
    return DeviceHealth(
        device_id=global_id("Device", health.device_id),
        last_seen_at=health.last_seen_at,
        is_stale=health.stale_at is not None,
        stale_at=health.stale_at,
        boot=Version(health.boot),
        sequence=Version(health.sequence),
        reset_cause=health.reset_cause,
        battery_percent=health.battery_percent,
        battery_volts=health.battery_volts,
        is_battery_low=health.battery_low,
        rssi_dbm=health.rssi_dbm,
        sinr_db=health.sinr_db,
        error_codes=health.error_codes.split(),
        alarms=health.alarms.split(),
        clock_offset_seconds=health.clock_offset_seconds,
    )


@strawberry.type(description="A sensor, lock or reader.")
class Device(Node):
    """`parking.devices.device_views.DeviceView`."""

    endpoint: str = strawberry.field(description="Its LwM2M endpoint client name.")
    kind: DeviceKind = strawberry.field(description="What it is for.")
    lifetime_seconds: int = strawberry.field(
        description="Silence that makes it stale and what it last said unknown, in seconds."
    )
    is_unsecured: bool = strawberry.field(
        description="Whether it speaks without OSCORE: for development only."
    )
    is_sleepy: bool = strawberry.field(
        description="Whether it sleeps between its messages: a lock that does cannot serve a driver"
        " who waits before it, unless it wakes when the bay's reader speaks."
    )
    manufacturer: str = strawberry.field(description="As it says; may be empty.")
    model: str = strawberry.field(description="As it says; may be empty.")
    serial: str = strawberry.field(description="As it says; may be empty.")
    firmware: str = strawberry.field(description="As it says; may be empty.")
    created_at: datetime = strawberry.field(description="When it was first provisioned.")
    revoked_at: datetime | None = strawberry.field(description="When it was locked out.")
    health: DeviceHealth = strawberry.field(description="How it is doing.")
    place_key: strawberry.Private[int]
    space_key: strawberry.Private[int | None]

    @resolved("The place it is in.")
    async def place(self, info: Info) -> Annotated["Place", strawberry.lazy("schema.places")]:
        return await places.load_known_place(info, self.place_key)

    @resolved("The space it is in; null for one that serves the whole place.")
    async def space(
        self, info: Info
    ) -> Annotated["Space", strawberry.lazy("schema.spaces")] | None:
        return await spaces.load_space(info, self.space_key)


def device_of(view: DeviceView) -> Device:
    """The domain's device as the schema's type."""
    return Device(
        id=global_id("Device", view.id),
        endpoint=view.endpoint,
        kind=view.kind,
        lifetime_seconds=view.lifetime_seconds,
        is_unsecured=view.is_unsecured,
        is_sleepy=view.is_sleepy,
        manufacturer=view.manufacturer,
        model=view.model,
        serial=view.serial,
        firmware=view.firmware,
        created_at=view.created_at,
        revoked_at=view.revoked_at,
        health=health_of(view.health),
        place_key=view.place_id,
        space_key=view.space_id,
    )


async def load_device(info: Info, key: int | None) -> Device | None:
    """The device, if the viewer may see it."""
    view = await load(info.context, visible_devices, key)
    return None if view is None else device_of(view)


async def load_devices_of_space(info: Info, space_key: int) -> list[Device] | None:
    """The devices in a space; None when the viewer may not see them."""
    views = await load(info.context, devices_of_spaces, space_key)
    return None if views is None else [device_of(view) for view in views]


@strawberry.input(description="Which devices; what is left out does not matter.")
class DeviceFilterInput:
    """`parking.devices.device_views.DeviceFilter`."""

    kinds: list[DeviceKind] | None = strawberry.field(default=None, description="Of these kinds.")
    space_id: strawberry.ID | None = strawberry.field(default=None, description="In this space.")
    is_stale: bool | None = strawberry.field(default=None, description="Held to be silent, or not.")
    is_revoked: bool | None = strawberry.field(
        default=False, description="Locked out, or not (as is left out); null: both."
    )


async def device_page(
    info: Info, place_key: int, wanted: DeviceFilterInput | None, asked: Page
) -> Connection[Device] | None:
    """One page of a place's devices; None when the viewer may not see them."""
    after = int(asked.after[0]) if asked.after else 0
    found = _filter(wanted or DeviceFilterInput())
    try:
        views = await devices_of_place(
            viewer_of(info.context), place_key, found, after, asked.limit
        )
    except NotFound:
        return None
    return connection(asked, views, lambda view: (view.id,), device_of)


def _filter(wanted: DeviceFilterInput) -> DeviceFilter:
    space = wanted.space_id
    return DeviceFilter(
        kinds=wanted.kinds,
        # An id that is no space's matches nothing.
        space_id=None if space is None else wanted_key(space, "Space"),
        is_stale=wanted.is_stale,
        is_revoked=wanted.is_revoked,
    )


@strawberry.type
class DeviceQueries:
    """Root fields about devices."""

    @resolved(
        "Devices of a place; null when there is no such place, or its devices are not"
        " the viewer's to see."
    )
    async def devices(
        self,
        info: Info,
        place_id: Annotated[strawberry.ID, strawberry.argument(description="The place's id.")],
        filter: Annotated[
            DeviceFilterInput | None, strawberry.argument(description="Which ones; null: all.")
        ] = None,
        first: First = PAGE_SIZE_DEFAULT,
        after: After = None,
    ) -> Connection[Device] | None:
        return await device_page(info, wanted_key(place_id, "Place"), filter, page(first, after))

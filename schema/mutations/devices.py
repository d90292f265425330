"""Verbs of operators on devices."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.devices.manage import move, revoke, rotate
from parking.devices.models import DeviceKind
from parking.devices.provision import LIFETIME_SECONDS, DeviceDraft, provision
from parking.devices.secrets import Secret
from schema.context import Info
from schema.devices import Device, load_device
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal, known

DeviceId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The device's id.")]


@strawberry.input(description="A device to be let in.")
class ProvisionDeviceInput:
    """`parking.devices.provision.DeviceDraft`."""

    endpoint: str = strawberry.field(
        description="Its LwM2M endpoint client name, 1 to 64 of a-z, A-Z, 0-9, `-`, `.`, `_`, `:`."
    )
    kind: DeviceKind = strawberry.field(description="What it is for.")
    place_id: strawberry.ID = strawberry.field(description="The place it is in.")
    space_id: strawberry.ID | None = strawberry.field(
        default=None, description="The space it is in; null for one that serves the whole place."
    )
    lifetime_seconds: int = strawberry.field(
        default=LIFETIME_SECONDS, description="Silence that makes it stale, in seconds."
    )
    is_unsecured: bool = strawberry.field(
        default=False, description="Without OSCORE: for development only."
    )


@strawberry.type(
    description="OSCORE material (RFC 8613, section 3.2) to be put into the device; all in hex."
)
class DeviceSecret:
    """`parking.devices.secrets.Secret`."""

    master_secret: str = strawberry.field(description="Master secret.")
    master_salt: str = strawberry.field(description="Master salt.")
    sender_id: str = strawberry.field(description="The device's sender id, its kid.")
    recipient_id: str = strawberry.field(description="The gateway's sender id.")
    id_context: str = strawberry.field(description="ID context; may be empty.")
    algorithm: str = strawberry.field(description="AEAD algorithm.")
    hash_name: str = strawberry.field(description="Hash of the key derivation.")


SHOWN_ONCE = (
    "What the device needs; it is shown once. Null when this answer was given before under the same"
    " idempotency key (rotate the device if it was lost), and for an unsecured device."
)


@strawberry.type(description="A device is let in.")
class DeviceProvisioned:
    """Outcome of `provisionDevice`."""

    device: Device = strawberry.field(description="The device.")
    secret: DeviceSecret | None = strawberry.field(description=SHOWN_ONCE)


@strawberry.type(
    description="A device has another secret; the former one works until the first use of this one."
)
class DeviceRotated:
    """Outcome of `rotateDevice`."""

    device: Device = strawberry.field(description="The device.")
    secret: DeviceSecret | None = strawberry.field(description=SHOWN_ONCE)


@strawberry.type(description="A device is locked out at once; its history stays.")
class DeviceRevoked:
    """Outcome of `revokeDevice`."""

    device: Device = strawberry.field(description="The device.")


@strawberry.type(description="A device belongs to another space.")
class DeviceMoved:
    """Outcome of `moveDevice`."""

    device: Device = strawberry.field(description="The device.")


ProvisionDeviceResult: TypeAlias = Annotated[
    DeviceProvisioned | VerbRefusal,
    strawberry.union("ProvisionDeviceResult", description="What `provisionDevice` answers."),
]
RotateDeviceResult: TypeAlias = Annotated[
    DeviceRotated | VerbRefusal,
    strawberry.union("RotateDeviceResult", description="What `rotateDevice` answers."),
]
RevokeDeviceResult: TypeAlias = Annotated[
    DeviceRevoked | VerbRefusal,
    strawberry.union("RevokeDeviceResult", description="What `revokeDevice` answers."),
]

MoveDeviceResult: TypeAlias = Annotated[
    DeviceMoved | VerbRefusal,
    strawberry.union("MoveDeviceResult", description="What `moveDevice` answers."),
]


def draft_of(given: ProvisionDeviceInput) -> DeviceDraft:
    """The domain's draft."""
    space = given.space_id
    return DeviceDraft(
        endpoint=given.endpoint,
        kind=given.kind,
        place_id=wanted_key(given.place_id, "Place"),
        space_id=None if space is None else wanted_key(space, "Space"),
        lifetime_seconds=given.lifetime_seconds,
        is_unsecured=given.is_unsecured,
    )


def secret_of(secret: Secret | None) -> DeviceSecret | None:
    """The domain's secret as the schema's type."""
    return None if secret is None else DeviceSecret(**secret.as_dict())


async def load_known_device(info: Info, key: int) -> Device:
    """One that a verb has just made or changed; an error if it is gone since."""
    return known(await load_device(info, key))


@strawberry.type
class DeviceMutations:
    """Root fields."""

    @mutation("Let a device in, and get its secret. For OPERATORs of the place's organisation.")
    async def provision_device(
        self,
        info: Info,
        input: Annotated[ProvisionDeviceInput, strawberry.argument(description="The device.")],
        idempotency_key: IdempotencyKey,
    ) -> ProvisionDeviceResult:
        async def do(work: Work) -> Answer:
            sealer = work.services.sealer
            made = await provision(work.viewer, draft_of(input), work.clock, sealer)
            work.shown = made.secret
            return {"device": made.device_id}

        done = await once(info, idempotency_key, {"input": input}, do)
        device = await load_known_device(info, done.answer["device"])
        return DeviceProvisioned(device=device, secret=secret_of(done.shown))

    @mutation("Give a device another secret. For OPERATORs of its place's organisation.")
    async def rotate_device(
        self, info: Info, device_id: DeviceId, idempotency_key: IdempotencyKey
    ) -> RotateDeviceResult:
        key = wanted_key(device_id, "Device")

        async def do(work: Work) -> Answer:
            sealer = work.services.sealer
            work.shown = await rotate(work.viewer, key, work.clock, work.bus, sealer)
            return {}

        done = await once(info, idempotency_key, {"device": key}, do)
        device = await load_known_device(info, key)
        return DeviceRotated(device=device, secret=secret_of(done.shown))

    @mutation("Lock a device out at once. For OPERATORs of its place's organisation.")
    async def revoke_device(
        self, info: Info, device_id: DeviceId, idempotency_key: IdempotencyKey
    ) -> RevokeDeviceResult:
        key = wanted_key(device_id, "Device")

        async def do(work: Work) -> Answer:
            await revoke(work.viewer, key, work.clock, work.bus)
            return {}

        await once(info, idempotency_key, {"device": key}, do)
        return DeviceRevoked(device=await load_known_device(info, key))

    @mutation(
        "Put a device into another space of its place, or into none. For OPERATORs of its place's"
        " organisation."
    )
    async def move_device(
        self,
        info: Info,
        device_id: DeviceId,
        idempotency_key: IdempotencyKey,
        space_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The space; null: none, it serves the whole place."),
        ] = None,
    ) -> MoveDeviceResult:
        key = wanted_key(device_id, "Device")
        space = None if space_id is None else wanted_key(space_id, "Space")

        async def do(work: Work) -> Answer:
            await move(work.viewer, key, space, work.clock, work.bus)
            return {}

        await once(info, idempotency_key, {"device": key, "space": space}, do)
        return DeviceMoved(device=await load_known_device(info, key))

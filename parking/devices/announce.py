"""Telling all gateways at once that what they know of a device is out of date."""

from collections.abc import Iterable

import orjson

from parking.events.bus import Bus

CREDENTIALS_TOPIC = "credentials"
"""Carries `{"forget": [credential ids], "forget_devices": [device ids]}`: gateways drop what they
keep of them and read anew. The topic is a hint for speed; ownership checks hold without it."""


async def announce_forget(
    bus: Bus, credential_ids: Iterable[int], device_ids: Iterable[int] = ()
) -> None:
    """Ask all gateways to forget these security contexts and devices; call it after the commit."""
    body = {"forget": sorted(credential_ids), "forget_devices": sorted(device_ids)}
    if body["forget"] or body["forget_devices"]:
        await bus.publish(CREDENTIALS_TOPIC, orjson.dumps(body))


def decode_forget(body: bytes) -> tuple[list[int], list[int]]:
    """Credential ids and device ids of a message."""
    raw = orjson.loads(body)
    return raw["forget"], raw["forget_devices"]

"""Sensors of the demo: what the file of its devices holds, and one report over CoAP."""

import json
from pathlib import Path
from typing import Any

from coap_gateway.senml import SENML_CBOR, Record, encode
from coap_gateway.stack import ClientSocket, Code, DeviceClient
from coap_gateway.virtual.fleet import device_material
from parking.devices.secrets import Secret


def secret_of(data_dir: Path, endpoint: str) -> Any:
    """The keys of a device of the demo."""
    devices = json.loads((data_dir / "devices.json").read_text())["devices"]
    return next(each["secret"] for each in devices if each["endpoint"] == endpoint)


async def report(port: int, secret: Any, sequence: int, is_occupied: bool) -> int:
    """Send what a sensor would; the code of the answer."""
    numbers = [Record("/3/0/26241", 1), Record("/3/0/26242", sequence)]
    payload = encode([*numbers, Record("/3431/0/1", is_occupied)], SENML_CBOR)
    link = await ClientSocket.open(("127.0.0.1", port))
    try:
        client = DeviceClient(link, device_material(Secret(**secret)))
        reply = await client.request(Code.POST, "/dp", payload, content_format=SENML_CBOR)
        return int(reply.code)
    finally:
        link.close()

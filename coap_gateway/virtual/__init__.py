"""Virtual sensors, locks and readers: they speak the device contract over real UDP with OSCORE."""

from coap_gateway.virtual.device import DeviceSettings, Totals, VirtualDevice
from coap_gateway.virtual.fleet import Fleet
from coap_gateway.virtual.lock import VirtualLock
from coap_gateway.virtual.memory import DeviceMemory, MemoryFile
from coap_gateway.virtual.reader import Scanned, VirtualReader
from coap_gateway.virtual.sensor import VirtualSensor

__all__ = [
    "DeviceMemory",
    "DeviceSettings",
    "Fleet",
    "MemoryFile",
    "Scanned",
    "Totals",
    "VirtualDevice",
    "VirtualLock",
    "VirtualReader",
    "VirtualSensor",
]

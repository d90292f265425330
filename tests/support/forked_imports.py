"""All that a program of ours may import, once for all of them (`tests.support.forked`)."""

from contextlib import suppress
from importlib import import_module
from pkgutil import walk_packages

import berth
import coap_gateway
import migrations
import parking
import schema

OTHERS = (
    "uvloop",
    "uvicorn",
    "asyncpg",
    "aiosqlite",
    "redis.asyncio",
    "tests.coap_gateway.rig",
)

for package in (berth, coap_gateway, migrations, parking, schema):
    for found in walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            with suppress(Exception):  # whatever needs it tells why it cannot be imported
                import_module(found.name)
for name in OTHERS:
    with suppress(Exception):
        import_module(name)
